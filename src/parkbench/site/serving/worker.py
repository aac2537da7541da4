"""The worker: runs queued jobs one after the other, and shows that it is alive."""

from __future__ import annotations

import logging
import secrets
import threading
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from parkbench.site.serving import leases

MARK = "worker"
BEAT_SECONDS = 15.0
MOST_TRIES = 3
"""A job that took its worker down this often is given up."""

logger = logging.getLogger("parkbench.worker")


class LoudWorker(Worker):
    """The queue's own worker, saying aloud which job failed."""

    def run_task(self, db_task_result: DBTaskResult[Any, Any]) -> None:
        super().run_task(db_task_result)
        if db_task_result.status == TaskResultStatus.FAILED:
            name = db_task_result.args_kwargs["args"][0]
            logger.error("The job %s failed:\n%s", name, db_task_result.traceback)


def run() -> None:
    """This function will run queued jobs until it is told to stop."""
    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
    requeue_unfinished()
    threading.Thread(target=_beat, daemon=True).start()
    worker = _worker(is_batch=False)
    worker.configure_signals()
    worker.run()


def run_queued() -> None:
    """This function will run what is queued now, in this process, and return."""
    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
    _worker(is_batch=True).run()


def _worker(*, is_batch: bool) -> LoudWorker:
    return LoudWorker(
        queue_names=["*"],
        interval=1.0,
        batch=is_batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=secrets.token_hex(8),
        excluded_queue_names=[],
    )


def _beat() -> None:
    """Note every few seconds that the worker is alive; `check` reads it."""
    wait = threading.Event()
    while True:
        try:
            leases.mark(name=MARK)
        except DatabaseError as error:
            logger.warning("The worker could not note that it is alive: %s", error)
        connection.close()
        wait.wait(BEAT_SECONDS)


@transaction.atomic
def requeue_unfinished() -> int:
    """This function will queue again what an ended worker left unfinished; returns how many jobs.

    A node has one worker, so a job that is running while the worker starts is running nowhere.
    """
    count = 0
    for left in DBTaskResult.objects.running().select_for_update():
        if len(left.worker_ids) < MOST_TRIES:
            left.status, left.started_at = TaskResultStatus.READY, None
            count += 1
        else:
            left.status, left.finished_at = TaskResultStatus.FAILED, timezone.now()
            left.traceback = f"The worker ended {MOST_TRIES} times while it ran this job."
            logger.error("The job %s was given up: %s", left.args_kwargs["args"][0], left.traceback)
        left.save(update_fields=["status", "started_at", "finished_at", "traceback"])
    return count
