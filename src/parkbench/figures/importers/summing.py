"""Bookings summed in memory: per resource, month, price type, status and kind; of persons nothing is read.

A million rows cost about as much as reading them: rows come in blocks, whole columns are looked at by
functions written in C, and only odd bookings (over the end of a month, on nights of clock changes, wrong) are
looked at one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import compress, repeat
from operator import itemgetter, ne, not_, sub
from typing import Any
from zoneinfo import ZoneInfo

from parkbench.figures.importers.moments import (
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
PRESENT = ("resource", "category", "status", "kind")
Key = tuple[str, str, str, str, str]
"""Resource, category, status, kind, month (2025-03)."""


class _Numbers(dict[Any, int]):
    """Numbers what it is asked for, in order of first appearance."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class _Bits(dict[str, int]):
    """Gives each group a bit of its own, so that sets of groups are whole numbers."""

    def __missing__(self, key: str) -> int:
        bit = self[key] = (1 << len(self)) if key.strip() else 0
        if not bit:
            self[key] = 0
        return bit


class _Lengths(dict[timedelta, int]):
    def __missing__(self, length: timedelta) -> int:
        minutes = self[length] = round(length.total_seconds() / 60)
        return minutes


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
    total: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    ids: _Numbers = field(default_factory=_Numbers)
    bits: _Bits = field(default_factory=_Bits)
    rows: int = 0

    def __post_init__(self) -> None:
        places = self.at.places
        self._moments = Moments(self.zone, self.order)
        self._lengths = _Lengths()
        self._duration = duration_reader(self.at.unit, self.at.decimal)
        self._risky = {day.isoformat() for day in clock_changes(self.zone)}
        self._risky_months = {day[:7] for day in self._risky}
        self._texts = [itemgetter(places[name]) if name in places else None for name in PRESENT]
        self._is_simple = "end" in places and "date" not in places
        self._group = places.get("group")
        self._widths = {self.at.named, self.at.width}
        self._within = tuple(place for place in self.at.unnamed if place < self.at.named)

    _moments: Moments = field(init=False)
    _lengths: _Lengths = field(init=False)
    _duration: Callable[[str], int] = field(init=False)
    _risky: set[str] = field(init=False)
    _risky_months: set[str] = field(init=False)
    _texts: list[Any] = field(init=False)
    _is_simple: bool = field(init=False)
    _group: int | None = field(init=False)
    _widths: set[int] = field(init=False)
    _within: tuple[int, ...] = field(init=False)

    def add(self, first: int, rows: list[list[Cell]]) -> None:
        """Add a block of rows, the first of which has this number."""
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
        starts = list(map(itemgetter(places["start"]), rows))
        ends = list(map(itemgetter(places["end"]), rows))
        try:
            if not (all_iso(starts[:1]) and all_iso(ends[:1])):
                begun = list(map(self._moments.__getitem__, starts))
                ended = list(map(self._moments.__getitem__, ends))
                starts = list(map(datetime.isoformat, begun))
                ends = list(map(datetime.isoformat, ended))
            else:
                begun = list(map(datetime.fromisoformat, starts))
                ended = list(map(datetime.fromisoformat, ends))
            lengths = list(map(self._lengths.__getitem__, map(sub, ended, begun)))
        except (ValueError, TypeError):
            return False
        if max(lengths) > DAY or min(lengths) <= 0:
            return False
        months = list(map(_MONTH, starts))
        odd = list(map(ne, months, map(_MONTH, ends)))
        if not self._risky_months.isdisjoint(set(months)) and not self._risky.isdisjoint(map(_DAY, ends)):
            odd = list(map(self._is_odd, odd, starts, ends))
        for number, row in compress(enumerate(rows, first), odd):
            self._add_row(number, row)
        kept = list(map(not_, odd))
        self._count(first, *(list(compress(column, kept)) for column in (rows, months, lengths))) if any(
            odd
        ) else self._count(first, rows, months, lengths)
        return True

    def _is_odd(self, is_odd: bool, start: str, end: str) -> bool:
        """Whether a booking may last longer or shorter than its clock times say."""
        return is_odd or (_DAY(end) in self._risky and (start[11:13] < "05" or _DAY(start) != _DAY(end)))

    def _count(self, first: int, rows: list[Any], months: list[str], minutes: list[int]) -> None:
        texts = [map(get, rows) if get else repeat("", len(rows)) for get in self._texts]
        numbers = list(map(self.ids.__getitem__, zip(*texts, months)))  # noqa: B905 - all of one length
        self.rows += len(rows)
        self._grow(first)
        self.counts.update(numbers)
        total, groups = self.total, self.groups
        if self._group is None:
            for number, length in zip(numbers, minutes, strict=True):
                total[number] += length
            return
        bits = map(self.bits.__getitem__, map(itemgetter(self._group), rows))
        for number, length, bit in zip(numbers, minutes, bits):  # noqa: B905
            total[number] += length
            groups[number] |= bit

    def _grow(self, row: int) -> None:
        fresh = len(self.ids) - len(self.total)
        if fresh:
            self.total.extend([0] * fresh)
            self.groups.extend([0] * fresh)
            self.first.extend([row] * fresh)

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
        texts = [_text(get(row)) if get else "" for get in self._texts]
        if not texts[0]:
            self.wrong(Wrong(number, self.at.headings["resource"], "", "the name or number of an instrument"))
            return
        bit = self.bits[_text(row[self._group])] if self._group is not None else 0
        self.rows += 1
        for place, (moment, minutes) in enumerate(by_month(start, end, self.zone)):
            if not minutes:
                continue
            one = self.ids[(*texts, moment.isoformat()[:7])]
            self._grow(number)
            self.total[one] += minutes
            self.groups[one] |= bit
            # A session is counted once, in the month in which it began.
            self.counts[one] += place == 0

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

    def cells(self) -> Iterator[tuple[Key, int, int, int, int]]:
        """Yield (key, first row, minutes, sessions, groups as bits), in order of first appearance."""
        for key, number in self.ids.items():
            yield key, self.first[number], self.total[number], self.counts[number], self.groups[number]


class _UnreadError(Exception):
    """A cell that cannot be read."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.expected)
        self.wrong = wrong


_MONTH: Callable[[str], str] = itemgetter(slice(0, 7))
_DAY: Callable[[str], str] = itemgetter(slice(0, 10))


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return "" if cell is None else str(cell).strip()


def _shown(cell: Cell) -> str:
    """Return a value for a message, unless it holds words: in a shifted row they may be somebody's name."""
    text = _text(cell)
    return text if len(text) <= 40 and sum(map(str.isalpha, text)) <= 3 else ""
