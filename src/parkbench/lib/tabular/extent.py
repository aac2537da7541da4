"""How far a sheet reaches: two cells far apart cost as much memory as all the cells between them."""

import re

from parkbench.lib.tabular.table import MIB, Limits, UnreadableFile

_CELL_REF = re.compile(rb' r="([A-Z]+)(\d+)"')
# Nobody writes addresses like these, but a reader takes them.
_ODD = re.compile(rb"<[^<>]*?(?:\sr\s*=\s*\'|[\t\r\n]r\s*=|\sr\s+=|\sr=\s)")
_ODD_START = re.compile(rb' r="[^A-Z0-9]')
_ODD_SIGNS = (
    b"r='",
    b"r =",
    b"r= ",
    b"\tr=",
    b"\nr=",
    b"\rr=",
    b"r\t",
    b"r\n",
    b"r\r",
    b"=\t",
    b"=\n",
    b"=\r",
)
_ROW = re.compile(rb"<table:table-row([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_TABLE_START = b"<table:table "
_ROW_START = b"<table:table-row"
_ROW_END = b"</table:table-row>"
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d+)")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d+)")
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
        if _ODD_START.search(piece) or (any(sign in piece for sign in _ODD_SIGNS) and _ODD.search(piece)):
            raise UnreadableFile(f"{self.name} addresses its cells in an odd way. Save the sheet as .csv.")
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
        end = piece.rfind(_ROW_END) + len(_ROW_END) if _ROW_END in piece else 0
        # Several sheets may stand in one part; counting begins again with each.
        for place, sheet in enumerate(piece[:end].split(_TABLE_START)):
            if place:
                self._passed = self._width = 0
            self._count_rows(sheet)
        rest = piece[end:]
        starts = [place for place in (rest.find(_TABLE_START), rest.find(_ROW_START)) if place >= 0]
        if _ROW_START not in rest:
            if starts:
                self._passed = self._width = 0
            return super().add(rest)
        if len(rest) - min(starts) > _LARGEST_ROW:
            raise UnreadableFile(f"{self.name} has a row of more than 8 MB. Save the sheet as .csv.")
        return rest[min(starts) :]

    def _count_rows(self, sheet: bytes) -> None:
        # Cut at the last end of a row, or a row without end would be searched from each start anew.
        for found in _ROW.finditer(sheet, 0, sheet.rfind(_ROW_END) + len(_ROW_END)):
            repeated = _ROWS_REPEATED.search(found[1])
            self._passed += int(repeated[1][:9]) if repeated else 1
            width = _width(found[2] or b"")
            if width:
                self._width = max(self._width, width)
                check_extent(self._passed, self._width, self.name, self.limits)


def _width(body: bytes) -> int:
    """Return the column of the last cell of a row that holds anything, 0 for none."""
    last = max(body.rfind(b"office:value-type"), body.rfind(b"<text:p"))
    if last < 0:
        return 0
    used = body[: body.find(b">", last) + 1]
    repeats = (int(count[:9]) - 1 for count in _COLUMNS_REPEATED.findall(used))
    return len(_CELL_START.findall(used)) + sum(repeats)
