"""Two mentions side by side: contributions that add up to a score, vetoes in words, and their relation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from parkbench.comparison.matching.answers import Answer, Comparison, Mention, related
from parkbench.comparison.matching.hits import hits
from parkbench.comparison.matching.knowledge import Register
from parkbench.comparison.matching.ladder import Ladder
from parkbench.comparison.matching.matcher import Matcher
from parkbench.comparison.matching.pairing import written
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.proposals import proposal
from parkbench.comparison.matching.scoring import Coefficients, score, shipped_coefficients
from parkbench.comparison.matching.words import Atom, Lexicon

SIGNS = {
    "same model": 1, "maker": 1, "figures": 1, "variants": 1, "words": 1, "letters": 1, "vetoes": -1,
}  # fmt: skip
"""What two mentions are compared by: whether a likeness can only speak for the same model, or against it."""


class Essence(NamedTuple):
    """What a mention is called: its answer, makers, and figures, variants and words of its name."""

    answer: Answer
    lines: frozenset[str]
    maker: str
    text: str
    spelt: str
    figures: tuple[str, ...]
    variants: tuple[str, ...]
    words: tuple[str, ...]


def compare(a: Mention, b: Mention, register: Register) -> Comparison:
    """Return how two mentions stand to each other, with the knowledge of a register; symmetric."""
    return _comparer(register).compare(a, b)


@cache
def _coefficients() -> Coefficients:
    return shipped_coefficients("mentions")


@lru_cache(maxsize=2)
def _comparer(register: Register) -> Comparer:
    return Comparer(Matcher(register))


class Comparer:
    """Compares mentions with the knowledge of one register."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.ladder: Ladder = matcher.ladder
        self.lexicon: Lexicon = matcher.names.lexicon

    def compare(self, a: Mention, b: Mention) -> Comparison:
        """Return how two mentions stand to each other; changed over, they stand alike."""
        one, other = self.essences([a, b])
        values, vetoes = self.values(one, other)
        found = score(values, _texts(one, other), _coefficients())
        relation = related(one.answer, other.answer)
        return Comparison(relation, found.probability, found.contributions, vetoes)

    def essences(self, mentions: Sequence[Mention]) -> list[Essence]:
        """Return what each mention is called."""
        answers = self.matcher.match(mentions)
        return [self._essence(mention, answer) for mention, answer in zip(mentions, answers, strict=True)]

    def values(self, a: Essence, b: Essence) -> tuple[dict[str, float], tuple[str, ...]]:
        """Return how alike two mentions are in each term (`SIGNS`), and the vetoes in words."""
        vetoes = tuple(self._vetoes(a, b))
        return self._values(a, b, len(vetoes)), vetoes

    def _essence(self, mention: Mention, answer: Answer) -> Essence:
        parsed = self.matcher.parser.parse(mention)
        parts = self._designation(parsed, answer)
        figures = tuple(sorted(part.text for part in parts if part.is_number))
        letters = [part for part in parts if not part.is_number]
        variants = tuple(sorted(part.text for part in letters if self._is_variant(part)))
        words = tuple(sorted(part.text for part in letters if not self._is_variant(part)))
        lines = parsed.makers
        model = self.matcher.register.models.get(answer.key)
        if model is not None:
            lines = frozenset((self.matcher.register.line(model.maker),))
        maker = parsed.maker_written or answer.maker
        return Essence(
            answer, lines, maker, written(parts), self._spelt(parsed, answer), figures, variants, words
        )

    def _spelt(self, parsed: Parsed, answer: Answer) -> str:
        """Return the piece of the text that names the model."""
        found = [hit for hit in hits(parsed, self.matcher.names) if answer.key in hit.keys]
        if found:
            return written(parsed.parts[found[0].start : found[0].end])
        return answer.model if answer.status == "proposed" else parsed.mention.name

    def _designation(self, parsed: Parsed, answer: Answer) -> Sequence[Atom]:
        """Return the atoms of the register's designation when matched, else those that name something."""
        if answer.status == "matched":
            return self.lexicon.plainly(answer.model)
        found = hits(parsed, self.matcher.names)
        if found:
            return parsed.parts[found[0].start : found[0].end]
        shape = proposal(parsed, self.matcher.names)
        if shape is None:
            return [part for part in parsed.parts if not self.lexicon.kinds(part.text)]
        return self.lexicon.plainly(shape.text)

    def _is_variant(self, part: Atom) -> bool:
        return len(part.text) < 3 or self.lexicon.is_kind(part.text, "variant")

    def _vetoes(self, a: Essence, b: Essence) -> Iterator[str]:
        if a.answer.key and a.answer.key == b.answer.key:
            return
        one, other = sorted((a, b), key=_order)
        if one.figures != other.figures and one.figures and other.figures:
            yield f"Different figures: '{one.spelt}' and '{other.spelt}'."
        if one.variants != other.variants:
            yield f"Different variant: '{one.spelt}' and '{other.spelt}'."
        if one.lines and other.lines and not one.lines & other.lines:
            yield f"Different makers: '{one.maker}' and '{other.maker}' are of no succession."

    def _values(self, a: Essence, b: Essence, vetoes: int) -> dict[str, float]:
        one, other = sorted((a, b), key=_order)
        both = one.lines and other.lines
        return {
            "same model": float(bool(one.answer.key) and one.answer.key == other.answer.key),
            "maker": (1.0 if one.lines & other.lines else -1.0) if both else 0.0,
            "figures": _overlap(one.figures, other.figures),
            "variants": _overlap(one.variants, other.variants),
            "words": _overlap(one.words, other.words),
            "letters": fuzz.ratio(one.text.casefold(), other.text.casefold()) / 100,
            "vetoes": float(vetoes),
        }


def _order(one: Essence) -> tuple[str, str, str]:
    return one.text, one.spelt, f"{one.maker} {one.answer.key}"


def _overlap(a: Sequence[str], b: Sequence[str]) -> float:
    """Return the share of what both have in what either has, one half when neither has any."""
    either = {*a, *b}
    return len(set(a) & set(b)) / len(either) if either else 0.5


def _texts(a: Essence, b: Essence) -> dict[str, tuple[str, str]]:
    texts = dict.fromkeys(SIGNS, (a.spelt, b.spelt))
    return {
        **texts,
        "maker": (a.maker, b.maker),
        "figures": (" ".join(a.figures), " ".join(b.figures)),
        "variants": (" ".join(a.variants), " ".join(b.variants)),
        "words": (" ".join(a.words), " ".join(b.words)),
    }
