"""The pure rules of importing."""

from __future__ import annotations

from datetime import date

import pytest

from parkbench.intake.rules import (
    BatchState,
    FieldSpec,
    Hint,
    Reader,
    check_move,
    column_hint,
    content_key,
    fold_heading,
    guess_columns,
    guess_key,
    is_placeholder,
    merge,
    row_key,
    settle_currencies,
)
from parkbench.lib.errors import Invalid

PRICE = FieldSpec(name="price", label="Price", section="economics", sort="money", currency="currency")
NAME = FieldSpec(name="name", label="Name", section="basics", required=True, names=("instrument", "gerät"))
NUMBER = FieldSpec(name="number", label="Inventory number", section="internal", is_key=3)
SERIAL = FieldSpec(name="serial", label="Serial number", section="internal", is_key=2)


@pytest.mark.parametrize(
    "text", ["n/a", "-", "?", "unknown", "TBD", "ohne", "saknas", "k. A.", "--", "N.A.", ""]
)
def test_a_placeholder_is_no_key(text: str) -> None:
    assert is_placeholder(text)
    assert row_key([text]) == ""


@pytest.mark.parametrize("text", ["A-1", "1", "NA-17", "unknown 3", "007"])
def test_what_names_something_is_a_key(text: str) -> None:
    assert row_key([text]).startswith("k:")


def test_capitals_and_spaces_make_no_other_key() -> None:
    assert row_key([" inv  7 "]) == row_key(["INV 7"])


def test_a_key_of_several_columns_needs_one_real_part() -> None:
    assert row_key(["n/a", "B12"]) != row_key(["B12", "n/a"])
    assert row_key(["n/a", "-"]) == ""


def test_a_very_long_key_still_fits() -> None:
    assert len(row_key(["x" * 5000])) < 200


def test_the_content_key_sees_every_cell() -> None:
    assert content_key(["a", "b"]) != content_key(["ab", ""])
    assert content_key([" a", "b "]) == content_key(["a", "b"])


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "changes", "kept"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, {}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": [1, 2]}, {}),
        ({"a": 1}, {"a": 1}, {"a": 3}, {}, {"a": [3, 1]}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {}, {"a": [3, 2]}),
        ({"a": 1}, {"a": 2}, {"a": 2}, {}, {}),
        ({"a": 1}, {}, {"a": 3}, {}, {}),
        ({"a": 1}, {"a": None}, {"a": 1}, {"a": [1, None]}, {}),
        ({"a": 1}, {"a": None}, {"a": 3}, {}, {"a": [3, None]}),
        ({}, {"a": None}, {"a": 3}, {}, {}),
        ({"a": None}, {"a": None}, {"a": 3}, {}, {}),
        ({}, {"a": 2}, {}, {"a": [None, 2]}, {}),
        ({}, {"a": 2}, {"a": 3}, {}, {"a": [3, 2]}),
    ],
)
def test_a_correction_by_hand_wins_over_the_source(base, theirs, ours, changes, kept) -> None:
    merged = merge(base=base, theirs=theirs, ours=ours)
    assert (merged.changes, merged.kept) == (changes, kept)


def test_a_taken_row_lets_the_source_win() -> None:
    merged = merge(base={"a": 1}, theirs={"a": 2}, ours={"a": 3}, is_taken=True)
    assert (merged.changes, merged.kept) == ({"a": [3, 2]}, {})


def test_headings_are_compared_without_accents_marks_and_units() -> None:
    assert fold_heading("Anschaffungs-Wert (kEUR)") == "anschaffungs wert"
    assert fold_heading("GERÄT:") == fold_heading("gerat")


def test_one_column_may_feed_several_fields() -> None:
    model = FieldSpec(name="model", label="Model", section="basics", names=("gerät",))
    assert guess_columns([NAME, model], ["Gerät"]) == {"name": "Gerät", "model": "Gerät"}


def test_a_column_left_out_on_purpose_is_not_guessed_again() -> None:
    assert guess_columns(
        [NAME, NUMBER], ["Name", "Inventory number"], {"name": "Name"}, ["Inventory number"]
    ) == {"name": "Name"}
    assert "number" in guess_columns([NAME, NUMBER], ["Name", "Inventory number"], {"name": "Name"}, ["Name"])


def test_the_key_is_the_best_column_that_is_filled() -> None:
    columns = {"number": "Inv", "serial": "S/N"}
    assert guess_key([NUMBER, SERIAL], columns, {"Inv": ["1", "2"], "S/N": ["a", "b"]}) == ("Inv",)
    assert guess_key([NUMBER, SERIAL], columns, {"Inv": ["n/a", "-"], "S/N": ["a", "b"]}) == ("S/N",)
    assert guess_key([NUMBER, SERIAL], columns, {"Inv": ["7", "7", "7"], "S/N": ["", "", ""]}) == ()


@pytest.mark.parametrize(
    ("cell", "hint", "pair"),
    [
        ("12 500", Hint(), (1250000, "")),
        ("450 kEUR", Hint(), (45000000, "EUR")),
        ("1.234,50", Hint(decimal=","), (123450, "")),
        ("650,5", Hint(decimal=",", currency="EUR", factor=1000), (65050000, "EUR")),
        (99.5, Hint(), (9950, "")),
    ],
)
def test_it_reads_amounts(cell, hint, pair) -> None:
    assert Reader(PRICE, hint, "SEK").read(cell) == pair


def test_the_heading_may_name_currency_and_factor() -> None:
    assert column_hint(PRICE, "Kaufpreis (kEUR)", ["650,5"], "SEK") == Hint(
        decimal=",", currency="EUR", factor=1000
    )
    assert column_hint(PRICE, "Pris tkr", [], "SEK").factor == 1000
    assert column_hint(PRICE, "Price", [], "SEK") == Hint()


def test_the_amount_says_its_currency() -> None:
    values = {"price": (100, "EUR")}
    assert settle_currencies([PRICE], values, "SEK") == []
    assert values == {"price": 100, "currency": "EUR"}


def test_the_currency_column_says_it_for_bare_amounts() -> None:
    values = {"price": (100, ""), "currency": "JPY"}
    assert settle_currencies([PRICE], values, "SEK") == []
    assert values == {"price": 1, "currency": "JPY"}


def test_two_currencies_for_one_amount_are_refused() -> None:
    assert settle_currencies([PRICE], {"price": (100, "EUR"), "currency": "SEK"}, "SEK")


def test_no_amount_needs_no_currency() -> None:
    values = {"price": None, "currency": "SEK"}
    settle_currencies([PRICE], values, "SEK")
    assert values == {"price": None, "currency": None}


@pytest.mark.parametrize(
    ("sort", "cell", "value"),
    [
        ("whole", "1 200", 1200),
        ("year", "2019", 2019),
        ("year", "31.03.2019", 2019),
        ("date", "31.03.2019", "2019-03-31"),
        ("date", date(2019, 3, 31), "2019-03-31"),
        ("percent", "12,5 %", 1250),
        ("percent", 0.25, 2500),
        ("boolean", "Ja", True),
        ("list", "a; b;a", ["a", "b"]),
        ("text", 17.0, "17"),
        ("date", "n/a", None),
        ("text", "n/a", "n/a"),
    ],
)
def test_it_reads_cells(sort, cell, value) -> None:
    assert (
        Reader(FieldSpec(name="a", label="A", section="s", sort=sort), Hint(decimal=",")).read(cell) == value
    )


@pytest.mark.parametrize(
    ("sort", "cell"), [("whole", "1,5"), ("date", "99.4.2020"), ("year", "soon"), ("boolean", "perhaps")]
)
def test_it_says_what_it_expected(sort, cell) -> None:
    with pytest.raises(Invalid) as refusal:
        Reader(FieldSpec(name="a", label="A", section="s", sort=sort), Hint()).read(cell)
    assert refusal.value.problems[0].value == cell
    assert refusal.value.problems[0].expected


def test_a_choice_is_known_by_its_words() -> None:
    spec = FieldSpec(name="a", label="A", section="s", sort="choice", choices={"in-service": ("in Betrieb",)})
    reader = Reader(spec, Hint())
    assert [reader.read(word) for word in ("IN BETRIEB", "in service", "in-service")] == ["in-service"] * 3
    with pytest.raises(Invalid, match="one of: in-service"):
        reader.read("kaputt")


def test_true_one_and_one_point_nought_are_not_the_same_cell() -> None:
    reader = Reader(FieldSpec(name="a", label="A", section="s", sort="text", required=True), Hint())
    assert [reader.read(cell) for cell in (1, True, 1.0)] == ["1", "True", "1"]


def test_an_accepted_import_cannot_be_accepted_again() -> None:
    assert "accepted" in check_move("accepted", BatchState.ACCEPTING)
    assert check_move("accepted", BatchState.UNDOING) == ""


def test_what_was_said_for_all_rows_tells_whose_krona_it_is() -> None:
    assert Reader(PRICE, Hint(), "EUR", told_currency="SEK").read("4,98 Mkr") == (498_000_000, "SEK")
    assert Reader(PRICE, Hint(), "EUR", told_currency="SEK").read("12 500,-") == (1_250_000, "")
    assert Reader(PRICE, Hint(), "EUR", told_currency="JPY").read("100") == (10_000, ""), "Rescaled later."
    with pytest.raises(Invalid, match="SEK, NOK, DKK"):
        Reader(PRICE, Hint(), "EUR").read("4,98 Mkr")
