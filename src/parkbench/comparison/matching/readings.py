"""How a text that names nothing known may have been meant: noughts for letters, slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed, keeps_tier
from parkbench.comparison.matching.words import HYPHEN, SPACE, Atom

_NOUGHT_FOR_O = re.compile(r"(?<=[^\W\d_])0|\b0(?=[^\W\d_]{2})")
_O_FOR_NOUGHT = re.compile(r"(?<=\d)[Oo]|O(?=\d)")
_LEAST = 4  # letters of a word that may be a slip
_LEAST_JOINED = 8  # letters of a word that was written as two and with a slip


def with_noughts(text: str) -> Iterator[str]:
    """Yield how a text reads when noughts beside letters are letters O, and the other way round."""
    for pattern, right in ((_NOUGHT_FOR_O, "O"), (_O_FOR_NOUGHT, "0")):
        other = pattern.sub(right, text)
        if other != text:
            yield other


def without_slips(parsed: Parsed, names: Names) -> Iterator[str]:
    """Yield how a text reads when one word of it, or two written for one, is a known word nearly like it."""
    text = parsed.mention.text
    for place, part in enumerate(parsed.parts):
        if place not in parsed.maker_places and _may_be_slip(part, names):
            for word in _meant(part.raw, part.text, names):
                yield text.replace(part.raw, word, 1)
    for one, other_part in pairwise(parsed.parts):
        yield from _joined(text, one, other_part, names)


def _may_be_slip(part: Atom, names: Names) -> bool:
    is_known = part.text in names.words or bool(names.lexicon.kinds(part.text))
    return not is_known and len(part.text) >= _LEAST and part.text.isalpha()


def _meant(raw: str, word: str, names: Names) -> Iterator[str]:
    """Yield known words that are nearly a word, with its tier: capitals or the last letter behind a name."""
    for known in names.speller.near(word):
        is_end = known[-1] == word[-1] or sorted(known) == sorted(word)
        if is_end and keeps_tier(raw, known):
            yield known


def _joined(text: str, one: Atom, other: Atom, names: Names) -> Iterator[str]:
    """Yield a text with two words as the one that they are nearly: FACS Callibur."""
    is_pair = HYPHEN <= other.joint <= SPACE and one.text.isalpha() and _may_be_slip(other, names)
    if not is_pair or len(one.text + other.text) < _LEAST_JOINED:
        return
    written = re.compile(rf"{re.escape(one.raw)}\W{{1,2}}{re.escape(other.raw)}")
    for word in _meant(one.raw + other.raw, one.text + other.text, names):
        yield written.sub(word, text, count=1)
