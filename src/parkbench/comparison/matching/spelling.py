"""Slips of the pen: which known word an unknown word was meant to be; figures are never touched."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

LEAST = 5
"""Letters that a word has at least before one edit (or two letters changed over) is taken for a slip."""
LEAST_FOR_TWO = 9


class Speller:
    """Finds the one known word within one edit (two in long words), by words with letters left out."""

    def __init__(self, words: Iterable[str], shunned: Iterable[str] = ()) -> None:
        """Take the words to mend towards, and words that are right as they are."""
        self.known = frozenset(word for word in words if len(word) >= LEAST - 1 and word.isalpha())
        shunned = frozenset(shunned)
        self._right = self.known | shunned
        self._gaps: dict[str, list[str]] = {}
        for word in sorted(self.known):
            for gap in _gaps(word):
                self._gaps.setdefault(gap, []).append(word)
        self._mended: dict[str, str] = {}

    def mend(self, word: str) -> str:
        """Return the known word that was meant, or the word itself when none or several are as near."""
        if word in self._right or len(word) < LEAST - 1 or not word.isalpha():
            return word
        found = self._mended.get(word)
        if found is None:
            found = self._mended[word] = self._nearest(word)
        return found

    def _nearest(self, word: str) -> str:
        near = {one for gap in _gaps(word) for one in self._gaps.get(gap, ())}
        best: list[str] = []
        least = 3
        for one in near:
            edits = OSA.distance(word, one, score_cutoff=2)
            if edits > _allowed(word, one) or edits > least or not _begin_alike(word, one):
                continue
            best = [one] if edits < least else [*best, one]
            least = edits
        return best[0] if len(best) == 1 else word


def _allowed(word: str, known: str) -> int:
    if min(len(word), len(known)) >= LEAST_FOR_TWO:
        return 2
    if min(len(word), len(known)) >= LEAST:
        return 1
    return int(sorted(word) == sorted(known))  # four letters: only two of them changed over


def _begin_alike(word: str, known: str) -> bool:
    """Tell whether two words begin with the same letter, or with the same two changed over."""
    return word[0] == known[0] or word[:2] == known[1::-1]


def _gaps(word: str) -> set[str]:
    """Return the word with up to one letter left out, up to two of a long one."""
    once = {word[:place] + word[place + 1 :] for place in range(len(word))} | {word}
    if len(word) < LEAST_FOR_TWO:
        return once
    return once | {one[:place] + one[place + 1 :] for one in once for place in range(len(one))}
