"""Reading a park from a sheet as it lies: any encoding, separator, language; with headings or without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from parkbench.comparison.matching import Mention
from parkbench.comparison.sheets.columns import (
    SAMPLE,
    Columns,
    Known,
    Line,
    guess,
    heading_line,
    heading_of_list,
    headings_in,
    place_of,
)
from parkbench.comparison.sheets.headings import ROLES, Role
from parkbench.comparison.sheets.mapping import Said
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import Table, UnreadableFile, open_table

USUAL_SHARE = 0.6
"""The share of lines that have the same number of cells in a table; less, and the separator is mere text."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a park: its number (the first below the headings is 1) and what it says."""

    row: int
    mention: Mention


@dataclass(frozen=True, slots=True)
class Park:
    """A park as it was read, with what was understood of its sheet."""

    file: str
    records: tuple[Record, ...]
    columns: Columns
    heading_row: int | None
    """The record of the file that holds the headings (1-based), None without headings."""
    dialect: str
    encoding: str
    uneven: int
    """Rows with more or fewer cells than there are headings: kept, read by the place of their cells."""
    empty: int
    """Rows without any text: kept, they match nothing."""


def read_park(path: Path, *, file: str, known: Known, said: Said | None = None) -> Park:
    """Return the park of a file; ``file`` is what it is called in results.

    Rows are counted as `csv.DictReader` counts: a line of separators is a row, a line without anything is
    none; below a quoted line break the same row goes on. A row of a workbook is counted whatever it holds.
    Raises Refused for what is no sheet, is empty, or has no column of names.
    """
    said = said or Said()
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder. Name the files to compare, one by one.")
    if not path.exists():
        raise UnreadableFile(f"There is no file {path}.")
    with open_table(path, name=file, sheet=said.sheet, has_header=False) as table:
        return _Reading(table, file, known, said).park()


class _Reading:
    """One sheet on its way to a park."""

    def __init__(self, table: Table, file: str, known: Known, said: Said) -> None:
        self.table, self.file, self.known, self.said = table, file, known, said
        lines = _lines(table)
        self.sample = list(islice(lines, SAMPLE))
        self.lines: Iterator[tuple[int, Line]] = chain(self.sample, lines)

    def park(self) -> Park:
        """Find the headings, choose the columns, read all rows."""
        cells = [line for _, line in self.sample]
        is_list = _is_list(cells)
        if is_list:
            mark = self.table.delimiter or ","
            cells = [[mark.join(line)] for line in cells]
            self.lines = ((number, [mark.join(line)]) for number, line in self.lines)
        heading = (heading_of_list if is_list else heading_line)(cells, self.known)
        below = cells[heading + 1 :] if heading is not None else cells
        titles = cells[heading] if heading is not None else []
        columns = guess(
            titles,
            below,
            self.known,
            file=self.file,
            said=self._places(titles, below),
            is_headed=heading is not None,
        )
        rows = islice(self.lines, 0 if heading is None else heading + 1, None)
        width = len(titles) if heading is not None else Counter(map(len, below)).most_common(1)[0][0]
        return self._read(rows, columns, width, None if heading is None else self.sample[heading][0])

    def _places(self, titles: Line, below: Sequence[Line]) -> Mapping[Role, int | None]:
        """Return the columns that a person named, by their place."""
        if not self.said.columns:
            return {}
        width = max(map(len, [titles, *below]), default=0)
        names = [titles[place] if place < len(titles) else "" for place in range(width)]
        return {
            role: place_of(column, names, self.file) if column != "" else None
            for role, column in self.said.columns.items()
        }

    def _read(
        self, rows: Iterator[tuple[int, Line]], columns: Columns, width: int, heading_row: int | None
    ) -> Park:
        records: list[Record] = []
        uneven = empty = 0
        for row, (_, line) in enumerate(rows, 1):
            uneven += len(line) != width
            empty += not any(map(str.strip, line))
            records.append(Record(row, _mention(line, columns)))
        if len(records) == empty:
            raise Refused(f"{self.file} has no rows below its headings. There is nothing to compare.")
        return Park(
            file=self.file,
            records=tuple(records),
            columns=columns,
            heading_row=heading_row,
            dialect=self.table.dialect,
            encoding=self.table.encoding,
            uneven=uneven,
            empty=empty,
        )


def _lines(table: Table) -> Iterator[tuple[int, Line]]:
    """Yield the lines as texts; of a text file those without anything are left out, as DictReader does."""
    for number, cells in table.rows:
        if cells or table.sheet:
            yield number, ["" if cell is None else str(cell) for cell in cells]


def _is_list(lines: Sequence[Line]) -> bool:
    """Tell whether the lines are one column, in which a separator is only a part of the text.

    So it is when hardly any width is usual, and when lines differ in width and a space follows the separator.
    """
    if any(headings_in(line) >= 2 for line in lines):
        return False
    widths = Counter(len(line) for line in lines)
    width, count = widths.most_common(1)[0]
    if width == 1 or count < USUAL_SHARE * len(lines):
        return True
    after = [cell for line in lines for cell in line[1:] if cell]
    is_prose = sum(cell.startswith(" ") for cell in after) > len(after) / 2
    return is_prose and count < len(lines)


def _mention(line: Line, columns: Columns) -> Mention:
    texts = {role: _cell(line, getattr(columns, role)) for role in ROLES}
    return Mention(texts["name"], texts["maker"], texts["model"])


def _cell(line: Line, place: int | None) -> str:
    return line[place].strip() if place is not None and place < len(line) else ""
