"""Bookings summed in memory: per resource, month, price type, status and kind; of persons nothing is read.

A million rows cost about as much as reading them: rows come in blocks, whole columns are turned into numbers
and summed by numpy, and only odd bookings (over the end of a month, on nights of clock changes, wrong) are
looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from parkbench.figures.importers.moments import (
    Moments,
    Times,
    by_month,
    duration_reader,
    minutes_between,
)
from parkbench.figures.importers.tallies import Rows, Tally, numbers
from parkbench.lib.tabular import Cell, kind_of_row

LONGEST = timedelta(days=92)
"""A booking longer than this is taken for a slip of the pen."""
DAY = 24 * 60
NIGHT = 5 * 60
"""Minutes of a day until which clocks are changed."""
PARTS = ("category", "status", "kind")
Key = tuple[str, str, str, str, str]
"""Resource, category, status, kind, month (2025-03)."""


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
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        places = self.at.places
        self._moments = Moments(self.zone, self.order)
        self._times = Times(self._moments)
        self._duration = duration_reader(self.at.unit, self.at.decimal)
        self._resource = itemgetter(places["resource"])
        found = [places[name] for name in PARTS if name in places]
        self._part = itemgetter(*found) if found else None
        self._is_simple = "end" in places and "date" not in places
        self._group = itemgetter(places["group"]) if "group" in places else None
        self._widths = {self.at.named, self.at.width}
        self._within = tuple(place for place in self.at.unnamed if place < self.at.named)

    _moments: Moments = field(init=False)
    _times: Times = field(init=False)
    _duration: Callable[[str], int] = field(init=False)
    _resource: Callable[[Any], Any] = field(init=False)
    _part: Callable[[Any], Any] | None = field(init=False)
    _is_simple: bool = field(init=False)
    _group: Callable[[Any], Any] | None = field(init=False)
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
        widths = set(map(len, rows))
        if len(widths) > 1 or not widths <= self._widths:
            return False
        unnamed = self.at.unnamed if self.at.width in widths else self._within
        if any(any(map(itemgetter(place), rows)) for place in unnamed):
            return False
        try:
            told, is_plain = self._columns(first, rows)
        except (ValueError, TypeError):
            return False
        if not is_plain.all():
            for place in np.flatnonzero(~is_plain).tolist():
                self._add_row(first + place, rows[place])
            told = Rows(*(column[is_plain] for column in told))
        self.tally.add(told)
        return True

    def _columns(self, first: int, rows: list[Any]) -> tuple[Rows, Any]:
        """Return rows as numbers, and which of them are plain: within one month and day, and not wrong."""
        count, places, tally = len(rows), self.at.places, self.tally
        started = self._times.read(list(map(itemgetter(places["start"]), rows)))
        ended = self._times.read(list(map(itemgetter(places["end"]), rows)))
        minutes = ended.minutes - started.minutes
        resources = numbers(tally.resources, map(self._resource, rows), count)
        nothing = np.zeros(count, np.int64)
        told = Rows(
            resources=resources,
            parts=numbers(tally.parts, map(self._part, rows), count) if self._part else nothing,
            months=started.months,
            minutes=minutes,
            sessions=nothing + 1,
            groups=numbers(tally.groups, map(self._group, rows), count) if self._group else nothing,
            rows=np.arange(first, first + count),
        )
        is_plain = (started.months == ended.months) & (minutes > 0) & (minutes <= DAY) & (resources > 0)
        is_plain &= ~started.has_clock_change | (started.minutes % DAY >= NIGHT)
        is_plain &= ~ended.has_clock_change | (started.minutes // DAY == ended.minutes // DAY)
        return told, is_plain

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
        texts, tally = [_text(cell) for cell in row], self.tally
        resource = self._resource(texts)
        if not resource:
            self.wrong(Wrong(number, self.at.headings["resource"], "", "the name or number of an instrument"))
            return
        held = (tally.resources[resource], tally.parts[self._part(texts)] if self._part else 0)
        group = tally.groups[self._group(texts)] if self._group else 0
        # A session is counted once, in the month in which it began.
        for place, (moment, minutes) in enumerate(by_month(start, end, self.zone)):
            if minutes:
                month = moment.year * 12 + moment.month - 1
                tally.add_one((*held, month, minutes, int(place == 0), group, number))

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
        return {self._texts(told)[0] for told in self.tally.parts.known}

    def _texts(self, told: Any) -> tuple[str, str, str]:
        """Return category, status and kind of a part, '' for those that have no column."""
        here = iter(told if isinstance(told, tuple) else (told,))
        category, status, kind = (next(here, "") if name in self.at.places else "" for name in PARTS)
        return category, status, kind

    def cells(self) -> Iterator[tuple[Key, int, int, int, int]]:
        """Yield (key, first row, minutes, sessions, groups as bits), by the row in which each began."""
        texts, month = cache(self._texts), cache(_month)
        for one in self.tally.cells():
            key = (one.resource, *texts(one.part), month(one.month))
            yield key, one.first, one.minutes, one.sessions, one.groups


class _UnreadError(Exception):
    """A cell that cannot be read."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.expected)
        self.wrong = wrong


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return "" if cell is None else str(cell).strip()


def _shown(cell: Cell) -> str:
    """Return a value for a message, unless it holds words: in a shifted row they may be somebody's name."""
    text = _text(cell)
    return text if len(text) <= 40 and sum(map(str.isalpha, text)) <= 3 else ""
