"""Service events as files: CSV, XLSX, JSON lines, in constant memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, XlsxWriter, csv_chunks
from parkbench.records.models import OURS
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries.listing import Wanted, listed, ordered
from parkbench.servicing.queries.rows import may_see
from parkbench.servicing.tables.columns import FILE_COLUMNS, FILE_HOME

FORMATS = ("csv", "xlsx", "jsonl")


def _columns(viewer: Viewer, wanted: Wanted) -> list[tuple[str, str, Any]]:
    known = FILE_COLUMNS if wanted.home == OURS else (*FILE_COLUMNS, FILE_HOME)
    return [(key, str(label), of) for key, label, section, of in known if may_see(section, viewer)]


def _rows(viewer: Viewer, wanted: Wanted) -> Iterator[list[Any]]:
    columns = _columns(viewer, wanted)
    for row in ordered(listed(viewer, wanted), wanted.sort).iterator(2000):
        yield [of(row) for _key, _label, of in columns]


def _headings(viewer: Viewer, wanted: Wanted) -> list[str]:
    return [label for _key, label, _of in _columns(viewer, wanted)]


def csv_of(*, viewer: Viewer, wanted: Wanted) -> Iterator[bytes]:
    """Return the list as a CSV file in pieces, formula-safe."""
    return csv_chunks(_headings(viewer, wanted), _rows(viewer, wanted))


def xlsx_into(stream: BinaryIO, *, viewer: Viewer, wanted: Wanted) -> None:
    """Write the list as an XLSX file, formula-safe."""
    with XlsxWriter(stream, _headings(viewer, wanted), sheet=_("Service events")) as sheet:
        for row in _rows(viewer, wanted):
            sheet.row(row)


def export(viewer: Viewer, format: str, stream: BinaryIO) -> int:
    """Write all own service events with all columns; returns how many. For the command line.

    Raises Refused for another format than csv, xlsx or jsonl.
    """
    if format not in FORMATS:
        raise Refused(f"“{format}” is not a format for service events. Choose csv, xlsx or jsonl.")
    rows = _rows(viewer, Wanted())
    if format == "jsonl":
        return _json_lines(stream, [key for key, _label, _of in _columns(viewer, Wanted())], rows)
    count = 0
    with (CsvWriter if format == "csv" else XlsxWriter)(stream, _headings(viewer, Wanted())) as writer:
        for row in rows:
            writer.row(row)
            count += 1
    return count


def _json_lines(stream: BinaryIO, keys: list[str], rows: Iterator[list[Any]]) -> int:
    """Write one JSON object per line (https://jsonlines.org), empty values left out."""
    count = 0
    for row in rows:
        held = {key: value for key, value in zip(keys, row, strict=True) if value is not None}
        stream.write(json.dumps(held, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count
