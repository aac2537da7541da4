"""Machine parks as sheets: read as they lie, compared across files, written as rows and pairs."""

from parkbench.comparison.sheets.columns import Columns, Known, known_to
from parkbench.comparison.sheets.compared import Compared, Matched, pairs_of
from parkbench.comparison.sheets.mapping import ColumnMap, read_map
from parkbench.comparison.sheets.reading import Park, Record, read_park
from parkbench.comparison.sheets.summary import Summary, said_of
from parkbench.comparison.sheets.written import PAIRS, ROWS, write_pairs, write_rows

__all__ = [
    "PAIRS",
    "ROWS",
    "ColumnMap",
    "Columns",
    "Compared",
    "Known",
    "Matched",
    "Park",
    "Record",
    "Summary",
    "known_to",
    "pairs_of",
    "read_map",
    "read_park",
    "said_of",
    "write_pairs",
    "write_rows",
]
