"""The life cycle as a table, book value and age."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.instruments import rules
from parkbench.instruments.rules import TRANSITIONS, Status, age_in_years, book_value, check_step, spoken

PRICES = st.integers(0, 10**15)
YEARS = st.integers(1, 100)
DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize("new", Status)
@pytest.mark.parametrize("old", Status)
def test_a_step_is_allowed_exactly_when_the_table_has_it(old, new):
    sentence = check_step(old, new)
    assert (sentence == "") == (old is new or new in TRANSITIONS[old])
    if sentence:
        assert spoken(new) in sentence
        assert all(spoken(each) in sentence for each in TRANSITIONS[old])


@pytest.mark.parametrize("first", Status)
def test_the_first_status_may_be_any(first):
    assert check_step(None, first) == ""


def test_every_status_can_be_reached_and_left():
    assert set().union(*TRANSITIONS.values()) == set(Status)
    assert all(TRANSITIONS.values())
    assert set(Status) > rules.STANDING


@given(price=PRICES, years=YEARS, start=DAYS, offset=st.integers(0, 60_000), step=st.integers(0, 5_000))
def test_a_book_value_never_rises_and_stays_between_nothing_and_the_price(price, years, start, offset, step):
    early = start + timedelta(days=min(offset, (date.max - start).days - 5_000))
    value = book_value(price=price, years=years, start_on=start, on=early)
    later = book_value(price=price, years=years, start_on=start, on=early + timedelta(days=step))
    assert 0 <= later <= value <= price


@given(price=PRICES, years=YEARS, start=DAYS, before=st.integers(0, 1000), after=st.integers(0, 1000))
def test_a_book_value_is_full_at_the_start_and_nothing_at_the_end(price, years, start, before, after):
    end = date(start.year + years, start.month, min(start.day, 28) if start.month == 2 else start.day)
    on = end + timedelta(days=1 + after)
    assert book_value(price=price, years=years, start_on=start, on=start - timedelta(days=before)) == price
    assert book_value(price=price, years=years, start_on=start, on=on) == 0


@given(price=PRICES, years=YEARS, start=DAYS)
def test_the_day_before_the_end_something_is_left_of_a_large_price(price, years, start):
    end = date(start.year + years, start.month, 28 if (start.month, start.day) == (2, 29) else start.day)
    left = book_value(price=price, years=years, start_on=start, on=end - timedelta(days=1))
    assert (left > 0) == (price * 2 >= (end - start).days)
    assert book_value(price=price, years=years, start_on=start, on=end) == 0


def test_half_way_is_half_the_price():
    half = book_value(price=1000, years=2, start_on=date(2021, 1, 1), on=date(2022, 1, 1))
    assert half == 500


def test_a_depreciation_over_no_year_is_refused():
    with pytest.raises(ValueError, match="at least one year"):
        book_value(price=1, years=0, start_on=date(2020, 1, 1), on=date(2021, 1, 1))


@pytest.mark.parametrize(
    ("commissioned_on", "year", "age"),
    [
        (date(2020, 6, 15), 2010, 4),
        (date(2020, 6, 16), None, 3),
        (date(2030, 1, 1), None, 0),
        (None, 2020, 4),
        (None, 2030, 0),
        (None, None, None),
    ],
)
def test_the_age_counts_from_commissioning_else_from_the_purchase(commissioned_on, year, age):
    on = date(2024, 6, 15)
    assert age_in_years(commissioned_on=commissioned_on, purchase_year=year, on=on) == age
