"""Text tables read some hundreds of lines at a time, for files of a million rows of which few cells count.

Lines without a quotation mark are split at the separator, which costs half of what `csv.reader` does; a block
that holds one goes through `csv.reader`, extended until its quotation marks are closed.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from parkbench.lib.tabular.dialect import TextDialect
from parkbench.lib.tabular.rows import is_empty
from parkbench.lib.tabular.table import Cell, Limits, UnreadableFile

BLOCK = 128 * 1024
LONGEST = 4 * 1024 * 1024
"""Bytes after which a quotation mark counts as never closed."""
_PLAIN = ("utf-8", "utf-8-sig", "cp1252", "cp1250", "cp850", "latin-1", "mac_roman")
"""Encodings in which a line break is always the one byte."""

Block = tuple[int, list[list[Cell]]]
"""The number of the first row, and the cells of each."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is known of a text table before its rows are read in blocks."""

    path: Path
    name: str
    encoding: str
    dialect: TextDialect
    header_number: int
    width: int
    """How wide each row is made; 0 leaves rows as they are."""

    @property
    def is_plain(self) -> bool:
        """Whether a line without a quotation mark may be split at its separators."""
        dialect = self.dialect
        return not (dialect.escape or dialect.has_space_after or dialect.is_single_column)


def blocks_of(asked: Blocks, limits: Limits) -> Iterator[Block]:
    """Yield the rows below the column names, block by block, each at least as wide as the header.

    A row with more cells than there are column names keeps its surplus. Raises UnreadableFile for damaged
    text, a quotation mark that is never closed, and too many rows.
    """
    number = 1 + asked.dialect.skipped
    with asked.path.open("rb") as stream:
        for _line in range(asked.dialect.skipped):
            stream.readline()
        for rows in _blocks(asked, stream):
            first, number = number, number + len(rows)
            if number - 1 > limits.rows:
                raise UnreadableFile(
                    f"{asked.name} has more than {limits.rows:,} rows. Split it and import the parts in turn."
                )
            if first <= asked.header_number:
                below, first = rows[asked.header_number - first + 1 :], asked.header_number + 1
            else:
                below = rows
            if below:
                _even(below, asked.width)
                yield first, cast("list[list[Cell]]", below)


def _blocks(asked: Blocks, stream: BinaryIO) -> Iterator[list[list[str]]]:
    if asked.encoding not in _PLAIN:
        yield from _read_slowly(asked, stream)
        return
    quote, delimiter = asked.dialect.quote.encode(), asked.dialect.delimiter
    encoding = "utf-8" if asked.encoding == "utf-8-sig" else asked.encoding
    while block := stream.read(BLOCK):
        block += stream.readline()
        while block.count(quote) % 2 and (more := stream.readline()):
            block += more
            if len(block) > LONGEST:
                raise UnreadableFile(
                    f"{asked.name}: a quotation mark is opened and never closed. "
                    "Correct it and import the file again."
                )
        text = _decoded(asked, block, encoding)
        ending = "\n"
        if b"\r" in block:
            ending = "\r\n" if block.count(b"\r") == block.count(b"\n") == block.count(b"\r\n") else ""
        if quote in block or not asked.is_plain or not ending:
            yield list(asked.dialect.reader(iter(text.splitlines(keepends=True))))
        else:
            lines = text.removesuffix(ending).split(ending)
            yield [line.split(delimiter) if line else [] for line in lines]


def _decoded(asked: Blocks, block: bytes, encoding: str) -> str:
    try:
        text = block.decode(encoding)
    except UnicodeError as error:
        raise UnreadableFile(
            f"{asked.name}: the text is damaged. Save the file again as CSV UTF-8."
        ) from error
    return text.removeprefix("\ufeff")


def _read_slowly(asked: Blocks, stream: BinaryIO) -> Iterator[list[list[str]]]:
    lines = io.TextIOWrapper(stream, encoding=asked.encoding, newline="")
    records = asked.dialect.reader(lines)
    try:
        while rows := list(islice(records, 500)):
            yield rows
    except (csv.Error, UnicodeError) as error:
        raise UnreadableFile(
            f"{asked.name}: the text is damaged. Save the file again as CSV UTF-8."
        ) from error


def _even(rows: list[list[str]], width: int) -> None:
    """Fill short rows; take empty surplus away."""
    if not width or set(map(len, rows)) == {width}:
        return
    for row in rows:
        row.extend([""] * (width - len(row)))
        while len(row) > width and is_empty(row[-1]):
            row.pop()
