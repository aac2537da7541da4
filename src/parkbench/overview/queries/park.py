"""The figures of the park, or of a part of it: a fixed number of queries, whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, Sum, When
from django.utils import timezone

from parkbench.accounts.rules import Action, reach
from parkbench.figures.queries.sums import COUNTED
from parkbench.instruments.queries.columns import BY_KEY, currency_expression, expression, may_show
from parkbench.instruments.queries.conditions import STATUSES_STANDING, Condition, Wanted, park, uuids
from parkbench.instruments.queries.park import Option, by_year, options_of_status
from parkbench.overview.queries.part import WHOLE, Part, part_of
from parkbench.overview.rules import Bought, Worth, a_year_after, worth_of
from parkbench.programme.queries import units as programme_units
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, section_q

ALL = Wanted(home="own")
STANDING = Wanted(conditions=(Condition("status", values=STATUSES_STANDING),), home="own")
ENDS = ("end_of_support_on", "keep_until_on", "insured_until_on")
"""What ends: support, funders' conditions, insurance; columns of the machine park."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with the number of instruments that stand there."""

    uid: UUID
    name: str
    platform_uid: UUID | None
    platform: str
    count: int


@dataclass(frozen=True, slots=True)
class End:
    """How many instruments that stand come to an end of something within a year, and how many did before."""

    ending: int
    ended: int


@dataclass(frozen=True, slots=True)
class ParkFigures:
    """The park in figures as far as one viewer may see it; None where they may see nothing of it.

    ``standing`` counts what stands somewhere, ``unsaid`` those of it whose status is not given, ``tellers``
    what could tell its use; ``worth`` is about ``priced_part``, ``ends`` holds the columns of `ENDS` that the
    viewer may see at all.
    """

    part: Part
    standing: int
    unsaid: int
    total: int
    tellers: int
    worth: Worth | None
    priced_part: Part
    ends: Mapping[str, End]
    reviews_due: int | None
    today: date
    until: date
    years: Mapping[int | None, int]
    statuses: Sequence[Option]
    units: Sequence[UnitLine]


def park_figures(*, viewer: Viewer, part: Part = WHOLE, today: date | None = None) -> ParkFigures:
    """Return the figures of the own instruments of a part.

    Five queries, four for who sees no price, seven for who sees the prices of some units only.
    """
    today = today or timezone.localdate()
    until = a_year_after(today)
    counted = _counted(viewer, part)
    found = options_of_status(_by_status(counted))
    standing = [option for option in found if option.value in STATUSES_STANDING]
    priced = priced_part(viewer=viewer, part=part)
    dated = _dated(viewer, part, today, until)
    return ParkFigures(
        part=part,
        standing=sum(option.count for option in standing),
        unsaid=sum(option.count for option in standing if option.value == STATUSES_STANDING[-1]),
        total=sum(option.count for option in found),
        worth=worth(viewer=viewer, part=priced, today=today) if priced else None,
        priced_part=priced or part,
        tellers=sum(option.count for option in found if option.value not in COUNTED),
        ends={key: End(dated[f"{key}_ending"], dated[f"{key}_ended"]) for key in _ends(viewer)},
        reviews_due=dated.get("reviews"),
        today=today,
        until=until,
        years=by_year(viewer=viewer, wanted=of_part(STANDING, part)),
        statuses=found,
        units=_unit_lines(viewer, part, counted),
    )


def of_part(wanted: Wanted, part: Part) -> Wanted:
    """Return what a list of the machine park asks for, narrowed to the units of a part."""
    return replace(wanted, within=part.units)


def priced_part(*, viewer: Viewer, part: Part) -> Part | None:
    """Return the units of a part whose prices this viewer may see; None when that is none of them.

    Two queries for who sees the prices of some units only, else none.
    """
    column = BY_KEY["replacement_price"]
    condition = section_q(kind_of("instrument"), column.section, viewer)
    if not may_show(column, viewer) or condition is False:
        return None
    scopes = reach(viewer.grants, Action.SEE_ECONOMICS)
    if scopes is None or condition is True:
        return part
    seen = part_of(viewer=viewer, uids=uuids(sorted(scopes)), of=part.of)
    if part.units is None and seen is not None:
        return seen
    return _common(part, seen) if seen is not None else part  # else prices of single instruments


def _common(part: Part, seen: Part) -> Part | None:
    """Return the units that two parts have in common, None without any."""
    if part.units is None or seen.units is None or set(part.units) <= set(seen.units):
        return part
    both = [(pk, uid) for pk, uid in zip(part.units, part.uids or (), strict=True) if pk in set(seen.units)]
    if not both:
        return None
    uids = tuple(uid for _pk, uid in both)
    pairs = tuple(("unit", str(uid)) for uid in uids)
    return replace(part, units=tuple(pk for pk, _uid in both), uids=uids, platforms=(), pairs=pairs)


def worth(*, viewer: Viewer, part: Part = WHOLE, today: date | None = None) -> Worth | None:
    """Return what replacing the standing instruments would cost, of those whose prices this viewer may see.

    Where only the price and the year of purchase are known, a price is assumed (`rules.assumed_price`). None
    when the viewer sees no price by role; one query, grouped by currency and year of purchase.
    """
    column, bought = BY_KEY["replacement_price"], BY_KEY["purchase_price"]
    condition = section_q(kind_of("instrument"), column.section, viewer)
    if not may_show(column, viewer) or condition is False:
        return None
    rows = park(viewer, of_part(STANDING, part)).order_by()
    if isinstance(condition, Q):
        rows = rows.filter(pk__in=park(viewer, of_part(STANDING, part)).filter(condition).values("pk"))
    rows = rows.annotate(price=expression(column, viewer), code=currency_expression(column, viewer))
    # Only where there is no replacement price, so that all others of a currency stay one group.
    only = {
        "bought": expression(bought, viewer),
        "bought_code": currency_expression(bought, viewer),
        "bought_year": expression(BY_KEY["purchase_year"], viewer),
    }
    rows = rows.annotate(**{name: Case(When(price=None, then=value)) for name, value in only.items()})
    groups = rows.values_list("code", "bought_code", "bought_year")
    groups = groups.annotate(Sum("price"), Count("price"), Sum("bought"), Count("bought"), Count("pk"))
    totals = ("price__sum", "price__count", "bought__sum", "bought__count", "pk__count")
    found = [Bought(*row) for row in groups.values_list("code", "bought_code", "bought_year", *totals)]
    return worth_of(found, year=(today or timezone.localdate()).year, is_partial=condition is not True)


def _ends(viewer: Viewer) -> list[str]:
    return [key for key in ENDS if may_show(BY_KEY[key], viewer)]


def _dated(viewer: Viewer, part: Part, today: date, until: date) -> dict[str, int]:
    """Count what ends in the year to come and what ended, and reviews that are due; one query.

    It weighs only what has such a day: of 20,000 instruments most have none.
    """
    stands = Q(status__in=STATUSES_STANDING) | Q(status=None)
    shown, wanted, has_any = {}, {}, Q(pk__in=())
    for key in _ends(viewer):
        name = f"at_{key}"
        shown[name] = expression(BY_KEY[key], viewer)
        has_any |= Q(**{f"{name}__lte": until})
        within = Q(**{f"{name}__gte": today, f"{name}__lte": until})
        wanted[f"{key}_ending"] = Count("pk", filter=stands & within)
        wanted[f"{key}_ended"] = Count("pk", filter=stands & Q(**{f"{name}__lt": today}))
    if may_show(BY_KEY["review_due_on"], viewer):
        shown["review"] = expression(BY_KEY["review_due_on"], viewer)
        has_any |= Q(review__lte=today)
        wanted["reviews"] = Count("pk", filter=Q(review__lte=today))
    if not wanted:
        return {}
    rows = park(viewer, of_part(ALL, part)).order_by().annotate(**shown).filter(has_any)
    counts: dict[str, int] = rows.aggregate(**wanted)
    return counts


def _counted(viewer: Viewer, part: Part) -> list[tuple[str | None, int | None, int]]:
    """Return (status, row id of the unit, number of instruments), in the order of the index that tells it."""
    rows = (
        park(viewer, of_part(ALL, part)).order_by().values_list("status", "unit_id").annotate(n=Count("pk"))
    )
    return list(rows.values_list("status", "unit_id", "n"))


def _by_status(counted: Iterable[tuple[str | None, int | None, int]]) -> dict[str | None, int]:
    counts: Counter[str | None] = Counter()
    for status, _unit, count in counted:
        counts[status] += count
    return dict(counts)


def _unit_lines(
    viewer: Viewer, part: Part, counted: Iterable[tuple[str | None, int | None, int]]
) -> list[UnitLine]:
    """Return the own units by platform and name; those outside a platform last; one query."""
    counts: Counter[int | None] = Counter()
    for status, unit, count in counted:
        if status is None or status in STATUSES_STANDING:
            counts[unit] += count
    units: Any = programme_units(viewer=viewer).filter(home_id=OWN)
    if part.units is not None:
        units = units.filter(pk__in=part.units)
    units = units.order_by(F("platform_seen").asc(nulls_last=True), "name", "pk")
    columns = ("pk", "uid", "name", "platform_uid_seen", "platform_seen")
    return [
        UnitLine(uid, name, platform_uid, platform or "", counts[pk])
        for pk, uid, name, platform_uid, platform in units.values_list(*columns)
    ]
