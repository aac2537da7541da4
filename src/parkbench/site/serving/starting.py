"""What must be so before a node can be served, and what is brought up to date first."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from parkbench.exchange.services.epoch import check_file
from parkbench.lib.errors import Refused
from parkbench.records.queries import own_address
from parkbench.site import node
from parkbench.site.register import refresh_register

LOCK = "serve.lock"


@contextmanager
def alone() -> Iterator[None]:
    """Hold the folder for one supervisor, or one restore, at a time; a killed process holds nothing.

    Raises Refused while another one does.
    """
    handle = os.open(node.home() / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"Parkbench is running in {node.home()} already. Stop it first.") from None
        yield
    finally:
        os.close(handle)


def check_is_founded() -> None:
    """Raise NoNode unless `init` went through to its end; asks the database."""
    if own_address() == node.NO_ADDRESS:
        raise node.NoNode(node.home())


def check_port(host: str, port: int) -> None:
    """Raise Refused in words unless this machine lets us listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise Refused(_port_in_words(host, port, error)) from None


def _port_in_words(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Something else listens on port {port} already. Choose another one with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may be opened by root only. Choose one above 1023 with --port."
    why = error.strerror or error
    return f"Cannot listen on {host}, port {port}: {why}. Choose others with --host and --port."


def pending_migrations() -> list[str]:
    """Return the migrations of this version that the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def unknown_migrations() -> list[str]:
    """Return migrations that the database went through and that this version does not know."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    known = set(loader.disk_migrations) | {
        pair for migration in loader.disk_migrations.values() for pair in migration.replaces
    }
    applied = MigrationRecorder(connection).applied_migrations()
    ours = loader.migrated_apps | loader.unmigrated_apps
    return [f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known]


def bring_up_to_date() -> list[str]:
    """This function will migrate the database and refresh the register; returns what it did, in words.

    Raises Refused when the database was made by a newer version.
    """
    strange = unknown_migrations()
    if strange:
        raise Refused(
            f"The database was brought up to date by a newer version of Parkbench ({strange[0]}). "
            "Install that version, or restore a backup from before."
        )
    done = []
    pending = pending_migrations()
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
        done.append(f"Brought the database up to date ({len(pending)} migrations).")
    if refresh_register():
        done.append("Loaded the register of makers, techniques and models of this release.")
    if check_file():
        done.append("The database is not the one that this folder belongs to: partners read all anew.")
    return done
