"""Sums of use: how they are named, added up and checked. Everything is whole minutes, or a count."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Values = Mapping[str, Any]

CATEGORIES = ("internal", "academic", "healthcare", "public-sector", "industry", "education", "unknown")
"""The user categories of an instrument, and those of whom nobody said what they are."""
UNKNOWN = "unknown"
PLAIN = ("available", "booked", "maintenance", "down")
"""Minutes of a month, whoever used it."""
BY_CATEGORY = ("used", "training", "sessions")
"""Sums of a month and a user category: minutes used, of these training, how many sessions."""
GROUPS = "groups"
"""Distinct groups of a month and a user category: no sum, and never shown below ``FEWEST``."""
MINUTES = (*PLAIN, "used", "training")
MONTHS = range(1, 13)
FEWEST = 5
"""No figure rests on fewer persons or groups than this."""
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Part(NamedTuple):
    """What one sum is about: ``month`` 1 to 12, the measure, and its user category or ''."""

    month: int
    measure: str
    category: str


def field_name(month: int, measure: str, category: str = "") -> str:
    """Return the name of one sum within a year: m03_available, m03_used_public_sector."""
    ending = f"_{category.replace('-', '_')}" if category else ""
    return f"m{month:02}_{measure}{ending}"


def _all_parts() -> Iterator[tuple[str, Part]]:
    for month in MONTHS:
        for measure in PLAIN:
            yield field_name(month, measure), Part(month, measure, "")
        for measure in (*BY_CATEGORY, GROUPS):
            for category in CATEGORIES:
                yield field_name(month, measure, category), Part(month, measure, category)


PARTS: dict[str, Part] = dict(_all_parts())
"""Every name of a sum, in the order of the year."""


def month_number(year: int, month: int) -> int:
    """Return a month as one number, so that spans of months are subtractions."""
    return year * 12 + month - 1


def year_and_month(number: int) -> tuple[int, int]:
    """Return the year and the month (1 to 12) of ``month_number``."""
    return number // 12, number % 12 + 1


def by_month(values: Values) -> dict[str, dict[str, list[int | None]]]:
    """Return the sums as measure > category ('' for none) > twelve values; those nobody told are absent."""
    found: dict[str, dict[str, list[int | None]]] = {}
    for name, value in values.items():
        part = PARTS.get(name)
        if part is not None and value is not None:
            series = found.setdefault(part.measure, {}).setdefault(part.category, [None] * 12)
            series[part.month - 1] = value
    return found


def total(months: Mapping[str, Mapping[str, list[int | None]]], measure: str) -> int | None:
    """Return the year's sum of a measure over months and categories; None when nothing is known."""
    known = [value for series in months.get(measure, {}).values() for value in series if value is not None]
    return sum(known) if known else None


def of_month(months: Mapping[str, Mapping[str, list[int | None]]], measure: str, month: int) -> int | None:
    """Return a month's sum of a measure over the categories; None when nothing is known."""
    known = [series[month - 1] for series in months.get(measure, {}).values()]
    told = [value for value in known if value is not None]
    return sum(told) if told else None


def known_months(months: Mapping[str, Mapping[str, list[int | None]]], measure: str) -> int:
    """Return in how many of the twelve months a measure is known."""
    return sum(of_month(months, measure, month) is not None for month in MONTHS)


class Violation(NamedTuple):
    """A rule of the house that a sum breaks: the name of the sum, its value, the sentence."""

    field: str
    value: int
    sentence: str


def violations(values: Values, year: int) -> list[Violation]:
    """Return every rule that the sums of a year break, month by month."""
    found: list[Violation] = []
    touched = sorted(
        {PARTS[name].month for name, value in values.items() if name in PARTS and value is not None}
    )
    for month in touched:
        found.extend(_of_month(values, year, month))
    return found


def _of_month(values: Values, year: int, month: int) -> Iterator[Violation]:
    length = monthrange(year, month)[1] * 24 * 60
    plain = {measure: values.get(field_name(month, measure)) for measure in PLAIN}
    used_of = {category: values.get(field_name(month, "used", category)) for category in CATEGORIES}
    used = sum(value or 0 for value in used_of.values())
    first = next((category for category, value in used_of.items() if value is not None), UNKNOWN)
    for category in CATEGORIES:
        name = field_name(month, "training", category)
        training = values.get(name) or 0
        if training > (used_of[category] or 0):
            yield Violation(name, training, "training hours within the hours used, not beyond them")
    available = plain["available"]
    if available is not None:
        if used > available:
            name = field_name(month, "used", first)
            yield Violation(name, used, f"at most the {hours(available)} h the instrument was available")
        if (plain["booked"] or 0) > available:
            sentence = f"at most the {hours(available)} h the instrument was available"
            yield Violation(field_name(month, "booked"), plain["booked"] or 0, sentence)
        if available > length:
            sentence = f"at most the {length // 60} hours of that month"
            yield Violation(field_name(month, "available"), available, sentence)
    outside = (plain["maintenance"] or 0) + (plain["down"] or 0)
    if outside and used + outside > length:
        measure = "down" if plain["down"] else "maintenance"
        sentence = f"hours outside those used: together they exceed the {length // 60} hours of that month"
        yield Violation(field_name(month, measure), plain[measure] or 0, sentence)


def hours(minutes: int) -> str:
    """Return minutes as hours with at most one decimal, as sentences have them."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def clock_hours(minutes: int) -> str:
    """Return minutes as hours and minutes, exactly: 12:30."""
    return f"{minutes // 60}:{minutes % 60:02}"
