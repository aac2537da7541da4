"""Reading XLSX, ODS and XLS workbooks."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import BinaryIO, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from parkbench.lib.tabular.extent import check_extent
from parkbench.lib.tabular.safety import PROTECTED
from parkbench.lib.tabular.table import Cell, Limits, UnreadableFile

_LARGEST_FIELD = 128 * 1024
_MIDNIGHT = time()


class LongCell(ValueError):  # noqa: N818 - the house's words
    """A cell that holds more text than any table needs."""


class Sheet(NamedTuple):
    """One sheet of a workbook: its name, all names, its records and the number of the first."""

    name: str
    names: list[str]
    first: int
    records: Iterator[list[Cell]]


def open_sheet(stream: BinaryIO, *, name: str, sheet: str | None, limits: Limits) -> Sheet:
    """Return the sheet of that name, or the first with content, or raise UnreadableFile."""
    try:
        book = CalamineWorkbook.from_filelike(stream)
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            known = ", ".join(names)
            raise UnreadableFile(f"{name} has no sheet called “{sheet}”. It has: {known}.")
        for wanted in [sheet] if sheet is not None else names:
            found = book.get_sheet_by_name(wanted)
            if found.end is not None and found.height:
                check_extent(found.total_height, found.total_width, name, limits)
                return Sheet(wanted, names, 1, map(_plain_record, found.iter_rows()))
    except PasswordError as error:
        raise UnreadableFile(f"{name} {PROTECTED}") from error
    except (CalamineError, OSError, ValueError) as error:
        sentence = f"{name} cannot be read as a spreadsheet. Open it, save it again as .xlsx and import that."
        raise UnreadableFile(sentence) from error
    what = f"The sheet “{sheet}” of {name}" if sheet is not None else name
    raise UnreadableFile(f"{what} is empty. Choose a sheet with a line of column names and rows below it.")


def _plain_record(record: Iterable[Cell]) -> list[Cell]:
    cells = [cell if type(cell) is str else _plain(cell) for cell in record]
    if any(len(cell) > _LARGEST_FIELD for cell in cells if type(cell) is str):
        raise LongCell("a cell holds more than 128 KB of text. Shorten it and import the file again.")
    return cells


def _plain(cell: Cell) -> Cell:
    """Return whole floats as whole numbers and moments at midnight as dates, as the sheet shows them."""
    if type(cell) is float and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if type(cell) is datetime and cell.time() == _MIDNIGHT:
        return cell.date()
    return cell
