"""Restoring a backup: everything is checked aside first, then put in its place, the old kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from parkbench.exchange.services.restored import after_restore
from parkbench.lib.db import is_postgres, refresh_statistics
from parkbench.lib.errors import Refused
from parkbench.site import node
from parkbench.site.backups import databases, manifest
from parkbench.site.backups.manifest import Manifest
from parkbench.site.models import Lease, Mark
from parkbench.site.register import MARK as REGISTER

PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A backup that was put back, and where the old things are."""

    home: str
    made_at: str
    organisation: str
    counts: dict[str, int]
    aside: list[str]
    narrowed: int
    is_paused: bool


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says of itself; raises Refused for anything that is no backup of ours."""
    try:
        with tarfile.open(file, "r:") as tar:
            info = tar.getmember(manifest.NAME)
            content = tar.extractfile(info) if info.isreg() and info.size <= manifest.MOST_BYTES else None
            if content is None:
                raise Refused(f"{file} is no backup of Parkbench: its manifest cannot be read.")
            said = manifest.read(content.read())
    except FileNotFoundError:
        raise Refused(f"There is no file {file}.") from None
    except (tarfile.TarError, KeyError, OSError) as error:
        raise Refused(f"{file} is no backup of Parkbench, or it was cut short: {error}.") from error
    _check_version(said)
    return said


def _check_version(said: Manifest) -> None:
    """Raise Refused for a backup of the other database, or of a version newer than this one."""
    here = "postgresql" if is_postgres() else "sqlite"
    if said.database != here:
        raise Refused(
            f"This backup holds a {said.database} database; this node keeps its records in {here}. "
            "Set or unset PARKBENCH_DATABASE_URL, then try again."
        )
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = loader.migrated_apps | loader.unmigrated_apps
    for app, names in said.migrations.items():
        strange = [name for name in names if app not in ours or (app, name) not in loader.disk_migrations]
        if strange:
            raise Refused(
                f"This backup was made by a newer version of Parkbench ({said.version}, with "
                f"{app}.{strange[-1]}). Install that version first."
            )


def restore(*, file: Path) -> Restored:
    """This function will put a backup in the place of what is in the node's folder, and the old aside.

    Every digest is checked before anything is touched. Raises Refused when the backup is not whole.
    """
    said = read_manifest(file)
    home = node.home()
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as name:
        staged = Path(name)
        _stage(file, said, staged)
        _check_staged(staged)
        aside = _swap(staged, f"before-restore-{timezone.now():%Y%m%d-%H%M%S}")
    node.make_folder()  # a key that came by a setting is not in the backup, and the files may be none
    call_command("migrate", verbosity=0, interactive=False)
    _forget_what_ran()
    closed = after_restore(made_at=datetime.fromisoformat(said.made_at))
    return Restored(
        home=str(home),
        made_at=said.made_at,
        organisation=said.organisation,
        counts=said.counts,
        aside=[str(path) for path in aside],
        narrowed=closed.line_count,
        is_paused=closed.is_paused,
    )


def _stage(file: Path, said: Manifest, staged: Path) -> None:
    """Unpack beside the node, checking every byte against the manifest."""
    missing = {member.name: member for member in said.members}
    try:
        with tarfile.open(file, "r:") as tar:
            for info in tar:
                if info.name == manifest.NAME:
                    continue
                member = missing.pop(info.name, None)
                content = tar.extractfile(info) if info.isreg() else None
                if member is None or content is None or info.size != member.size:
                    raise Refused(
                        f"This backup is not what it says it is: {info.name} does not belong. {NOTHING}"
                    )
                if _unpack(content, staged / info.name) != member.sha256:
                    raise Refused(
                        f"This backup is damaged: {info.name} was changed after it was made. {NOTHING}"
                    )
    except (tarfile.TarError, EOFError) as error:
        raise Refused(f"This backup was cut short: {error}. {NOTHING}") from error
    if missing:
        raise Refused(f"This backup is not whole: {next(iter(missing))} is missing. {NOTHING}")
    if not (staged / databases.member_name()).is_file():
        raise Refused(f"This backup holds no database. {NOTHING}")


NOTHING = "Nothing was touched."


def _unpack(content: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    total = hashlib.sha256()
    with path.open("xb") as target:
        while part := content.read(PIECE):
            total.update(part)
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    path.chmod(0o600)
    return total.hexdigest()


def _check_staged(staged: Path) -> None:
    """Raise Refused when the SQLite database in the backup is damaged."""
    copy = staged / manifest.SQLITE
    if copy.is_file():
        opened = sqlite3.connect(copy)
        try:
            databases.check_copy(opened)
        except sqlite3.DatabaseError as error:
            raise Refused(f"The database in this backup cannot be read: {error}. {NOTHING}") from error
        finally:
            opened.close()


def _swap(staged: Path, mark: str) -> list[Path]:
    """Put the staged things in their places; return where the old ones are."""
    home = node.home()
    had_database = is_postgres() or node.database_file().exists()
    old_database = databases.put_back(staged / databases.member_name(), home / f"{_aside_name()}.{mark}")
    aside = [old_database] if had_database else []
    for name in (*manifest.FOLDERS, *manifest.FILES):
        current, new = home / name, staged / name
        if name == manifest.KEYS and current.is_dir():
            _add_keys(current, new)
            continue
        if (name == manifest.KEY and not new.exists()) or _is_same(current, new):
            continue
        if current.exists() and (current.is_file() or any(current.iterdir())):
            old = home / f"{name}.{mark}"
            current.rename(old)
            aside.append(old)
        if new.exists():
            if current.is_dir():
                current.rmdir()
            shutil.move(new, current)
    return aside


def _add_keys(current: Path, new: Path) -> None:
    """Put back the keys that are missing; one made after the backup stays, for partners know it."""
    for path in sorted(new.glob("*")):
        if not (current / path.name).exists():
            shutil.move(path, current / path.name)


def _aside_name() -> str:
    return "database" if is_postgres() else node.DATABASE


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


@transaction.atomic
def _forget_what_ran() -> None:
    """Let nobody be signed in by a session, nor hold a lease, that ended after the backup was made."""
    Session.objects.filter().delete()
    Lease.objects.filter().delete()
    Mark.objects.exclude(name=REGISTER).delete()
    refresh_statistics()
