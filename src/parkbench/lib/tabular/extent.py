"""How far a sheet reaches: two cells far apart cost as much memory as all the cells between them."""

import re

from parkbench.lib.tabular.table import MIB, Limits, UnreadableFile

_CELL_REF = re.compile(rb' r="([A-Z]+)(\d+)"')
_ROW = re.compile(rb"<table:table-row([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ROW_END = b"</table:table-row>"
_ROWS_REPEATED = re.compile(rb'number-rows-repeated="(\d+)"')
_COLUMNS_REPEATED = re.compile(rb'number-columns-repeated="(\d+)"')
_CELL_START = re.compile(rb"<table:(?:covered-)?table-cell")
_LARGEST_ROW = 8 * MIB


def check_extent(rows: int, columns: int, name: str, limits: Limits) -> None:
    """Raise UnreadableFile when a sheet reaches further than the limits allow."""
    if columns > limits.columns:
        raise UnreadableFile(
            f"{name} has a cell in column {columns}; at most {limits.columns} columns can be read. "
            "Delete what stands to the right of the table."
        )
    if rows > limits.rows or rows * columns > limits.cells:
        raise UnreadableFile(
            f"{name} reaches down to row {rows} over {columns} columns, which is too much to read. "
            "Delete what stands below the table, or save the sheet as .csv."
        )


def column_number(letters: bytes) -> int:
    """Return the 1-based number of a column such as B or AA."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


class Extent:
    """Looks at the pieces of a part that holds no cells."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits

    def add(self, piece: bytes) -> bytes:
        """Look at a piece; return its end, where a tag may be cut, to stand before the next one."""
        return piece[max(piece.rfind(b">") + 1, len(piece) - 4096) :]


class SheetExtent(Extent):
    """The used rectangle of a sheet in XLSX, from the addresses of its cells."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(name, limits)
        self._rows = 0
        self._columns: set[bytes] = set()

    def add(self, piece: bytes) -> bytes:
        """Take in the cells of a piece; raise UnreadableFile when the rectangle grows too large."""
        found = _CELL_REF.findall(piece)
        if found:
            letters, digits = zip(*found, strict=True)
            self._columns.update(letters)
            self._rows = max(self._rows, *(int(row[:9]) for row in set(digits)))
            check_extent(self._rows, max(map(column_number, self._columns)), self.name, self.limits)
        return super().add(piece)


class OpenDocumentExtent(Extent):
    """The used rectangle of a sheet in ODS, where one cell or row may stand for a million."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(name, limits)
        self._passed = 0
        self._width = 0

    def add(self, piece: bytes) -> bytes:
        """Take in the whole rows of a piece; raise UnreadableFile when they stand for too many cells."""
        for found in _ROW.finditer(piece):
            repeated = _ROWS_REPEATED.search(found[1])
            self._passed += int(repeated[1][:9]) if repeated else 1
            width = _width(found[2] or b"")
            if width:
                self._width = max(self._width, width)
                check_extent(self._passed, self._width, self.name, self.limits)
        if b"<table:table " in piece:
            # Several sheets stand in one part: counting begins again, with what follows the last start.
            last = piece.rfind(b"<table:table ")
            self._passed = sum(1 for _ in _ROW.finditer(piece, last))
        rest = piece[piece.rfind(_ROW_END) + len(_ROW_END) :] if _ROW_END in piece else piece
        if len(rest) > _LARGEST_ROW:
            raise UnreadableFile(f"{self.name} has a row of more than 8 MB. Save the sheet as .csv.")
        return rest if b"<table:table-row" in rest else super().add(piece)


def _width(body: bytes) -> int:
    """Return the column of the last cell of a row that holds anything, 0 for none."""
    last = max(body.rfind(b"office:value-type"), body.rfind(b"<text:p"))
    if last < 0:
        return 0
    used = body[: body.find(b">", last) + 1]
    repeats = (int(count[:9]) - 1 for count in _COLUMNS_REPEATED.findall(used))
    return len(_CELL_START.findall(used)) + sum(repeats)
