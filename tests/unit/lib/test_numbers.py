"""Numbers as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.lib.errors import Invalid
from parkbench.lib.numbers import decimal_style, parse_number

READ = [
    ("1200", None, "1200"),
    ("1 200,50", None, "1200.50"),
    ("1.200,50", None, "1200.50"),
    ("1,200.50", None, "1200.50"),
    ("1'200", None, "1200"),
    ("1.200.300", None, "1200300"),
    ("0,125", None, "0.125"),
    ("1234,567", None, "1234.567"),
    ("1.234", ",", "1234"),
    ("1.234", ".", "1.234"),
    ("1 234,567", None, "1234.567"),
    (",5", None, "0.5"),
    ("-12", None, "-12"),
    ("\u221212", None, "-12"),
    ("(12)", None, "-12"),
    ("+ 12", None, "12"),
    ("500,-", None, "500"),
    ("1e3", None, "1000"),
    ("１２", None, "12"),
    (3, None, "3"),
    (0.1, None, "0.1"),
    (Decimal("2.50"), None, "2.50"),
]


@pytest.mark.parametrize(("value", "decimal", "expected"), READ)
def test_it_reads_what_people_write(value, decimal, expected):
    assert parse_number(value, decimal=decimal) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "x",
            "1.234",
            "12,345",
            "1.2.3",
            "1 2",
            "12 34",
            "1,2,3",
            "--5",
            "(-5)",
            "5-",
            "1.234,5,6",
            ".",
            "-",
        ),
        *("nan", "inf", float("inf"), float("nan"), "1e300", 10**15 + 1, "9" * 400, True),
    ],
)
def test_it_refuses_what_is_no_number_or_two(value):
    with pytest.raises(Invalid):
        parse_number(value)


def test_it_refuses_what_contradicts_the_column():
    for text, decimal in (("1,25", "."), ("1.25", ","), ("1.234,50", "."), ("1,234.50", ",")):
        with pytest.raises(Invalid, match="as in the rest of the column"):
            parse_number(text, decimal=decimal)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1,5", "2", "x"], ","),
        (["1.5", "1,200.00"], "."),
        (["1.234", "5.678"], None),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["1 234,567"], ","),
        (["€ 12,50"], ","),
        (["1,5", "1.5"], None),
        (["1,5"] * 30 + ["1.5"], ","),
        (["", None, 5, "none"], None),
    ],
)
def test_a_column_tells_its_decimal_mark(values, expected):
    assert decimal_style(values) == expected


@given(st.decimals(-(10**12), 10**12, places=3), st.sampled_from([",", "."]))
def test_grouped_numbers_read_back(number, decimal):
    group = "." if decimal == "," else ","
    text = f"{number:,.3f}".replace(",", "G").replace(".", decimal).replace("G", group)
    assert parse_number(text, decimal=decimal) == number


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        number = parse_number(text)
    except Invalid as refused:
        assert refused.problems[0].value == text  # noqa: PT017 - either outcome is right
    else:
        assert abs(number) <= 10**15
