"""The ten names of the register that look most like a text: three letters at a time, weighed by rarity.

The weights come from the register alone, so that other rows never change what a row is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sparse_dot_topn import sp_matmul_topn

from parkbench.comparison.matching.names import Name, Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK

TOP = 10
"""Models that a text is compared with."""
_CHUNK = 4096
_NAMES_OF_ONE = 3  # names of one model may take the places of others
_LEAST = 0.05
_LEFT_OUT = frozenset(("id", "negated", "quantity", "doubt"))


class Candidates:
    """Finds, for texts taken apart, the names of models that look most alike."""

    def __init__(self, names: Names) -> None:
        register = names.register
        self._names = tuple(
            dict.fromkeys(
                name
                for found in names.by_text.values()
                for name in found
                if name.rank == 0 and not names.begins_with_maker(name)
            )
        )
        lines = [
            _line((register.line(register.models[name.key].maker),), [part.text for part in name.parts])
            for name in self._names
        ]
        self._weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), dtype=np.float32)
        self._matrix = self._weights.fit_transform(lines).T.tocsr()

    def of(self, mentions: Sequence[Parsed]) -> Iterator[tuple[Name, ...]]:
        """Yield, for each mention in order, names of the ten most similar models, the most similar first."""
        for start in range(0, len(mentions), _CHUNK):
            chunk = mentions[start : start + _CHUNK]
            rows = self._weights.transform([_line(sorted(one.makers), _words(one)) for one in chunk])
            found = sp_matmul_topn(
                rows, self._matrix, top_n=TOP * _NAMES_OF_ONE, threshold=_LEAST, sort=True, n_threads=1
            )
            for row in range(len(chunk)):
                begin, end = found.indptr[row], found.indptr[row + 1]
                yield self._best(found.indices[begin:end].tolist(), found.data[begin:end].tolist())

    def _best(self, places: Sequence[int], likenesses: Sequence[float]) -> tuple[Name, ...]:
        order = sorted(zip(likenesses, places, strict=True), key=lambda one: (-round(one[0], 5), one[1]))
        kept: dict[str, list[Name]] = {}
        for _, place in order:
            name = self._names[place]
            if name.key in kept or len(kept) < TOP:
                kept.setdefault(name.key, []).append(name)
        return tuple(name for found in kept.values() for name in found)


def _words(parsed: Parsed) -> list[str]:
    kept = [
        place
        for place in range(len(parsed.parts))
        if parsed.roles[place] not in _LEFT_OUT
        and place not in parsed.maker_places
        and parsed.part_kinds[parsed.part_of[place]] == "plain"
    ]
    words = [parsed.parts[place].text for place in kept]
    for before, place in pairwise(kept):
        one, other = parsed.parts[before], parsed.parts[place]
        if place == before + 1 and other.joint != BREAK and not one.is_number and not other.is_number:
            words.append(one.text + other.text)
    return words


def _line(lines: Sequence[str], words: Sequence[str]) -> str:
    """Return the text that is weighed: words, and the lines of makers as one word each."""
    return " ".join([*words, *(f"@{line.replace('-', '')}@" for line in lines)])
