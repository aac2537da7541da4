"""Fit the shipped coefficients of matching.

    python scripts/fit_matching.py products [--data ../shared/reference/matching] [--out FILE]
    python scripts/fit_matching.py names [--rows tests/bench/rows] [--out FILE]

`products` reads `<data set>/train.txt` of the public product benchmarks alone, never a validation or test
split. `names` reads the rows that are seen (`SEEN`), never those held out, and fits two kinds: `names` (a
mention beside a name of the register) and `mentions` (two mentions side by side). Coefficients of other
kinds that the file holds are kept as they are.
"""

from __future__ import annotations

import argparse
import csv
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching import (
    Comparer,
    Matcher,
    Mention,
    Register,
    comparing,
    labelled,
    pairing,
    read_register,
    scoring,
    shipped_register,
)
from parkbench.comparison.matching.fitting import PLAIN, fit
from parkbench.comparison.matching.scoring import Coefficients

HERE = Path(__file__).parents[1]
SHIPPED = Path(scoring.__file__).with_name("coefficients.json")
DATA_SETS = ("abt-buy", "walmart-amazon", "amazon-google")
SEEN = (
    *("development", "development_again", "development_more", "development_fourth", "development_fifth"),
    *("development_sixth", "development_seventh", "development_eighth"),
    *("invented", "invented_again", "invented_third", "invented_fourth"),
)
FOLDS = 5
ACCEPTED = 1 / 3
"""Probability from which a name is taken: vetoes come first, and rivals leave a mention open after it."""
NEAR = 40  # rows behind a row of its family with which it is compared
FAR = 3  # rows behind a row of any family with which it is compared


@dataclass(frozen=True)
class Told:
    """One pair: its family, by which pairs are parted, its values, and whether it is the same model."""

    family: str
    values: Mapping[str, float]
    is_same: bool


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("products", "names"))
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared" / "reference" / "matching")
    parser.add_argument("--rows", type=Path, default=HERE / "tests" / "bench" / "rows")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    asked = parser.parse_args()
    found = products(asked.data) if asked.kind == "products" else names(asked.rows)
    held = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.exists() else {}
    for kind, coefficients in found.items():
        held[kind] = _rounded(coefficients.as_dict())
        print(f"{asked.out.name}: {kind}, {coefficients.made_from}")  # noqa: T201
    text = json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False)
    asked.out.write_text(text + "\n", encoding="utf-8")


def products(data: Path) -> dict[str, Coefficients]:
    """Return coefficients fitted to the training splits of the benchmarks."""
    try:
        splits = {name: labelled.read_pairs(data / name / "train.txt") for name in DATA_SETS}
    except (OSError, labelled.LabelledError) as wrong:
        raise SystemExit(f"The training splits cannot be read: {wrong}") from wrong
    values = np.vstack([labelled.measured(pairs)[0] for pairs in splits.values()])
    told = np.concatenate([labelled.labels(pairs) for pairs in splits.values()])
    made_from = f"{len(told)} labelled pairs: the training splits of {', '.join(DATA_SETS)}"
    return {"products": fit(values, told, terms=PLAIN, made_from=made_from)}


def names(folder: Path) -> dict[str, Coefficients]:
    """Return coefficients fitted to the seen rows: of names, and of mentions side by side."""
    pairs: list[Told] = []
    mentions: list[Told] = []
    for name in SEEN:
        own = folder / f"{name}_register"
        register = read_register(own) if own.is_dir() else shipped_register()
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [_with_key(row, register) for row in csv.DictReader(file)]
        pairs += _beside_names(rows, register)
        mentions += _side_by_side(rows, Comparer(Matcher(register, _FLAT)))
    where = f"the rows {', '.join(SEEN)}"
    return {
        "names": _fitted(pairs, pairing.SIGNS, f"{len(pairs)} pairs of a mention and a name: {where}"),
        "mentions": _fitted(mentions, comparing.SIGNS, f"{len(mentions)} pairs of mentions: {where}"),
    }


_FLAT = Coefficients(
    terms=tuple(pairing.SIGNS),
    weights=tuple(float(sign) for sign in pairing.SIGNS.values()),
    means=(0.0,) * len(pairing.SIGNS),
    scales=(1.0,) * len(pairing.SIGNS),
    intercept=0.0,
    made_from="each likeness counts alike, so that what is fitted does not rest on what was fitted before",
)


def _with_key(row: dict[str, str], register: Register) -> dict[str, str]:
    """Return a row with the key of its model; rows of invented makers are given it by their spelling."""
    if row.get("key"):
        return row
    told = fold(row["designation"])
    same = (model.key for model in register.models.values() if fold(model.designation) == told)
    return {**row, "key": next(same, "")}


def _beside_names(rows: Sequence[Mapping[str, str]], register: Register) -> Iterator[Told]:
    """Yield the pairs of a mention and a candidate that no veto rules out."""
    matcher = Matcher(register, _FLAT)
    parsed = [matcher.parser.parse(_mention(row)) for row in rows]
    for row, one, candidates in zip(rows, parsed, matcher.candidates.of(parsed), strict=True):
        seen = pairing.view(one, matcher.names)
        for name in candidates:
            pair = matcher.pairing.pair(seen, name)
            if not pair.vetoes:
                yield Told(_family(row), pair.values, name.key == row["key"])


def _side_by_side(rows: Sequence[Mapping[str, str]], comparer: Comparer) -> Iterator[Told]:
    """Yield pairs of rows that name a model: those of one family, and each with a few rows behind it."""
    named = sorted((row for row in rows if row["status"] == "model"), key=_family)
    essences = comparer.essences([_mention(row) for row in named])
    for (place, one), (other_place, other) in combinations(enumerate(named), 2):
        distance = other_place - place
        if distance <= FAR or (distance <= NEAR and _family(one) == _family(other)):
            values, _ = comparer.values(essences[place], essences[other_place])
            yield Told(_family(one), values, one["group"] == other["group"])


def _fitted(pairs: Sequence[Told], signs: Mapping[str, int], made_from: str) -> Coefficients:
    """Return coefficients; says how well they do for families that they were not fitted to."""
    print(f"log loss of families left out: {_loss(pairs, signs):.4f}")  # noqa: T201
    return replace(_fit(pairs, signs, made_from), threshold=ACCEPTED)


def _fit(pairs: Sequence[Told], signs: Mapping[str, int], made_from: str = "") -> Coefficients:
    values = np.asarray([[pair.values[term] for term in signs] for pair in pairs])
    told = np.asarray([pair.is_same for pair in pairs])
    terms = tuple(signs)
    return fit(values, told, names=terms, terms=terms, signs=signs, made_from=made_from)


def _loss(pairs: Sequence[Told], signs: Mapping[str, int]) -> float:
    """Return the mean log loss of pairs whose family was left out of the fit."""
    losses: list[float] = []
    for part in range(FOLDS):
        found = _fit([pair for pair in pairs if _part(pair.family, FOLDS) != part], signs)
        aside = [pair for pair in pairs if _part(pair.family, FOLDS) == part]
        odds = scoring.log_odds(
            np.asarray([[pair.values[term] for term in signs] for pair in aside]), tuple(signs), found
        )
        losses.extend(np.logaddexp(0.0, np.where([pair.is_same for pair in aside], -odds, odds)))
    return float(np.mean(losses))


def _mention(row: Mapping[str, str]) -> Mention:
    return Mention(row["text"], row["maker_text"])


def _family(row: Mapping[str, str]) -> str:
    return f"{row['maker']} {row['family']}"


def _part(text: str, parts: int) -> int:
    return zlib.crc32(text.encode()) % parts


def _rounded(told: Mapping[str, object]) -> dict[str, object]:
    """Round to nine digits, so that another machine's last digits do not change the file."""
    return json.loads(json.dumps(told), parse_float=lambda text: float(f"{float(text):.9g}"))


if __name__ == "__main__":
    main()
