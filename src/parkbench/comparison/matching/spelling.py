"""Slips of the pen: which known word an unknown word was meant to be; figures are never touched."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

LEAST = 5
"""Letters that a word has at least before one edit (or two letters changed over) is taken for a slip."""
LEAST_FOR_TWO = 9
"""Letters that a word has at least before two edits are; a k is no edit of a c."""


class Speller:
    """Finds the one known word within one edit (two in long words), by words with letters left out."""

    def __init__(
        self, words: Iterable[str], shunned: Iterable[str] = (), *, for_two: int = LEAST_FOR_TWO
    ) -> None:
        """Take the words to mend towards, words that are right, and the letters that two edits need."""
        self._for_two = for_two
        self.known = frozenset(word for word in words if len(word) >= LEAST - 1 and word.isalpha())
        shunned = frozenset(shunned)
        self._right = self.known | shunned
        self._gaps: dict[str, list[str]] = {}
        for word in sorted(self.known):
            for gap in self._gaps_of(_plain(word)):
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

    def near(self, word: str) -> list[str]:
        """Return all known words that may be meant by an unknown word, in alphabetical order."""
        if word in self._right:
            return []
        plain = _plain(word)
        near = sorted({one for gap in self._gaps_of(plain) for one in self._gaps.get(gap, ())})
        return [one for one in near if self._may_be(plain, _plain(one))]

    def _may_be(self, word: str, known: str) -> bool:
        is_near = OSA.distance(word, known, score_cutoff=2) <= self._allowed(word, known)
        return is_near and _begin_alike(word, known)

    def _nearest(self, word: str) -> str:
        plain = _plain(word)
        best: list[str] = []
        least = (3, 9)
        for one in self.near(word):
            apart = (OSA.distance(plain, _plain(one)), OSA.distance(word, one))
            if apart <= least:
                best = [one] if apart < least else [*best, one]
                least = apart
        return best[0] if len(best) == 1 else word

    def _allowed(self, word: str, known: str) -> int:
        if min(len(word), len(known)) >= self._for_two:
            return 2
        if min(len(word), len(known)) >= LEAST:
            return 1
        return int(sorted(word) == sorted(known) or _once(word) == _once(known))  # changed over, doubled

    def _gaps_of(self, word: str) -> set[str]:
        """Return the word with up to one letter left out, up to two of a long one."""
        once = {word[:place] + word[place + 1 :] for place in range(len(word))} | {word}
        if len(word) < self._for_two:
            return once
        return once | {one[:place] + one[place + 1 :] for one in once for place in range(len(one))}


def _plain(word: str) -> str:
    return word.replace("k", "c")


def _once(word: str) -> str:
    """Return a word with letters that stand twice written once."""
    return "".join(letter for place, letter in enumerate(word) if not place or letter != word[place - 1])


def _begin_alike(word: str, known: str) -> bool:
    """Tell whether two words begin with the same letter, or with the same two changed over."""
    return word[0] == known[0] or word[:2] == known[1::-1]
