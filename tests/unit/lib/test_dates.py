"""Dates as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.lib.dates import date_order, parse_date, parse_year, utc_now
from parkbench.lib.errors import Invalid

READ = [
    *[(text, {}, date(2019, 3, 31)) for text in (
        "2019-03-31", "31.03.2019", "31.3.19", "31/03/2019", "03/31/2019", "31-03-2019", "2019/03/31",
        "20190331",
        "31 March 2019", "March 31, 2019", "31st of March 2019", "31. März 2019", "31 mars 2019", "31-Mar-19",
        "2019 March 31", "31 maart 2019", "2019-03-31 00:00:00", "2019-03-31T12:30:00Z",
        "3/31/2019 12:00:00 AM",
    )],
    *[(text, {}, date(2019, 3, 1)) for text in (
        "March 2019", "2019-03", "mars 2019", "März 2019", "03/2019", "3.2019", "Mar-19", "2019 mars",
        "mrt 2019",
        "maaliskuu 2019", "marzo de 2019",
    )],
    ("5 maj 2019", {}, date(2019, 5, 5)),
    ("okt 2019", {}, date(2019, 10, 1)),
    ("31st december 2020", {}, date(2020, 12, 31)),
    ("août 2020", {}, date(2020, 8, 1)),
    ("1.2.1985", {}, date(1985, 2, 1)),
    ("1.2.85", {}, date(1985, 2, 1)),
    ("03/04/2019", {"order": "MDY"}, date(2019, 3, 4)),
    ("03/04/2019", {"order": "DMY"}, date(2019, 4, 3)),
    ("19-03-04", {"order": "YMD"}, date(2019, 3, 4)),
    ("04/04/2019", {}, date(2019, 4, 4)),
    (43555, {"is_excel_serial": True}, date(2019, 3, 31)),
    ("43555", {"is_excel_serial": True}, date(2019, 3, 31)),
    (20190331, {}, date(2019, 3, 31)),
    (date(2019, 3, 31), {}, date(2019, 3, 31)),
    (datetime(2019, 3, 31, 23, tzinfo=UTC), {}, date(2019, 3, 31)),
]  # fmt: skip


@pytest.mark.parametrize(("value", "known", "expected"), READ)
def test_it_reads_what_people_write(value, known, expected):
    assert parse_date(value, **known) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2019", "at least a month"),
        (2019, "at least a month"),
        ("03/04/2019", "one way only"),
        ("30.02.2019", "a date such as"),
        ("31.13.2019", "a date such as"),
        (43555, "a date such as"),
        ("soon", "a date such as"),
        ("31 foo 2019", "a date such as"),
        ("", "a date such as"),
        (True, "a date such as"),
        ("1.1.1850", "from 1900 to 2200"),
        (date(2500, 1, 1), "from 1900 to 2200"),
        (datetime(1600, 1, 1, tzinfo=UTC), "from 1900 to 2200"),
    ],
)
def test_it_refuses_in_words(value, words):
    with pytest.raises(Invalid, match=words):
        parse_date(value)


def test_a_serial_number_must_be_a_plausible_day():
    for value in (3, 999_999, "2"):
        with pytest.raises(Invalid):
            parse_date(value, is_excel_serial=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["03/04/2019", "31/03/2019"], "DMY"),
        (["03/31/2019", "01/02/2019"], "MDY"),
        (["2019-03-04"], "YMD"),
        (["03/04/2019"], None),
        (["03/31/2019", "31/03/2019"], None),
        (["", None, 5], None),
    ],
)
def test_a_column_tells_its_order(values, expected):
    assert date_order(values) == expected


@pytest.mark.parametrize(
    "value", ["2019", 2019, 2019.0, "2019-03-01", "3/4/2019", "03/31/2019", date(2019, 1, 1)]
)
def test_a_year_may_stand_alone_or_in_a_date(value):
    assert parse_year(value) == 2019


@pytest.mark.parametrize("value", ["", None, "19", 1800, 2019.5, "x"])
def test_a_year_is_refused_in_words(value):
    with pytest.raises(Invalid, match="a year from 1900 to 2200"):
        parse_year(value)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_date_reads_back(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(day.strftime("%d.%m.%Y")) == day
    assert parse_date(day.strftime("%m/%d/%Y"), order="MDY") == day
    assert parse_date(day.strftime("%d %B %Y")) == day


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        day = parse_date(text)
    except Invalid as refused:
        assert refused.problems[0].value == text  # noqa: PT017 - either outcome is right
    else:
        assert 1900 <= day.year <= 2200


def test_now_is_aware_and_in_utc():
    assert utc_now().tzinfo is UTC
