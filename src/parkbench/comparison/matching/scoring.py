"""The score of a pair: log-odds that are a sum of contributions, each naming the two texts behind it.

A score is a logistic regression: intercept + sum of weight x (value - mean) / scale. A term is one feature,
or the product of two (`title likeness * price known`), so that the sum stays readable.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TIMES = " * "
AT_THE_OUTSET = "at the outset"
"""The contribution of the intercept: how likely any candidate pair is before its text is looked at."""

Matrix = NDArray[np.float64]


class CoefficientsError(ValueError):
    """Coefficients that cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term adds to the log-odds (natural logarithm; above 0 speaks for the same thing)."""

    name: str
    value: float
    text_a: str
    text_b: str


@dataclass(frozen=True, slots=True)
class Score:
    """The log-odds of a pair and the contributions that add up to it, largest first."""

    log_odds: float
    contributions: tuple[Contribution, ...]

    @property
    def probability(self) -> float:
        """Return the score between 0 and 1."""
        return probability(self.log_odds)


def probability(log_odds: float) -> float:
    """Return 1 / (1 + exp(-log_odds)), without overflow at either end."""
    return 0.5 * (1.0 + math.tanh(log_odds / 2.0))


def log_odds_of(share: float) -> float:
    """Return ln(share / (1 - share)) of a probability above 0 and below 1."""
    return math.log(share / (1.0 - share))


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What `score` needs: for each term its weight and the mean and scale it was standardised by.

    `threshold` is the probability from which a pair is taken for the same thing.
    `made_from` says in words which labelled pairs it was fitted to.
    """

    terms: tuple[str, ...]
    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float
    threshold: float = 0.5
    made_from: str = ""

    def __post_init__(self) -> None:
        sizes = {len(self.terms), len(self.weights), len(self.means), len(self.scales)}
        if sizes != {len(self.terms)} or not self.terms:
            raise CoefficientsError(
                f"Each term needs a weight, a mean and a scale; found {len(self.terms)} terms, "
                f"{len(self.weights)} weights, {len(self.means)} means, {len(self.scales)} scales."
            )
        if len(set(self.terms)) != len(self.terms):
            raise CoefficientsError("Coefficients name the same term twice.")
        if not all(math.isfinite(one) for one in (*self.weights, *self.means, self.intercept)):
            raise CoefficientsError("Coefficients hold a weight, mean or intercept that is no finite number.")
        if not all(math.isfinite(one) and one > 0 for one in self.scales):
            raise CoefficientsError("Coefficients hold a scale that is not above 0.")
        if not 0 < self.threshold < 1:
            raise CoefficientsError(f"A threshold lies between 0 and 1; found {self.threshold}.")

    def as_dict(self) -> dict[str, Any]:
        """Return the coefficients as JSON values."""
        return asdict(self)


def read_coefficients(path: Path, kind: str) -> Coefficients:
    """Return the coefficients of a kind (`products`, `names`) from a JSON file; raises CoefficientsError."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise CoefficientsError(f"{path.name} cannot be read as coefficients: {wrong}") from wrong
    if not isinstance(held, dict) or kind not in held:
        kinds = ", ".join(sorted(held)) if isinstance(held, dict) else "none"
        raise CoefficientsError(f"{path.name} holds no coefficients for {kind!r}; it holds: {kinds}.")
    return _from_dict(held[kind], f"{path.name}, {kind}")


def _from_dict(told: Any, where: str) -> Coefficients:
    names = {one.name for one in fields(Coefficients)}
    if not isinstance(told, dict) or set(told) != names:
        raise CoefficientsError(f"{where}: expected exactly the entries {', '.join(sorted(names))}.")
    try:
        return Coefficients(
            terms=tuple(str(one) for one in told["terms"]),
            weights=tuple(float(one) for one in told["weights"]),
            means=tuple(float(one) for one in told["means"]),
            scales=tuple(float(one) for one in told["scales"]),
            intercept=float(told["intercept"]),
            threshold=float(told["threshold"]),
            made_from=str(told["made_from"]),
        )
    except (TypeError, ValueError) as wrong:
        raise CoefficientsError(f"{where}: {wrong}") from wrong


def shipped_coefficients(kind: str) -> Coefficients:
    """Return the coefficients that Parkbench ships for `products`, `names` or `mentions`.

    `scripts/fit_matching.py` made them.
    """
    return read_coefficients(Path(__file__).with_name("coefficients.json"), kind)


def terms_of(values: Matrix, names: Sequence[str], terms: Sequence[str]) -> Matrix:
    """Return the columns that the terms name, of a matrix with one row a pair and one column a feature."""
    place = {name: number for number, name in enumerate(names)}
    columns = []
    for term in terms:
        parts = term.split(TIMES)
        missing = [part for part in parts if part not in place]
        if missing:
            raise CoefficientsError(f"The coefficients name a feature that was not measured: {missing[0]!r}.")
        column = values[:, place[parts[0]]]
        for part in parts[1:]:
            column = column * values[:, place[part]]
        columns.append(column)
    return np.column_stack(columns)


def log_odds(values: Matrix, names: Sequence[str], coefficients: Coefficients) -> NDArray[np.float64]:
    """Return the log-odds of many pairs at once, one for each row of the matrix of features."""
    found = terms_of(values, names, coefficients.terms)
    slopes = np.asarray(coefficients.weights) / np.asarray(coefficients.scales)
    start = coefficients.intercept - float(slopes @ np.asarray(coefficients.means))
    return np.asarray(found @ slopes + start, dtype=np.float64)


def score(
    values: Mapping[str, float], texts: Mapping[str, tuple[str, str]], coefficients: Coefficients
) -> Score:
    """Return the score of one pair from its features, with the two pieces of text behind each of them."""
    names = tuple(values)
    row = np.asarray([[values[name] for name in names]], dtype=np.float64)
    found = terms_of(row, names, coefficients.terms)[0]
    parts = [Contribution(AT_THE_OUTSET, coefficients.intercept, "", "")]
    fitted = zip(
        coefficients.terms, coefficients.weights, coefficients.means, coefficients.scales, strict=True
    )
    for value, (term, weight, mean, scale) in zip(found, fitted, strict=True):
        text_a, text_b = texts.get(term.split(TIMES)[0], ("", ""))
        parts.append(Contribution(term, weight * (float(value) - mean) / scale, text_a, text_b))
    parts.sort(key=lambda one: (-abs(one.value), one.name))
    return Score(math.fsum(one.value for one in parts), tuple(parts))
