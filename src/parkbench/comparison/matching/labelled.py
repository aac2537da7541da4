"""Labelled pairs as the public product benchmarks hold them: `COL name VAL text ...`, twice, then 0 or 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parkbench.comparison.matching.described import Described, Vocabulary
from parkbench.comparison.matching.features import matrix
from parkbench.comparison.matching.scoring import Matrix

_COLUMNS = {
    "title": "title", "name": "title", "brand": "maker", "manufacturer": "maker", "modelno": "model",
    "description": "further", "category": "further", "price": "price",
}  # fmt: skip
_FIELD = re.compile(r"(?:^|(?<=\s))COL ")


class LabelledError(ValueError):
    """A file of labelled pairs that cannot be read; the sentence names the line and what was expected."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two described things, and whether people found them to be the same."""

    a: Described
    b: Described
    is_same: bool


def read_pairs(path: Path) -> list[LabelledPair]:
    """Return the pairs of a file; raises LabelledError naming the line, OSError when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise LabelledError(f"{path.name}: byte {wrong.start} is no UTF-8, expected UTF-8 text.") from wrong
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        parts = line.rstrip("\r").split("\t")
        if len(parts) != 3 or parts[2].strip() not in ("0", "1"):
            raise LabelledError(f"{where}: expected two things and 0 or 1, parted by tabs.")
        found.append(
            LabelledPair(_described(parts[0], where), _described(parts[1], where), parts[2].strip() == "1")
        )
    return found


def _described(text: str, where: str) -> Described:
    told: dict[str, str] = {}
    for field in _FIELD.split(text)[1:]:
        name, between, value = field.partition(" VAL ")
        if not between or name.strip() not in _COLUMNS:
            raise LabelledError(
                f"{where}: found the column “{name.strip()}”, expected one of {', '.join(sorted(_COLUMNS))}."
            )
        told[_COLUMNS[name.strip()]] = value.strip()
    if "title" not in told:
        raise LabelledError(f"{where}: found no title, expected “COL title VAL ...” or “COL name VAL ...”.")
    price = told.pop("price", "")
    try:
        return Described(**told, price=float(price) or None if price else None)
    except ValueError:
        raise LabelledError(
            f"{where}, price: found “{price}”, expected a number above 0 or nothing."
        ) from None


def labels(pairs: Sequence[LabelledPair]) -> NDArray[np.bool_]:
    """Return the labels of the pairs."""
    return np.asarray([pair.is_same for pair in pairs], dtype=np.bool_)


def measured(*splits: Sequence[LabelledPair]) -> list[Matrix]:
    """Return the features of each split; how telling a word is comes from all their texts and no label."""
    things = dict.fromkeys(thing for pairs in splits for pair in pairs for thing in (pair.a, pair.b))
    vocabulary = Vocabulary(things)
    prepared = {thing: vocabulary.prepare(thing) for thing in things}
    return [matrix((prepared[pair.a], prepared[pair.b]) for pair in pairs) for pairs in splits]
