"""The scheduler: queues the jobs that recur, on whichever node process holds its lease."""

from __future__ import annotations

import logging
import secrets
import threading
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from parkbench.lib import jobs
from parkbench.site.serving import leases

LEASE = "scheduler"
LEASE_SECONDS = 30
ROUND_SECONDS = 5.0
MARK = "rhythm:"
AT_START = ("records.reapply",)
"""Jobs that run once whenever a node starts, so also after an upgrade."""

logger = logging.getLogger("parkbench.scheduler")


def run(stop: threading.Event) -> None:
    """This function will queue what is due, every few seconds, until it is told to stop."""
    holder = secrets.token_hex(8)
    starting = list(AT_START)
    while not stop.is_set():
        close_old_connections()
        try:
            if leases.take(name=LEASE, holder=holder, seconds=LEASE_SECONDS):
                leases.mark(name=LEASE)
                while starting:
                    jobs.enqueue(starting[-1])
                    starting.pop()
                enqueue_due()
        except DatabaseError as error:
            # The database is away or busy: the next round tries again, and `check` tells of a late mark.
            logger.warning("The scheduler waits for the database: %s", error)
        stop.wait(ROUND_SECONDS)
    leases.release(name=LEASE, holder=holder)


def enqueue_due() -> list[str]:
    """This function will queue every recurring job that is due, and return their names.

    A job still waiting from before is not queued twice. Mark and job are written in one transaction.
    """
    queued = []
    for rhythm in jobs.rhythms():
        last = leases.marked_at(name=MARK + rhythm.name)
        if last is not None and timezone.now() < last + timedelta(seconds=rhythm.seconds):
            continue
        if _is_waiting(rhythm.name):
            continue
        with transaction.atomic():
            leases.mark(name=MARK + rhythm.name)
            jobs.enqueue(rhythm.name)
        queued.append(rhythm.name)
    return queued


def _is_waiting(name: str) -> bool:
    return DBTaskResult.objects.ready().filter(args_kwargs={"args": [name, {}], "kwargs": {}}).exists()
