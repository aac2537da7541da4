"""Reads on every record: history, who sees what, audiences, checks of the whole node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.items import read_body
from parkbench.records import rules
from parkbench.records.models import (
    OWN,
    Audience,
    Home,
    PolicyCell,
    RecordEvent,
    Section,
    SharingException,
)
from parkbench.records.registry import Kind
from parkbench.records.visibility import Viewer, sections


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one revision: what it was, what it became."""

    field: str
    label: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a section with who, when, and its changes."""

    section: str
    label: str
    revision: int
    at: datetime
    by: str
    batch: UUID | None
    is_current: bool
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who sees one section outside: in words, and whether the policy or the record says so."""

    section: str
    label: str
    mask: int
    words: str
    is_exception: bool
    is_shareable: bool
    wish: int


def own_home() -> Home:
    """Return this node's home."""
    return Home.objects.get(pk=OWN)


def own_address() -> str:
    """Return the address of this node, the first part of every record id."""
    return own_home().address


def audiences() -> list[Audience]:
    """Return all audiences, the widest first."""
    return list(Audience.objects.order_by("bit"))


def policy() -> dict[tuple[str, str], int]:
    """Return the policy as (kind, section) > mask."""
    rows = PolicyCell.objects.values_list("kind", "section", "mask")
    return {(kind, section): mask for kind, section, mask in rows}


def in_words(mask: int, known: Iterable[Audience]) -> str:
    """Say in plain words who an audience mask is."""
    mask = rules.journals(mask)
    if mask == rules.NOBODY:
        return _("our organisation only")
    if mask & rules.PUBLIC:
        return _("everybody")
    if mask & rules.PARTNERS:
        return _("all partners")
    return ", ".join(audience.name for audience in known if mask >> audience.bit & 1)


def reach_of(*, kind: Kind, row: Any) -> list[Reach]:
    """Return who sees each section of a row; three queries."""
    known = audiences()
    cells = {section: mask for (name, section), mask in policy().items() if name == kind.name}
    rows = SharingException.objects.filter(uid=row.uid, mask__isnull=False)
    exceptions = dict(rows.values_list("section", "mask"))
    return [
        Reach(
            section=spec.name,
            label=str(spec.label),
            mask=getattr(row, spec.mask),
            words=in_words(getattr(row, spec.mask), known),
            is_exception=spec.name in exceptions,
            is_shareable=spec.see is not Action.SEE_INTERNAL,
            wish=exceptions.get(spec.name, cells.get(spec.name, rules.NOBODY)),
        )
        for spec in kind.sections
    ]


def share_from(*, uid: UUID) -> datetime | None:
    """Return the instant before which nobody outside sees the record, if one is set."""
    return SharingException.objects.filter(uid=uid, section="").values_list("share_from", flat=True).first()


def bodies_of(*, kind: Kind, row: Any, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Return the current body of every section this viewer sees, one query."""
    return {section: body for section, (_revision, body) in heads(kind=kind, row=row, viewer=viewer).items()}


def heads(*, kind: Kind, row: Any, viewer: Viewer) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return (revision, body) of every section this viewer sees and that was ever written, one query."""
    seen = sections(kind, row, viewer)
    rows = Section.objects.filter(home_id=row.home_id, uid=row.uid, is_current=True, section__in=seen)
    return {
        name: (revision, read_body(body.encode()) if body else {})
        for name, revision, body in rows.values_list("section", "revision", "body")
    }


def updated_at(*, kind: Kind, row: Any, viewer: Viewer) -> datetime | None:
    """Return when anything this viewer may see was last changed."""
    seen = sections(kind, row, viewer)
    times = [getattr(row, spec.at) for spec in kind.sections if spec.name in seen]
    return max((at for at in times if at), default=None)


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
    return sorted(found, key=lambda revision: (revision.at, revision.section, revision.revision), reverse=True)


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
    )


def events(*, row: Any, viewer: Viewer) -> list[RecordEvent]:
    """Return what happened to a record beside its content, newest first; members only."""
    if not viewer.is_member:
        return []
    return list(RecordEvent.objects.filter(uid=row.uid).select_related("by").order_by("-at"))


def section_bodies(*, kind: str, batch: UUID) -> Sequence[Section]:
    """Return the sections one import wrote, in order."""
    return list(Section.objects.filter(kind=kind, batch=batch, home_id=OWN).order_by("id"))
