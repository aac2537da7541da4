"""Reads on what was: revisions, events, deleted records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.items import read_body
from parkbench.records.models import (
    OWN,
    RecordEvent,
    Section,
)
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Viewer, reach_q, sections


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one revision: what it was, what it became."""

    field: str
    label: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a section with who, when, its changes, and the whole body before and after."""

    section: str
    label: str
    revision: int
    at: datetime
    by: str
    batch: UUID | None
    is_current: bool
    changes: tuple[FieldChange, ...]
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deleted:
    """An own record that was deleted and may still be restored; ``by`` is '' when nobody is known."""

    uid: UUID
    name: str
    at: datetime
    by: str


def history(*, kind: Kind, row: Any, viewer: Viewer) -> list[Revision]:
    """Return every revision of the sections this viewer sees, newest first; members only, else nothing."""
    if not viewer.is_member:
        return []
    seen = sections(kind, row, viewer)
    rows = Section.objects.filter(home_id=row.home_id, uid=row.uid, section__in=seen)
    previous: dict[str, Mapping[str, Any]] = {}
    found = []
    for entry in rows.select_related("by").order_by("section", "revision"):
        body = read_body(entry.body.encode()) if entry.body else {}
        found.append(_revision(kind, entry, previous.get(entry.section, {}), body))
        previous[entry.section] = body
    return sorted(
        found, key=lambda revision: (revision.at, revision.section, revision.revision), reverse=True
    )


def _revision(kind: Kind, entry: Section, old: Mapping[str, Any], new: Mapping[str, Any]) -> Revision:
    spec = kind.section(entry.section)
    names = [name for name in spec.schema.model_fields if old.get(name) != new.get(name)]
    return Revision(
        section=entry.section,
        label=str(spec.label),
        revision=entry.revision,
        at=entry.at,
        by=entry.by.name if entry.by else _("the node itself"),
        batch=entry.batch,
        is_current=entry.is_current,
        changes=tuple(
            FieldChange(name, spec.schema.model_fields[name].title or name, old.get(name), new.get(name))
            for name in names
        ),
        before=old,
        after=new,
    )


def events(*, row: Any, viewer: Viewer) -> list[RecordEvent]:
    """Return what happened to a record beside its content, newest first; members only."""
    if not viewer.is_member:
        return []
    return list(RecordEvent.objects.filter(uid=row.uid).select_related("by").order_by("-at"))


def deleted_counts(*, viewer: Viewer) -> list[tuple[Kind, int]]:
    """Return each kind of which this viewer may restore deleted records, and how many; one query per kind."""
    counts = [(kind, _deleted(kind, viewer).count()) for kind in kinds()]
    return [(kind, count) for kind, count in counts if count]


def deleted_records(
    *, kind: Kind, viewer: Viewer, text: str = "", start: int = 0, stop: int = 50
) -> tuple[int, list[Deleted]]:
    """Return how many deleted records of a kind bear ``text`` in their name, and a slice, newest first."""
    rows = _deleted(kind, viewer)
    if text:
        rows = rows.filter(**{f"{kind.title}__icontains": text})
    page = list(rows.order_by("-deleted_at", "pk").values_list("uid", kind.title, "deleted_at")[start:stop])
    events = RecordEvent.objects.filter(
        uid__in=[uid for uid, _name, _at in page], what=RecordEvent.What.DELETED
    ).order_by("at")
    who = {uid: name or "" for uid, name in events.values_list("uid", "by__name")}
    return rows.count(), [Deleted(uid, str(name), at, who.get(uid, "")) for uid, name, at in page]


def _deleted(kind: Kind, viewer: Viewer) -> QuerySet[Any]:
    condition = reach_q(kind, viewer, Action.DELETE)
    rows: QuerySet[Any] = kind.model._default_manager.filter(home_id=OWN).exclude(deleted_at=None)
    if isinstance(condition, bool):
        return rows if condition else rows.none()
    return rows.filter(condition)
