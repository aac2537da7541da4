"""The health of a node: its folder, its database, its processes, its backups."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.core import checks
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from parkbench.accounts.rules import Action
from parkbench.lib.db import is_answering, is_postgres
from parkbench.records.visibility import Viewer
from parkbench.site import node
from parkbench.site.backups.making import MARK as BACKUP
from parkbench.site.serving import scheduler, worker
from parkbench.site.serving.leases import marked_at
from parkbench.site.serving.starting import pending_migrations, unknown_migrations
from parkbench.site.settings import env
from parkbench.ui.slots import Panel

ALIVE = timedelta(seconds=60)
BACKUP_EVERY = timedelta(days=7)
LITTLE_ROOM, NO_ROOM = 1024**3, 100 * 1024**2
"""Bytes below which `check` warns, and fails."""


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its name, how it is, and what to do."""

    name: str
    state: State
    words: str


def examine() -> Iterator[Finding]:
    """Yield a finding for each thing that a node needs; without a database only what can be told then."""
    yield from _settings()
    yield _folder()
    yield _key()
    yield _room()
    if not is_answering():
        yield Finding("database", State.FAIL, "The database does not answer. Start it, or check its address.")
        return
    yield _database()
    migrations = _migrations()
    yield migrations
    if migrations.state is State.OK:
        yield _process("worker", worker.MARK)
        yield _process("scheduler", scheduler.LEASE)
        yield _jobs()
        yield _backups()


def _settings() -> Iterator[Finding]:
    """Django's own checks, and settings that nobody reads."""
    problems = checks.run_checks()
    for problem in problems:
        state = State.FAIL if problem.level >= checks.ERROR else State.WARN
        yield Finding("code", state, f"{problem.id}: {problem.msg}")
    if not problems:
        yield Finding("code", State.OK, "The program is whole.")
    strange = env.never_read("PARKBENCH_")
    if strange:
        yield Finding("settings", State.WARN, f"{', '.join(strange)}: no such setting; misspelt?")
    else:
        yield Finding("settings", State.OK, "Every setting is known.")


def _rights(path: Path) -> str:
    """Say who else may read a path, or ''."""
    found = path.stat()
    if found.st_uid != os.geteuid():
        return f"{path} belongs to another user. Run Parkbench as the owner of its folder."
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        right = "700" if path.is_dir() else "600"
        return f"{path} can be read by other users. Run: chmod {right} {path}"
    return ""


def _folder() -> Finding:
    problem = _rights(node.home())
    if problem:
        return Finding("folder", State.FAIL, problem)
    return Finding("folder", State.OK, f"{node.home()} is readable by its owner only.")


def _key() -> Finding:
    path = node.home() / "secret_key"
    if not path.is_file():
        return Finding("key", State.OK, "The key comes by a setting.")
    problem = _rights(path)
    if problem:
        return Finding("key", State.FAIL, problem)
    if path.stat().st_size < 40:
        return Finding("key", State.FAIL, f"{path} is too short. Remove it and run init again.")
    return Finding("key", State.OK, "The key is readable by its owner only.")


def _room() -> Finding:
    free = shutil.disk_usage(node.home()).free
    words = f"{free / 1024**3:.1f} GiB are free in {node.home()}."
    if free < NO_ROOM:
        return Finding("room", State.FAIL, f"{words} Make room now: nothing can be saved soon.")
    if free < LITTLE_ROOM:
        return Finding("room", State.WARN, f"{words} Make room before it runs out.")
    return Finding("room", State.OK, words)


def _database() -> Finding:
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return Finding("database", State.OK, f"PostgreSQL {cursor.fetchone()[0]} answers.")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        found = cursor.fetchone()[0]
    if found != "ok":
        words = f"The database is damaged: {found}. Restore the last good backup."
        return Finding("database", State.FAIL, words)
    return Finding("database", State.OK, "SQLite answers, and its file is whole.")


def _migrations() -> Finding:
    if strange := unknown_migrations():
        words = f"The database is of a newer version ({strange[0]}). Install that version."
        return Finding("tables", State.FAIL, words)
    if pending := pending_migrations():
        words = f"{len(pending)} migrations are missing. Start the node with serve, which makes them."
        return Finding("tables", State.FAIL, words)
    return Finding("tables", State.OK, "The tables are those of this version.")


def _process(name: str, mark: str) -> Finding:
    at = marked_at(name=mark)
    if at is None:
        return Finding(name, State.WARN, f"The {name} never ran. Start the node with: parkbench serve")
    if timezone.now() - at > ALIVE:
        words = f"The {name} was last seen {_ago(at)}. Start the node with: parkbench serve"
        return Finding(name, State.WARN, words)
    return Finding(name, State.OK, f"The {name} is alive.")


def _jobs() -> Finding:
    now = timezone.now()
    failed = Q(status=TaskResultStatus.FAILED, finished_at__gt=now - timedelta(days=1))
    late = Q(status=TaskResultStatus.READY, enqueued_at__lt=now - timedelta(hours=1))
    late &= Q(run_after__lte=now) | Q(run_after=get_date_max())
    found = DBTaskResult.objects.aggregate(
        failed=Count("pk", filter=failed),
        late=Count("pk", filter=late),
    )
    if found["failed"] or found["late"]:
        words = (
            f"{found['failed']} jobs failed within a day, {found['late']} wait for over an hour. "
            "The log of serve says why."
        )
        return Finding("jobs", State.WARN, words)
    return Finding("jobs", State.OK, "No job failed within a day.")


def _backups() -> Finding:
    at = marked_at(name=BACKUP)
    if at is None:
        return Finding("backups", State.WARN, "No backup was made yet. Make one with: parkbench backup")
    if timezone.now() - at > BACKUP_EVERY:
        words = f"The last backup was made {_ago(at)}. Make one with: parkbench backup"
        return Finding("backups", State.WARN, words)
    return Finding("backups", State.OK, f"The last backup was made {_ago(at)}.")


def on_overview(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return how jobs and backups are, for the overview of who operates the node; two queries."""
    if not viewer.may(Action.OPERATE):
        return None
    return Panel("", "overview/findings.html", {"findings": [_jobs(), _backups()]})


def _ago(at: datetime) -> str:
    seconds = int((timezone.now() - at).total_seconds())
    units: tuple[tuple[int, Callable[[int], str]], ...] = (
        (86_400, lambda n: f"{n} days ago"),
        (3_600, lambda n: f"{n} hours ago"),
        (60, lambda n: f"{n} minutes ago"),
    )
    for size, words in units:
        if seconds >= 2 * size:
            return words(seconds // size)
    return "just now"
