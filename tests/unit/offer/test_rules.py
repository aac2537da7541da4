"""The life of a service, and when prices hold."""

from __future__ import annotations

import pytest

from parkbench.instruments.models import UserCategoryChoices
from parkbench.offer import rules
from parkbench.offer.rules import Status


@pytest.mark.parametrize("old", list(Status))
@pytest.mark.parametrize("new", list(Status))
def test_a_step_is_refused_in_words_unless_the_table_has_it(old, new):
    sentence = rules.check_step(old, new)
    assert bool(sentence) is (new is not old and new not in rules.TRANSITIONS[old])
    assert not sentence or f"“{old}”" in sentence


def test_the_first_status_may_be_any():
    assert not any(rules.check_step(None, new) for new in Status)


def line(first=None, last=None, **more):
    return {"unit": "hour", "valid_from": first, "valid_until": last, **more}


@pytest.mark.parametrize(
    ("one", "other", "is_wrong"),
    [
        (line(), line(), True),
        (line(last="2025-12-31"), line(first="2026-01-01"), False),
        (line(last="2026-01-01"), line(first="2026-01-01"), True),
        (line(first="2025-01-01"), line(first="2026-01-01"), True),
        (line(first="2026-01-01"), line(first="2025-01-01", last="2025-06-30"), False),
        (line(category="academic"), line(category="industry"), False),
        (line(label="With operator"), line(label="with  Operator "), True),
        (line(unit="hour"), line(unit="sample"), False),
    ],
)
def test_two_prices_for_one_thing_never_hold_on_one_day(one, other, is_wrong):
    for lines in ([one, other], [other, one]):
        assert (rules.overlap(lines) is not None) is is_wrong


def test_an_overlap_is_said_in_words():
    found = rules.overlap([line(first="2026-01-01"), line(first="2025-01-01", category=None)])
    assert found is not None
    assert rules.overlap_in_words(*found) == (
        "Two prices for everybody, per hour hold at the same time: from 2025-01-01 and from 2026-01-01. "
        "Let the earlier one end before the later one begins."
    )


def test_first_and_last_day_count():
    held = line("2026-01-01", "2026-01-31")
    valid = [
        day
        for day in ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01")
        if rules.is_valid_on(held, day)
    ]
    assert valid == ["2026-01-01", "2026-01-31"]
    assert [rules.is_past(held, day) for day in ("2025-12-31", "2026-01-31", "2026-02-01")] == [
        False,
        False,
        True,
    ]


def test_the_words_of_user_categories_are_those_of_instruments():
    assert tuple(UserCategoryChoices.values) == rules.USER_CATEGORIES
    assert rules.split(rules.joined(rules.ACCESS_MODES)) == rules.ACCESS_MODES


def test_a_span_is_said_in_words():
    spans = [rules.span(line(*each)) for each in ((None, None), ("a", None), (None, "b"), ("a", "b"))]
    assert spans == ["always", "from a", "until b", "a to b"]
