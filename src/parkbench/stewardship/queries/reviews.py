"""Reviews: which records are to be looked at, of all kinds in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Lower
from django.utils import timezone

from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.scopes import Who, in_place, narrowed, of_whom, own_rows, place_name
from parkbench.stewardship.rules import SOON, When

FAR = date(9999, 12, 31)
"""Stands for no date where rows are sorted: both databases then agree that it comes last."""
COLUMNS = ("shown_kind", "uid", "shown_name", "due", "steward_name", "place")
SORTS: Mapping[str, tuple[str, ...]] = {
    "due": ("sorted_due", "sorted_name"),
    "name": ("sorted_name", "sorted_due"),
    "kind": ("shown_kind", "sorted_due", "sorted_name"),
    "place": ("place", "sorted_due", "sorted_name"),
}
"""What the list may be sorted by; never by person."""


@dataclass(frozen=True, slots=True)
class ReviewWish:
    """What a list of reviews asks for: whose records, due when, of which kind, in which unit or platform."""

    who: Who = "mine"
    when: str = ""
    kind: str = ""
    text: str = ""
    sort: str = "due"
    place: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One record of the list; ``place`` is the unit or platform it lies in."""

    kind: Kind
    uid: UUID
    name: str
    due: date | None
    steward: str
    place: str


def reviews(*, viewer: Viewer, wish: ReviewWish, today: date | None = None) -> QuerySet[Any, Any]:
    """Return the records asked for as rows of `COLUMNS`, one statement for all kinds; none for visitors."""
    today = today or timezone.localdate()
    wanted = [kind for kind in kinds() if not wish.kind or kind.name == wish.kind]
    parts = [_part(kind, viewer, wish, today) for kind in wanted] if viewer.is_member else []
    if not parts:
        nothing: QuerySet[Any, Any] = own_rows(next(iter(kinds())), viewer).none()
        return nothing
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    key = wish.sort.removeprefix("-")
    names = SORTS.get(key, SORTS["due"])
    signs = ["-" if wish.sort.startswith("-") and not place else "" for place in range(len(names))]
    order = [f"{sign}{name}" for sign, name in zip(signs, names, strict=True)]
    ordered: QuerySet[Any, Any] = rows.order_by(*order, "shown_kind", "uid")
    return ordered


def review_count(*, viewer: Viewer, wish: ReviewWish, today: date) -> int:
    """Return how many records are asked for; one statement, which reads no more than it counts."""
    wanted = [kind for kind in kinds() if not wish.kind or kind.name == wish.kind]
    parts = [
        _among(kind, viewer, wish, today).order_by().values(one=Value(1)).annotate(number=Count("pk"))
        for kind in wanted
    ]
    if not parts or not viewer.is_member:
        return 0
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return sum(row["number"] for row in rows)


def _among(kind: Kind, viewer: Viewer, wish: ReviewWish, today: date) -> QuerySet[Any]:
    rows = narrowed(own_rows(kind, viewer), of_whom(kind, viewer, wish.who))
    rows = rows.filter(_due_q(wish.when, today))
    if wish.place:
        rows = rows.filter(in_place(kind, wish.place))
    for word in wish.text.split()[:8]:
        rows = rows.filter(Q(**{f"{kind.title}__icontains": word}))
    found: QuerySet[Any] = rows
    return found


def _part(kind: Kind, viewer: Viewer, wish: ReviewWish, today: date) -> QuerySet[Any, Any]:
    rows = _among(kind, viewer, wish, today).annotate(
        shown_kind=Cast(Value(kind.name), CharField()),
        shown_name=F(kind.title),
        due=F("review_due_on"),
        steward_name=F("steward__name"),
        place=place_name(kind, viewer),
        sorted_due=Coalesce("review_due_on", Value(FAR)),
        sorted_name=Lower(kind.title),
    )
    shown: QuerySet[Any, Any] = rows.values_list(*COLUMNS, "sorted_due", "sorted_name")
    return shown


def _due_q(when: str, today: date) -> Q:
    if when == When.OVERDUE:
        return Q(review_due_on__lte=today)
    if when == When.SOON:
        return Q(review_due_on__gt=today, review_due_on__lte=today + SOON)
    if when == When.LATER:
        return Q(review_due_on__gt=today + SOON)
    return Q(review_due_on=None) if when == When.NEVER else Q()


def lines_of(rows: Any) -> list[ReviewLine]:
    """Return rows of `reviews` as lines; an empty date was none."""
    return [
        ReviewLine(kind_of(kind), uid, str(name), due, steward or "", place or "")
        for kind, uid, name, due, steward, place, *_sorted in rows
    ]


def who_of(text: str, *, known: tuple[str, ...]) -> Who:
    """Return whose records are asked for, the viewer's own unless it is one of ``known``."""
    return cast(Who, text) if text in known else "mine"
