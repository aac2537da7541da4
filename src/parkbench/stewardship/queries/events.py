"""What belongs into calendars and mails: dates of records, each only for who may see its section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from parkbench.records.registry import Deadline, Kind, kind_of, kinds
from parkbench.records.visibility import Viewer, section_q
from parkbench.stewardship.models import Feed
from parkbench.stewardship.queries.scopes import (
    answerable,
    either,
    headed,
    in_place,
    mine,
    narrowed,
    own_rows,
    place_name,
    within_units,
)

REVIEW = "review_due_on"


@dataclass(frozen=True, slots=True)
class Event:
    """One day of one record; ``column`` says which date it is, ``at`` when it was written (None: unknown)."""

    kind: Kind
    column: str
    uid: UUID
    name: str
    day: date
    place: str
    at: datetime | None

    @property
    def deadline(self) -> Deadline | None:
        """Return the deadline it is, None for a review."""
        return next((one for one in self.kind.deadlines if one.column == self.column), None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What events are about: what the viewer answers for, a place, or the whole organisation.

    ``sort`` is that of a feed, or "answerable": what the viewer answers for and their units.
    """

    sort: str
    place: UUID | None = None

    def condition(self, kind: Kind, viewer: Viewer) -> Q | bool:
        """Return which records of a kind it is about."""
        if self.sort == Feed.Sort.MINE:
            return mine(viewer)
        if self.sort == Feed.Sort.PLACE and self.place is not None:
            return in_place(kind, self.place)
        if self.sort == Feed.Sort.ORGANISATION:
            return True
        return either(mine(viewer), headed(kind, within_units(viewer)))


def events(
    *,
    viewer: Viewer,
    subject: Subject,
    since: date | None,
    until: date,
    most: int,
    has_reviews: bool = True,
    has_deadlines: bool = True,
) -> list[Event]:
    """Return the dates from ``since`` to ``until``, the earliest first, at most ``most``; one query.

    Members only. A date stands there only if the viewer may see its section of that record; a review only
    if they answer for the record or are at its head.
    """
    if not viewer.is_member:
        return []
    days = (since, until)
    parts = list(_reviews(viewer, subject, days)) if has_reviews else []
    parts += list(_deadlines(viewer, subject, days)) if has_deadlines else []
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return [
        Event(kind_of(kind), column, uid, str(name), day, place or "", at)
        for kind, column, uid, name, day, place, at in rows.order_by("day", "shown_name", "uid", "column")[
            :most
        ]
    ]


def _reviews(
    viewer: Viewer, subject: Subject, days: tuple[date | None, date]
) -> Iterator[QuerySet[Any, Any]]:
    for kind in kinds():
        rows = narrowed(own_rows(kind, viewer), subject.condition(kind, viewer))
        yield _rows(narrowed(rows, answerable(kind, viewer)), kind, REVIEW, viewer, days, stamp="")


def _deadlines(
    viewer: Viewer, subject: Subject, days: tuple[date | None, date]
) -> Iterator[QuerySet[Any, Any]]:
    for kind in kinds():
        for deadline in kind.deadlines:
            seen = section_q(kind, deadline.section, viewer)
            if seen is False:
                continue
            rows = narrowed(own_rows(kind, viewer), subject.condition(kind, viewer))
            stamp = kind.section(deadline.section).at
            yield _rows(narrowed(rows, seen), kind, deadline.column, viewer, days, stamp=stamp)


def _rows(
    rows: QuerySet[Any],
    kind: Kind,
    column: str,
    viewer: Viewer,
    days: tuple[date | None, date],
    *,
    stamp: str,
) -> QuerySet[Any, Any]:
    since, until = days
    rows = rows.filter(**{f"{column}__lte": until, f"{column}__isnull": False})
    if since is not None:
        rows = rows.filter(**{f"{column}__gte": since})
    rows = rows.annotate(
        shown_kind=Cast(Value(kind.name), CharField()),
        column=Cast(Value(column), CharField()),
        shown_name=F(kind.title),
        day=F(column),
        place=place_name(kind, viewer),
        written_at=F(stamp) if stamp else Cast(Value(None), DateTimeField()),
    )
    return rows.values_list("shown_kind", "column", "uid", "shown_name", "day", "place", "written_at")
