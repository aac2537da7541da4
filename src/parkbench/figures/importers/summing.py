"""Bookings summed in memory: per resource, month, price type, status and kind; of persons nothing is read.

A million rows cost about as much as reading them: rows come in blocks, whole columns are looked at by
functions written in C, and only odd bookings (over the end of a month, on nights of clock changes, wrong) are
looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import compress
from operator import is_not, itemgetter, not_, or_, sub
from typing import Any
from zoneinfo import ZoneInfo

from parkbench.figures.importers.moments import (
    MEMORY,
    Moments,
    all_iso,
    by_month,
    clock_changes,
    duration_reader,
    minutes_between,
)
from parkbench.lib.tabular import Cell, kind_of_row

LONGEST = timedelta(days=92)
"""A booking longer than this is taken for a slip of the pen."""
DAY = 24 * 60
SESSION, GROUPS = 1 << 40, 72
"""What a sum holds in one number: minutes below `SESSION`, sessions from there, groups from bit `GROUPS` on.

One number is found, changed and kept at the cost of one; in random order finding it costs most of all.
"""
PARTS = ("category", "status", "kind")
Key = tuple[str, str, str, str, str]
"""Resource, category, status, kind, month (2025-03)."""


class _Numbers(dict[Any, int]):
    """Numbers what it is asked for, in order of first appearance."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


@dataclass(slots=True)
class _Here:
    """The row that is being read, or the first of its block."""

    row: int = 0


class _Cells(dict[int, int]):
    """The sums of one resource by the number of what else tells them apart, and in which row each began."""

    def __init__(self, here: _Here) -> None:
        super().__init__()
        self.here = here
        self.first: dict[int, int] = {}

    def __missing__(self, part: int) -> int:
        self.first[part] = self.here.row
        return 0


class _Resources(dict[str, _Cells]):
    """Resource > its sums: two small steps, as one large table of all is slow in random order."""

    def __init__(self, here: _Here) -> None:
        super().__init__()
        self.here = here

    def __missing__(self, resource: str) -> _Cells:
        cells = self[resource] = _Cells(self.here)
        return cells


class _Bits(dict[str, int]):
    """Gives each group a bit of its own, so that sets of groups are whole numbers."""

    def __missing__(self, key: str) -> int:
        bit = self[key] = (1 << len(self) + GROUPS) if key.strip() else 0
        return bit


class _Lengths(dict[timedelta, int]):
    """Length > its minutes and one session in one number; 0 for what must be looked at by itself."""

    def __missing__(self, length: timedelta) -> int:
        if len(self) >= MEMORY:
            self.clear()
        minutes = round(length.total_seconds() / 60)
        told = self[length] = SESSION + minutes if 0 < minutes <= DAY else 0
        return told


class _Months(dict[str, str]):
    """Day > its month, the same object for every day of it; '' for ``odd`` days. Others raise ValueError."""

    def __init__(self, months: dict[str, str], odd: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.months, self.odd = months, odd

    def __missing__(self, day: str) -> str:
        if day[4:8:3] != "--":
            raise ValueError(day)
        if len(self) >= MEMORY:
            self.clear()
        month = self[day] = "" if day in self.odd else self.months.setdefault(day[:7], day[:7])
        return month


@dataclass(frozen=True, slots=True)
class Wrong:
    """A booking that cannot be read: row, heading, the value if it names nobody, what was expected."""

    row: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where the columns stand: field > place; the headings for messages; the width of a row.

    ``unnamed`` are places without a heading: what stands there is a stray separator's doing, and shifted."""

    places: Mapping[str, int]
    headings: Mapping[str, str]
    width: int
    unnamed: tuple[int, ...] = ()
    unit: int = 60
    decimal: str = ""

    @property
    def named(self) -> int:
        """How many cells a row has: places behind the last heading are a stray separator's doing too."""
        width = self.width
        while width - 1 in self.unnamed:
            width -= 1
        return width


@dataclass(slots=True)
class Sums:
    """The sums so far; ``wrong`` is called with each booking that cannot be read."""

    at: Places
    zone: ZoneInfo
    order: Any
    wrong: Callable[[Wrong], None]
    parts: _Numbers = field(default_factory=_Numbers)
    bits: _Bits = field(default_factory=_Bits)

    def __post_init__(self) -> None:
        places = self.at.places
        self._moments = Moments(self.zone, self.order)
        self._lengths = _Lengths()
        self._duration = duration_reader(self.at.unit, self.at.decimal)
        months: dict[str, str] = {}
        self._begun_in = _Months(months)
        self._ended_in = _Months(months, frozenset(day.isoformat() for day in clock_changes(self.zone)))
        self._here = _Here()
        self.resources = _Resources(self._here)
        self._resource = itemgetter(places["resource"])
        self._texts = [itemgetter(places[name]) for name in PARTS if name in places]
        self._is_simple = "end" in places and "date" not in places
        self._group = itemgetter(places["group"]) if "group" in places else None
        self._widths = {self.at.named, self.at.width}
        self._within = tuple(place for place in self.at.unnamed if place < self.at.named)

    _moments: Moments = field(init=False)
    _lengths: _Lengths = field(init=False)
    _duration: Callable[[str], int] = field(init=False)
    resources: _Resources = field(init=False)
    _begun_in: _Months = field(init=False)
    _ended_in: _Months = field(init=False)
    _here: _Here = field(init=False)
    _resource: Callable[[Any], Any] = field(init=False)
    _texts: list[Any] = field(init=False)
    _is_simple: bool = field(init=False)
    _group: Callable[[Any], Any] | None = field(init=False)
    _widths: set[int] = field(init=False)
    _within: tuple[int, ...] = field(init=False)

    def add(self, first: int, rows: list[list[Cell]]) -> None:
        """Add a block of rows, the first of which has this number."""
        self._here.row = first
        if self._is_simple and self._add_block(first, rows):
            return
        for number, row in enumerate(rows, first):
            self._add_row(number, row)

    def _add_block(self, first: int, rows: list[Any]) -> bool:
        """Add plain rows column by column; False when they must be looked at one by one."""
        places = self.at.places
        widths = set(map(len, rows))
        if len(widths) > 1 or not widths <= self._widths:
            return False
        unnamed = self.at.unnamed if self.at.width in widths else self._within
        if any(any(map(itemgetter(place), rows)) for place in unnamed):
            return False
        try:
            starts, begun = self._read(list(map(itemgetter(places["start"]), rows)))
            ends, ended = self._read(list(map(itemgetter(places["end"]), rows)))
            told = list(map(self._lengths.__getitem__, map(sub, ended, begun)))
            months = list(map(self._begun_in.__getitem__, map(_DAY, starts)))
            odd = list(map(is_not, months, map(self._ended_in.__getitem__, map(_DAY, ends))))
        except (ValueError, TypeError):
            return False
        for place in list(compress(range(len(odd)), odd)):
            odd[place] = _is_odd(starts[place], ends[place])
        if not all(told):
            odd = list(map(or_, odd, map(not_, told)))
        if any(odd):
            for number, row in compress(enumerate(rows, first), odd):
                self._add_row(number, row)
            self._here.row = first
            kept = list(map(not_, odd))
            rows, months, told = (list(compress(column, kept)) for column in (rows, months, told))
        self._count(rows, months, told)
        return True

    def _read(self, texts: list[Any]) -> tuple[list[str], list[datetime]]:
        """Return times as ISO texts and as times; raises ValueError or TypeError for what is none."""
        if all_iso(texts[:1]):
            return texts, list(map(datetime.fromisoformat, texts))
        found = list(map(self._moments.__getitem__, texts))
        return list(map(datetime.isoformat, found)), found

    def _count(self, rows: list[Any], months: list[str], told: list[int]) -> None:
        cells = map(self.resources.__getitem__, map(self._resource, rows))
        texts = [map(get, rows) for get in self._texts]
        parts = map(self.parts.__getitem__, zip(*texts, months))  # noqa: B905 - all of one length
        if self._group is None:
            for held, part, one in zip(cells, parts, told, strict=True):
                held[part] += one
            return
        bits = map(self.bits.__getitem__, map(self._group, rows))
        for held, part, one, bit in zip(cells, parts, told, bits):  # noqa: B905
            held[part] = held[part] + one | bit

    def _add_row(self, number: int, row: Sequence[Cell]) -> None:
        """Add one booking, over as many months as it touches; tell what is wrong with it."""
        if kind_of_row(row) in ("blank", "total", "section"):
            return
        if problem := self._misfit(number, row):
            self.wrong(problem)
            return
        try:
            start, end = self._span(number, row)
        except _UnreadError as error:
            self.wrong(error.wrong)
            return
        resource = _text(self._resource(row))
        if not resource:
            self.wrong(Wrong(number, self.at.headings["resource"], "", "the name or number of an instrument"))
            return
        self._here.row = number
        held = self.resources[resource]
        texts = [_text(get(row)) for get in self._texts]
        bit = self.bits[_text(self._group(row))] if self._group is not None else 0
        for place, (moment, minutes) in enumerate(by_month(start, end, self.zone)):
            if not minutes:
                continue
            part = self.parts[(*texts, moment.isoformat()[:7])]
            # A session is counted once, in the month in which it began.
            told = minutes if place else SESSION + minutes
            held[part] = held[part] + told | bit

    def _misfit(self, number: int, row: Sequence[Cell]) -> Wrong | None:
        """Say that a row has fewer or more cells than there are column names: what follows may be shifted."""
        found = len(row)
        while found > self.at.named and not _text(row[found - 1]):
            found -= 1
        if found == self.at.named and not any(_text(row[place]) for place in self._within):
            return None
        cause = "a missing cell?" if found < self.at.named else "a stray separator?"
        named = self.at.named - len(self._within)
        expected = f"{named} cells, as many as there are column names ({cause})"
        return Wrong(number, "", f"{found} cells", expected)

    def _span(self, number: int, row: Sequence[Cell]) -> tuple[datetime, datetime]:
        start = self._moment(number, row, "start")
        if "end" in self.at.places:
            end = self._moment(number, row, "end")
            if end < start and "date" in self.at.places and start - end < timedelta(days=1):
                end += timedelta(days=1)
        else:
            end = start + timedelta(minutes=self._minutes(number, row))
        if not timedelta() < end - start <= LONGEST or minutes_between(start, end, self.zone) <= 0:
            name = "end" if "end" in self.at.places else "duration"
            expected = "an end after the start, at most three months later"
            raise _UnreadError(
                Wrong(number, self.at.headings[name], _shown(row[self.at.places[name]]), expected)
            )
        return start, end

    def _moment(self, number: int, row: Sequence[Cell], name: str) -> datetime:
        cell = row[self.at.places[name]] if name in self.at.places else ""
        day = row[self.at.places["date"]] if "date" in self.at.places else None
        text = _text(cell) if day is None else f"{_text(day).split(' ')[0]} {_text(cell)}"
        try:
            return self._moments[text.strip()]
        except ValueError:
            heading = self.at.headings.get(name) or self.at.headings.get("date", "")
            expected = "a day and a time such as 2025-03-31 14:30"
            raise _UnreadError(Wrong(number, heading, _shown(cell), expected)) from None

    def _minutes(self, number: int, row: Sequence[Cell]) -> int:
        cell = row[self.at.places["duration"]]
        if isinstance(cell, timedelta):
            return round(cell.total_seconds() / 60)
        try:
            return self._duration(_text(cell))
        except ValueError:
            heading = self.at.headings["duration"]
            raise _UnreadError(Wrong(number, heading, _shown(cell), "hours such as 1.5 or 1:30")) from None

    @property
    def categories(self) -> set[str]:
        """The different price types."""
        return {category for category, *_others in map(self._whole, self.parts)}

    def _whole(self, told: Sequence[str]) -> tuple[str, str, str, str]:
        """Return category, status, kind and month of a part, '' for those that have no column."""
        here = iter(told)
        category, status, kind = (next(here) if name in self.at.places else "" for name in PARTS)
        return category, status, kind, next(here)

    def cells(self) -> Iterator[tuple[Key, int, int, int, int]]:
        """Yield (key, first row, minutes, sessions, groups as bits), by the block in which each began."""
        parts = [self._whole(told) for told in self.parts]
        found = [
            (held.first[part], resource, part, told)
            for resource, held in self.resources.items()
            for part, told in held.items()
        ]
        for first, resource, part, told in sorted(found, key=itemgetter(0)):
            minutes, sessions = told % SESSION, told % (1 << GROUPS) // SESSION
            yield (resource, *parts[part]), first, minutes, sessions, told >> GROUPS


class _UnreadError(Exception):
    """A cell that cannot be read."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.expected)
        self.wrong = wrong


_DAY: Callable[[str], str] = itemgetter(slice(0, 10))


def _is_odd(start: str, end: str) -> bool:
    """Whether a booking that ends in another month, or on a day of a clock change, must be looked at."""
    return start[:7] != end[:7] or start[11:13] < "05" or _DAY(start) != _DAY(end)


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return "" if cell is None else str(cell).strip()


def _shown(cell: Cell) -> str:
    """Return a value for a message, unless it holds words: in a shifted row they may be somebody's name."""
    text = _text(cell)
    return text if len(text) <= 40 and sum(map(str.isalpha, text)) <= 3 else ""
