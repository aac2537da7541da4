"""What the overview adds up and how it says it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from parkbench.overview.rules import (
    Bought,
    Start,
    Worth,
    a_year_after,
    assumed_price,
    by_age,
    is_to_be_noted,
    rounded_money,
    visit_before,
    worth_of,
)


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (99_999_900, "EUR", "EUR\u00a0999\u00a0999"),
        (100_000_000, "EUR", "EUR 1.0 million"),
        (1_234_567_800, "SEK", "SEK 12.3 million"),
        (1_235_000_000, "SEK", "SEK 12.4 million"),
        (123_456_789_000, "EUR", "EUR 1\u202f234.6 million"),
        (250_000_000, "JPY", "JPY 250.0 million"),
    ],
)
def test_a_headline_rounds_from_a_million_on(minor, currency, said):
    assert rounded_money(minor, currency) == said


def test_ages_fall_into_classes_and_unknown_years_into_none():
    years = {2026: 1, 2027: 2, 2024: 4, 2023: 8, 2011: 16, 1990: 32, None: 64}
    assert by_age(years, this_year=2026) == [
        (0, 2, 7), (3, 5, 8), (6, 8, 0), (9, 11, 0), (12, 14, 0), (15, None, 48),
    ]  # fmt: skip


def test_currencies_are_ordered_and_never_added():
    worth = Worth(totals={"SEK": 2, "CHF": 1, "EUR": 3}, priced=3, countable=5)
    assert worth.ordered("SEK") == [("SEK", 2), ("CHF", 1), ("EUR", 3)]
    assert worth.unpriced == 2


def test_a_year_after_a_leap_day_is_the_last_of_february():
    assert a_year_after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert a_year_after(date(2026, 11, 23)) == date(2027, 11, 23)


def test_the_first_steps_end_with_instruments_and_a_second_person():
    assert Start(False, False, False).done == (True, False, False, False, False)
    assert not Start(True, False, True).is_over
    assert Start(True, False, True).done == (True, True, True, False, True)
    assert Start(True, True, False).is_over
    assert Start(False, True, False).done == (True, False, False, True, False)


@pytest.mark.parametrize(
    ("bought", "years", "now"),
    [
        (100_00, 0, 100_00),
        (100_00, -3, 100_00),
        (100_00, 1, 102_50),
        (20, 1, 21),  # 20.5
        (19, 1, 19),  # 19.475
        (100_000_000_00, 10, 12_800_845_442),
    ],
)
def test_a_price_rises_by_two_and_a_half_per_cent_a_year(bought, years, now):
    assert assumed_price(bought, years=years) == now


def test_an_assumed_price_is_exact_however_large_and_old():
    for bought, years in ((987_654_321_987, 40), (1, 60), (3, 7)):
        exact = bought * Fraction(1025, 1000) ** years
        assert abs(assumed_price(bought, years=years) - exact) <= Fraction(1, 2)


def test_purchase_prices_count_only_where_a_year_is_known():
    groups = [
        Bought("SEK", None, None, 700, 2, None, 0, 2),
        Bought(None, "SEK", 2025, None, 0, 300, 3, 3),
        Bought(None, "EUR", 2026, None, 0, 50, 1, 1),
        Bought(None, "SEK", None, None, 0, 999, 4, 4),
        Bought(None, None, 2020, None, 0, None, 0, 5),
    ]
    worth = worth_of(groups, year=2026, is_partial=False)
    assert worth == Worth(
        {"SEK": 700 + 308, "EUR": 50}, 2, 15, False, {"SEK": 308, "EUR": 50}, guessed=4, undated=4
    )
    assert worth.unpriced == 5
    assert (worth.share_assumed("SEK"), worth.share_assumed("EUR"), worth.share_assumed("CHF")) == (
        31,
        100,
        0,
    )


def test_a_visit_begins_after_an_hour_without_one():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    before, early = now - timedelta(days=3), now - timedelta(minutes=59)
    assert visit_before(None, None, now=now) is None
    assert visit_before(early, before, now=now) == before
    assert visit_before(now - timedelta(minutes=61), before, now=now) == now - timedelta(minutes=61)
    assert is_to_be_noted(None, now=now)
    assert is_to_be_noted(now - timedelta(minutes=5), now=now)
    assert not is_to_be_noted(now - timedelta(minutes=4), now=now)
