"""Copies of the database, whole and of one instant, and putting one back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from parkbench.lib.db import is_postgres
from parkbench.lib.errors import Refused
from parkbench.site import node
from parkbench.site.backups import manifest


def member_name() -> str:
    """Return the name that this node's database has in a backup."""
    return manifest.POSTGRES if is_postgres() else manifest.SQLITE


def size() -> int:
    """Return the bytes that a copy of the database takes, about."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return node.database_file().stat().st_size


def copy_to(path: Path) -> None:
    """Copy the database as the running snapshot sees it; call it inside `lib.db.snapshot`.

    Raises Refused when the copy is damaged or pg_dump is missing or refuses.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            shown = cursor.fetchone()[0]
        _run("pg_dump", ["--format=custom", "--no-owner", f"--snapshot={shown}", f"--file={path}"])
        return
    connection.ensure_connection()
    copy = sqlite3.connect(path)
    try:
        connection.connection.backup(copy)
        # One file that can be moved about: no write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        check_copy(copy)
    finally:
        copy.close()


def check_copy(copy: sqlite3.Connection) -> None:
    """Raise Refused when SQLite finds the copy damaged."""
    found = copy.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise Refused(f"The database is damaged: {found[0]}. Restore the last good backup.")


def put_back(staged: Path, aside: Path) -> Path:
    """Put a copy in the place of the database and the old one aside; return where the old one is.

    On SQLite the old file, on PostgreSQL a dump of the old tables. Raises Refused when pg_restore refuses;
    the old tables are then as they were.
    """
    connections.close_all()
    if is_postgres():
        return _put_back_postgres(staged, aside.with_name(f"{aside.name}.pgdump"))
    current = node.database_file()
    for suffix in ("-wal", "-shm", ""):
        old = current.with_name(current.name + suffix)
        if old.exists():
            old.rename(aside.with_name(aside.name + suffix))
    os.replace(staged, current)
    return aside


def _put_back_postgres(staged: Path, aside: Path) -> Path:
    _run("pg_dump", ["--format=custom", "--no-owner", f"--file={aside}"])
    aside.chmod(0o600)
    try:
        _replace_tables(staged)
    except Refused:
        _replace_tables(aside)
        raise
    return aside


def _replace_tables(dump: Path) -> None:
    """Drop all tables, then read the dump in one transaction; tables of a newer version go with the rest."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)} CASCADE")
    connections.close_all()
    _run(
        "pg_restore",
        ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(dump)],
        to_database=True,
    )


def _run(program: str, arguments: Sequence[str], *, to_database: bool = False) -> None:
    """Run one of PostgreSQL's programs against this node's database; the password goes by the environment."""
    given = settings.DATABASES["default"]
    where = [
        f"--{option}={given[key]}"
        for key, option in (("HOST", "host"), ("PORT", "port"), ("USER", "username"))
        if given.get(key)
    ]
    where.append(f"--dbname={given['NAME']}")
    surroundings = {**os.environ, "PGPASSWORD": str(given.get("PASSWORD") or ""), "PGCONNECT_TIMEOUT": "20"}
    command = [_program(program), "--no-password", *where, *arguments]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise Refused(f"{program} refused: {lines[0]}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if not newest:
        raise Refused(
            f"The program {name} is not on this machine. Install the PostgreSQL client, then try again."
        )
    return str(newest[0])
