"""What the overview adds up and how it says it: sums per currency, ages in classes, the first steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from parkbench.lib.money import format_money, minor_digits

AGES = (0, 3, 6, 9, 12, 15)
"""Full years at which a class of age begins; the last one is open."""


RISE = (41, 40)
"""By how much a price rises in a year: 2.5 %, as a fraction, so that no rounding adds up."""


def assumed_price(bought: int, *, years: int) -> int:
    """Return what is assumed to be paid today for what cost ``bought`` minor units ``years`` ago.

    Prices rise by 2.5 % a year, compounded: the usual inflation allowance of renewal planning for research
    equipment, and the one that the ten-year view takes. Exact, rounded half up once. Works alike on one price
    and on the sum of prices of one year. Years to come count as none.
    """
    times = max(years, 0)
    numerator: int = RISE[0] ** times
    denominator: int = RISE[1] ** times
    return (2 * bought * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Bought:
    """Instruments alike in currency, and, where they lack a replacement price, in year of purchase.

    Sums are minor units of their own currency; counts are of instruments that have the price.
    """

    currency: str | None
    bought_currency: str | None
    bought_year: int | None
    price: int | None
    priced: int
    bought: int | None
    bought_count: int
    count: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What replacing instruments would cost.

    ``totals`` holds minor units by ISO 4217 code, never added over currencies, and of these ``assumed`` rest
    on purchase prices; of ``countable`` instruments ``priced`` have a replacement price, ``guessed`` an
    assumed one, ``undated`` a purchase price without its year, which is left out. ``is_partial`` says that
    the viewer sees prices of some units only.
    """

    totals: Mapping[str, int]
    priced: int
    countable: int
    is_partial: bool = False
    assumed: Mapping[str, int] = field(default_factory=dict)
    guessed: int = 0
    undated: int = 0

    @property
    def unpriced(self) -> int:
        """How many instruments have no price at all."""
        return self.countable - self.priced - self.guessed - self.undated

    def ordered(self, base: str) -> list[tuple[str, int]]:
        """Return (currency, minor units), the base currency first, the others by their code."""
        return sorted(self.totals.items(), key=lambda pair: (pair[0] != base, pair[0]))

    def share_assumed(self, currency: str) -> int:
        """Return how many per cent of a currency's total are assumed, rounded half up."""
        total = self.totals.get(currency, 0)
        return (self.assumed.get(currency, 0) * 200 + total) // (2 * total) if total else 0


def worth_of(groups: Iterable[Bought], *, year: int, is_partial: bool) -> Worth:
    """Add up groups of instruments; purchase prices are raised to those of ``year``."""
    totals: Counter[str] = Counter()
    assumed: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for group in groups:
        counts["countable"] += group.count
        if group.priced:
            counts["priced"] += group.priced
            totals[group.currency or ""] += group.price or 0
        elif group.bought_count and group.bought_year is None:
            counts["undated"] += group.bought_count
        elif group.bought_count and group.bought_year is not None:
            counts["guessed"] += group.bought_count
            guess = assumed_price(group.bought or 0, years=year - group.bought_year)
            assumed[group.bought_currency or ""] += guess
            totals[group.bought_currency or ""] += guess
    return Worth(
        dict(totals),
        counts["priced"],
        counts["countable"],
        is_partial,
        dict(assumed),
        counts["guessed"],
        counts["undated"],
    )


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
    """How far a new node has come; ``roleless`` people may sign in and hold no role."""

    has_instruments: bool
    has_people: bool
    is_sharing: bool
    roleless: int = 0

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


VISIT_ENDS = timedelta(minutes=60)
"""Who comes back after this long begins a new visit."""
NOTED_EVERY = timedelta(minutes=5)
"""Within a visit being here is noted no oftener than this."""


def visit_before(
    last_seen_at: datetime | None, previous_at: datetime | None, *, now: datetime
) -> datetime | None:
    """Return when the visit before this one ended; None on the first visit."""
    if last_seen_at is not None and now - last_seen_at > VISIT_ENDS:
        return last_seen_at
    return previous_at


def is_to_be_noted(last_seen_at: datetime | None, *, now: datetime) -> bool:
    """Tell whether being here is worth a write: on the first visit, or some minutes after the last one."""
    return last_seen_at is None or now - last_seen_at >= NOTED_EVERY
