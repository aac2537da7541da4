"""Writing tables row by row in constant memory, safe from formulas: CSV and XLSX."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self
from uuid import UUID

from parkbench.lib.errors import Refused
from parkbench.lib.tabular.formula import escape

Value = str | int | float | Decimal | bool | date | datetime | time | timedelta | UUID | None
"""What a cell may be given. Text is text, whatever it looks like; numbers and dates stay what they are."""

Target = Path | str | BinaryIO

_LARGEST_CELL = 32_767
_LARGEST_ROWS = 1_048_576
_LARGEST_EXACT = 2**53
_FIRST_DATE = date(1900, 3, 1)
_FLUSH = 64 * 1024


class TableWriter(Protocol):
    """What both writers offer."""

    def row(self, cells: Sequence[Value]) -> None:
        """Write one line."""

    def close(self) -> None:
        """Finish the file."""


class CsvWriter:
    """Writes CSV with byte order mark and CRLF, as spreadsheets open it; every text is quoted.

    Texts that a spreadsheet could run carry an apostrophe, which `open_table` takes away again: what is
    written is read back exactly. An empty text and None both become an empty cell. Without ``has_mark`` there
    is no byte order mark: programs read it as a part of the first heading.
    """

    def __init__(
        self, target: Target, headers: Sequence[str], *, delimiter: str = ",", has_mark: bool = True
    ) -> None:
        self._is_closed = False
        self._is_owned = isinstance(target, str | Path)
        binary = Path(target).open("wb") if isinstance(target, str | Path) else target  # noqa: SIM115
        self._text = io.TextIOWrapper(binary, encoding="utf-8-sig" if has_mark else "utf-8", newline="")
        self._csv = csv.writer(self._text, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
        self.row(headers)

    def row(self, cells: Sequence[Value]) -> None:
        """Write one line."""
        self._csv.writerow([escape(cell) if type(cell) is str else _csv_cell(cell) for cell in cells])

    def flush(self) -> None:
        """Hand everything written so far to the target."""
        self._text.flush()

    def close(self) -> None:
        """Finish the file; a stream that was given stays open."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._is_owned:
            self._text.close()
        else:
            self._text.detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _csv_cell(cell: Value) -> str | int | float | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LARGEST_EXACT:
        return int(cell)
    if isinstance(cell, Decimal):
        # 1E+3 is a number to few programs.
        return Decimal(f"{cell:f}") if cell.is_finite() else str(cell)
    if isinstance(cell, int | float):
        return cell
    return escape(cell.isoformat() if isinstance(cell, date | time) else str(cell))


def csv_chunks(
    headers: Sequence[str], rows: Iterable[Sequence[Value]], *, delimiter: str = ","
) -> Iterator[bytes]:
    """Yield the bytes of a CSV file in pieces of about 64 KiB, for a response that streams."""
    buffer = io.BytesIO()
    writer = CsvWriter(buffer, headers, delimiter=delimiter)
    for place, cells in enumerate(rows, start=1):
        writer.row(cells)
        if place % 200 == 0:
            writer.flush()
            if buffer.tell() > _FLUSH:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    writer.close()
    yield buffer.getvalue()


class XlsxWriter:
    """Writes one sheet of an XLSX file in constant memory: texts as texts, never as formulas.

    Dates and numbers keep their type; a number that a spreadsheet would round is written as text. Raises
    Refused for a text of more than 32,767 characters or more rows than a sheet has.
    """

    def __init__(self, target: Target, headers: Sequence[str], *, sheet: str = "Sheet1") -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": False,
        }
        # Here, not above: every command would load it, and few write a workbook.
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415

        self._book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        self._sheet = self._book.add_worksheet(sheet[:31])
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(headers) - 1), 18)
        for column, header in enumerate(headers):
            self._string(0, column, header, bold)
        self._count = 1

    def row(self, cells: Sequence[Value]) -> None:
        """Write one line."""
        number = self._count
        if number >= _LARGEST_ROWS:
            raise Refused(
                f"A sheet holds at most {_LARGEST_ROWS:,} rows. Filter the list or export it as CSV."
            )
        for column, cell in enumerate(cells):
            if type(cell) is str:
                if cell:
                    self._string(number, column, cell)
            elif cell is not None:
                self._other(number, column, cell)
        self._count += 1

    def _string(self, row: int, column: int, text: str, form: object = None) -> None:
        if len(text) > _LARGEST_CELL:
            raise Refused(
                f"Row {row + 1} holds a text of {len(text):,} characters; a cell of a spreadsheet holds "
                f"{_LARGEST_CELL:,}. Leave out that column or export as CSV."
            )
        self._sheet.write_string(row, column, text, form)

    def _other(self, row: int, column: int, cell: Value) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(row, column, cell)
        elif isinstance(cell, int | float | Decimal) and _is_exact(cell):
            self._sheet.write_number(row, column, cell)
        elif isinstance(cell, datetime) and cell.date() >= _FIRST_DATE:
            naive = cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
            self._sheet.write_datetime(row, column, naive, self._moment)
        elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= _FIRST_DATE:
            self._sheet.write_datetime(row, column, cell, self._date)
        else:
            self._string(row, column, cell.isoformat() if isinstance(cell, date | time) else str(cell))

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class JsonLines:
    """Writes one JSON object per line (https://jsonlines.org), empty values left out."""

    def __init__(self, target: BinaryIO, names: Sequence[str]) -> None:
        self.target, self.names = target, names

    def row(self, cells: Sequence[Value]) -> None:
        """Write one line."""
        held = {name: cell for name, cell in zip(self.names, cells, strict=True) if cell is not None}
        self.target.write(json.dumps(held, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Finish; the stream stays open."""


def _is_exact(number: int | float | Decimal) -> bool:
    """Tell whether a spreadsheet, which counts in binary fractions of 15 digits, keeps the number."""
    if isinstance(number, int):
        return abs(number) <= 10**15
    if isinstance(number, float):
        return number - number == 0
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= 15
