"""Queued work of importing: check, accept and undo, each for the person who asked; resume; purge."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from parkbench.accounts.queries import grants_of
from parkbench.intake import queries, services
from parkbench.intake.models import Batch
from parkbench.intake.rules import BatchState
from parkbench.lib import jobs
from parkbench.records.visibility import Viewer

SILENCE = timedelta(minutes=2)
"""An import whose worker gave no sign for so long was killed."""


def acting(batch: UUID) -> Viewer:
    """Return whoever began the import, with the rights they have now; the operator for the command line's."""
    found = Batch.objects.select_related("by").get(pk=batch)
    if found.by is None:
        return Viewer.operator()
    return Viewer(grants=grants_of(person_id=found.by.pk), person=found.by)


def check(*, batch: str) -> None:
    """Make the dry run of an import."""
    services.check(batch_id=UUID(batch), by=acting(UUID(batch)))


def accept(*, batch: str) -> None:
    """Write what the dry run found, or go on doing so; a finished import is left alone."""
    if _is(batch, BatchState.ACCEPTING):
        services.accept(batch_id=UUID(batch), by=acting(UUID(batch)))


def undo(*, batch: str) -> None:
    """Undo an import, or go on doing so; an undone import is left alone."""
    if _is(batch, BatchState.UNDOING):
        services.undo(batch_id=UUID(batch), by=acting(UUID(batch)))


def resume() -> int:
    """Queue again what a killed worker left half done; returns how many imports."""
    names = {
        BatchState.CHECKING: "intake.check",
        BatchState.ACCEPTING: "intake.accept",
        BatchState.UNDOING: "intake.undo",
    }
    found = queries.stalled(before=timezone.now() - SILENCE)
    for pk, state in found:
        jobs.enqueue(names[BatchState(state)], batch=str(pk))
    return len(found)


def _is(batch: str, state: BatchState) -> bool:
    return bool(Batch.objects.filter(pk=UUID(batch), state=state.value).exists())
