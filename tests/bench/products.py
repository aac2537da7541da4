"""Pairs of products: F1 on the test splits of three public benchmarks, beside what others published.

Everything is fitted and chosen on the training splits; a test split is scored and nothing else. How telling
a word is comes from the texts of all splits, without their labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import Figure
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from parkbench.comparison.matching import described, features, fitting, labelled, scoring

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "matching"
FEW, ROUND, DRAWS = 200, 20, 10
Scores = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked of a data set (F1 in percent) and what others published for it."""

    full: float
    any_model: float | None
    few: float
    none: float | None
    peers: str
    unlabelled_peers: str


DATA_SETS: Mapping[str, Asked] = {
    "abt-buy": Asked(
        full=90, any_model=None, few=87, none=88,
        peers="Ditto 89.3, DeepMatcher+ 62.8", unlabelled_peers="GPT-4o 94.5, Splink 56.6",
    ),
    "walmart-amazon": Asked(
        full=87, any_model=None, few=86, none=80,
        peers="Ditto 86.8, DeepMatcher+ 73.6", unlabelled_peers="GPT-4o 88.2, Splink 36.4",
    ),
    "amazon-google": Asked(
        full=63, any_model=70, few=54, none=None,
        peers="Ditto 75.6, DeepMatcher+ 70.7", unlabelled_peers="GPT-4o 78.1, Splink 22.2",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Benchmark:
    """One data set: features and labels of its splits, and the two things of its unlabelled candidates."""

    train: scoring.Matrix
    valid: scoring.Matrix
    test: scoring.Matrix
    train_labels: NDArray[np.bool_]
    test_labels: NDArray[np.bool_]
    candidates: list[tuple[described.Described, described.Described]]  # of train and valid


def measure(*, folder: Path = REFERENCE) -> Iterator[Figure]:
    """Measure every way of fitting on every data set, and the speed; say so when the data are absent."""
    missing = [name for name in DATA_SETS if not (folder / name / "test.txt").is_file()]
    if missing:
        yield Figure(
            what="products: not measured, the benchmarks are absent: "
            f"{', '.join(missing)} expected under ../shared/reference/matching",
            ours="",
        )
        return
    held = {name: _read(folder / name) for name in DATA_SETS}
    for name, one in held.items():
        asked = DATA_SETS[name]
        plain = fitting.fit(one.train, one.train_labels)
        yield _figure(name, "all training labels, additive", [_f1(plain, one)], asked.full, asked.peers)
        yield _figure(name, "the same, trees", [_f1_of_trees(one)], asked.any_model, asked.peers)
        start = _of_the_others(held, name)
        yield _figure(name, "no label of it", [_f1(start, one)], asked.none, asked.unlabelled_peers)
        yield _figure(name, f"{FEW} labels, those asked for", [_f1(_asked_for(start, one), one)], asked.few)
        drawn = [_f1(_drawn(start, one, seed), one) for seed in range(DRAWS)]
        yield _figure(name, f"{FEW} labels drawn blindly, mean of {DRAWS}", drawn, None)
    yield _speed(folder / "abt-buy")


def _read(folder: Path) -> Benchmark:
    splits = [labelled.read_pairs(folder / f"{name}.txt") for name in ("train", "valid", "test")]
    train, valid, test = labelled.measured(*splits)
    return Benchmark(
        train=train,
        valid=valid,
        test=test,
        train_labels=labelled.labels(splits[0]),
        test_labels=labelled.labels(splits[2]),
        candidates=[(pair.a, pair.b) for pair in (*splits[0], *splits[1])],
    )


def _of_the_others(held: Mapping[str, Benchmark], name: str) -> scoring.Coefficients:
    """Return the shipped recipe fitted without this data set, calibrated to its unlabelled candidates."""
    others = [one for other, one in held.items() if other != name]
    values = np.vstack([one.train for one in others])
    told = np.concatenate([one.train_labels for one in others])
    strange = fitting.fit(values, told, terms=fitting.PLAIN)
    here = held[name]
    return fitting.calibrated(strange, np.vstack([here.train, here.valid]), here.candidates)


def _asked_for(start: scoring.Coefficients, one: Benchmark) -> scoring.Coefficients:
    """Fit as a review queue would: people answer the most telling pairs, twenty at a time."""
    asked = fitting.most_telling(start, one.train, 2 * ROUND)
    while True:
        fitted = fitting.fit(one.train[asked], one.train_labels[asked], start=start)
        if len(asked) >= FEW:
            return fitted
        known = set(asked)
        ranked = fitting.most_telling(fitted, one.train, len(asked) + ROUND)
        asked = [*asked, *[place for place in ranked if place not in known][:ROUND]]


def _drawn(start: scoring.Coefficients, one: Benchmark, seed: int) -> scoring.Coefficients:
    places = np.random.default_rng(seed).choice(len(one.train), FEW, replace=False)
    return fitting.fit(one.train[places], one.train_labels[places], start=start)


def _f1(coefficients: scoring.Coefficients, one: Benchmark) -> float:
    found = scoring.log_odds(one.test, features.NAMES, coefficients)
    return f1(found >= scoring.log_odds_of(coefficients.threshold), one.test_labels)


def _f1_of_trees(one: Benchmark) -> float:
    """Score with the mean of boosted and of random trees over the same features."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    aside: Scores = np.zeros(len(one.train))
    found: Scores = np.zeros(len(one.test))
    for model in (
        HistGradientBoostingClassifier(
            max_iter=200, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0, random_state=0
        ),
        ExtraTreesClassifier(
            300, min_samples_leaf=2, max_features=0.4, class_weight="balanced_subsample", random_state=0
        ),
    ):
        told = one.train_labels
        aside += cross_val_predict(model, one.train, told, cv=folds, method="predict_proba")[:, 1]
        found += model.fit(one.train, told).predict_proba(one.test)[:, 1]
    least, _reached = fitting.best_threshold(aside, one.train_labels)
    return f1(found >= least, one.test_labels)


def f1(accepted: NDArray[np.bool_], same: NDArray[np.bool_]) -> float:
    """Return the F1 of what was accepted, in percent."""
    return float(200 * (accepted & same).sum() / (accepted.sum() + same.sum()))


def _figure(name: str, how: str, found: Sequence[float], least: float | None, peers: str = "") -> Figure:
    value = sum(found) / len(found)
    spread = f", {min(found):.1f} to {max(found):.1f}" if len(found) > 1 else ""
    return Figure(
        what=f"products, {name}: F1, {how}",
        ours=f"{value:.1f}{spread}",
        floor=peers,
        asked="" if least is None else f">= {least:g}",
        is_met=None if least is None else value >= least,
    )


def _speed(folder: Path) -> Figure:
    """Measure and score training pairs, taken apart before: pairs a second of processor time."""
    pairs = labelled.read_pairs(folder / "train.txt")
    vocabulary = described.Vocabulary(thing for pair in pairs for thing in (pair.a, pair.b))
    prepared = [(vocabulary.prepare(pair.a), vocabulary.prepare(pair.b)) for pair in pairs]
    shipped = scoring.shipped_coefficients("products")
    taken = []
    for _ in range(5):
        busy = time.process_time()
        scoring.log_odds(features.matrix(prepared), features.NAMES, shipped)
        taken.append(time.process_time() - busy)
    rate = len(pairs) / min(taken)
    return Figure(
        what="products: pairs scored a second and core, best of five",
        ours="",
        busy=f"{rate:,.0f}",
        asked=">= 10,000",
        is_met=rate >= 10_000,
    )
