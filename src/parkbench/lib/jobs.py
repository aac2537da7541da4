"""Queued work by name: rooms register functions, services enqueue names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_tasks import task

Job = Callable[..., object]

_jobs: dict[str, Job] = {}
_rhythm: list[Rhythm] = []


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A job that the scheduler enqueues every so many seconds."""

    name: str
    seconds: int


def register(name: str, job: Job, *, every_seconds: int | None = None) -> None:
    """Register ``job`` under ``room.verb``; it must be idempotent, for it may run again after a crash.

    Raises ValueError when the name is taken by another function.
    """
    if _jobs.get(name, job) is not job:
        raise ValueError(f"The job name {name} is taken.")
    _jobs[name] = job
    if every_seconds and not any(rhythm.name == name for rhythm in _rhythm):
        _rhythm.append(Rhythm(name, every_seconds))


def rhythms() -> tuple[Rhythm, ...]:
    """Return what the scheduler runs."""
    return tuple(_rhythm)


def is_registered(name: str) -> bool:
    """Tell whether a room registered a job of this name."""
    return name in _jobs


def enqueue(name: str, **arguments: Any) -> None:
    """Queue a registered job; it starts only after the running transaction is committed.

    ``arguments`` must be JSON values. Raises KeyError when no room registered the name.
    """
    if name not in _jobs:
        raise KeyError(f"No room registered a job named {name}.")
    transaction.on_commit(lambda: _queue(name, arguments))


def _queue(name: str, arguments: dict[str, Any]) -> None:
    run_job.enqueue(name, arguments)


@task()
def run_job(name: str, arguments: dict[str, Any]) -> None:
    """Run one queued job; the worker calls this."""
    _jobs[name](**arguments)
