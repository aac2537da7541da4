"""Keeps the sums of each unit and month in line with the years they are made of, in the same transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from parkbench.figures import rules
from parkbench.figures.models import UnitMonth, UseYear
from parkbench.programme.models import Unit
from parkbench.records import bulk
from parkbench.records.models import OWN

Place = tuple[int, int]
"""The unit's row id and the year."""
SUMS = (
    *("used", "training", "sessions", "available", "booked", "maintenance", "down"),
    *("used_of_open", "open_of_used"),
    *("used_known", "available_known", "booked_known", "maintenance_known", "down_known"),
)


def count(kind: str, uids: Sequence[UUID]) -> None:
    """This function will add up anew the units whose years, or whose instruments, just changed.

    Called inside the transaction that changed them; a fixed number of statements, whatever their number.
    """
    if kind == "use":
        rows = UseYear.objects.filter(home_id=OWN, uid__in=uids)
    elif kind == "instrument":
        rows = UseYear.objects.filter(home_id=OWN, instrument__uid__in=uids)
    else:
        return
    touched = list(rows.values_list("pk", "year", "counted_in_id", "instrument__unit_id"))
    places: set[Place] = set()
    moved = []
    for pk, year, before, now in touched:
        places.update((unit, year) for unit in (before, now) if unit is not None)
        if before != now:
            moved.append((now, pk))
    if not places:
        return
    # One after the other: two imports into one unit would each miss the other's rows.
    list(
        Unit.objects.select_for_update()
        .filter(pk__in={unit for unit, _year in places})
        .order_by("pk")
        .values("pk")
    )
    bulk.amend(UseYear, columns=("counted_in_id",), rows=moved, key=("id",))
    _add_up(places)


def _add_up(places: Iterable[Place]) -> None:
    years_of: dict[int, set[int]] = defaultdict(set)
    for unit, year in places:
        years_of[year].add(unit)
    rows: list[tuple[Any, ...]] = []
    for year, units in sorted(years_of.items()):
        span = (rules.month_number(year, 1), rules.month_number(year, 12))
        UnitMonth.objects.filter(unit_id__in=units, month__range=span).delete()
        told = UseYear.objects.filter(
            home_id=OWN, deleted_at=None, instrument__deleted_at=None, counted_in_id__in=units, year=year
        ).exclude(months=None)
        sums: dict[tuple[int, int, str], Counter[str]] = defaultdict(Counter)
        for unit, months in told.values_list("counted_in_id", "months"):
            add_months(sums, unit, year, months)
        rows.extend((*key, *(found[name] for name in SUMS)) for key, found in sorted(sums.items()))
    bulk.upsert(UnitMonth, columns=("unit_id", "month", "category", *SUMS), rows=rows)


def add_months(
    sums: dict[tuple[int, int, str], Counter[str]],
    unit: int,
    year: int,
    months: Mapping[str, Mapping[str, list[int | None]]],
) -> None:
    """This function will add one instrument's year to the sums per (unit, month number, category)."""
    for month in rules.MONTHS:
        number = rules.month_number(year, month)
        for category, found in _of_month(months, month):
            sums[unit, number, category].update(found)


def _of_month(
    months: Mapping[str, Mapping[str, list[int | None]]], month: int
) -> Iterator[tuple[str, dict[str, int]]]:
    whole: dict[str, int] = {}
    for category in months.get("used", {}):
        found = {
            measure: value
            for measure in rules.BY_CATEGORY
            if (value := months.get(measure, {}).get(category, [None] * 12)[month - 1]) is not None
        }
        if "used" in found:
            yield category, {**found, "used_known": 1}
    for measure in (*rules.PLAIN, *rules.BY_CATEGORY):
        value = rules.of_month(months, measure, month)
        if value is not None:
            whole[measure] = value
            if measure not in ("training", "sessions"):
                whole[f"{measure}_known"] = 1
    if "used" in whole and "available" in whole:
        whole["used_of_open"], whole["open_of_used"] = whole["used"], whole["available"]
    if whole:
        yield "", whole
