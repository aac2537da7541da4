"""What reading a table yields: rows with the number a person sees, and words about the file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import NamedTuple, Self

from parkbench.lib.errors import Refused

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the file holds it; an empty cell is the empty text, whatever the format."""

MIB = 1024 * 1024


class UnreadableFile(Refused):
    """A file that is not read, with the sentence that says why and what to do."""


class Row(NamedTuple):
    """One line of a table: its number as a spreadsheet shows it (1-based), and its cells.

    Short lines are filled with empty cells, unless the table is ragged; more cells than headers means a line
    with stray separators.
    """

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold: sizes in bytes, cells counted over the used rectangle of a sheet."""

    file_size: int = 200 * MIB
    unpacked_size: int = 400 * MIB
    unpacked_ratio: int = 200
    entries: int = 5_000
    columns: int = 1_000
    rows: int = 1_048_576
    cells: int = 25_000_000


@dataclass(slots=True)
class Table:
    """An open table: unique headers, a stream of rows that can be read once, and how it was understood."""

    headers: list[str]
    rows: Iterator[Row]
    sheet: str | None
    sheets: list[str]
    dialect: str
    encoding: str
    header_number: int = 1
    skipped_above: list[Row] = field(default_factory=list)
    delimiter: str | None = None
    blocks: Callable[[], Iterator[tuple[int, list[list[Cell]]]]] | None = None
    _close: Callable[[], None] | None = None

    def close(self) -> None:
        """Let go of the file; reading on is not possible afterwards."""
        if self._close is not None:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
