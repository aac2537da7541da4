"""Reads on sources and imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from parkbench.accounts.rules import Action, reach
from parkbench.intake.models import Batch, Source
from parkbench.intake.registry import target_of
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the list of sources, with its last import."""

    name: str
    brings: str
    batch_id: UUID | None
    file_name: str
    state: str
    state_words: str
    at: datetime | None
    pk: int


def visible_batches(viewer: Viewer) -> QuerySet[Batch]:
    """Return the imports this viewer may see: all for who may import everywhere, else their own."""
    rows = Batch.objects.select_related("source", "by")
    if reach(viewer.grants, Action.IMPORT) is None:
        return rows.order_by("-at")
    if viewer.person_id is None or not viewer.may_somewhere(Action.IMPORT):
        return rows.none()
    return rows.filter(by_id=viewer.person_id).order_by("-at")


def batch_of(*, pk: UUID, viewer: Viewer) -> Batch:
    """Return an import; raise NotFound when there is none that this viewer may see."""
    batch = visible_batches(viewer).filter(pk=pk).first()
    if batch is None:
        raise NotFound("There is no such import here.")
    return batch


def source_named(*, name: str) -> Source | None:
    """Return the source of that name, whatever its capitals."""
    return Source.objects.filter(name__iexact=" ".join(name.split())).first()


def sources_of(*, viewer: Viewer) -> list[SourceLine]:
    """Return the sources with their last import as far as this viewer may see it, two queries.

    Raises NotAllowed for who may import nowhere.
    """
    if not viewer.may_somewhere(Action.IMPORT):
        raise NotAllowed("You may not import. Ask the head of your unit or a manager.")
    newest = visible_batches(viewer).filter(source=OuterRef("pk")).order_by("-at")
    sources = Source.objects.annotate(last=Subquery(newest.values("pk")[:1])).order_by("name")
    lines = list(sources.values_list("pk", "name", "target", "last"))
    batches = visible_batches(viewer).in_bulk([last for _pk, _name, _target, last in lines if last])
    return [_source_line(pk, name, target, batches.get(last)) for pk, name, target, last in lines]


def _source_line(pk: int, name: str, target: str, last: Batch | None) -> SourceLine:
    return SourceLine(
        pk=pk,
        name=name,
        brings=str(target_of(target).label),
        batch_id=last.pk if last else None,
        file_name=last.file_name if last else "",
        state=last.state if last else "",
        state_words=last.get_state_display() if last else "",
        at=last.at if last else None,
    )


def batches_of(*, source_id: int, viewer: Viewer, limit: int = 50) -> list[Batch]:
    """Return the last imports of a source, newest first."""
    return list(visible_batches(viewer).filter(source_id=source_id)[:limit])


def last_written(*, target: str, source: str = "") -> Batch | None:
    """Return the import that was killed while being accepted or undone, the oldest first."""
    rows = Batch.objects.select_related("source").filter(source__target=target)
    if source:
        rows = rows.filter(source__name__iexact=source)
    return rows.filter(state__in=[Batch.State.ACCEPTING, Batch.State.UNDOING]).order_by("at").first()


def later_batches(batch: Batch) -> Sequence[Batch]:
    """Return the imports of the same source after this one that wrote rows and are not undone."""
    rows = Batch.objects.filter(source_id=batch.source_id, at__gt=batch.at)
    states = [Batch.State.ACCEPTING, Batch.State.ACCEPTED, Batch.State.UNDOING]
    return list(rows.filter(state__in=states, rows__isnull=False).order_by("-at").distinct()[:5])


def stalled(*, before: datetime) -> list[tuple[UUID, str]]:
    """Return (id, state) of imports whose worker has given no sign since then."""
    return list(Batch.objects.running().filter(beat_at__lt=before).order_by("at").values_list("pk", "state"))
