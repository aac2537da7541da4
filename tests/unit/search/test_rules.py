"""How words are folded, split and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.search import rules


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ångström", "angstrom"),
        ("Weiß", "weiss"),
        ("GRÖSSE", "grosse"),
        ("Sjögren Øst Łódź", "sjogren ost lodz"),
        ("Æther", "aether"),
        ("plain", "plain"),
    ],
)
def test_it_folds_swedish_german_and_other_letters(text: str, folded: str) -> None:
    assert rules.fold(text) == folded


@pytest.mark.parametrize("text", ["LSM980", "LSM 980", "lsm-980", "Lsm_980", "LSM980™"])
def test_it_gives_one_key_to_every_spelling_of_a_model(text: str) -> None:
    assert rules.title_key(text) == "lsm 980"


def test_it_indexes_a_word_once_with_its_parts() -> None:
    assert rules.index_text(["LSM980 LSM980", "lsm"]) == "lsm980 lsm 980"


def test_it_takes_words_for_kinds_out_of_the_query() -> None:
    asked = rules.ask("Imaging core facility")
    assert [word.text for word in asked.words] == ["imaging"]
    assert asked.kinds == ("unit",)
    assert asked.titles == ("imaging core facility", "imaging")


def test_it_finds_nothing_to_ask_in_marks_alone() -> None:
    assert rules.ask('"*&| ()').is_empty


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("zeis", "zeiss", 1),
        ("ziess", "zeiss", 1),
        ("leica", "leica", 0),
        ("nikon", "nokin", 2),
        ("abc", "xyz", 3),
    ],
)
def test_it_counts_edits(one: str, other: str, edits: int) -> None:
    assert rules.distance(one, other, 2) == edits


@given(st.text(max_size=8), st.text(max_size=8))
def test_it_counts_the_same_edits_both_ways(one: str, other: str) -> None:
    assert rules.distance(one, other, 3) == rules.distance(other, one, 3)


@given(st.text(max_size=60))
def test_folded_words_fold_to_themselves(text: str) -> None:
    words = rules.words_of(text)
    assert rules.words_of(" ".join(words)) == words


def test_a_document_number_tells_kind_row_and_section() -> None:
    low, high = rules.kind_range("unit")
    number = rules.document_number(low, 2**40 - 1, 15)
    assert number == high
    assert high < 2**63
    assert rules.kind_range("instrument")[0] not in range(low, high)
