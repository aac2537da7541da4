"""What the overview adds up and how it says it."""

from __future__ import annotations

from datetime import date

import pytest

from parkbench.overview.rules import Start, Worth, a_year_after, by_age, rounded_money


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
