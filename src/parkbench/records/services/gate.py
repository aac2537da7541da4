"""The sharing gate: publishing takes it shared, every change of sharing takes it alone."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from parkbench.lib.db import is_postgres
from parkbench.records.models import SharingGate


def enter() -> None:
    """Take the gate shared, before policy and exceptions are read.

    Without it a publish that read the old policy would write after a narrowing and leak for ever.
    On SQLite every writing transaction is alone already. Must run inside a transaction.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM records_sharinggate WHERE id = 1 FOR SHARE")


def close() -> None:
    """Take the gate alone, before policy, exceptions or memberships change. Must run inside a transaction."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM records_sharinggate WHERE id = 1 FOR UPDATE")
    SharingGate.objects.filter(pk=1).update(changed_at=timezone.now())
