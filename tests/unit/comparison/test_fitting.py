"""Coefficients from many labels, from a few, and from none."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from parkbench.comparison.matching.features import NAMES
from parkbench.comparison.matching.fitting import (
    PLAIN,
    WITH_PRODUCTS,
    FitError,
    best_threshold,
    calibrated,
    fit,
    most_telling,
)
from parkbench.comparison.matching.scoring import Coefficients, Matrix, log_odds, log_odds_of

TWO = ("likeness", "conflict")


def made(size: int, *, shift: float = 0.0, seed: int = 3) -> tuple[Matrix, list[bool]]:
    """Pairs of two features, one in five the same; `shift` moves all of a list's likenesses."""
    drawn = np.random.default_rng(seed)
    same = drawn.random(size) < 0.2
    likeness = drawn.normal(np.where(same, 0.8, 0.3), 0.12) + shift
    conflict = (drawn.random(size) < np.where(same, 0.05, 0.6)).astype(float)
    return np.column_stack([likeness, conflict]), [bool(one) for one in same]


def right(coefficients: Coefficients, values: Matrix, same: list[bool]) -> float:
    accepted = log_odds(values, TWO, coefficients) >= log_odds_of(coefficients.threshold)
    hits = int((accepted & np.asarray(same)).sum())
    return 2 * hits / (int(accepted.sum()) + sum(same))


def test_it_learns_from_labelled_pairs_and_says_what_from() -> None:
    fitted = fit(*made(800), names=TWO, terms=TWO, made_from="800 pairs")
    assert fitted.weights[0] > 0 > fitted.weights[1]
    assert fitted.made_from == "800 pairs"
    assert right(fitted, *made(800, seed=4)) > 0.9


def test_it_fits_alike_every_time_and_in_any_order_of_its_terms() -> None:
    values, same = made(300)
    first, again = (fit(values, same, names=TWO, terms=TWO) for _ in range(2))
    turned = fit(values, same, names=TWO, terms=TWO[::-1])
    assert first == again
    assert turned.weights[::-1] == pytest.approx(first.weights, abs=1e-4)


def test_it_never_gives_a_term_the_sign_that_nobody_could_explain() -> None:
    values, same = made(400)
    backwards = [not one for one in same]
    bound = fit(values, backwards, names=TWO, terms=TWO, signs={"likeness": 1, "conflict": -1})
    free = fit(values, backwards, names=TWO, terms=TWO, signs={})
    assert bound.weights == (0.0, 0.0)
    assert free.weights[0] < 0 < free.weights[1]


def test_it_multiplies_two_features_where_a_term_says_so() -> None:
    values, same = made(400)
    fitted = fit(values, same, names=TWO, terms=(*TWO, "likeness * conflict"))
    assert fitted.terms[-1] == "likeness * conflict"
    assert right(fitted, values, same) > 0.9


def test_it_has_its_threshold_at_half_the_f1_it_reached_aside() -> None:
    fitted = fit(*made(800), names=TWO, terms=TWO)
    assert 0.45 < fitted.threshold < 0.5


def test_it_keeps_what_the_start_says_when_labels_are_few() -> None:
    values, same = made(40, seed=8)
    start = fit(*made(2000), names=TWO, terms=TWO)
    started = fit(values, same, names=TWO, terms=TWO, start=start)
    unseen = made(2000, seed=9)
    assert right(started, *unseen) >= right(fit(values, same, names=TWO, terms=TWO), *unseen)


def test_it_adds_the_terms_of_the_start_to_its_own() -> None:
    values, same = made(200)
    start = fit(*made(500), names=TWO, terms=("conflict",))
    started = fit(values, same, names=TWO, terms=("likeness",), start=start)
    assert started.terms == ("likeness", "conflict")
    assert started.weights[1] < 0


def test_it_moves_coefficients_to_another_list_without_a_label() -> None:
    strange = fit(*made(2000), names=TWO, terms=TWO)
    values, same = made(1000, shift=0.45, seed=5)  # a list that is far more alike throughout
    # each thing of the first list has one match at most: five candidates a thing, as the labels come
    order = np.argsort(np.asarray(same), kind="stable")[::-1]
    things = [(0, 0)] * len(same)
    for rank, place in enumerate(order):
        things[place] = (rank % sum(same), rank % sum(same))
    moved = calibrated(strange, values, things, names=TWO)
    assert right(strange, values, same) < 0.5
    assert right(moved, values, same) > 0.85
    assert moved.weights == strange.weights


def test_it_asks_about_the_pairs_closest_to_the_threshold() -> None:
    fitted = fit(*made(500), names=TWO, terms=TWO)
    values, _same = made(200, seed=6)
    asked = most_telling(fitted, values, 20, names=TWO)
    apart = np.abs(log_odds(values, TWO, fitted) - log_odds_of(fitted.threshold))
    assert len(set(asked)) == 20
    assert all(apart[one] <= apart[two] for one, two in pairwise(asked))
    assert max(apart[asked]) <= min(apart[place] for place in range(200) if place not in asked)


def test_it_accepts_equal_scores_together() -> None:
    halfway, best = best_threshold(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    assert (halfway, best) == (1.5, pytest.approx(0.8))


@pytest.mark.parametrize(
    ("values", "same", "sentence"),
    [
        (np.zeros((3, 2)), [True] * 4, "Expected 4 rows of 2 features"),
        (np.zeros((3, 1)), [True] * 3, "Expected 3 rows of 2 features"),
        (np.array([[0.0, 1.0], [0.0, np.nan]]), [True, False], "Pair 2, conflict: found nan"),
        (np.zeros((12, 2)), [True] * 4 + [False] * 8, "found 4 and 8"),
        (np.zeros((0, 2)), [], "found 0 and 0"),
    ],
)
def test_it_refuses_pairs_it_cannot_learn_from(values: Matrix, same: list[bool], sentence: str) -> None:
    with pytest.raises(FitError, match=sentence):
        fit(values, same, names=TWO, terms=TWO)


def test_it_refuses_to_calibrate_without_the_things_of_each_pair() -> None:
    fitted = fit(*made(200), names=TWO, terms=TWO)
    for values, things in ((np.zeros((0, 2)), []), (np.zeros((2, 2)), [(1, 1)])):
        with pytest.raises(FitError, match="needs the two things of each pair"):
            calibrated(fitted, values, things, names=TWO)


def test_it_leaves_columns_out_of_the_terms_for_strange_lists() -> None:
    assert set(PLAIN) < set(NAMES) < set(WITH_PRODUCTS)
    assert not [term for term in PLAIN if term.startswith("model")]
