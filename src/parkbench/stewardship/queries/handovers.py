"""Handovers: who hands what to whom, and what was handed over before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Lower

from parkbench.accounts.models import Person
from parkbench.lib.errors import NotFound
from parkbench.records.models import OWN
from parkbench.records.registry import kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Handover
from parkbench.stewardship.queries.scopes import headed, narrowed, own_rows, place_name

Pick = tuple[str, UUID]
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """One handover as the page lists it."""

    pk: int
    at: datetime
    giver: str
    taker: str
    by: str
    count: int
    is_undone: bool


def people() -> list[Person]:
    """Return the people who may answer for something, by name; one query."""
    return list(Person.objects.filter(is_active=True).order_by("name", "pk"))


def givers() -> list[Person]:
    """Return everybody who may have answered for something, also who left, by name; one query."""
    return list(Person.objects.filter(is_erased=False).order_by("name", "pk"))


def giver_of(*, uid: str) -> Person | None:
    """Return whose records are handed over, None for records that nobody answers for.

    Raises NotFound for a person who is not here.
    """
    if uid == NOBODY:
        return None
    try:
        found = Person.objects.filter(uid=UUID(uid)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such person here.")
    return found


def held_by(*, person: Person | None, viewer: Viewer) -> QuerySet[Any, Any]:
    """Return (kind, uid, name, place) of what a person, or nobody, answers for and the viewer may hand over.

    One statement for all kinds, by kind and name.
    """
    left = Q(steward=person) if person else Q(steward=None) | Q(steward__is_active=False)
    parts = [
        narrowed(own_rows(kind, viewer).filter(left), headed(kind, viewer))
        .annotate(
            shown_kind=Cast(Value(kind.name), CharField()),
            shown_name=F(kind.title),
            place=place_name(kind, viewer),
            sorted_name=Lower(kind.title),
        )
        .values_list("shown_kind", "uid", "shown_name", "place", "sorted_name")
        for kind in kinds()
    ]
    rows = parts[0].union(*parts[1:], all=True)
    ordered: QuerySet[Any, Any] = rows.order_by("shown_kind", "sorted_name", "uid")
    return ordered


def answers_for_anything(*, uid: UUID) -> bool:
    """Tell whether a person answers for any own record; one query."""
    parts = [
        kind.model._default_manager.filter(home_id=OWN, deleted_at=None, steward__uid=uid)
        .order_by()
        .values_list("uid")
        for kind in kinds()
    ]
    return bool(parts[0].union(*parts[1:], all=True)[:1])


def handovers(*, viewer: Viewer) -> list[HandoverLine]:
    """Return the last handovers, newest first: those the viewer made; two queries at most."""
    rows = Handover.objects.filter(by_id=viewer.person_id) if viewer.person_id else Handover.objects.none()
    rows = rows.select_related("giver", "taker", "by").annotate(count=Count("records"))
    return [
        HandoverLine(
            pk=row.pk,
            at=row.at,
            giver=row.giver.name if row.giver else "",
            taker=row.taker.name,
            by=row.by.name if row.by else "",
            count=row.count,
            is_undone=row.undone_at is not None,
        )
        for row in rows[:20]
    ]
