"""Times of bookings, read fast: whole columns of ISO texts by numpy, others once per distinct text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from parkbench.lib.dates import DateOrder, parse_date
from parkbench.lib.errors import Invalid

MEMORY = 100_000
"""Distinct texts remembered, so that memory stays the same however long the list is."""
_TIME = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
)
_CLOCK = re.compile(r"(\d{1,4}):(\d{2})(?::(\d{2}))?")
_EPOCH = date(1970, 1, 1)
_ISO = 16  # letters of 2025-03-31 14:30
_SIGNS = {4: "-", 7: "-", 10: " T", 13: ":"}


class Moments(dict[str, datetime]):
    """Text > local time without zone; a text that is no time raises ValueError."""

    def __init__(self, zone: ZoneInfo, order: DateOrder | None) -> None:
        super().__init__()
        self.zone, self.order = zone, order

    def __missing__(self, text: str) -> datetime:
        if len(self) >= MEMORY:
            self.clear()
        found = self[text] = self.read(text)
        return found

    def read(self, text: str) -> datetime:
        """Return the local time of a text; raises ValueError."""
        plain = text.strip()
        try:
            found = datetime.fromisoformat(plain)
        except ValueError:
            found = self._written(plain)
        if found.tzinfo is not None:
            found = found.astimezone(self.zone).replace(tzinfo=None)
        return found.replace(second=0, microsecond=0)

    def _written(self, text: str) -> datetime:
        clock = _TIME.search(text)
        day_text = text[: clock.start()].strip().rstrip(",") if clock else text
        try:
            day = parse_date(day_text, order=self.order)
        except Invalid as error:
            raise ValueError(text) from error
        return datetime.combine(day, _time_of(clock) if clock else time())


def _time_of(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    half = (found["half"] or "").casefold()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = found["zone"]
    made = time(hour, int(found["minute"]))
    return made if not zone else made.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo)


class Read(NamedTuple):
    """Times as columns: minutes since 1970, months since the year 0, whether clocks are changed that day."""

    minutes: NDArray[np.int64]
    months: NDArray[np.int64]
    has_clock_change: NDArray[np.bool_]


class Times:
    """Reads columns of times: 2025-03-31 14:30 by numpy, all others once per distinct text."""

    def __init__(self, moments: Moments) -> None:
        self._minutes = _Minutes(moments)
        days = [(day - _EPOCH).days for day in clock_changes(moments.zone)]
        self._changes = np.zeros(max(days, default=0) + 2, np.bool_)
        self._changes[[day for day in days if day >= 0]] = True

    def read(self, texts: list[str]) -> Read:
        """Return times of any year from 1970 on; raises ValueError or TypeError for what is none."""
        if _is_iso(texts):
            moments = np.array(texts, "datetime64[m]")
            minutes = moments.astype(np.int64)
        else:
            minutes = np.fromiter(map(self._minutes.__getitem__, texts), np.int64, len(texts))
            moments = minutes.astype("datetime64[m]")
        days = minutes // (24 * 60)
        if len(days) and int(days.min()) < 0:
            raise ValueError(texts)
        months = moments.astype("datetime64[M]").astype(np.int64) + 1970 * 12
        return Read(minutes, months, self._changes.take(days, mode="clip"))


class _Minutes(dict[str, int]):
    """Text > minutes since 1970; a text that is no time raises ValueError."""

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self.moments = moments

    def __missing__(self, text: str) -> int:
        if len(self) >= MEMORY:
            self.clear()
        passed = self.moments.read(text) - datetime.combine(_EPOCH, time())
        found = self[text] = passed // timedelta(minutes=1)
        return found


def _is_iso(texts: Sequence[str]) -> bool:
    """Tell whether every text has the shape 2025-03-31 14:30, which numpy then reads or refuses."""
    together, count = "".join(texts), len(texts)
    if set(map(len, texts)) != {_ISO} or not together.isascii():
        return False
    return all(
        any(together[place::_ISO] == sign * count for sign in signs) for place, signs in _SIGNS.items()
    )


def minutes_between(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Return the minutes that pass between two local times, nights of clock changes included."""
    passed = end.replace(tzinfo=zone).timestamp() - start.replace(tzinfo=zone).timestamp()
    # In the hour that is skipped in spring nobody books; whoever wrote it down meant what stands there.
    return round(passed / 60) if passed > 0 else round((end - start).total_seconds() / 60)


def by_month(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """Yield (a time in the month, minutes) of each month that a booking touches."""
    while True:
        border = datetime(start.year + start.month // 12, start.month % 12 + 1, 1)
        if end <= border:
            yield start, minutes_between(start, end, zone)
            return
        yield start, minutes_between(start, border, zone)
        start = border


@lru_cache(maxsize=8)
def clock_changes(zone: ZoneInfo, first: int = 1990, last: int = 2050) -> frozenset[date]:
    """Return the days whose hours are not 24; two changes within one month are not looked for."""
    found: set[date] = set()
    months = [datetime(year, month, 1) for year in range(first, last + 1) for month in range(1, 13)]
    for month, following in pairwise(months):
        if _offset(month, zone) == _offset(following, zone):
            continue
        day = month
        while _offset(day + timedelta(days=1), zone) == _offset(month, zone):
            day += timedelta(days=1)
        found.add(day.date())
    return frozenset(found)


def _offset(day: datetime, zone: ZoneInfo) -> timedelta | None:
    return day.replace(tzinfo=zone).utcoffset()


def duration_reader(unit: int, decimal: str) -> Callable[[str], int]:
    """Return what reads 1:30, 1.5 or 1,5 as minutes (hours unless ``unit`` is 1); it raises ValueError."""

    @lru_cache(maxsize=20_000)
    def read(text: str) -> int:
        plain = text.strip()
        if found := _CLOCK.fullmatch(plain):
            return int(found[1]) * 60 + int(found[2])
        word = re.sub(
            r"\s*(?:h|hrs?|hours?|std\.?|stunden|tim(?:mar)?\.?|min(?:uten|uter|utes)?\.?)$",
            "",
            plain,
            flags=re.I,
        )
        factor = 1 if re.search(r"min", plain, flags=re.I) else unit
        return round(float(word.replace(",", ".") if decimal != "." else word.replace(",", "")) * factor)

    return read
