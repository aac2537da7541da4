"""Coefficients from labelled pairs: logistic regression, alike on every run, threshold of the best F1.

Three ways, by how many labels there are: `fit` from thousands; `fit` with a `start` from the few hundred that
people confirmed or rejected; `calibrated` from none. `most_telling` says which pairs to ask people about.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold

from parkbench.comparison.matching.features import NAMES, SIGNS
from parkbench.comparison.matching.scoring import (
    TIMES,
    Coefficients,
    Matrix,
    log_odds,
    log_odds_of,
    terms_of,
)

_OF_COLUMNS = ("model stated by both", "model same", "model within text", "maker likeness")
PLAIN = tuple(name for name in NAMES if name not in _OF_COLUMNS)
"""Terms that mean the same in every list: not those that rest on a column for the model or the maker."""

PRODUCTS = (
    ("shared word", "shared word"),
    ("title words, of the lighter", "code likeness"),
    ("code beginning", "unmet codes, most"),
    ("title words, of both", "unmet word, least"),
    ("code within text", "numbers unmet"),
    ("unmet word, least", "shared word"),
    ("aligned, least", "unmet words, most"),
    ("aligned, least", "unmet codes, most"),
    ("title words, of both", "shared word"),
    ("all words", "unmet words, most"),
    ("unmet word, least", "unmet codes, most"),
    ("title words", "code within text"),
)
WITH_PRODUCTS = (*NAMES, *(TIMES.join(pair) for pair in PRODUCTS))
"""All features and the twelve products of two that helped most on the training splits of the benchmarks."""

_STRENGTH = 0.5  # inverse of the penalty on standardised terms
_FOLDS = 5
_TRUST = 2.0  # how much lighter the start is penalised than a term
_BOUNDS: Mapping[int, tuple[float | None, float | None]] = {0: (None, None), 1: (0.0, None), -1: (None, 0.0)}
Flags = NDArray[np.bool_]
Bound = tuple[float | None, float | None]


class FitError(ValueError):
    """Pairs that coefficients cannot be fitted to; the sentence says why."""


def fit(
    values: Matrix,
    labels: Sequence[bool] | Flags,
    *,
    names: Sequence[str] = NAMES,
    terms: Sequence[str] = WITH_PRODUCTS,
    signs: Mapping[str, int] = SIGNS,
    start: Coefficients | None = None,
    made_from: str = "",
) -> Coefficients:
    """Return coefficients fitted to labelled pairs, with the threshold of the best F1 on held-out folds.

    `values` has one row a pair and one column for each of `names`; a label is True for the same thing. With a
    `start`, what it says is kept unless the labels speak against it. The weight of a term in `signs` is never
    of the other sign, so that a contribution cannot say what nobody could explain. The threshold is half the
    F1 reached on held-out folds, which is where F1 is best for probabilities that are right (Lipton, Elkan
    and Naryanaswamy 2014, https://arxiv.org/abs/1402.1892). Raises FitError.
    """
    held, same = _checked(values, labels, names)
    columns = terms_of(held, names, terms)
    before = None if start is None else log_odds(held, names, start)
    bounds = [_BOUNDS[signs.get(term, 0)] for term in terms]
    model = _Fitted(columns, before, same, bounds)
    aside = np.empty(len(same))
    for rest, out in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(columns, same):
        part = _Fitted(columns[rest], None if before is None else before[rest], same[rest], bounds)
        aside[out] = part.scored(columns[out], None if before is None else before[out])
    _score, best = best_threshold(aside, same)
    return model.coefficients(tuple(terms), start, best / 2, made_from)


def calibrated(
    coefficients: Coefficients,
    values: Matrix,
    things: Sequence[tuple[Hashable, Hashable]],
    *,
    names: Sequence[str] = NAMES,
) -> Coefficients:
    """Return coefficients fitted to other lists, moved to these candidate pairs without a label of theirs.

    `things` names the two things of each pair. As a rule a thing has one match in the other list, so that a
    pair contradicts one that scores better and shares a thing with it. The intercept is moved so that pairs
    are accepted, from the best score down, for as long as this adds more that contradict none than that do.
    Raises FitError.
    """
    if len(things) != len(values) or not things:
        raise FitError(
            f"Calibrating needs the two things of each pair; found {len(things)} for {len(values)}."
        )
    found = log_odds(values, names, coefficients)
    order = np.argsort(-found, kind="stable")
    met: tuple[set[Hashable], set[Hashable]] = (set(), set())
    gains = []
    for place in order:
        one, two = things[place]
        gains.append(-1 if one in met[0] or two in met[1] else 1)
        met[0].add(one)
        met[1].add(two)
    last = int(np.argmax(np.cumsum(gains)))
    reached = float(found[order[last : last + 2]].mean())
    moved = log_odds_of(coefficients.threshold) - reached
    return replace(coefficients, intercept=coefficients.intercept + moved)


def most_telling(
    coefficients: Coefficients, values: Matrix, count: int, *, names: Sequence[str] = NAMES
) -> list[int]:
    """Return the places of the pairs closest to the threshold, closest first: those to ask people about."""
    apart = np.abs(log_odds(values, names, coefficients) - log_odds_of(coefficients.threshold))
    return [int(place) for place in np.argsort(apart, kind="stable")[:count]]


def best_threshold(scores: NDArray[np.float64], same: Flags) -> tuple[float, float]:
    """Return the score from which accepting gives the best F1, halfway to the next lower one, and that F1."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(same[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + hits[-1])
    last = np.append(ranked[1:] < ranked[:-1], True)  # equal scores are accepted together
    place = int(np.argmax(np.where(last, f1, -1.0)))
    halfway = (ranked[place] + ranked[min(place + 1, len(ranked) - 1)]) / 2
    return float(halfway), float(f1[place])


def _checked(values: Matrix, labels: Sequence[bool] | Flags, names: Sequence[str]) -> tuple[Matrix, Flags]:
    held, same = np.asarray(values, dtype=np.float64), np.asarray(labels, dtype=np.bool_)
    if held.ndim != 2 or held.shape != (len(same), len(names)):
        raise FitError(
            f"Expected {len(same)} rows of {len(names)} features, one a label; found {held.shape}."
        )
    if not np.isfinite(held).all():
        row, column = np.argwhere(~np.isfinite(held))[0]
        raise FitError(
            f"Pair {row + 1}, {names[column]}: found {held[row, column]}, expected a finite number."
        )
    fewest = min(int(same.sum()), int((~same).sum()))
    if fewest < _FOLDS:
        raise FitError(
            f"Fitting needs at least {_FOLDS} pairs that are the same and {_FOLDS} that are not; "
            f"found {int(same.sum())} and {int((~same).sum())}."
        )
    return held, same


def _regression(inputs: Matrix, same: Flags, bounds: Sequence[Bound]) -> NDArray[np.float64]:
    """Return the weights, and last the intercept, of a logistic regression with a squared penalty."""
    side = np.where(same, 1.0, -1.0)

    def loss(found: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = found[:-1]
        margin = (inputs @ weights + found[-1]) * side
        slope = -_STRENGTH * side * 0.5 * (1.0 - np.tanh(margin / 2.0))
        value = _STRENGTH * np.logaddexp(0.0, -margin).sum() + 0.5 * (weights @ weights)
        return float(value), np.append(inputs.T @ slope + weights, slope.sum())

    begin = np.zeros(inputs.shape[1] + 1)
    limits = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-12, "gtol": 1e-7}
    done = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[*bounds, _BOUNDS[0]], options=limits)
    return np.asarray(done.x, dtype=np.float64)


class _Fitted:
    """A fitted regression on standardised terms and, with a start, on the start's log-odds."""

    def __init__(
        self, columns: Matrix, before: NDArray[np.float64] | None, same: Flags, bounds: Sequence[Bound]
    ) -> None:
        spread = columns.std(axis=0)
        self.means = columns.mean(axis=0)
        self.scales = np.where(spread > 1e-12, spread, 1.0)
        plain = (columns - self.means) / self.scales
        if before is None:
            found, self.kept = _regression(plain, same, bounds), 0.0
        else:
            trust = _TRUST / (float(before.std()) or 1.0)
            found = _regression(np.column_stack([plain, before * trust]), same, [*bounds, _BOUNDS[1]])
            self.kept = float(found[-2]) * trust
        self.weights, self.intercept = found[: columns.shape[1]], float(found[-1])

    def scored(self, columns: Matrix, before: NDArray[np.float64] | None) -> NDArray[np.float64]:
        found = (columns - self.means) / self.scales @ self.weights + self.intercept
        return np.asarray(found if before is None else found + before * self.kept, dtype=np.float64)

    def coefficients(
        self, terms: tuple[str, ...], start: Coefficients | None, threshold: float, made_from: str
    ) -> Coefficients:
        """Return the regression as coefficients, what is kept of the start added term by term."""
        slopes = dict(zip(terms, (self.weights / self.scales).tolist(), strict=True))
        middle = dict(zip(terms, self.means.tolist(), strict=True))
        scale = dict(zip(terms, self.scales.tolist(), strict=True))
        intercept = self.intercept
        if start is not None:
            intercept += self.kept * start.intercept
            rest = zip(start.terms, start.weights, start.means, start.scales, strict=True)
            for term, weight, mean, its_scale in rest:
                slope = self.kept * weight / its_scale
                slopes[term] = slopes.get(term, 0.0) + slope
                intercept += slope * (middle.setdefault(term, mean) - mean)
                scale.setdefault(term, its_scale)
        return Coefficients(
            terms=tuple(slopes),
            weights=tuple(slopes[term] * scale[term] for term in slopes),
            means=tuple(middle[term] for term in slopes),
            scales=tuple(scale[term] for term in slopes),
            intercept=intercept,
            threshold=threshold,
            made_from=made_from,
        )
