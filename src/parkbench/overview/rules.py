"""What the overview adds up and how it says it: sums per currency, ages in classes, the first steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from parkbench.lib.money import format_money, minor_digits

AGES = (0, 3, 6, 9, 12, 15)
"""Full years at which a class of age begins; the last one is open."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What replacing instruments would cost.

    ``totals`` holds minor units by ISO 4217 code, never added over currencies; ``priced`` of ``countable``
    instruments have a price; ``is_partial`` says that the viewer sees prices of some units only.
    """

    totals: Mapping[str, int]
    priced: int
    countable: int
    is_partial: bool = False

    @property
    def unpriced(self) -> int:
        """How many instruments have no replacement price."""
        return self.countable - self.priced

    def ordered(self, base: str) -> list[tuple[str, int]]:
        """Return (currency, minor units), the base currency first, the others by their code."""
        return sorted(self.totals.items(), key=lambda pair: (pair[0] != base, pair[0]))


def rounded_money(minor: int, currency: str) -> str:
    """Return an amount as a headline says it: from a million on in millions with one decimal, else exact."""
    million = 10 ** (6 + minor_digits(currency))
    if minor < million:
        return format_money(minor, currency)
    tenths = (minor * 10 + million // 2) // million
    return f"{currency} {tenths // 10:,}.{tenths % 10} million".replace(",", "\u202f")


def by_age(years: Mapping[int | None, int], *, this_year: int) -> list[tuple[int, int | None, int]]:
    """Return (youngest, oldest, number) per class of age in years; the open class has no oldest.

    Unknown years are left out; a year to come counts as age 0.
    """
    classes = []
    for low, following in zip(AGES, (*AGES[1:], None), strict=True):
        high = following - 1 if following else None
        count = sum(
            n for year, n in years.items() if year is not None and _is_in(this_year - year, low, high)
        )
        classes.append((low, high, count))
    return classes


def _is_in(age: int, low: int, high: int | None) -> bool:
    age = max(age, 0)
    return low <= age and (high is None or age <= high)


def a_year_after(day: date) -> date:
    """Return the same day next year; 28 February after 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


@dataclass(frozen=True, slots=True)
class Start:
    """How far a new node has come."""

    has_instruments: bool
    has_people: bool
    is_sharing: bool

    @property
    def is_over(self) -> bool:
        """Whether the first steps need not be shown any more."""
        return self.has_instruments and self.has_people

    @property
    def done(self) -> tuple[bool, ...]:
        """Return which steps are done: organisation, import, look at it, people, sharing.

        Looking leaves no trace; who went on to people or sharing has looked.
        """
        has_looked = self.has_instruments and (self.has_people or self.is_sharing)
        return (True, self.has_instruments, has_looked, self.has_people, self.is_sharing)
