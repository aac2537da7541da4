"""What the pages of one service and one capability show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from parkbench.accounts.rules import Action
from parkbench.catalogue.models import Technique
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.offer.queries.rows import capabilities, services
from parkbench.offer.rules import split
from parkbench.records.models import ALL, OWN, home_of
from parkbench.records.queries import Reach, heads, reach_of, updated_at
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import SENTENCES, Viewer, check_ours, may_edit, scopes_of, sections

NOWHERE = "There is no such page here, or it is not shared with you. Search for what you need."


@dataclass(frozen=True, slots=True)
class OfferPage:
    """One service or capability as this viewer may see it.

    ``heads`` holds (revision, body) of every section seen; ``place`` is the unit or platform it belongs to,
    None where there is none or it is not theirs to see; ``drawn_on`` are the instruments or services it
    draws on that they may see, ``hidden_count`` how many more it names. ``reach`` is for members only.
    """

    kind: Kind
    row: Any
    heads: dict[str, tuple[int, dict[str, Any]]]
    seen: frozenset[str]
    reach: tuple[Reach, ...]
    updated_at: datetime | None
    steward: str
    place: Any
    platform: Any
    drawn_on: Sequence[Any]
    hidden_count: int
    techniques: Sequence[Technique]
    capabilities: Sequence[Any]
    may_edit: bool
    may_delete: bool
    is_told: bool

    @property
    def values(self) -> dict[str, Any]:
        """Return the flat values of all sections this viewer sees."""
        return {name: value for _revision, body in self.heads.values() for name, value in body.items()}

    @property
    def revisions(self) -> dict[str, int]:
        """Return the revision of every section this viewer may see; 0 for one never written."""
        return {
            spec.name: self.heads.get(spec.name, (0, {}))[0]
            for spec in self.kind.sections
            if spec.name in self.seen
        }

    def body(self, section: str) -> dict[str, Any]:
        """Return the body of a section; empty when it was never written or is not theirs."""
        return self.heads.get(section, (0, {}))[1]


def offer_page(*, kind: str, uid: UUID, viewer: Viewer) -> OfferPage:
    """Return one service or capability with what this viewer may see of it; the same few queries for each.

    Raises NotFound when it is not here or not theirs to see.
    """
    known = kind_of(kind)
    row = fetch(kind=kind, uid=uid, viewer=viewer)
    is_own = row.home_id == OWN
    held = heads(kind=known, row=row, viewer=viewer)
    drawn_on = _drawn_on(kind, row, viewer)
    named = held.get("basics", (0, {}))[1].get("instrument_refs" if kind == "service" else "service_refs")
    return OfferPage(
        kind=known,
        row=row,
        heads=held,
        seen=sections(known, row, viewer),
        reach=tuple(reach_of(kind=known, row=row, viewer=viewer)) if viewer.is_member and is_own else (),
        updated_at=updated_at(kind=known, row=row, viewer=viewer),
        steward=_steward(row, viewer),
        place=_place(kind, row),
        platform=row.unit.platform if kind == "service" and row.platform_uid_seen else None,
        drawn_on=drawn_on,
        hidden_count=max(len(named or ()) - len(drawn_on), 0),
        techniques=_techniques(row, viewer) if kind == "service" else (),
        capabilities=_capabilities(row, viewer) if kind == "service" else (),
        may_edit=may_edit(known, row, viewer),
        may_delete=is_own and viewer.may(Action.DELETE, scopes_of(known, row)),
        is_told=viewer.is_member or viewer.mask != Viewer.public().mask,
    )


def editable_page(*, kind: str, uid: UUID, viewer: Viewer) -> OfferPage:
    """Return a record to be changed; raises NotFound, and NotAllowed when it is not theirs to change."""
    page = offer_page(kind=kind, uid=uid, viewer=viewer)
    if viewer.is_member:
        check_ours(page.row)
    if not page.may_edit:
        raise NotAllowed(SENTENCES[Action.EDIT])
    return page


def fetch(*, kind: str, uid: UUID, viewer: Viewer) -> Any:
    """Return the annotated row, own before partners', with where it belongs; raises NotFound."""
    rows = services(viewer=viewer, home=ALL) if kind == "service" else capabilities(viewer=viewer, home=ALL)
    related = ("unit__platform",) if kind == "service" else ("platform",)
    row = rows.filter(uid=uid).select_related("home", "steward", *related).order_by("home_id").first()
    if row is None:
        raise NotFound(NOWHERE)
    return row


def service_of_line(*, line: UUID, viewer: Viewer) -> UUID:
    """Return the service whose price list holds this line; raises NotFound when its prices are not theirs."""
    found = services(viewer=viewer, home=ALL).filter(price_links__line=line)
    rows = found.filter(prices_seen__isnull=False)
    uid: UUID | None = rows.order_by("home_id").values_list("uid", flat=True).first()
    if uid is None:
        raise NotFound(NOWHERE)
    return uid


def _place(kind: str, row: Any) -> Any:
    if kind == "service":
        return row.unit if row.unit_uid_seen else None
    return row.platform if row.platform_uid_seen else None


def _steward(row: Any, viewer: Viewer) -> str:
    """Return who is content responsible; outside the organisation only who agreed to be named there."""
    if row.steward is None or not (viewer.is_member or row.steward.is_named_outward):
        return ""
    return str(row.steward.name)


def _drawn_on(kind: str, row: Any, viewer: Viewer) -> list[Any]:
    if kind == "service":
        rows = Instrument.objects.visible(viewer, ALL).filter(service_links__service_id=row.pk)
        return list(rows.order_by("service_links__place"))
    found = services(viewer=viewer, home=ALL).filter(capability_links__capability_id=row.pk)
    return list(found.order_by("capability_links__place"))


def _capabilities(row: Any, viewer: Viewer) -> list[Any]:
    rows = capabilities(viewer=viewer, home=home_of(row)).filter(service_links__service_id=row.pk)
    return list(rows.order_by("name", "pk")[:50])


def _techniques(row: Any, viewer: Viewer) -> list[Technique]:
    keys = split(row.techniques)
    if not keys:
        return []
    rows = Technique.objects.visible(viewer).filter(key__in=keys).order_by("-home_id")
    by_key = {one.key: one for one in rows}  # the own entry, which comes last, stands in for the shipped one
    return [by_key[key] for key in keys if key in by_key]
