"""From a file to rows: opening it with a recipe, and reading each row into plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import cast

from django.conf import settings

from parkbench.intake.registry import (
    TOGETHER,
    Context,
    FieldSpec,
    Guessing,
    Spreading,
    Target,
    Values,
    together,
)
from parkbench.intake.rules import (
    NEW,
    Hint,
    Reader,
    Recipe,
    column_hint,
    content_key,
    fold,
    fold_heading,
    guess_columns,
    guess_key,
    row_key,
    settle_currencies,
    text_of,
)
from parkbench.intake.services.checks import field_checks
from parkbench.lib.errors import Invalid, Problem, Refused
from parkbench.lib.money import MINOR_DIGITS
from parkbench.lib.tabular import Cell, Row, Table, UnreadableFile, is_empty, kind_of_row, open_table

SAMPLE = 5_000
"""Rows looked at for guessing the key and how numbers and dates are written."""

WHY_SKIPPED = {
    "blank": "blank line",
    "total": "a total of the lines above",
    "section": "heading of a section",
}


@dataclass(slots=True)
class ReadRow:
    """One row as read: values, names of records as written, what is wrong, texts that may find a record.

    ``count`` says for how many rows of the file it stands.
    """

    number: int
    key: str = ""
    values: Values = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: str = ""
    finds: dict[str, str] = field(default_factory=dict)
    count: int = 1


@dataclass(slots=True)
class OpenSheet:
    """An open file with its settled recipe; ``rows`` can be read once."""

    table: Table
    recipe: Recipe
    sample: list[Row]

    @property
    def rows(self) -> Iterator[Row]:
        """All rows below the column names."""
        return chain(self.sample, self.table.rows)


def open_sheet(path: Path, *, name: str, target: Target, recipe: Recipe) -> OpenSheet:
    """Open a file and settle its recipe: what is known stays, the rest is guessed from headings and a sample.

    Of a workbook, where nobody said which sheet, the first one of which any column is understood is taken.
    Raises UnreadableFile, and Refused when the key column is not in the file or no column means anything.
    """
    try:
        return _opened(path, name, target, recipe)
    except _NotUnderstoodError as error:
        for sheet in () if recipe.sheet else error.others:
            with suppress(_NotUnderstoodError, UnreadableFile):
                return _opened(path, name, target, replace(recipe, sheet=sheet))
        raise


class _NotUnderstoodError(Refused):
    """No column of a sheet means anything; ``others`` are the sheets beside it."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            f"None of the columns is understood: {', '.join(table.headers)}. "
            "Say which column is which: name, unit and make and model are needed."
        )
        self.others = [name for name in table.sheets if name != table.sheet]


def _opened(path: Path, name: str, target: Target, recipe: Recipe) -> OpenSheet:
    table = open_table(path, name=name, sheet=recipe.sheet or None)
    try:
        sample = list(islice(table.rows, SAMPLE))
        return OpenSheet(table, settled(table, sample, target, recipe), sample)
    except BaseException:
        table.close()
        raise


def settled(table: Table, sample: Sequence[Row], target: Target, recipe: Recipe) -> Recipe:
    """Return the recipe with columns, key and hints filled in for this file."""
    headings = table.headers
    asked = {
        name: named_heading(recipe.columns[name], headings) for name in recipe.asked if recipe.columns[name]
    }
    known = {**recipe.absent, **recipe.columns, **asked}
    guessed = _guessed(target, headings, known, recipe)
    columns = guess_columns(target.fields, headings, {**known, **guessed}, recipe.seen)
    columns = {name: heading for name, heading in columns.items() if _is_wanted(name, recipe)}
    if not columns:
        raise _NotUnderstoodError(table)
    rows = [row for row in sample if kind_of_row(row.cells) == "data"]
    places = {heading: headings.index(heading) for heading in columns.values()}
    cells = {heading: [row.cells[place] for row in rows] for heading, place in places.items()}
    key = _settled_key(target, recipe, columns, cells, headings)
    hints = _hints(target, columns, cells, recipe)
    seen = tuple(dict.fromkeys((*recipe.seen, *headings)))
    absent = {name: heading for name, heading in known.items() if heading and name not in columns}
    done = replace(recipe, columns=columns, absent=absent, key=key, hints=hints, seen=seen)
    return replace(done, is_key_known=True, asked=())


def _guessed(
    target: Target, headings: Sequence[str], known: Mapping[str, str], recipe: Recipe
) -> Mapping[str, str]:
    """Return what the target itself makes of headings that feed nothing yet.

    Where some such columns of this file are known, others seen before were left out on purpose; where none
    is, the file is of another time than the last one.
    """
    if not isinstance(target, Guessing):
        return {}
    taken = {name: heading for name, heading in known.items() if not heading or heading in headings}
    used = set(taken.values())
    is_known = any(heading in used for heading in target.guess(headings=headings, taken={}).values())
    seen = recipe.seen if is_known else ()
    free = [heading for heading in headings if heading not in used and heading not in seen]
    return target.guess(headings=free, taken=taken)


def _is_wanted(name: str, recipe: Recipe) -> bool:
    """A value given once for the source stands in for a column that was only guessed."""
    return name in {**recipe.absent, **recipe.columns} or name not in recipe.constants


def _settled_key(
    target: Target,
    recipe: Recipe,
    columns: Mapping[str, str],
    cells: Mapping[str, Sequence[Cell]],
    headings: Sequence[str],
) -> tuple[str, ...]:
    if not recipe.is_key_known:
        texts = {heading: [text_of(cell) for cell in column] for heading, column in cells.items()}
        return guess_key(target.fields, columns, texts) or together(target, columns)
    try:
        return tuple(columns.get(text) or named_heading(text, headings) for text in recipe.key)
    except Refused as error:
        raise Refused(f"The column that identifies the rows of this source is missing. {error}") from error


def _hints(
    target: Target, columns: Mapping[str, str], cells: Mapping[str, Sequence[Cell]], recipe: Recipe
) -> dict[str, Hint]:
    """Return how each column is written; what an earlier file of the source proved stays."""
    hints = dict(recipe.hints)
    for spec in target.fields:
        if spec.name in columns and spec.sort in ("money", "whole", "percent", "date", "year", "hours"):
            heading = columns[spec.name]
            known = recipe.hints.get(heading, Hint())
            fresh = column_hint(spec, heading, cells[heading], settings.DEFAULT_CURRENCY)
            hints[heading] = replace(
                fresh, decimal=known.decimal or fresh.decimal, order=known.order or fresh.order
            )
    return hints


def named_heading(text: str, headings: Sequence[str]) -> str:
    """Return the heading that a person means by ``text``; raise Refused with the headings there are."""
    if text in headings:
        return text
    for heading in headings:
        if fold(heading) == fold(text):
            return heading
    alike = [heading for heading in headings if fold_heading(heading) == fold_heading(text)]
    if len(alike) == 1:
        return alike[0]
    raise Refused(f"There is no column “{text}”. The columns are: {', '.join(headings)}.")


class RowReader:
    """Reads rows of one open sheet for one target; keeps count of equal lines and of the section."""

    def __init__(self, target: Target, recipe: Recipe, headings: Sequence[str], context: Context) -> None:
        self.target, self.recipe, self.headings, self.context = target, recipe, headings, context
        places = {heading: place for place, heading in enumerate(headings)}
        specs = {spec.name: spec for spec in target.fields}
        self._moneys = [
            spec for spec in target.fields if spec.sort == "money" and spec.name in recipe.columns
        ]
        self._currencies = {spec.currency for spec in target.fields if spec.sort == "money"}
        used = {spec.currency for spec in self._moneys}
        self._columns = [
            (spec, places[recipe.columns[spec.name]], self._reader(spec, recipe.columns[spec.name]))
            for spec in target.fields
            if spec.name in recipe.columns and (spec.name not in self._currencies or spec.name in used)
        ]
        self._records = [spec for spec in target.fields if spec.sort == "record"]
        self._constants = self._read_constants(specs, used)
        self._key_places = [places[heading] for heading in recipe.key]
        # In the order of the fields: columns may change places in the sheet.
        self._content_places = list(dict.fromkeys(place for _spec, place, _reader in self._columns))
        self._finds = self._find_fields(specs)
        self._is_together = bool(recipe.key) and recipe.key == together(target, recipe.columns)
        self._checks = field_checks(target, recipe)
        self._equal: Counter[str] = Counter()
        self._section = ""
        self._resolved: dict[tuple[str, str], str] = {}

    def _find_fields(self, specs: Mapping[str, FieldSpec]) -> list[str]:
        """Fields by which a row may be linked to a record that is here already."""
        if len(self.recipe.key) != 1:
            return []
        columns = self.recipe.columns.items()
        return [name for name, heading in columns if specs[name].is_key and heading == self.recipe.key[0]]

    def _reader(self, spec: FieldSpec, heading: str) -> Reader:
        told = self.recipe.constants.get(spec.currency, "").strip().upper()
        return Reader(
            spec,
            self.recipe.hint_of(heading),
            settings.DEFAULT_CURRENCY,
            told_currency=told if told in MINOR_DIGITS else "",
            is_currency=spec.name in self._currencies,
        )

    def _read_constants(self, specs: Mapping[str, FieldSpec], used: set[str]) -> Values:
        """Read what is given once for the source; raises Invalid with what was expected."""
        found: Values = {}
        for name, text in self.recipe.constants.items():
            spec = specs[name]
            try:
                value = self._reader(spec, "").read(text)
            except Invalid as error:
                problem = error.problems[0]
                raise Invalid(Problem(str(spec.label), text, problem.expected)) from error
            if value is not None and spec.sort == "money":
                value, code = value
                found[spec.currency] = code or found.get(spec.currency) or settings.DEFAULT_CURRENCY
            if name not in self._currencies or name in used:
                found[name] = value
        return found

    def read(self, row: Row) -> ReadRow:
        """Return a row as values; problems name the column as the file calls it."""
        read = self._begun(row)
        if not read.problems and not read.skipped:
            self._finish(read)
        return read

    def read_all(self, row: Row) -> Iterator[ReadRow]:
        """Yield the records of a row of a spreading target; a row with a fault is one that is refused."""
        read = self._begun(row)
        if read.problems or read.skipped:
            yield read
            return
        spreading = cast("Spreading", self.target)
        for place, (field_name, values) in enumerate(spreading.spread(values=read.values)):
            key = f"{read.key}|{field_name}" if field_name else read.key
            # The row counts once, however many records it holds.
            part = ReadRow(read.number, key, values, dict(read.names), count=int(place == 0))
            self._finish(part)
            yield part

    def _begun(self, row: Row) -> ReadRow:
        """Return a row with its cells read, currencies settled and records resolved."""
        kind = kind_of_row(row.cells)
        if kind != "data":
            return self._skip(row, WHY_SKIPPED[kind], kind)
        if row.cells[: len(self.headings)] == self.headings:
            return self._skip(row, "the column names again", kind)
        read = ReadRow(row.number)
        read.key = self._key_of(row)
        self._read_cells(row, read)
        if len(row.cells) > len(self.headings):
            self._check_surplus(row, read)
        if not read.problems:
            self._settle(read)
        return read

    def _skip(self, row: Row, why: str, kind: str) -> ReadRow:
        shown = next((text_of(cell) for cell in row.cells if not is_empty(cell)), "")
        if kind == "section":
            self._section = shown
        return ReadRow(row.number, skipped=f"{why}: {shown}" if shown else why)

    def _key_of(self, row: Row) -> str:
        cells = row.cells
        key = row_key([text_of(cells[place]) for place in self._key_places]) if self._key_places else ""
        if key:
            return key
        content = content_key([text_of(cells[place]) for place in self._content_places])
        self._equal[content] += 1
        return f"{content}:{self._equal[content]}"

    def _read_cells(self, row: Row, read: ReadRow) -> None:
        cells, values = row.cells, read.values
        for spec, place, reader in self._columns:
            try:
                values[spec.name] = reader.read(cells[place])
            except Invalid as error:
                read.problems.extend(error.problems)
        for name, value in self._constants.items():
            if values.get(name) is None:
                values[name] = value
        if self.recipe.section_field and self._section and values.get(self.recipe.section_field) is None:
            values[self.recipe.section_field] = self._section

    def _check_surplus(self, row: Row, read: ReadRow) -> None:
        surplus = [text_of(cell) for cell in row.cells[len(self.headings) :] if not is_empty(cell)]
        if surplus:
            expected = f"{len(self.headings)} cells, as many as there are column names (a stray separator?)"
            read.problems.append(Problem("", " ".join(surplus), expected))

    def _settle(self, read: ReadRow) -> None:
        """Settle currencies, resolve records, check forms."""
        values = read.values
        if self._moneys:
            read.problems += settle_currencies(self._moneys, values, settings.DEFAULT_CURRENCY)
        for spec in self._records:
            text = values.get(spec.name)
            if text is not None:
                read.names[spec.name] = text
                values[spec.name] = self._resolve(spec, text)
        self._check_forms(read)

    def _finish(self, read: ReadRow) -> None:
        """Let the target look across the fields."""
        values = read.values
        # A record id finds a record and is no value of it: the target may take it away when it finishes.
        written = {name: values.get(name) for name in self._finds}
        read.values, problems = self.target.finish(context=self.context, values=values)
        read.problems += problems
        for name, before in written.items():
            text = read.values.get(name) or before
            if isinstance(text, str) and read.key.startswith("k"):
                read.finds[name] = text
        found = read.values.pop(TOGETHER, None)
        if self._is_together and found:
            read.finds[TOGETHER] = found

    def _check_forms(self, read: ReadRow) -> None:
        for name, check in self._checks:
            value = read.values.get(name)
            expected = check(value) if value is not None else ""
            if expected:
                read.problems.append(Problem(name, value, expected))

    def _resolve(self, spec: FieldSpec, text: str) -> str:
        found = self._resolved.get((spec.record, text))
        if found is None:
            uid = self.context.known.get(spec.record, {}).get(fold(text))
            found = uid if uid is not None else f"{NEW}{' '.join(text.split())}"
            self._resolved[spec.record, text] = found
        return found
