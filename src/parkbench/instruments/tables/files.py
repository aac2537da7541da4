"""How a column's value is written: in a cell for people, in a file for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import COLUMNS, Column
from parkbench.instruments.queries.conditions import Wanted
from parkbench.instruments.queries.park import ParkRow, park_rows
from parkbench.instruments.rules import Status
from parkbench.lib.errors import Refused
from parkbench.lib.money import format_money, plain_decimal
from parkbench.lib.tabular import CsvWriter, JsonLines, TableWriter, XlsxWriter, csv_chunks
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Cell, ColumnKind, Tone

KINDS: dict[str, ColumnKind] = {
    "whole": "number",
    "money": "money",
    "date": "date",
    "time": "date",
    "choice": "choice",
    "words": "text",
    "text": "text",
}
TONES: dict[str, Tone] = {
    Status.IN_SERVICE.value: "good",
    Status.LIMITED.value: "warn",
    Status.OUT_OF_SERVICE.value: "bad",
    Status.DECOMMISSIONED.value: "quiet",
}
ID_HEADING = "Record id"
FORMATS = ("csv", "xlsx", "jsonl")


def column_kind(column: Column) -> ColumnKind:
    """Return how the list draws a column."""
    return "link" if column.key == "name" else "status" if column.key == "status" else KINDS[column.sort]


def cell_of(column: Column, value: Any, row: ParkRow) -> Cell:
    """Write one value for people; an empty cell says nothing about whether there is a value."""
    if value is None or value == ():
        return Cell(is_hidden=column.key == "unit" and row.is_unit_hidden)
    if column.key == "name":
        return Cell(str(value), url=reverse("instruments:instrument", args=[row.uid]))
    if column.key == "unit" and row.unit_uid:
        return Cell(str(value), url=reverse("programme:unit", args=[row.unit_uid]))
    if column.key == "model" and row.model_uid:
        return Cell(str(value), url=reverse("catalogue:model", args=[row.model_uid]))
    if column.key == "status":
        return Cell(_label(column, value), tone=TONES.get(value, "info"))
    return Cell(_for_people(column, value))


def _for_people(column: Column, value: Any) -> str:
    if column.sort == "money":
        return format_money(*value)
    if column.sort == "date":
        return date_format(_day(value), "j M Y")
    if column.sort == "time":
        return date_format(timezone.localtime(value), "j M Y")
    if column.sort == "words":
        return ", ".join(_label(column, each) for each in value)
    if column.sort == "choice":
        return _label(column, value)
    return str(value)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _label(column: Column, value: str) -> str:
    return str(dict(column.choices).get(value, value.replace("-", " ") if column.sort == "words" else value))


def headings(columns: Sequence[Column]) -> list[str]:
    """Return the headings of an export: the record id, then each column, prices with their currency."""
    found = [ID_HEADING]
    for column in columns:
        # What a list shows as make and model is worked out: its own heading keeps it from being imported.
        found.append(_("Make and model as shown") if column.key == "model" else str(column.label))
        if column.currency:
            found.append(str(Instrument.label_of(column.currency)))
    return found


def cells_for_file(columns: Sequence[Column], row: ParkRow) -> list[Any]:
    """Return the exact values of a row, so that importing the file again changes nothing."""
    found: list[Any] = [str(row.uid)]
    for column, value in zip(columns, row.values, strict=True):
        if column.currency:
            found += [plain_decimal(*value), value[1]] if value else [None, None]
        else:
            found.append(_exact(column, value))
    return found


def _exact(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.sort == "date":
        return _day(value).isoformat()
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if column.sort == "words":
        return "; ".join(value)
    if column.key == "year":
        return int(value)
    return value


def csv_of(*, viewer: Viewer, wanted: Wanted) -> Iterator[bytes]:
    """Return the list as a CSV file in pieces, formula-safe, in constant memory."""
    columns, rows = park_rows(viewer=viewer, wanted=wanted)
    return csv_chunks(headings(columns), (cells_for_file(columns, row) for row in rows))


def xlsx_into(stream: BinaryIO, *, viewer: Viewer, wanted: Wanted) -> None:
    """Write the list as an XLSX file, formula-safe, in constant memory."""
    columns, rows = park_rows(viewer=viewer, wanted=wanted)
    with XlsxWriter(stream, headings(columns), sheet=_("Machine park")) as sheet:
        for row in rows:
            sheet.row(cells_for_file(columns, row))


def export(viewer: Viewer, format: str, stream: BinaryIO) -> int:
    """Write all own instruments with all columns; returns how many. For the command line.

    Raises Refused for another format than csv, xlsx or jsonl.
    """
    if format not in FORMATS:
        raise Refused(f"“{format}” is not a format for instruments. Choose csv, xlsx or jsonl.")
    wanted = Wanted(columns=tuple(column.key for column in COLUMNS))
    columns, rows = park_rows(viewer=viewer, wanted=wanted)
    count = 0
    writer = _writer(format, stream, columns)
    for row in rows:
        writer.row(cells_for_file(columns, row))
        count += 1
    writer.close()
    return count


def _writer(format: str, stream: BinaryIO, columns: Sequence[Column]) -> TableWriter:
    if format == "jsonl":
        return JsonLines(stream, ["uid", *_keys(columns)])
    return (CsvWriter if format == "csv" else XlsxWriter)(stream, headings(columns))


def _keys(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        yield column.key
        if column.currency:
            yield column.currency
