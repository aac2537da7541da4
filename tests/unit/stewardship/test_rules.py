"""Days, weeks and levels of stewardship."""

from datetime import date
from uuid import uuid4

import pytest

from parkbench.stewardship import rules
from parkbench.stewardship.rules import LEVELS, Level, When, due_after, feed_window, uid_of, week_of, when_of


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 23), 25, date(2028, 12, 23)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
    ],
)
def test_a_period_ends_on_the_same_day_or_the_last_one(day: date, months: int, due: date) -> None:
    assert due_after(day, months) == due


def test_a_period_has_at_least_a_month() -> None:
    with pytest.raises(ValueError, match="at least one month"):
        due_after(date(2026, 1, 1), 0)


@pytest.mark.parametrize(
    ("due", "when"),
    [
        (None, When.NEVER),
        (date(2026, 3, 1), When.OVERDUE),
        (date(2026, 3, 2), When.SOON),
        (date(2026, 5, 30), When.SOON),
        (date(2026, 5, 31), When.LATER),
    ],
)
def test_what_is_due_today_is_overdue(due: date | None, when: When) -> None:
    assert when_of(due, date(2026, 3, 1)) is when


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    assert week_of(date(2027, 1, 1)) == "2026-W53"
    assert week_of(date(2026, 1, 5)) == "2026-W02"


def test_a_calendar_holds_a_year_back_and_three_ahead() -> None:
    since, until = feed_window(date(2026, 11, 23))
    assert (since.year, until.year) == (2025, 2029)


def test_levels_rise() -> None:
    assert list(LEVELS) == ["none", "bronze", "silver", "gold"]
    assert Level.GOLD > Level.SILVER > Level.BRONZE > Level.NONE
    assert rules.LONGEST_PERIOD == 120


def test_what_is_no_uid_is_none() -> None:
    known = uuid4()
    assert uid_of(str(known)) == known
    assert uid_of("nothing") is None
