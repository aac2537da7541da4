"""Tables in and out: CSV of any dialect, XLSX, ODS and XLS in; formula-safe CSV and XLSX out."""

from parkbench.lib.tabular.formula import escape, unescape
from parkbench.lib.tabular.headings import fold_heading
from parkbench.lib.tabular.read import open_table
from parkbench.lib.tabular.rows import (
    RowKind,
    find_header,
    is_empty,
    kind_of_row,
    looks_numeric,
    unique_headers,
)
from parkbench.lib.tabular.table import Cell, Limits, Row, Table, UnreadableFile
from parkbench.lib.tabular.write import CsvWriter, JsonLines, TableWriter, Value, XlsxWriter, csv_chunks

__all__ = [
    "Cell",
    "CsvWriter",
    "JsonLines",
    "Limits",
    "Row",
    "RowKind",
    "Table",
    "TableWriter",
    "UnreadableFile",
    "Value",
    "XlsxWriter",
    "csv_chunks",
    "escape",
    "find_header",
    "fold_heading",
    "is_empty",
    "kind_of_row",
    "looks_numeric",
    "open_table",
    "unescape",
    "unique_headers",
]
