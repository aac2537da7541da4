"""Money as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.lib.errors import Invalid
from parkbench.lib.money import (
    ACTIVE,
    LARGEST_MINOR,
    MINOR_DIGITS,
    Money,
    format_money,
    minor_digits,
    minor_from_decimal,
    parse_money,
    plain_decimal,
)

AMOUNTS = [
    ("€ 12 500", {}, 1_250_000, "EUR"),
    ("SEK 1 200 000", {}, 120_000_000, "SEK"),
    ("450 kEUR", {}, 45_000_000, "EUR"),
    ("1,2 MSEK", {}, 120_000_000, "SEK"),
    ("CHF 12'500.–", {}, 1_250_000, "CHF"),
    ("12500", {"default_currency": "EUR"}, 1_250_000, "EUR"),
    ("1.234.567,50 kr", {"default_currency": "SEK"}, 123_456_750, "SEK"),
    ("12\u00a0500\u202f€", {}, 1_250_000, "EUR"),
    ("US$ 1,200,000.00", {}, 120_000_000, "USD"),
    ("$500", {"default_currency": "CAD"}, 50_000, "CAD"),
    ("500 tkr", {"default_currency": "NOK"}, 50_000_000, "NOK"),
    ("3,5 mnkr", {"default_currency": "SEK"}, 350_000_000, "SEK"),
    ("Mkr 3,5", {"default_currency": "SEK"}, 350_000_000, "SEK"),
    ("TEUR 450", {}, 45_000_000, "EUR"),
    ("Mio. € 1,25", {}, 125_000_000, "EUR"),
    ("1 miljon kronor", {}, 100_000_000, "SEK"),
    ("5 svenska kronor", {}, 500, "SEK"),
    ("1 200:-", {"default_currency": "SEK"}, 120_000, "SEK"),
    ("-€ 500", {}, -50_000, "EUR"),
    ("€ -500", {}, -50_000, "EUR"),
    ("(1 200 EUR)", {}, -120_000, "EUR"),
    ("(1 200) EUR", {}, -120_000, "EUR"),
    ("500 kr.", {"default_currency": "DKK"}, 50_000, "DKK"),
    ("12 500 EUR.", {}, 1_250_000, "EUR"),
    ("1.234 EUR", {"decimal": ","}, 123_400, "EUR"),
    ("1.234 KWD", {"decimal": "."}, 1_234, "KWD"),
    ("1 200 JPY", {}, 1_200, "JPY"),
    (12.345, {"default_currency": "EUR"}, 1_235, "EUR"),
    (12, {"default_currency": "ISK"}, 12, "ISK"),
    (Decimal("0.10"), {"default_currency": "EUR"}, 10, "EUR"),
    ("300 DEM", {}, 30_000, "DEM"),
]

REFUSED = [
    ("12500", {}, "with a currency"),
    ("1.234 EUR", {}, "one way only"),
    ("$500", {}, "USD, CAD"),
    ("500 kr", {"default_currency": "EUR"}, "SEK, NOK"),
    ("1200 kr 300", {"default_currency": "SEK"}, "such as"),
    ("EUR 500 SEK", {}, "such as"),
    ("5 k M EUR", {}, "such as"),
    ("ca 500 EUR", {}, "such as"),
    ("5 T EUR", {}, "such as"),
    ("", {"default_currency": "EUR"}, "such as"),
    ("free", {"default_currency": "EUR"}, "such as"),
    ("1,25 EUR", {"decimal": "."}, "decimal point"),
    ("500", {"default_currency": "XXX"}, "ISO 4217"),
    (float("nan"), {"default_currency": "EUR"}, "between"),
    (10**16, {"default_currency": "EUR"}, "between"),
    (10**15, {"default_currency": "CLF"}, "smaller"),
    (True, {"default_currency": "EUR"}, "number"),
]


@pytest.mark.parametrize(("text", "known", "minor", "currency"), AMOUNTS)
def test_it_reads_what_people_write(text, known, minor, currency):
    assert parse_money(text, **known) == Money(minor, currency)


@pytest.mark.parametrize(("text", "known", "words"), REFUSED)
def test_it_refuses_in_words(text, known, words):
    with pytest.raises(Invalid, match=words) as caught:
        parse_money(text, field="price", **known)
    problem = caught.value.problems[0]
    assert problem.field == "price"
    assert problem.value is text


@given(minor=st.integers(-(10**15), 10**15), currency=st.sampled_from(sorted(MINOR_DIGITS)))
def test_exports_and_pages_read_back_exactly(minor, currency):
    expected = Money(minor, currency)
    assert parse_money(plain_decimal(minor, currency), default_currency=currency, decimal=".") == expected
    assert parse_money(format_money(minor, currency), decimal=".") == expected
    assert minor_from_decimal(Decimal(plain_decimal(minor, currency)), currency) == minor


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        money = parse_money(text, default_currency="EUR")
    except Invalid as refused:
        assert refused.problems[0].expected  # noqa: PT017 - either outcome is right
    else:
        assert money.currency in MINOR_DIGITS


def test_a_rough_amount_is_refused_by_its_word():
    with pytest.raises(Invalid, match="without “ca”"):
        parse_money("ca 9 MSEK")


def test_it_shows_amounts_with_no_break_spaces():
    assert format_money(120_000_000, "SEK") == "SEK\u00a01\u00a0200\u00a0000"
    assert str(Money(-123_450, "EUR")) == "EUR\u00a0−1\u00a0234.50"
    assert plain_decimal(5, "EUR") == "0.05"
    assert plain_decimal(-5, "KWD") == "-0.005"
    assert plain_decimal(1200, "JPY") == "1200"


def test_minor_units_are_whole_unless_rounding_is_asked_for():
    with pytest.raises(Invalid, match="at most 2 decimals"):
        minor_from_decimal(Decimal("1.005"), "EUR")
    assert minor_from_decimal(Decimal("1.005"), "EUR", is_rounded=True) == 101
    for amount in (Decimal("Infinity"), Decimal(LARGEST_MINOR), Decimal("1e30")):
        with pytest.raises(Invalid, match="smaller"):
            minor_from_decimal(amount, "EUR")


def test_the_table_of_currencies_knows_the_exceptions():
    expected = {"EUR": 2, "SEK": 2, "JPY": 0, "ISK": 0, "KWD": 3, "TND": 3, "CLF": 4, "ITL": 0}
    assert {code: minor_digits(code) for code in expected} == expected
    assert "DEM" not in ACTIVE
    assert "EUR" in ACTIVE
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)
