"""Making a backup: the database of one instant, the files, the key, and a manifest of them."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from parkbench.accounts.models import Person
from parkbench.lib.db import is_postgres, snapshot
from parkbench.lib.errors import Refused
from parkbench.lib.whole import written_whole
from parkbench.records.models import OWN, Section
from parkbench.records.queries import own_home
from parkbench.records.registry import kinds
from parkbench.site import node
from parkbench.site.backups import databases, manifest
from parkbench.site.backups.manifest import Manifest, Member
from parkbench.site.serving import leases

MARK = "backup"
PREFIX = "parkbench-"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A backup that was made."""

    file: str
    bytes: int
    counts: dict[str, int]
    removed: list[str]


def default_path() -> Path:
    """Return a new file in the folder `backups` of the node, named by the time in UTC."""
    return node.home() / "backups" / f"{PREFIX}{timezone.now():%Y%m%d-%H%M%S}.tar"


def make(*, out: Path | None = None, keep: int | None = None) -> Made:
    """This function will write one file that holds the node, and remove older ones beyond ``keep``.

    Raises Refused when there is no room for it or the database cannot be copied.
    """
    path = out or default_path()
    if out is None:
        path.parent.mkdir(exist_ok=True, mode=0o700)
    with written_whole(path) as stream:
        _check_room(path.parent)
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            made = _fill(tar, path.parent)
    removed = _remove_old(path, keep) if keep else []
    leases.mark(name=MARK, text=str(path)[-400:])
    return Made(file=str(path), bytes=path.stat().st_size, counts=made.counts, removed=removed)


def _check_room(folder: Path) -> None:
    needed = 2 * databases.size() + sum(path.stat().st_size for _name, path in _files())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"There is no room for a backup in {folder}: it takes up to {needed // 2**20 + 1} MiB, "
            f"{free // 2**20} MiB are free. Choose another place with --out."
        )


def _fill(tar: tarfile.TarFile, folder: Path) -> Manifest:
    members = []
    # Before the snapshot: what was withdrawn from now on is not surely in it, and is done again by `restore`.
    began_at = timezone.now()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as name:
        copy = Path(name) / databases.member_name()
        with snapshot():
            databases.copy_to(copy)
            said = _say(copy.name, began_at)
        members.append(_add(tar, copy.name, copy))
    for name, path in _files():
        try:
            members.append(_add(tar, name, path))
        except FileNotFoundError:  # its time to be kept ran out while we were at work
            continue
    complete = said.model_copy(update={"members": members})
    content = manifest.write(complete)
    info = tarfile.TarInfo(manifest.NAME)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))
    return complete


def _files() -> Iterator[tuple[str, Path]]:
    """Yield name in the backup and path of the key, the defaults and every file that people gave us."""
    for name in manifest.FILES:
        path = node.home() / name
        if path.is_file():
            yield name, path
    for folder in manifest.FOLDERS:
        for path in sorted((node.home() / folder).rglob("*")):
            name = path.relative_to(node.home()).as_posix()
            if path.is_file() and not path.is_symlink() and manifest.is_safe(name):
                yield name, path


class _Counted(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.total = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(size)
        self.total.update(part)
        return part

    def close(self) -> None:
        self._file.close()
        super().close()


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Member:
    with _Counted(path) as content:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = path.stat().st_size, 0o600, int(path.stat().st_mtime)
        tar.addfile(info, content)
        return Member(name=name, size=info.size, sha256=content.total.hexdigest())


def _say(database: str, began_at: datetime) -> Manifest:
    """Return what the backup says of itself, but for its members; read in the snapshot that is copied."""
    here = own_home()
    migrations: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        migrations.setdefault(app, []).append(name)
    counts = {kind.name: kind.model._default_manager.filter(home_id=OWN).count() for kind in kinds()}
    counts |= {"sections": Section.objects.count(), "people": Person.objects.count()}
    return Manifest(
        format=manifest.FORMAT,
        version=version("parkbench"),
        made_at=began_at.isoformat(timespec="seconds"),
        address=here.address,
        organisation=here.name,
        database="postgresql" if is_postgres() else "sqlite",
        migrations=migrations,
        counts=counts,
        members=[],
    )


def _remove_old(path: Path, keep: int) -> list[str]:
    """Remove backups beside this one, of our own naming, beyond the newest ``keep``."""
    removed = []
    for old in sorted(path.parent.glob(f"{PREFIX}*.tar"), reverse=True)[keep:]:
        if old != path:
            old.unlink()
            removed.append(str(old))
    return removed
