"""Recurring work of the site itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

KEEP_DONE, KEEP_FAILED = timedelta(days=7), timedelta(days=30)


def forget_finished() -> int:
    """This function will remove what is remembered of jobs done a week, or failed a month, ago."""
    now = timezone.now()
    done = DBTaskResult.objects.successful().filter(finished_at__lt=now - KEEP_DONE).delete()[0]
    return done + DBTaskResult.objects.failed().filter(finished_at__lt=now - KEEP_FAILED).delete()[0]
