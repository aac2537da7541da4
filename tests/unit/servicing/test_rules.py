"""How long it was down, what contradicts itself, sums that do not mix."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from parkbench.servicing import rules
from parkbench.servicing.rules import Sums


@pytest.mark.parametrize(
    ("ended_on", "stated", "still_down", "expected"),
    [
        (None, None, False, None),
        ("2025-03-06", None, False, 20),
        ("2025-03-04", None, False, 0),
        ("2025-03-06", 5, False, 5),
        (None, 5, False, 5),
        (None, 0, False, 0),
        (None, None, True, None),
    ],
)
def test_what_is_stated_counts_then_the_days_between(ended_on, stated, still_down, expected):
    found = rules.days_down(happened_on="2025-03-04", ended_on=ended_on, stated=stated, still_down=still_down)
    assert found == expected


def test_what_still_lasts_counts_until_today_and_never_below_zero():
    assert rules.days_so_far("2025-03-04", date(2025, 3, 7)) == 30
    assert rules.days_so_far("2025-03-04", date(2025, 3, 1)) == 0


@pytest.mark.parametrize(("days", "expected"), [("2", 20), ("0.5", 5), ("0.04", 0), ("0.05", 1), ("0", 0)])
def test_days_are_kept_in_tenths(days, expected):
    assert rules.tenths(Decimal(days)) == expected


@pytest.mark.parametrize("days", ["-1", "36501"])
def test_days_that_cannot_be_are_refused(days):
    with pytest.raises(ValueError, match="expected days"):
        rules.tenths(Decimal(days))


@pytest.mark.parametrize(("tenths", "expected"), [(20, "2"), (5, "0.5"), (0, "0"), (123, "12.3")])
def test_tenths_are_told_as_days(tenths, expected):
    assert rules.as_days(tenths) == expected


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"still_down": True, "ended_on": "2025-03-05"}, "still_down"),
        ({"still_down": True, "down_tenths": 0}, "still_down"),
        ({"happened_on": "2025-03-05", "ended_on": "2025-03-04"}, "ended_on"),
        ({"happened_on": "2025-03-05", "ended_on": "2025-03-05"}, ""),
        ({"happened_on": "2025-03-05", "still_down": True}, ""),
    ],
)
def test_what_contradicts_itself_is_named(values, field):
    assert rules.check_course(values)[0] == field


def test_an_event_without_a_summary_is_called_by_kind_and_day():
    assert rules.summary_of("quality-check", "2025-03-04") == "Quality check, 2025-03-04"


def test_amounts_are_added_up_only_within_one_currency_and_vat():
    first = Sums(
        events=2, known=1, down=5, costs={("SEK", ""): 1, ("SEK", "excluded"): 2}, priced=2, countable=2
    )
    second = Sums(events=2, known=2, down=7, costs={("SEK", ""): 10, ("EUR", ""): 3}, priced=2, countable=2)
    whole = rules.total([first, second, Sums(events=3, countable=1)])
    assert whole.costs == {("SEK", ""): 11, ("SEK", "excluded"): 2, ("EUR", ""): 3}
    assert (whole.events, whole.down, whole.unknown) == (7, 12, 4)
    assert (whole.unpriced, whole.withheld) == (1, 2)
