"""Service events: their kinds, how long something was down, what hangs together, sums that do not mix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Self


class Happening(StrEnum):
    """What can happen to an instrument."""

    FAILURE = "failure"
    PREVENTIVE = "preventive"
    UPGRADE = "upgrade"
    MOVE = "move"
    QUALITY_CHECK = "quality-check"


SECTION_OF: dict[str, str] = {
    **dict.fromkeys(
        ("name", "instrument_ref", "happened_on", "event_kind", "ended_on", "still_down", "down_tenths"),
        "basics",
    ),
    **dict.fromkeys(("cost", "currency", "vat", "supplier"), "economics"),
    **dict.fromkeys(("case_number", "note"), "internal"),
}
"""Field > section; field names are unique over all sections, and a test holds the schemas to this table."""

MOST_TENTHS = 365_000
"""A hundred years, in tenths of a day: more is a slip of the pen."""
TENTHS_A_DAY = 10


def spoken(happening: Happening) -> str:
    """Return the kind as people write it: “Quality check”."""
    return happening.value.replace("-", " ").capitalize()


def summary_of(happening: str, happened_on: str) -> str:
    """Return the summary of an event that nobody gave one: “Failure, 2025-03-04”."""
    return f"{spoken(Happening(happening))}, {happened_on}"


def check_course(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return (field, what was expected) for the first thing that contradicts another, else ('', '').

    ``values`` holds ISO dates and the fields of the basics; absent and None are alike.
    """
    ended, down = values.get("ended_on"), values.get("down_tenths")
    if values.get("still_down") and (ended or down is not None):
        return "still_down", "either “still down”, or a day when it was up again or its days down"
    if ended and values.get("happened_on") and ended < values["happened_on"]:
        return "ended_on", "a day that is not before it happened"
    return "", ""


def days_down(
    *, happened_on: str | date, ended_on: str | date | None, stated: int | None, still_down: bool
) -> int | None:
    """Return for how long an instrument was down, in tenths of a day; None while it is down or not known.

    What is stated counts; else the days from the one to the other, the day when it was up again not counted.
    """
    if still_down:
        return None
    if stated is not None:
        return stated
    if ended_on is None:
        return None
    return (_day(ended_on) - _day(happened_on)).days * TENTHS_A_DAY


def days_so_far(since: str | date, today: date) -> int:
    """Return for how long an instrument that is down has been so, in tenths of a day; never negative."""
    return max((today - _day(since)).days, 0) * TENTHS_A_DAY


def tenths(days: Decimal) -> int:
    """Return days as tenths of a day, rounded half up; raises ValueError unless 0 to a hundred years."""
    scaled = (days * TENTHS_A_DAY).to_integral_value(ROUND_HALF_UP)
    if not 0 <= scaled <= MOST_TENTHS:
        raise ValueError("expected days between 0 and 36500")
    return int(scaled)


def as_days(tenths_of_a_day: int) -> str:
    """Return tenths of a day as days for people and files: “2”, “0.5”."""
    whole, rest = divmod(tenths_of_a_day, TENTHS_A_DAY)
    return f"{whole}.{rest}" if rest else str(whole)


def _day(day: str | date) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


Purse = tuple[str, str]
"""(ISO 4217 code, “excluded”, “included” or '' for not said): only amounts alike in both are added up."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What some events come to as far as one viewer sees them.

    ``down`` tenths of a day of the ``known`` events, those that still last counted until today (``open`` of
    them); ``costs`` per purse in minor units of the ``priced`` ones; ``countable`` events show their costs.
    """

    events: int = 0
    failures: int = 0
    down: int = 0
    known: int = 0
    open: int = 0
    costs: Mapping[Purse, int] = field(default_factory=dict)
    priced: int = 0
    countable: int = 0

    @property
    def unknown(self) -> int:
        """Events whose days down nobody said."""
        return self.events - self.known

    @property
    def unpriced(self) -> int:
        """Events that show their costs and have none."""
        return self.countable - self.priced

    @property
    def withheld(self) -> int:
        """Events whose costs are not this viewer's to see."""
        return self.events - self.countable

    def __add__(self, other: Self) -> Sums:
        costs = dict(self.costs)
        for purse, amount in other.costs.items():
            costs[purse] = costs.get(purse, 0) + amount
        return Sums(
            self.events + other.events,
            self.failures + other.failures,
            self.down + other.down,
            self.known + other.known,
            self.open + other.open,
            costs,
            self.priced + other.priced,
            self.countable + other.countable,
        )


def total(parts: Iterable[Sums]) -> Sums:
    """Return what several sums come to together."""
    whole = Sums()
    for part in parts:
        whole = whole + part
    return whole
