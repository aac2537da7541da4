"""Sheets with one column per month: which headings are months, and what their cells come to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from parkbench.figures import rules
from parkbench.figures.importers.months import read_month
from parkbench.intake.registry import FieldSpec, Recipe, Values, fold_heading
from parkbench.lib.errors import Problem

LABELS = (
    _("Used in January"),
    _("Used in February"),
    _("Used in March"),
    _("Used in April"),
    _("Used in May"),
    _("Used in June"),
    _("Used in July"),
    _("Used in August"),
    _("Used in September"),
    _("Used in October"),
    _("Used in November"),
    _("Used in December"),
)
WORDS = (
    "jan january januari januar jänner janvier",
    "feb february februari februar",
    "mar march mars maart märz mrz mrt",
    "apr april",
    "may maj mai mei",
    "jun june juni",
    "jul july juli",
    "aug august augusti augustus",
    "sep sept september",
    "oct okt october oktober",
    "nov november",
    "dec dez december dezember",
)
"""Names of months in English, Swedish, German and Dutch, in full and cut short."""
SETS = 3
"""A sheet may hold the same month of so many years."""
_NAMES = {fold_heading(word): month for month, words in enumerate(WORDS, 1) for word in words.split()}
_LEADS = frozenset({"hours", "used", "usage", "h", "stunden", "timmar", "uren", "nutzung", "genutzt"})
_DAY = re.compile(r"(\d{4})-(\d{2})-01(?:[ T]00:00(?::00)?)?")
"""A cell that a spreadsheet holds as the first day of a month."""


def _fields() -> Iterator[FieldSpec]:
    for number in range(SETS):
        for month, label in enumerate(LABELS, 1):
            yield FieldSpec(
                name=_name(month, number), label=label, section="hours", sort="hours", is_spare=True
            )


def _name(month: int, number: int) -> str:
    return f"used_in_{month:02}" + (f"_{number + 1}" if number else "")


FIELDS = tuple(_fields())
_MONTH_OF = {_name(month, number): month for number in range(SETS) for month in rules.MONTHS}


def month_of_heading(heading: str) -> tuple[int | None, int] | None:
    """Return the year (None where it is not said) and month that a heading means; None when it means none."""
    if found := _DAY.fullmatch(heading.strip()):
        return int(found[1]), int(found[2])
    plain = fold_heading(heading)
    words = [word for word in plain.split() if word not in _LEADS]
    if len(words) == 1 and words[0] in _NAMES:
        return None, _NAMES[words[0]]
    if len(words) != 2 and not re.fullmatch(r"\d{6}", plain):
        return None
    if words[0] in _NAMES and re.fullmatch(r"\d{2}", words[1]):
        return 2000 + int(words[1]), _NAMES[words[0]]
    names = [_NAMES.get(word) for word in words]
    years = [int(word) for word in words if re.fullmatch(r"\d{4}", word)]
    if len(years) == 1 and any(names):
        return years[0], next(filter(None, names))
    return read_month("-".join(words), None) if len(years) == 1 or len(words) == 1 else None


def columns_of(headings: Sequence[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Return field > heading of the columns that are months, of fields that are not taken yet.

    A single column that may be a month is none, unless months are known already.
    """
    found: dict[str, str] = {}
    for heading in headings:
        month = month_of_heading(heading)
        if month is None:
            continue
        names = [_name(month[1], number) for number in range(SETS)]
        free = [name for name in names if name not in found and name not in taken]
        if free:
            found[free[0]] = heading
    return found if len(found) > 1 or not _MONTH_OF.keys().isdisjoint(taken) else {}


def is_wide(values: Mapping[str, Any]) -> bool:
    """Tell whether a row has columns of months."""
    return not _MONTH_OF.keys().isdisjoint(values)


def field_of(month: int, year: int, recipe: Recipe) -> str:
    """Return the column of months that told a sum, '' when none did."""
    for number in range(SETS):
        name = _name(month, number)
        heading = month_of_heading(recipe.columns.get(name, ""))
        if name in recipe.columns and (heading is None or heading[0] in (None, year)):
            return name
    return ""


def sums_in(values: Values, category: str, recipe: Recipe) -> tuple[dict[int, dict[str, int]], list[Problem]]:
    """Return year > the sums of a row's columns of months, and what is wrong with them."""
    found: dict[int, dict[str, int]] = {}
    problems = []
    for name, month in _MONTH_OF.items():
        value = values.get(name)
        if value is None:
            continue
        heading = month_of_heading(recipe.columns.get(name, ""))
        year = (heading[0] if heading else None) or values.get("year")
        if year is None:
            expected = _("the year: in the heading, in a column of its own, or once for all rows")
            return {}, [Problem("year", None, str(expected))]
        if not rules.FIRST_YEAR <= year <= rules.LAST_YEAR:
            problems.append(Problem(name, value, str(_("a month of a year such as 2025"))))
            continue
        found.setdefault(year, {})[rules.field_name(month, "used", category)] = value
    return found, problems
