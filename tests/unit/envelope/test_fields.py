"""Named values out of JSON, each checked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.envelope.errors import EnvelopeError, OutOfTime
from parkbench.envelope.fields import (
    Fields,
    check_made,
    check_url,
    read_instant,
    write_instant,
    write_seconds,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("given", [None, [], "text", 1])
def test_only_an_object_has_fields(given: Any) -> None:
    with pytest.raises(EnvelopeError, match="thing is no JSON object"):
        Fields(given, "thing")


@pytest.mark.parametrize("value", [None, "", 1, True, ["a"], {}, "x" * 301])
def test_a_text_is_a_text(value: Any) -> None:
    with pytest.raises(EnvelopeError, match=r"thing: “a” is missing or of the wrong shape"):
        Fields({"a": value}, "thing").text("a")
    assert Fields({"a": ""}, "thing").words("a", most=3) == ""
    assert Fields({}, "thing").words("a", most=3) == ""


@pytest.mark.parametrize("value", [None, True, "1", -1, 2**63, [1]])
def test_a_whole_number_is_one_and_no_flag(value: Any) -> None:
    with pytest.raises(EnvelopeError):
        Fields({"a": value}, "thing").whole("a")
    with pytest.raises(EnvelopeError):
        Fields({"a": value}, "thing").seconds("a")


@pytest.mark.parametrize("value", [None, 0, 1, "true"])
def test_a_flag_is_no_number(value: Any) -> None:
    with pytest.raises(EnvelopeError):
        Fields({"a": value}, "thing").flag("a")


def test_lists_tables_and_choices_are_checked() -> None:
    fields = Fields({"list": [1, 2], "table": {"b": 1}, "text": "x", "not": None}, "thing")
    assert fields.many("list", most=2) == [1, 2]
    assert fields.table("table", most=1) == {"b": 1}
    assert fields.many("none", most=1) == []
    assert fields.table("none", most=1) == {}
    assert fields.choice("text", ["x", "y"]) == "x"
    assert not fields.has("not")
    for wrong in (
        lambda: fields.many("list", most=1),
        lambda: fields.many("table", most=1),
        lambda: fields.table("list", most=9),
        lambda: fields.table("table", most=0),
        lambda: fields.choice("text", ["y"]),
        lambda: fields.choice("list", ["y"]),
        lambda: fields.url("text"),
        lambda: fields.uid("text"),
        lambda: fields.instant("text"),
    ):
        with pytest.raises(EnvelopeError, match="wrong shape"):
            wrong()


@pytest.mark.parametrize(
    "url",
    [
        "https://alpha.example",
        "https://alpha.example/park",
        "http://localhost:8001",
        "http://127.0.0.1:8001/a",
        "http://[::1]:80",
    ],
)
def test_an_address_is_let_through(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alpha.example",
        "ftp://alpha.example",
        "https://",
        "https://alpha.example/",
        "https://alpha.example/a/",
        "https://Alpha.example",
        "HTTPS://alpha.example",
        "https://u:p@alpha.example",
        "https://alpha.example?a",
        "https://alpha.example/a?b",
        "https://alpha.example/#a",
        "https://alpha.example\\@gamma.example",
        "https://alpha.example:0",
        "https://alpha.example:99999",
        "https://alpha.example:x",
        "https://[::1",
        "https://alpha example",
        "https://alpha.example/å",
        "https://alpha.example/a\n",
        " https://alpha.example",
        "javascript:alert(1)",
    ],
)
def test_an_address_in_another_spelling_is_refused(url: str) -> None:
    with pytest.raises(EnvelopeError):
        check_url(url)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_an_instant_is_written_to_the_second_and_read_back(instant: datetime) -> None:
    assert read_instant(write_instant(instant)) == instant.replace(microsecond=0)
    elsewhere = instant.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert write_instant(elsewhere) == write_instant(instant)
    assert write_seconds(elsewhere) == write_seconds(instant) <= instant.timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-28",
        "2026-11-28T12:00:00",
        "2026-11-28T12:00:00z",
        "2026-11-28T12:00:00+00:00",
        "2026-11-28T12:00:00.5Z",
        "2026-13-28T12:00:00Z",
        "2026-11-28T24:00:01Z",
        "2026-11-28T12:00:00Z\n",
        "٢٠٢٦-11-28T12:00:00Z",
    ],
)
def test_an_instant_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(EnvelopeError, match="no instant"):
        read_instant(text)


def test_an_instant_without_a_zone_is_refused() -> None:
    for write in (write_instant, write_seconds):
        with pytest.raises(EnvelopeError, match="without a time zone"):
            write(datetime(2026, 11, 28))


def test_five_minutes_of_difference_between_clocks_are_allowed() -> None:
    check_made(NOON + timedelta(minutes=5), NOON, "It")
    check_made(NOON - timedelta(days=9), NOON, "It")
    check_made(NOON - timedelta(minutes=10), NOON, "It", timedelta(minutes=10))
    with pytest.raises(OutOfTime, match=r"It was made .* ahead of our clock"):
        check_made(NOON + timedelta(minutes=5, seconds=1), NOON, "It")
    with pytest.raises(OutOfTime, match="before our clock"):
        check_made(NOON - timedelta(minutes=10, seconds=1), NOON, "It", timedelta(minutes=10))
