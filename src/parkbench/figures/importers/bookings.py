"""Bookings and charges, one row each, summed before anything is kept: of persons nothing is stored."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.figures import rules
from parkbench.figures.importers import headings
from parkbench.figures.importers.persons import is_about_persons, readable
from parkbench.figures.importers.priced import PriceTypes, kind_of, without_marks, words_in
from parkbench.figures.importers.summing import Places, Sums, Wrong
from parkbench.figures.importers.target import LABELS as MEASURES
from parkbench.figures.importers.target import RECORD_FIELDS, UseTarget, Year, meaning_of
from parkbench.intake.registry import (
    HEADING_ROW,
    ColumnsMissingError,
    Context,
    FieldSpec,
    Gathered,
    Recipe,
    Values,
    Word,
    fold,
    fold_heading,
    guess_columns,
)
from parkbench.intake.services import named_heading
from parkbench.lib.dates import date_order
from parkbench.lib.errors import Problem, Refused
from parkbench.lib.numbers import decimal_style
from parkbench.lib.tabular import Cell, Table, open_table

LABELS = {
    "resource": gettext_lazy("Resource of the booking"),
    "date": gettext_lazy("Day of the booking"),
    "start": gettext_lazy("Start"),
    "end": gettext_lazy("End"),
    "duration": gettext_lazy("Duration"),
    "category": gettext_lazy("Price type"),
    "group": gettext_lazy("Group"),
    "status": gettext_lazy("Status of the booking"),
    "kind": gettext_lazy("Kind of booking"),
}
NAMES = {name: f"booking_{name}" for name in LABELS}
_FULL = frozenset(NAMES.values())
ORIGINAL = tuple(
    FieldSpec(name=NAMES[name], label=label, section="hours", names=headings.BOOKING[name], is_derived=True)
    for name, label in LABELS.items()
)
"""The columns of the list as given; only what is made of them is kept."""
KEPT = (
    HEADING_ROW,
    "Instrument",
    "Month",
    "Price type",
    "Kind of booking",
    "Used (min)",
    "Sessions",
    "Groups",
)
FAULTS = ("Column", "Value", "Expected")
CANCELLED = "cancelled"
SAMPLE = 500
MOST_PRICE_TYPES = 1_000
"""More different price types, or groups in their place, are taken for names."""


def _kept(name: str, label: Any, heading: str, **more: Any) -> FieldSpec:
    more = {"is_fixed": name != "category", **more}
    return FieldSpec(name=name, label=label, section="hours", names=(heading,), **more)


FIELDS = (
    FieldSpec(
        name="instrument",
        label=gettext_lazy("Instrument"),
        section="basics",
        required=True,
        refers_to="instrument",
    ),
    FieldSpec(name="month", label=gettext_lazy("Month"), section="hours", is_fixed=True),
    _kept("category", gettext_lazy("User category"), "Price type"),
    _kept("kind", gettext_lazy("Kind of booking"), "Kind of booking"),
    _kept("minutes", gettext_lazy("Used"), "Used (min)", sort="whole"),
    _kept("sessions", gettext_lazy("Sessions"), "Sessions", sort="whole"),
    _kept("group_numbers", gettext_lazy("Groups, numbered"), "Groups"),
    _kept("row", gettext_lazy("First row"), HEADING_ROW, sort="whole"),
    _kept("wrong_column", gettext_lazy("Column at fault"), "Column"),
    _kept("wrong_value", gettext_lazy("Value at fault"), "Value"),
    _kept("expected", gettext_lazy("Expected"), "Expected"),
)


@dataclass(slots=True)
class _Month:
    """What the bookings of one instrument, month and category come to; ``groups`` is a set of bits."""

    used: int = 0
    training: int = 0
    sessions: int = 0
    groups: int = 0


class BookingsTarget(UseTarget):
    """Booking or charge lists; what is kept of one are sums per instrument, month and price type."""

    name = "bookings"
    label = gettext_lazy("Use: bookings or charges, one row each")
    fields = (*FIELDS, *ORIGINAL, *RECORD_FIELDS)
    original = ORIGINAL
    asks: Any = gettext_lazy("Price types")
    meanings: Mapping[str, Any] = {
        **UseTarget.meanings,
        "training": gettext_lazy("training, whoever it was"),
        **{kind: MEASURES[kind] for kind in ("maintenance", "down")},
        "leave-out": gettext_lazy("leave these bookings out"),
    }

    def reduce(self, *, path: Path, name: str, recipe: Recipe, to: Path) -> Recipe:
        """Sum the bookings into the table that is kept; columns with persons are never read into it."""
        recipe = without_marks(recipe)
        with open_table(path, name=name, sheet=recipe.sheet or None, is_ragged=True) as table:
            found = booking_columns(table.headers, recipe)
            sample = list(islice(table.rows, SAMPLE))
            places = _places(table, found, [row.cells for row in sample])
            with to.open("w", encoding="utf-8", newline="") as stream:
                out = csv.writer(stream)
                out.writerow((*KEPT, *FAULTS))
                sums = Sums(
                    places, ZoneInfo(settings.TIME_ZONE), _order(places, sample, recipe), _teller(out)
                )
                for first, rows in _blocks(table, sample):
                    sums.add(first, rows)
                recipe = replace(recipe, fleeting=_write(out, sums, recipe))
        columns = {spec.name: heading for spec in FIELDS for heading in (_heading_of(spec),)}
        return replace(
            recipe,
            columns={**columns},
            absent={},
            asked=(),
            key=(),
            is_key_known=True,
            sheet="",
            seen=(),
            original={**left_out(recipe), **found},
            given=readable(table.headers),
        )

    def guess(self, *, headings: Sequence[str], taken: Mapping[str, str]) -> Mapping[str, str]:
        """Return nothing: a list of bookings has no columns of months."""
        return {}

    def words(self, *, rows: Iterable[Mapping[str, Any]], recipe: Recipe) -> list[Word]:
        """Return the price types of the kept file."""
        return words_in(rows, recipe)

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Find the instrument of a sum; a booking that could not be read says so again."""
        if expected := values.get("expected"):
            return values, [Problem(values.get("wrong_column") or "", values.get("wrong_value"), expected)]
        if values.get("kind") == CANCELLED:
            return values, []
        return super().finish(context=context, values=values)

    def gather(self, *, rows: Iterable[Gathered], context: Context, recipe: Recipe) -> Iterator[Gathered]:
        """Yield one record per instrument and year; cancelled bookings as one line that is skipped."""
        months: dict[tuple[str, int, int, str], _Month] = {}
        years: dict[tuple[str, int], Year] = {}
        for row in rows:
            row.number = row.values.get("row") or row.number
            if row.values.get("kind") == CANCELLED and not row.problems:
                row.skipped = str(_("%(count)s bookings cancelled") % {"count": row.values.get("sessions")})
                row.count, row.key = row.values.get("sessions") or 0, ""
            if row.skipped or row.problems:
                yield row
                continue
            self._add(row, months, years, recipe)
        for (uid, year, month, category), sums in months.items():
            _tell(years[uid, year], month, category, sums)
        yield from self.records(years, context, recipe)

    def _add(
        self,
        row: Gathered,
        months: dict[tuple[str, int, int, str], _Month],
        years: dict[tuple[str, int], Year],
        recipe: Recipe,
    ) -> None:
        values = row.values
        number, month = values["month"]
        uid, minutes = values["instrument"], values.get("minutes") or 0
        category, kind = _meant(values, recipe)
        if kind == "leave-out":
            return
        year = years.setdefault((uid, number), Year(row.number))
        year.first = min(year.first, row.number)
        year.count += values.get("sessions") or 0
        if kind in ("maintenance", "down"):
            _plus(year, rules.field_name(month, kind), minutes, row.number)
            return
        one = months.setdefault((uid, number, month, category), _Month())
        one.used += minutes
        one.training += minutes if kind == "training" else 0
        one.sessions += values.get("sessions") or 0
        one.groups |= int((values.get("group_numbers") or "g0")[1:] or "0", 16)
        year.rows.setdefault(rules.field_name(month, "used", category), row.number)
        _plus(year, rules.field_name(month, "booked"), minutes, row.number)


def _meant(values: Values, recipe: Recipe) -> tuple[str, str]:
    """Return the user category and the kind of a sum: what the person said, else the usual words."""
    price, kind = values.get("category"), values.get("kind")
    said = meaning_of(price, recipe) or rules.UNKNOWN
    told = kind_of(kind, recipe)
    if said not in rules.CATEGORIES:
        return rules.UNKNOWN, told or said
    if told in rules.CATEGORIES:
        return (told if said == rules.UNKNOWN else said), ""
    if not told and price is not None and fold(price) not in recipe.meanings:
        told = kind_of(price, recipe)
    return said, told


def _plus(year: Year, name: str, minutes: int, row: int) -> None:
    year.values[name] = year.values.get(name, 0) + minutes
    year.rows.setdefault(name, row)


def _tell(year: Year, month: int, category: str, sums: _Month) -> None:
    told = {"used": sums.used, "sessions": sums.sessions}
    if sums.training:
        told["training"] = sums.training
    if sums.groups:
        told["groups"] = sums.groups.bit_count()
    row = year.rows.get(rules.field_name(month, "used", category), year.first)
    for measure, value in told.items():
        name = rules.field_name(month, measure, category)
        year.values[name] = value
        year.rows.setdefault(name, row)


def booking_columns(found: Sequence[str], recipe: Recipe) -> dict[str, str]:
    """Return field > heading of a booking list: as said or remembered, else by its words; never of persons.

    Raises Refused when resource or times are not found, or when a column that names persons is asked for.
    """
    short = _guessed(found, recipe)
    missing = [name for name in ("resource", "start") if name not in short]
    if "end" not in short and "duration" not in short:
        missing.append("end")
    if missing:
        words = ", ".join(str(LABELS[name]).lower() for name in missing)
        raise ColumnsMissingError(
            f"No column says the {words}. The columns are: {', '.join(found)}. Rename one, or say which.",
            found={NAMES[name]: heading for name, heading in short.items()},
            given=readable(found),
        )
    return {NAMES[name]: heading for name, heading in short.items()}


def left_out(recipe: Recipe) -> dict[str, str]:
    """Return field > '' of what a person said no column feeds, now or of an earlier file."""
    said = {**recipe.original, **{name: text for name, text in recipe.columns.items() if name in _FULL}}
    return {name: "" for name, heading in said.items() if not heading}


def _guessed(found: Sequence[str], recipe: Recipe) -> dict[str, str]:
    asked = {name: heading for name, heading in recipe.columns.items() if name in _FULL and heading}
    none = left_out(recipe)
    for heading in asked.values():
        if is_about_persons(heading):
            raise Refused(
                f"The column “{heading}” names or describes persons and is never read. Choose another one."
            )
    known = {**recipe.original, **none, **{name: named_heading(text, found) for name, text in asked.items()}}
    safe = [heading for heading in found if not is_about_persons(heading) or heading in known.values()]
    specs = [replace(spec, is_derived=False) for spec in ORIGINAL]
    columns = guess_columns(specs, safe, known)
    short = {name: columns[full] for name, full in NAMES.items() if full in columns}
    if "start" not in short and "date" in short:
        short["start"] = short.pop("date")
    if short.get("date") == short.get("start"):
        short.pop("date", None)
    if "end" in short and short.get("kind") == short["end"]:
        short.pop("kind")
    if "category" not in short and "group" in short and NAMES["category"] not in none:
        short["category"] = short["group"]
    return short


def _heading_of(spec: FieldSpec) -> str:
    return spec.names[0] if spec.names else str({"instrument": "Instrument", "month": "Month"}[spec.name])


def _places(table: Table, found: Mapping[str, str], sample: Sequence[Sequence[Cell]]) -> Places:
    named = {name: found[full] for name, full in NAMES.items() if full in found}
    places = {name: table.headers.index(heading) for name, heading in named.items()}
    unit, decimal = 60, ""
    if "duration" in places:
        words = fold_heading(f"{named['duration']} ").split() + named["duration"].casefold().split()
        unit = 1 if any(word.strip("()[]").startswith("min") for word in words) else 60
        decimal = (
            decimal_style([cell for cell in _column(sample, places["duration"]) if isinstance(cell, str)])
            or ""
        )
    unnamed = tuple(i for i, name in enumerate(table.headers) if name == f"Column {i + 1}")
    return Places(places, named, len(table.headers), unnamed, unit, decimal)


def _order(places: Places, sample: Sequence[Any], recipe: Recipe) -> Any:
    place = places.places.get("date", places.places["start"])
    return recipe.date_order or date_order(_column([row.cells for row in sample], place))


def _column(rows: Sequence[Sequence[Cell]], place: int) -> list[Cell]:
    return [row[place] for row in rows if place < len(row)]


def _blocks(table: Table, sample: Sequence[Any]) -> Iterator[tuple[int, list[list[Cell]]]]:
    if table.blocks is not None:
        yield from table.blocks()
        return
    if sample:
        yield sample[0].number, [row.cells for row in sample]
    while rows := list(islice(table.rows, SAMPLE)):
        yield rows[0].number, [row.cells for row in rows]


def _teller(out: Any) -> Any:
    def tell(wrong: Wrong) -> None:
        nothing = [""] * (len(KEPT) - 1)
        out.writerow((wrong.row, *nothing, wrong.column, wrong.value, wrong.expected))

    return tell


def _write(out: Any, sums: Sums, recipe: Recipe) -> dict[str, str]:
    """Write the sums; return the price types that are not kept, by what stands for them.

    Of kinds and states only known words count, so that a column of remarks keeps nothing apart.
    """
    if len(sums.categories) > MOST_PRICE_TYPES:
        raise Refused(
            _("The column of price types holds more than %(most)s different texts; they may be names. ")
            % {"most": MOST_PRICE_TYPES}
            + _("Choose another one.")
        )
    cells, cancelled = list(sums.cells()), 0
    written: Counter[str] = Counter()
    for (_resource, category, *_rest), _first, _minutes, sessions, _groups in cells:
        written[category] += sessions
    counts: Counter[str] = Counter()
    for category, sessions in written.items():
        counts[fold(category)] += sessions
    types = PriceTypes(counts, recipe)
    # Each text once: there are few of them, and many cells.
    kept_of, is_cancelled, known = cache(types.kept), cache(_is_cancelled), cache(partial(_known, recipe))
    kept: dict[tuple[str, str, str, str], list[int]] = {}
    for (resource, category, status, kind, month), first, minutes, sessions, groups in cells:
        if is_cancelled(status):
            cancelled += sessions
            continue
        one = kept.setdefault((resource, month, kept_of(category), known(kind)), [first, 0, 0, 0])
        one[1] += minutes
        one[2] += sessions
        one[3] |= groups
    for key, (first, minutes, sessions, groups) in kept.items():
        out.writerow((first, *key, minutes, sessions, f"g{groups:x}", "", "", ""))
    if cancelled:
        out.writerow(("", CANCELLED, "", "", CANCELLED, "", cancelled, "", "", "", ""))
    return types.fleeting


def _known(recipe: Recipe, kind: str) -> str:
    """Return a kind of booking that has a known meaning, '' for all others."""
    return kind if kind_of(kind, recipe) else ""


def _is_cancelled(status: str) -> bool:
    text = fold(status)
    return text in headings.CANCELLED or text.replace("-", " ") in headings.CANCELLED
