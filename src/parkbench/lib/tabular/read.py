"""Opening a table of any usual form: CSV of any dialect, XLSX, ODS, XLS."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from parkbench.lib.tabular.blocks import Blocks, blocks_of
from parkbench.lib.tabular.dialect import SAMPLE, TextDialect, TextFacts, guess_dialect, text_facts
from parkbench.lib.tabular.formula import unescape
from parkbench.lib.tabular.rows import find_header, is_empty, unique_headers
from parkbench.lib.tabular.safety import form_of
from parkbench.lib.tabular.sheets import LongCell, open_sheet
from parkbench.lib.tabular.table import Cell, Limits, Row, Table, UnreadableFile

_HEADER_SAMPLE = 60
_NOTHING = ' \t\r\n\v\f\xa0\ufeff;,|"'
"""What a text file may hold and yet be empty: lines of separators."""
_WHAT_TO_CHOOSE = "Choose a file with a line of column names and rows below it."
_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp850": "DOS (code page 850)",
    "latin-1": "ISO 8859-1",
    "mac_roman": "Mac Roman",
}


def open_table(
    source: Path | str | bytes,
    *,
    name: str,
    sheet: str | None = None,
    limits: Limits | None = None,
    is_ragged: bool = False,
    has_header: bool = True,
) -> Table:
    """Return the table of a file, given by path or as bytes; `name` is what the person calls it.

    ``is_ragged`` leaves short lines of a text file short, for who refuses them. Without ``has_header`` no
    line is taken for column names: all are rows, as they stand. Rows stream: read them once, then close the
    table (or use it in a `with` statement). Raises UnreadableFile for what is no table, holds no rows, or
    exceeds the limits; the rows raise it too for faults further down.
    """
    limits = limits or Limits()
    stream, size = _opened(source, name)
    try:
        if form_of(stream, size, name, limits) == "text":
            return _text_table(stream, name, limits, size, source, is_ragged=is_ragged, has_header=has_header)
        return _workbook_table(stream, name, sheet, limits, has_header=has_header)
    except BaseException:
        stream.close()
        raise


def _opened(source: Path | str | bytes, name: str) -> tuple[BinaryIO, int]:
    if isinstance(source, bytes):
        return io.BytesIO(source), len(source)
    path = Path(source)
    try:
        return path.open("rb"), path.stat().st_size
    except OSError as error:
        raise UnreadableFile(
            f"{name} cannot be opened. Check that the file is there and may be read."
        ) from error


@dataclass(frozen=True, slots=True)
class _Source:
    """Records with the number of the first, and how faults in them are told to the person."""

    name: str
    records: Iterator[list[Cell]]
    first: int
    faults: tuple[type[Exception], ...]
    tell: Callable[[Exception, int], UnreadableFile]
    check_last: Callable[[Row], None]
    is_ragged: bool = False


def _workbook_table(
    stream: BinaryIO, name: str, sheet: str | None, limits: Limits, *, has_header: bool
) -> Table:
    found = open_sheet(stream, name=name, sheet=sheet, limits=limits)

    def tell(error: Exception, number: int) -> UnreadableFile:
        return UnreadableFile(f"{name}, row {number}: {error}")

    source = _Source(name, found.records, found.first, (LongCell,), tell, lambda last: None)
    table = _table(source, limits) if has_header else _bare_table(source, limits)
    table.sheet, table.sheets, table.dialect = found.name, found.names, f"sheet “{found.name}”"
    table._close = stream.close
    return table


def _text_table(
    stream: BinaryIO,
    name: str,
    limits: Limits,
    size: int,
    source: Path | str | bytes,
    *,
    is_ragged: bool,
    has_header: bool,
) -> Table:
    facts = text_facts(stream)
    tail = _tail(stream, size)
    lines = io.TextIOWrapper(stream, encoding=facts.encoding, newline="")
    try:
        sample = lines.read(SAMPLE)
    except UnicodeError as error:
        raise _told(error, 1, name) from error
    if not sample.strip(_NOTHING):
        raise UnreadableFile(f"{name} is empty. {_WHAT_TO_CHOOSE}")
    dialect = guess_dialect(sample, is_whole=len(sample) < SAMPLE)
    lines.seek(0)
    read = _text_source(lines, dialect, facts, tail, name)
    read = replace(read, is_ragged=is_ragged)
    table = _table(read, limits) if has_header else _bare_table(read, limits)
    table.dialect, table.delimiter = dialect.words(), None if dialect.is_single_column else dialect.delimiter
    table.encoding = _ENCODING_NAMES.get(facts.encoding, facts.encoding)
    if has_header and not facts.may_be_escaped and isinstance(source, Path):
        width = 0 if is_ragged else len(table.headers)
        asked = Blocks(source, name, facts.encoding, dialect, table.header_number, width)
        table.blocks = partial(blocks_of, asked, limits)
    table._close = lines.close
    return table


def _tail(stream: BinaryIO, size: int) -> bytes:
    stream.seek(max(0, size - 64))
    tail = stream.read()
    stream.seek(0)
    return tail.replace(b"\0", b"").rstrip()


def _text_source(
    lines: io.TextIOWrapper, dialect: TextDialect, facts: TextFacts, tail: bytes, name: str
) -> _Source:
    records = dialect.reader(islice(lines, dialect.skipped, None) if dialect.skipped else lines)
    if facts.may_be_escaped:
        records = ([unescape(cell) for cell in record] for record in records)

    def check_last(row: Row) -> None:
        last = row.cells[-1] if row.cells else ""
        if isinstance(last, str) and "\n" in last and not tail.endswith(dialect.quote.encode()):
            raise UnreadableFile(
                f"{name}, row {row.number}: a quotation mark is opened and never closed. "
                "Correct it and import the file again."
            )

    return _Source(
        name=name,
        records=cast("Iterator[list[Cell]]", records),
        first=1 + dialect.skipped,
        faults=(csv.Error, UnicodeError),
        tell=lambda error, number: _told(error, number, name),
        check_last=check_last,
    )


def _told(error: Exception, number: int, name: str) -> UnreadableFile:
    if isinstance(error, UnicodeError):
        return UnreadableFile(f"{name}, row {number}: the text is damaged. Save the file again as CSV UTF-8.")
    return UnreadableFile(
        f"{name}, row {number}: a cell holds more than 128 KB of text. "
        "Most likely a quotation mark is missing; correct it and import the file again."
    )


def _sample(source: _Source) -> list[Row]:
    rows: list[Row] = []
    try:
        for record in islice(source.records, _HEADER_SAMPLE):
            rows.append(Row(source.first + len(rows), record))
    except source.faults as error:
        raise source.tell(error, source.first + len(rows)) from error
    return rows


def _table(source: _Source, limits: Limits) -> Table:
    """Return the table with its header line found; dialect and sheet are filled in by the caller."""
    sample = _sample(source)
    place = find_header(sample)
    if not sample or all(is_empty(cell) for cell in sample[place].cells):
        raise UnreadableFile(f"{source.name} is empty. {_WHAT_TO_CHOOSE}")
    header, below = sample[place], sample[place + 1 :]
    width = max(len(row.cells) for row in sample[place:])
    if width > limits.columns:
        raise UnreadableFile(
            f"{source.name} has {width} columns; at most {limits.columns} can be read. "
            "Leave out those that are not needed."
        )
    is_whole = len(sample) < _HEADER_SAMPLE
    if is_whole and all(is_empty(cell) for row in below for cell in row.cells):
        raise UnreadableFile(f"{source.name} has no rows below its column names. {_WHAT_TO_CHOOSE}")
    if is_whole and below:
        source.check_last(below[-1])
    return Table(
        headers=unique_headers(header.cells, width),
        rows=_rows(source, below, number=sample[-1].number + 1, width=width, limits=limits),
        sheet=None,
        sheets=[],
        dialect="",
        encoding="",
        header_number=header.number,
        skipped_above=[row for row in sample[:place] if not all(is_empty(cell) for cell in row.cells)],
    )


def _bare_table(source: _Source, limits: Limits) -> Table:
    """Return all lines as rows, none of them filled or shortened."""
    sample = _sample(source)
    if all(is_empty(cell) for row in sample for cell in row.cells):
        raise UnreadableFile(f"{source.name} is empty. {_WHAT_TO_CHOOSE}")
    if len(sample) < _HEADER_SAMPLE:
        source.check_last(sample[-1])
    rows = _rows(
        replace(source, is_ragged=True),
        sample,
        number=sample[-1].number + 1,
        width=limits.columns,
        limits=limits,
    )
    return Table([], rows, sheet=None, sheets=[], dialect="", encoding="", header_number=0)


def _rows(source: _Source, below: list[Row], *, number: int, width: int, limits: Limits) -> Iterator[Row]:
    """Yield rows at least as wide as the header; a wider one keeps its surplus unless that is empty.

    This loop runs for every row of every import: it adds about a third to the time of `csv.reader` alone.
    """
    fill = 0 if source.is_ragged else width
    for row in below:
        _even(row.cells, fill, width)
        yield row
    make, kind, pair = tuple.__new__, Row, (number - 1, below[-1].cells if below else [])
    try:
        for pair in islice(enumerate(source.records, number), limits.rows - number + 1):
            if len(pair[1]) != width:
                _even(pair[1], fill, width)
            yield make(kind, pair)
        has_more = next(source.records, None) is not None
    except source.faults as error:
        raise source.tell(error, pair[0] + 1) from error
    if has_more:
        raise UnreadableFile(
            f"{source.name} has more than {limits.rows:,} rows. Split it and import the parts in turn."
        )
    source.check_last(Row(*pair))


def _even(cells: list[Cell], fill: int, width: int) -> None:
    cells.extend([""] * (fill - len(cells)))
    while len(cells) > width and is_empty(cells[-1]):
        cells.pop()
