"""What two descriptions have in common and what tells them apart, each as a number and two pieces of text."""

from __future__ import annotations

import time

import pytest

from parkbench.comparison.matching.described import (
    Described,
    Prepared,
    Vocabulary,
    codes_of,
    number_of,
    words_of,
)
from parkbench.comparison.matching.features import FEATURES, NAMES, SIGNS, matrix, measure, named, pieces

SHELF = [
    Described("Quorvex TX-4100 confocal microscope", maker="Quorvex", model="TX-4100", price=410_000.0),
    Described("confocal microscope TX 4100 by Quorvex, white", price=402_000.0),
    Described("Quorvex TX-4200 confocal microscope", maker="Quorvex", model="TX-4200", price=520_000.0),
    Described("Lumiar sorter 12", maker="Lumiar", price=95.0),
    Described("Brumal sorter 12 plus", maker="Brumal", further="sorts cells in twelve lanes"),
    Described("Brumal sorter", maker="Brumal"),
    Described("print shop 22 deluxe", price=49.99),
    Described("the printshop v22.0 dlx", price=29.9),
    Described("Roxen easy media suite 9 upgrade"),
    Described("Roxen easy media suite 9"),
    Described(""),
]
VOCABULARY = Vocabulary(SHELF)
READY = [VOCABULARY.prepare(thing) for thing in SHELF]


def features(one: int, two: int) -> dict[str, float]:
    return named(measure(READY[one], READY[two]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("320GB disk", ["320", "gb", "disk"]),
        ("LSM 980", ["lsm", "980"]),
        ("version v2.0", ["version", "2"]),
        ("v2 .0", ["2"]),
        ("accountants' and today's", ["accountants", "and", "todays"]),
        ("ÅLAND №5", ["åland", "no5"]),
        ("", []),
    ],
)
def test_it_takes_a_text_apart_into_folded_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Panasonic KX-TG1032S phone", ["kxtg1032s"]),
        ("VGN-AW110J/H and vgnaw110j/h", ["vgnaw110jh"]),
        ("a 500GB, 17-inch, 4-port, 2.4GHz thing", []),
        ("part 26135", ["26135"]),
        ("model 980", []),
        ("1280.1024", []),
    ],
)
def test_it_finds_codes_and_takes_no_measure_for_one(text: str, codes: list[str]) -> None:
    assert codes_of(text) == codes


@pytest.mark.parametrize(("word", "number"), [("007", "7"), ("v2.0", "2"), ("3.10", "3.10"), ("x2", None)])
def test_it_reads_numbers_however_written(word: str, number: str | None) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize("price", [0.0, -1.0, float("inf"), float("nan")])
def test_it_refuses_a_price_that_is_none(price: float) -> None:
    with pytest.raises(ValueError, match="expected a number above 0"):
        Described("a thing", price=price)


def test_it_documents_each_feature_it_measures() -> None:
    assert len(measure(READY[0], READY[1])) == len(NAMES) == len(FEATURES)
    assert set(SIGNS) <= set(NAMES)
    assert all(FEATURES.values())


def test_it_sees_one_code_through_spaces_and_hyphens() -> None:
    same, other = features(0, 1), features(0, 2)
    assert same["code within text"] == 1
    assert same["code conflict"] == 0
    assert same["model within text"] == 1
    assert other["code within text"] == 0
    assert other["code conflict"] == 1
    assert other["model same"] == 0
    assert other["code likeness"] > 0.8


def test_it_sees_that_numbers_differ() -> None:
    assert features(3, 4)["number conflict"] == 0
    assert features(6, 7)["numbers alike"] == 1
    assert features(0, 1)["number conflict"] == 0
    assert features(0, 2)["number conflict"] == 1
    assert features(3, 6)["number conflict"] == 1


def test_it_tells_makers_apart() -> None:
    assert features(3, 4)["maker conflict"] == 1
    assert features(4, 5)["maker conflict"] == 0
    assert features(4, 5)["maker likeness"] == 1
    assert features(6, 7)["maker likeness"] == 0.5


def test_it_meets_words_written_together_and_abbreviated() -> None:
    met = pieces(READY[6], READY[7])["unmet words, most"]
    assert met == ("deluxe", "the dlx")


def test_it_weighs_the_rarest_word_that_only_one_has() -> None:
    assert features(8, 9)["unmet word, most"] > 0
    assert features(8, 9)["unmet word, least"] == 0
    assert pieces(READY[8], READY[9])["unmet word, most"] == ("upgrade", "")


def test_it_compares_prices_by_their_ratio() -> None:
    assert features(0, 1)["price distance"] == pytest.approx(0.0197, abs=1e-4)
    assert features(0, 3)["price distance"] == 2
    assert features(0, 4)["price distance"] == 0.4
    assert features(0, 0)["price same"] == 1


def test_it_names_two_pieces_of_text_for_each_feature() -> None:
    told = pieces(READY[0], READY[2])
    assert set(told) == set(NAMES)
    assert told["code conflict"] == ("tx4100", "tx4200")
    assert told["model same"] == ("TX-4100", "TX-4200")
    assert told["price distance"] == ("410000", "520000")
    assert told["shared word"][0] == told["shared word"][1] == "quorvex tx confocal microscope"
    assert told["edits"] == (SHELF[0].title, SHELF[2].title)


def test_it_measures_a_thing_without_a_title() -> None:
    assert features(10, 10)["title words"] == 0
    assert features(10, 0)["code within text"] == 0


def test_it_measures_alike_from_either_side_to_the_last_digit() -> None:
    words = [f"word{letter}" for letter in "abcdefghijklmnop"]
    things = [Described(" ".join(words[: 1 + size])) for size in range(len(words))]
    vocabulary = Vocabulary(things)
    one, two = vocabulary.prepare(things[-1]), vocabulary.prepare(Described(" ".join(words[::-1])))
    half = vocabulary.prepare(Described(" ".join([*words[::-2], "twelve", "further", "words"])))
    for there, back in ((one, two), (one, half), (two, half)):
        assert measure(there, back) == measure(back, there)
    assert measure(one, half) == measure(two, half)[:6] + measure(one, half)[6:]


def test_it_measures_no_pairs_at_all() -> None:
    assert matrix([]).shape == (0, len(NAMES))


def test_it_measures_at_least_ten_thousand_pairs_a_second_of_processor() -> None:
    """Half of what is asked, so that a busy machine does not fail it; `make bench` holds the figure."""
    pairs: list[tuple[Prepared, Prepared]] = [(one, two) for one in READY for two in READY] * 20
    taken = []
    for _ in range(3):
        begun = time.process_time()
        matrix(pairs)
        taken.append(time.process_time() - begun)
    assert len(pairs) / min(taken) > 5_000
