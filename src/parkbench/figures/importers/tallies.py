"""Sums of bookings as columns of numbers: what texts stand for, and what each cell comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
MOST = 1 << 17
"""Rows that wait at most before they are added up, so that memory stays the same however long a list is."""
_MONTH, _PART = 17, 41
"""Where in a key the part and the resource begin: months to year 9999 below, 2^24 parts, 2^22 resources."""
_GROUP = 24
_BITS = 1 << 24  # cells by groups that are written out at a time


class Texts(dict[Any, int]):
    """Numbers texts, or tuples of them, in order of first appearance; '' is 0.

    Blanks around a text are no part of it. What is no text raises TypeError.
    """

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.known: list[Any] = [""]

    def __missing__(self, text: Any) -> int:
        is_one = isinstance(text, str)
        plain = text.strip() if is_one else tuple(map(str.strip, text))
        if plain != text:
            number = self[text] = self[plain]
            return number
        number = self[text] = len(self.known)
        self.known.append(text)
        return number


class Rows(NamedTuple):
    """Bookings to be added, column by column: all columns are of one length.

    ``months`` count from the year 0 (year x 12 + month - 1); ``groups`` are numbers of `Texts`, 0 is none.
    """

    resources: Column
    parts: Column
    months: Column
    minutes: Column
    sessions: Column
    groups: Column
    rows: Column


class Cell(NamedTuple):
    """What the bookings of a resource, a part and a month come to.

    ``first`` is the row of the first of them; ``groups`` is a set of bits, that of group n being 1 << n - 1.
    """

    resource: Any
    part: Any
    month: int
    first: int
    minutes: int
    sessions: int
    groups: int


@dataclass(slots=True)
class Tally:
    """The sums of all that was added."""

    resources: Texts = field(default_factory=Texts)
    parts: Texts = field(default_factory=Texts)
    groups: Texts = field(default_factory=Texts)
    _waiting: list[Column] = field(default_factory=list)
    _single: list[tuple[int, ...]] = field(default_factory=list)
    _count: int = 0
    _numbers: dict[int, int] = field(default_factory=dict)
    """Key of a cell > its number, in order of first appearance."""
    _sums: Column = field(default_factory=lambda: np.zeros((3, 0), np.int64))
    """First row, minutes and sessions of each cell."""
    _pairs: list[Column] = field(default_factory=list)
    """Cell and group of each group that was there, in parts that are sorted."""

    def add(self, told: Rows) -> None:
        """Add bookings."""
        keys = (told.resources << _PART) | (told.parts << _MONTH) | told.months
        self._waiting.append(np.stack((keys, told.rows, told.minutes, told.sessions, told.groups)))
        self._count += len(keys)
        if self._count >= MOST:
            self._settle()

    def add_one(self, told: tuple[int, ...]) -> None:
        """Add one booking: a number for each column of `Rows`."""
        self._single.append(told)
        if len(self._single) >= MOST:
            self._settle()

    def _settle(self) -> None:
        """Add up what waits."""
        if self._single:
            single, self._single = self._single, []
            self.add(Rows(*np.array(single, np.int64).T))
        if not self._waiting:
            return
        keys, *told, groups = np.concatenate(self._waiting, axis=1)
        self._waiting, self._count = [], 0
        found, place = np.unique(keys, return_inverse=True)
        cells = self._cells(found.tolist())
        rows, minutes, sessions = told
        np.minimum.at(self._sums[0], cells[place], rows)
        self._sums[1, cells] += _added(place, minutes)
        self._sums[2, cells] += _added(place, sessions)
        pairs = ((cells[place] << _GROUP) | groups)[groups > 0]
        self._pairs.append(_distinct(pairs))

    def _cells(self, keys: list[int]) -> Column:
        """Return the numbers of cells, new ones last, and make room for them."""
        numbers = self._numbers
        cells = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
        more = len(numbers) - self._sums.shape[1]
        new = np.zeros((3, more), np.int64)
        new[0] = np.iinfo(np.int64).max
        self._sums = np.concatenate((self._sums, new), axis=1)
        return cells

    def cells(self) -> Iterator[Cell]:
        """Yield the cells in the order of their first rows."""
        self._settle()
        keys, groups = list(self._numbers), list(self._groups())
        first, minutes, sessions = self._sums.tolist()
        for one in np.argsort(self._sums[0], kind="stable").tolist():
            key = keys[one]
            yield Cell(
                resource=self.resources.known[key >> _PART],
                part=self.parts.known[(key >> _MONTH) & ((1 << _PART - _MONTH) - 1)],
                month=key & ((1 << _MONTH) - 1),
                first=first[one],
                minutes=minutes[one],
                sessions=sessions[one],
                groups=groups[one],
            )

    def _groups(self) -> Iterator[int]:
        """Yield the set of groups of each cell as bits, in the order of cells."""
        pairs = _distinct(np.concatenate(self._pairs)) if self._pairs else np.zeros(0, np.int64)
        cells, groups = pairs >> _GROUP, (pairs & ((1 << _GROUP) - 1)) - 1
        step = max(1, _BITS // len(self.groups.known))
        for begin in range(0, len(self._numbers), step):
            end = min(begin + step, len(self._numbers))
            within = slice(*np.searchsorted(cells, (begin, end)).tolist())
            bits = np.zeros((end - begin, len(self.groups.known)), np.bool_)
            bits[cells[within] - begin, groups[within]] = True
            packed = np.packbits(bits, axis=1, bitorder="little")
            width, together = packed.shape[1], packed.tobytes()
            for place in range(0, len(together), width):
                yield int.from_bytes(together[place : place + width], "little")


def numbers(texts: Texts, column: Any, count: int) -> Column:
    """Return the numbers of a column of texts; raises TypeError for what cannot be looked up."""
    return np.fromiter(map(texts.__getitem__, column), np.int64, count)


def _added(place: NDArray[np.intp], told: Column) -> Column:
    # Sums of minutes stay far below 2^53, up to which a float64 counts exactly.
    return np.bincount(place, weights=told).astype(np.int64)


def _distinct(sortable: Column) -> Column:
    """Return sorted numbers without repetitions."""
    found = np.sort(sortable)
    is_first = np.ones(len(found), np.bool_)
    is_first[1:] = found[1:] != found[:-1]
    return found[is_first]
