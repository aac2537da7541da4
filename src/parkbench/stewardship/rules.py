"""When content is looked at next, how complete it is, which week it is: sums on days and levels."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

LONGEST_PERIOD = 120
"""Months: what nobody looks at within ten years is not reviewed."""
SOON = timedelta(days=90)
FEED_BACK, FEED_AHEAD = timedelta(days=366), timedelta(days=3 * 366)
"""What a calendar holds: the past year and the next three."""
DIGEST_AHEAD = timedelta(days=90)
DIGEST_REVIEWS = timedelta(days=7)


class Level(IntEnum):
    """How complete a record is; each level has all of the one before it."""

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3

    @property
    def key(self) -> str:
        """Return the level as addresses and kinds name it."""
        return self.name.lower()


LEVELS = {level.key: level for level in Level}


class When(StrEnum):
    """How a review date lies to today."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NEVER = "none"


def due_after(day: date, months: int) -> date:
    """Return the day so many months later: the same day of the month, or the last one it has.

    Raises ValueError unless months >= 1.
    """
    if months < 1:
        raise ValueError("A period has at least one month.")
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def when_of(due: date | None, today: date) -> When:
    """Return how a review date lies to today; what is due today is overdue."""
    if due is None:
        return When.NEVER
    if due <= today:
        return When.OVERDUE
    return When.SOON if due <= today + SOON else When.LATER


def week_of(day: date) -> str:
    """Return the ISO 8601 week of a day, such as "2026-W48"."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def feed_window(today: date) -> tuple[date, date]:
    """Return the first and the last day that a calendar holds."""
    return today - FEED_BACK, today + FEED_AHEAD


def uid_of(text: str) -> UUID | None:
    """Return the uid a text holds, None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
