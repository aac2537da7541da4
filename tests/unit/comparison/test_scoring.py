"""A score is the sum of its contributions, and coefficients that cannot be used are refused in words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parkbench.comparison.matching import comparing, pairing
from parkbench.comparison.matching.described import Described, Vocabulary
from parkbench.comparison.matching.features import NAMES, SIGNS, measure, named, pieces
from parkbench.comparison.matching.scoring import (
    AT_THE_OUTSET,
    Coefficients,
    CoefficientsError,
    log_odds,
    log_odds_of,
    probability,
    read_coefficients,
    score,
    shipped_coefficients,
)

TWO = Coefficients(
    terms=("words", "words * code"),
    weights=(2.0, -1.0),
    means=(0.5, 0.25),
    scales=(0.5, 0.25),
    intercept=-1.0,
    threshold=0.4,
    made_from="two pairs",
)


def written(path: Path, held: object) -> Path:
    path.write_text(json.dumps(held), encoding="utf-8")
    return path


def test_it_adds_contributions_up_to_the_log_odds() -> None:
    found = score({"words": 1.0, "code": 0.5}, {"words": ("lsm 980", "lsm 880")}, TWO)
    assert found.log_odds == pytest.approx(-1 + 2 * (1 - 0.5) / 0.5 - (0.5 - 0.25) / 0.25)
    assert sum(one.value for one in found.contributions) == pytest.approx(found.log_odds)
    assert found.probability == pytest.approx(0.5)


def test_it_names_the_two_texts_and_puts_the_weightiest_first() -> None:
    found = score({"words": 1.0, "code": 0.5}, {"words": ("lsm 980", "lsm 880")}, TWO)
    assert [one.name for one in found.contributions] == ["words", AT_THE_OUTSET, "words * code"]
    assert (found.contributions[0].text_a, found.contributions[0].text_b) == ("lsm 980", "lsm 880")


def test_it_scores_many_pairs_as_it_scores_one() -> None:
    values = np.array([[1.0, 0.5], [0.0, 1.0]])
    many = log_odds(values, ("words", "code"), TWO)
    one = score({"words": 0.0, "code": 1.0}, {}, TWO)
    assert many.tolist() == pytest.approx([0.0, one.log_odds])


def test_it_refuses_a_feature_that_was_not_measured() -> None:
    with pytest.raises(CoefficientsError, match="not measured: 'code'"):
        score({"words": 1.0}, {}, TWO)


@pytest.mark.parametrize("odds", [-800.0, -1.5, 0.0, 2.0, 800.0])
def test_it_turns_log_odds_into_a_probability_and_back(odds: float) -> None:
    share = probability(odds)
    assert 0 <= share <= 1
    if abs(odds) < 30:
        assert log_odds_of(share) == pytest.approx(odds)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weights": (1.0,)}, "found 2 terms, 1 weights"),
        ({"terms": ("words", "words")}, "same term twice"),
        ({"weights": (1.0, float("nan"))}, "no finite number"),
        ({"scales": (0.5, 0.0)}, "not above 0"),
        ({"threshold": 1.0}, "between 0 and 1; found 1.0"),
        ({"terms": (), "weights": (), "means": (), "scales": ()}, "found 0 terms"),
    ],
)
def test_it_refuses_coefficients_that_make_no_sense(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(CoefficientsError, match=sentence):
        replace(TWO, **change)  # type: ignore[arg-type]


def test_it_reads_back_what_it_wrote(tmp_path: Path) -> None:
    assert read_coefficients(written(tmp_path / "c.json", {"products": TWO.as_dict()}), "products") == TWO


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ({"names": TWO.as_dict()}, "no coefficients for 'products'; it holds: names"),
        ([1], "it holds: none"),
        ({"products": {"terms": ["words"]}}, "expected exactly the entries"),
        ({"products": {**TWO.as_dict(), "weights": ["a", "b"]}}, "c.json, products: could not convert"),
        ({"products": {**TWO.as_dict(), "threshold": 2}}, "c.json, products: A threshold lies between"),
    ],
)
def test_it_refuses_a_file_of_other_things(tmp_path: Path, held: object, sentence: str) -> None:
    with pytest.raises(CoefficientsError, match=sentence):
        read_coefficients(written(tmp_path / "c.json", held), "products")


def test_it_refuses_a_file_that_is_no_json_or_is_absent(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{", encoding="utf-8")
    for name in ("c.json", "none.json"):
        with pytest.raises(CoefficientsError, match=f"{name} cannot be read as coefficients"):
            read_coefficients(tmp_path / name, "products")


@pytest.mark.parametrize(
    ("kind", "terms", "signs"),
    [
        ("products", NAMES, SIGNS),
        ("names", pairing.SIGNS, pairing.SIGNS),
        ("mentions", comparing.SIGNS, comparing.SIGNS),
    ],
)
def test_it_ships_coefficients_whose_signs_can_be_explained(
    kind: str, terms: Collection[str], signs: Mapping[str, int]
) -> None:
    shipped = shipped_coefficients(kind)
    assert set(shipped.terms) <= set(terms)
    for term, weight in zip(shipped.terms, shipped.weights, strict=True):
        assert weight * signs.get(term, weight) >= 0, term


def test_it_scores_the_same_product_above_its_sibling() -> None:
    shelf = [
        Described("Quorvex blender QX-7100 white", maker="Quorvex", price=99.0),
        Described("qx7100 blender by quorvex", price=97.5),
        Described("Quorvex blender QX-7300 white", maker="Quorvex", price=139.0),
        Described("Lumiar kettle LK-20A", maker="Lumiar", price=20.0),
    ]
    vocabulary = Vocabulary(shelf)
    ready = [vocabulary.prepare(thing) for thing in shelf]
    scores = [
        score(named(measure(ready[0], other)), pieces(ready[0], other), shipped_coefficients("products"))
        for other in ready[1:]
    ]
    assert scores[0].log_odds > scores[1].log_odds > scores[2].log_odds
