"""What service events come to: costs and days down per year, instrument, model, unit; what is down now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractYear
from django.utils import timezone

from parkbench.records.visibility import Viewer
from parkbench.servicing.queries.listing import Wanted, listed
from parkbench.servicing.queries.rows import countable, events, may_see
from parkbench.servicing.rules import Happening, Sums, days_so_far, total

KEYS: dict[str, tuple[str, ...]] = {
    "instrument": ("instrument_uid", "instrument_seen", "unit_seen"),
    "model": ("model_uid", "maker_seen", "model_seen"),
    "unit": ("unit_uid", "unit_seen", "platform_seen"),
    "year": ("in_year",),
}
"""What the figures can be told by > the columns that name it; the first one tells two of them apart."""


@dataclass(frozen=True, slots=True)
class DownNow:
    """An instrument that is down: since when, for how long (tenths of a day), what it cost so far.

    ``shows_cost``: whether the cost is the viewer's to see; then None means that nobody gave one. The
    instrument and the unit are None where they are not theirs to see.
    """

    uid: UUID
    name: str
    instrument_uid: UUID | None
    instrument: str
    unit_uid: UUID | None
    unit: str
    since: date
    down: int
    cost: int | None
    currency: str
    vat: str
    shows_cost: bool


def down_now(viewer: Viewer, *, today: date | None = None) -> list[DownNow]:
    """Return the own instruments that are down now, the longest first; one query."""
    today = today or timezone.localdate()
    rows = events(viewer).own().open()  # type: ignore[attr-defined]
    shown = Case(When(countable(viewer), then=Value(True)), default=Value(False))
    columns = (
        *("uid", "name", "instrument_uid", "instrument_seen", "unit_uid", "unit_seen", "happened_on"),
        *("cost_seen", "currency_seen", "vat_seen", "shows_cost"),
    )
    found = rows.annotate(shows_cost=shown).order_by("happened_on", "pk").values(*columns)
    return [
        DownNow(
            uid=row["uid"],
            name=row["name"],
            instrument_uid=row["instrument_uid"],
            instrument=row["instrument_seen"] or "",
            unit_uid=row["unit_uid"],
            unit=row["unit_seen"] or "",
            since=row["happened_on"],
            down=days_so_far(row["happened_on"], today),
            cost=row["cost_seen"],
            currency=row["currency_seen"] or "",
            vat=row["vat_seen"] or "",
            shows_cost=row["shows_cost"],
        )
        for row in found
    ]


def costs_by_year(
    viewer: Viewer, *, units: Sequence[UUID] | None = None, today: date | None = None
) -> dict[int, Sums]:
    """Return year > what the own events that happened in it come to, the newest first; one query.

    ``units`` narrows to these; a unit that is not the viewer's to see has nothing.
    """
    rows = events(viewer).own()  # type: ignore[attr-defined]
    if units is not None:
        rows = rows.filter(unit_uid__in=list(units))
    found = summed(rows, KEYS["year"], viewer=viewer, today=today)
    return {key[0]: found[key] for key in sorted(found, reverse=True)}


def figures(
    *, viewer: Viewer, wanted: Wanted, by: str, today: date | None = None
) -> list[tuple[tuple[Any, ...], Sums]]:
    """Return what the own events asked for come to, per instrument, model, unit or year; one query.

    The first of a key tells it apart and is None where it is not the viewer's to see, or there is none.
    """
    return list(summed(listed(viewer, wanted), KEYS[by], viewer=viewer, today=today).items())


def summed(
    rows: QuerySet[Any], keys: Sequence[str], *, viewer: Viewer, today: date | None = None
) -> dict[tuple[Any, ...], Sums]:
    """Return the values of ``keys`` > what these events come to; one query, whatever their number.

    Amounts in one currency with one VAT are added up in the database, everything else here.
    """
    since = Case(When(still_down=True, then=F("happened_on")), output_field=DateField())
    rows = rows.order_by().annotate(in_year=ExtractYear("happened_on"), open_since=since)
    has_costs = may_see("economics", viewer)
    purse = ("currency_seen", "vat_seen") if has_costs else ()
    wanted: dict[str, Any] = {
        "n_events": Count("pk"),
        "n_failures": Count("pk", filter=Q(event_kind=Happening.FAILURE.value)),
        "n_down": Sum("days_down"),
        "n_known": Count("days_down"),
    }
    if has_costs:
        wanted |= {
            "n_cost": Sum("cost_seen"),
            "n_priced": Count("cost_seen"),
            "n_countable": Count("pk", filter=countable(viewer)),
        }
    found = rows.values(*keys, "open_since", *purse).annotate(**wanted)
    return _together(found, keys, today or timezone.localdate())


def _together(
    found: Iterable[dict[str, Any]], keys: Sequence[str], today: date
) -> dict[tuple[Any, ...], Sums]:
    sums: dict[tuple[Any, ...], Sums] = {}
    for row in found:
        key = tuple(row[name] for name in keys)
        sums[key] = sums.get(key, Sums()) + _part(row, today)
    return sums


def _part(row: dict[str, Any], today: date) -> Sums:
    count, since = row["n_events"], row["open_since"]
    priced = row.get("n_priced", 0)
    purse = (row.get("currency_seen") or "", row.get("vat_seen") or "")
    return Sums(
        events=count,
        failures=row["n_failures"],
        down=(row["n_down"] or 0) + (count * days_so_far(since, today) if since else 0),
        known=count if since else row["n_known"],
        open=count if since else 0,
        costs={purse: row["n_cost"]} if priced else {},
        priced=priced,
        countable=row.get("n_countable", 0),
    )


def altogether(found: Iterable[tuple[tuple[Any, ...], Sums]]) -> Sums:
    """Return what all lines of a table of figures come to."""
    return total(part for _key, part in found)
