"""One service event as one viewer may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.records.models import ALL, OWN
from parkbench.records.queries import Reach, heads, reach_of, updated_at
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import SENTENCES, Viewer, check_ours, may_edit, scopes_of, sections
from parkbench.servicing.queries.rows import KIND, events


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as this viewer may see it.

    ``heads`` holds (revision, body) of every section seen, ``reach`` who sees what outside (members only),
    ``is_told``: members and partners learn that something is not shared with them, visitors do not.
    """

    kind: Kind
    row: Any
    heads: Mapping[str, tuple[int, dict[str, Any]]]
    seen: frozenset[str]
    reach: tuple[Reach, ...]
    updated_at: datetime | None
    steward: str
    is_told: bool
    may_edit: bool
    may_delete: bool

    @property
    def revisions(self) -> dict[str, int]:
        """Return the revision of every section this viewer may see; 0 for one never written."""
        return {
            spec.name: self.heads.get(spec.name, (0, {}))[0]
            for spec in self.kind.sections
            if spec.name in self.seen
        }

    @property
    def values(self) -> dict[str, Any]:
        """Return the flat values of all sections this viewer sees."""
        return {name: value for _revision, body in self.heads.values() for name, value in body.items()}


def event_record(*, uid: UUID, viewer: Viewer) -> EventRecord:
    """Return one event; the same few queries for every event.

    Raises NotFound when it is not here or not theirs to see.
    """
    kind = kind_of(KIND)
    related = ("home", "steward", "instrument__unit__platform")
    row = events(viewer, ALL).filter(uid=uid).select_related(*related).order_by("home_id").first()
    if row is None:
        raise NotFound(
            _("There is no such service event here, or it is not shared with you. Search for what you need.")
        )
    is_own = row.home_id == OWN
    return EventRecord(
        kind=kind,
        row=row,
        heads=heads(kind=kind, row=row, viewer=viewer),
        seen=sections(kind, row, viewer),
        reach=tuple(reach_of(kind=kind, row=row, viewer=viewer)) if viewer.is_member and is_own else (),
        updated_at=updated_at(kind=kind, row=row, viewer=viewer),
        steward=_steward(row, viewer),
        is_told=viewer.is_member or viewer.mask != Viewer.public().mask,
        may_edit=may_edit(kind, row, viewer),
        may_delete=is_own and viewer.may(Action.DELETE, scopes_of(kind, row)),
    )


def editable_record(*, uid: UUID, viewer: Viewer) -> EventRecord:
    """Return an event to be changed; raises NotFound, and NotAllowed when it is not theirs to change."""
    page = event_record(uid=uid, viewer=viewer)
    if viewer.is_member:
        check_ours(page.row)
    if not page.may_edit:
        raise NotAllowed(SENTENCES[Action.EDIT])
    return page


def _steward(row: Any, viewer: Viewer) -> str:
    """Return who is content responsible; outside the organisation only who agreed to be named there."""
    if row.steward is None or not (viewer.is_member or row.steward.is_named_outward):
        return ""
    return str(row.steward.name)
