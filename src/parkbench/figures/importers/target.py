"""Monthly sums: one row per instrument, month and user category becomes a field of the instrument's year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.dates import MONTHS
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.figures import rules, services, wire
from parkbench.figures.importers import headings, wide
from parkbench.figures.importers.months import read_month
from parkbench.figures.queries import instruments
from parkbench.instruments.models import UserCategoryChoices
from parkbench.intake.registry import Context, FieldSpec, Gathered, Recipe, Sort, Values, Word, fold
from parkbench.lib.errors import Problem
from parkbench.lib.urn import record_id
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer

LABELS = {
    "available": gettext_lazy("Available"),
    "booked": gettext_lazy("Booked"),
    "maintenance": gettext_lazy("Maintenance"),
    "down": gettext_lazy("Down"),
    "used": gettext_lazy("Used"),
    "training": gettext_lazy("Of these training"),
    "sessions": gettext_lazy("Sessions"),
    "groups": gettext_lazy("Distinct groups"),
}


def _sort(measure: str) -> Sort:
    return "hours" if measure in rules.MINUTES else "whole"


def _section(measure: str) -> str:
    return "groups" if measure == rules.GROUPS else "hours"


def _fewest(measure: str) -> int:
    return rules.FEWEST if measure == rules.GROUPS else 0


def _label(part: rules.Part) -> Any:
    """Return what people call a sum of a month; the hours of it stand beside their number."""
    said = (MONTHS[part.month], LABELS[part.measure])
    if not part.category:
        return format_lazy("{}: {}", *said)
    return format_lazy("{}: {}, {}", *said, wire.WORDS[part.category])


RECORD_FIELDS = (
    FieldSpec(name="title", label=gettext_lazy("Year of use"), section="basics", is_derived=True),
    *(
        FieldSpec(
            name=name,
            label=_label(part),
            section=_section(part.measure),
            sort=_sort(part.measure),
            fewest=_fewest(part.measure),
            is_derived=True,
        )
        for name, part in rules.PARTS.items()
    ),
)
"""What a record has and no column feeds: gathered from rows."""


def _wide() -> Iterator[FieldSpec]:
    """One column per user category, such as "Used industry"."""
    for category in rules.CATEGORIES:
        words = (category.replace("-", " "), *headings.CATEGORY_WORDS[category])
        names = tuple(
            f"{lead} {word}" for word in words for lead in ("used", "hours", "stunden", "timmar", "usage")
        )
        yield FieldSpec(
            name=f"used_{category.replace('-', '_')}",
            label=_wide_label(category),
            section="hours",
            sort="hours",
            names=(*names, *(f"{word} hours" for word in words), *(f"{word} (h)" for word in words)),
        )


def _wide_label(category: str) -> str:
    return f"Used: {wire.WORDS[category]}"


ROW_FIELDS = (
    FieldSpec(
        name="instrument",
        label=gettext_lazy("Instrument"),
        section="basics",
        required=True,
        refers_to="instrument",
        names=headings.INSTRUMENT,
    ),
    FieldSpec(name="month", label=gettext_lazy("Month"), section="hours", names=headings.MONTH),
    FieldSpec(name="year", label=gettext_lazy("Year"), section="basics", sort="year", names=headings.YEAR),
    FieldSpec(name="category", label=gettext_lazy("User category"), section="hours", names=headings.CATEGORY),
    *(
        FieldSpec(name=name, label=LABELS[name], section=_section(name), sort=_sort(name), names=names)
        for name, names in headings.MEASURES.items()
    ),
    *_wide(),
    *wide.FIELDS,
)
_WIDE = {f"used_{category.replace('-', '_')}": category for category in rules.CATEGORIES}
_MEANINGS = {
    fold(word): category for category, words in headings.CATEGORY_WORDS.items() for word in (category, *words)
}


@dataclass(slots=True)
class Looked:
    """What a run looks up once: the instruments by their names, and months as written."""

    named: instruments.Named
    months: dict[tuple[Any, Any], tuple[int, int] | None] = field(default_factory=dict)


@dataclass(slots=True)
class Year:
    """One record in the making; ``rows`` says which row told a sum."""

    first: int
    count: int = 0
    values: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


class UseTarget:
    """Monthly sums of use, long (a row per month and category) or with a column per category."""

    name = "use"
    kind = "use"
    label: Any = gettext_lazy("Use and downtime: monthly sums")
    page = "figures:year"
    fields: tuple[FieldSpec, ...] = (*ROW_FIELDS, *RECORD_FIELDS)
    title = "title"
    scope: tuple[str, ...] = ("instrument",)
    linked = "added to the year that is here already"
    asks: Any = gettext_lazy("User categories")
    meanings: Mapping[str, Any] = {
        **{one.value: one.label for one in UserCategoryChoices},
        rules.UNKNOWN: gettext_lazy("category not known"),
    }

    def context(self, *, viewer: Viewer) -> Context:
        """Look up the instruments once for a run."""
        return Context(data=Looked(instruments.named_instruments(viewer=viewer)))

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not import the use of this instrument, or ''."""
        uid = values.get("instrument")
        if uid and instruments.may_import(instrument=uid, viewer=viewer):
            return ""
        return str(_("You may not import the use of this instrument. Ask the head of its unit or a manager."))

    def guess(self, *, headings: Sequence[str], taken: Mapping[str, str]) -> Mapping[str, str]:
        """Return the columns that are months, each with the hours used in it."""
        return wide.columns_of(headings, taken)

    def words(self, *, rows: Iterable[Mapping[str, Any]], recipe: Recipe) -> list[Word]:
        """Return the words for user categories, with how many rows each; unknown and frequent ones first."""
        counts: Counter[str] = Counter(
            " ".join(text.split()) for row in rows if (text := str(row.get("category") or "")).strip()
        )
        found = [
            Word(text=text, rows=count, meaning=meaning_of(text, recipe) or "")
            for text, count in counts.items()
        ]
        return sorted(found, key=lambda word: (bool(word.meaning), -word.rows))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Find the instrument and the month of a row."""
        looked: Looked = context.data
        done, problems = dict(values), []
        text = values.get("instrument")
        if text is None:
            problems.append(Problem("instrument", None, str(_("the name or number of an instrument"))))
        else:
            found = looked.named.found(text)
            if len(found) != 1:
                problems.append(Problem("instrument", text, _wanted(len(found))))
            done["instrument"] = next(iter(found), None)
        written = (values.get("month"), values.get("year"))
        if written not in looked.months:
            looked.months[written] = read_month(*written)
        month = looked.months[written]
        if month is None and not (wide.is_wide(values) and values.get("month") is None):
            problems.append(Problem("month", written[0], str(_("a month such as 2025-03 or March 2025"))))
        done["month"] = month
        return done, problems

    def gather(self, *, rows: Iterable[Gathered], context: Context, recipe: Recipe) -> Iterator[Gathered]:
        """Yield one record per instrument and year, in the order of the units; refused rows first."""
        years: dict[tuple[str, int], Year] = {}
        for row in rows:
            if row.skipped or row.problems:
                yield row
                continue
            row.problems = self.add(row, years, recipe)
            if row.problems:
                yield row
        yield from self.records(years, context, recipe)

    def add(self, row: Gathered, years: dict[tuple[str, int], Year], recipe: Recipe) -> list[Problem]:
        """Add a row to its year; return what is wrong with it, and then nothing of it is added."""
        uid = row.values["instrument"]
        told, problems = _told(row.values, recipe)
        if not any(told.values()) and not problems:
            problems = [Problem("used", None, str(_("at least one figure in the row")))]
        for number, sums in told.items():
            if year := years.get((uid, number)):
                problems += _told_twice(year, number, sums, recipe)
        if problems:
            return problems
        for place, (number, sums) in enumerate(told.items()):
            year = years.setdefault((uid, number), Year(row.number))
            # A row over several years counts once.
            year.count += place == 0
            for name, value in sums.items():
                year.values[name] = value
                year.rows.setdefault(name, row.number)
        return []

    def records(
        self, years: Mapping[tuple[str, int], Year], context: Context, recipe: Recipe
    ) -> Iterator[Gathered]:
        """Yield the years as records; a month that breaks a rule is refused and left out of its year."""
        named: instruments.Named = context.data.named
        for uid, number in sorted(years, key=lambda key: (*named.order[key[0]], key)):
            year = years[uid, number]
            yield from _refused(year, number, recipe)
            if year.values:
                title = f"{named.names[uid]} {number}"
                values: Values = {"title": title, "instrument": uid, "year": number, **year.values}
                key = f"{uid}|{number}"
                yield Gathered(year.first, values, f"k:{key}", {"instrument": key}, count=year.count)

    def whole(self, *, values: Values) -> list[Problem]:
        """Check the year as it would be, with what is here already."""
        return [
            Problem(one.field, value_in_words(one.field, one.value), one.sentence)
            for one in rules.violations(values, int(values["year"]))
        ]

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own years by their instrument and year."""
        return instruments.years_named(keys=texts)

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these years hold, with the instrument as uid."""
        values = services.values_of(uids)
        for uid, (instrument, year, name) in instruments.years_of(uids=list(values)).items():
            values[uid].pop("instrument_ref", None)
            values[uid].update(instrument=instrument, year=year, title=f"{name} {year}")
        return {uid: held for uid, held in values.items() if "instrument" in held}

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Nothing is made beside the years."""
        return {}

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Nothing was made."""
        return ()

    def write(
        self,
        *,
        new: Sequence[tuple[UUID, Values]],
        changed: Sequence[tuple[UUID, Values]],
        by: Viewer,
        batch: UUID,
    ) -> None:
        """Publish one chunk."""
        node = own_address()
        services.amend_and_write(
            new=[(uid, _kept(values, node)) for uid, values in new],
            changed={uid: told for uid, values in changed if (told := _sums(values))},
            by=by,
            batch=batch,
        )


def _wanted(count: int) -> str:
    if count:
        return str(
            _("one instrument: %(count)s bear this name; give the inventory or serial number")
            % {"count": count}
        )
    return str(_("the name, inventory number, serial number or record id of an instrument that is here"))


def _sums(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in rules.PARTS}


def _kept(values: Values, node: str) -> dict[str, Any]:
    ref = record_id(node=node, kind="instrument", uid=UUID(values["instrument"]))
    return {"instrument_ref": ref, "year": values["year"], **_sums(values)}


def meaning_of(text: str | None, recipe: Recipe) -> str | None:
    """Return the user category that a word of the source means; None when nobody said."""
    if text is None:
        return rules.UNKNOWN
    folded = fold(text)
    said = recipe.meanings.get(folded) or _MEANINGS.get(folded)
    return said or _MEANINGS.get(folded.replace("-", " ").replace("_", " ").replace("/", " "))


def _told(values: Values, recipe: Recipe) -> tuple[dict[int, dict[str, int]], list[Problem]]:
    """Return year > the sums of one row by their names in it, and what is wrong."""
    category = meaning_of(values.get("category"), recipe)
    if category is None:
        known = ", ".join(rules.CATEGORIES)
        return {}, [
            Problem("category", values["category"], str(_("a user category: %(known)s") % {"known": known}))
        ]
    found, problems = wide.sums_in(values, category, recipe) if wide.is_wide(values) else ({}, [])
    if values.get("month") is not None:
        number, month = values["month"]
        sums, wrong = _sums_of(values, month, category)
        found[number] = {**found.get(number, {}), **sums}
        problems += wrong
    return found, problems


def _told_twice(year: Year, number: int, sums: Mapping[str, int], recipe: Recipe) -> Iterator[Problem]:
    for name, value in sums.items():
        before = year.values.get(name)
        is_shared = rules.PARTS[name].measure in rules.PLAIN and before == value
        if before is not None and not is_shared:
            said = _("one row per instrument, month and category; it stands in row %(row)s too")
            column = _column_of(name, number, recipe)
            yield Problem(column, value_in_words(name, value), said % {"row": year.rows[name]})


def _column_of(name: str, year: int, recipe: Recipe) -> str:
    """Return the field of a row that told a sum."""
    part = rules.PARTS[name]
    return (wide.field_of(part.month, year, recipe) if part.measure == "used" else "") or part.measure


def _sums_of(values: Values, month: int, category: str) -> tuple[dict[str, int], list[Problem]]:
    """Return the sums of one row and month by their names in the year, and what is wrong."""
    told: dict[str, int] = {}
    for measure in (*rules.PLAIN, *rules.BY_CATEGORY, rules.GROUPS):
        value = values.get(measure)
        if value is not None:
            told[rules.field_name(month, measure, "" if measure in rules.PLAIN else category)] = value
    for name, of_whom in _WIDE.items():
        value = values.get(name)
        if value is not None:
            told[rules.field_name(month, "used", of_whom)] = value
    wrong = [
        Problem(rules.PARTS[name].measure, value, str(_("a number that is not negative")))
        for name, value in told.items()
        if value < 0
    ]
    return told, wrong


def _refused(year: Year, number: int, recipe: Recipe) -> Iterator[Gathered]:
    """Take months that break a rule out of the year, and yield the rows that told them as refused."""
    broken = rules.violations(year.values, number)
    if not broken:
        return
    problems: dict[int, list[Problem]] = defaultdict(list)
    for one in broken:
        row, column = year.rows.get(one.field, year.first), _column_of(one.field, number, recipe)
        problems[row].append(Problem(column, value_in_words(one.field, one.value), one.sentence))
    months = {rules.PARTS[one.field].month for one in broken}
    for name in [name for name in year.values if rules.PARTS[name].month in months]:
        row = year.rows[name]
        if row not in problems:
            sentence = str(_("figures of a month that fit together; another row of this month is refused"))
            column, value = _column_of(name, number, recipe), value_in_words(name, year.values[name])
            problems[row] = [Problem(column, value, sentence)]
        del year.values[name]
    for row, found in sorted(problems.items()):
        year.count -= 1
        yield Gathered(row, {}, f"r:{row}", problems=found)


def value_in_words(name: str, value: int) -> str:
    """Return a sum as a list would have it: hours, or the number; of few groups not how many."""
    measure = rules.PARTS[name].measure
    if 0 < value < _fewest(measure):
        return str(_("fewer than %(count)s") % {"count": rules.FEWEST})
    return rules.hours(value) if measure in rules.MINUTES else str(value)
