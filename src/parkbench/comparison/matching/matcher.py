"""Mentions in, answers out: the one object that callers hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from parkbench.comparison.matching.answers import Answer, Decisions, Mention
from parkbench.comparison.matching.candidates import Candidates
from parkbench.comparison.matching.knowledge import Register
from parkbench.comparison.matching.ladder import Ladder
from parkbench.comparison.matching.names import Name, Names
from parkbench.comparison.matching.pairing import Pair, Pairing, view
from parkbench.comparison.matching.parsing import Parsed, Parser
from parkbench.comparison.matching.readings import with_noughts, without_slips
from parkbench.comparison.matching.scoring import Coefficients, score, shipped_coefficients
from parkbench.comparison.matching.words import Lexicon

_CHUNK = 5_000
Beat = Callable[[int, int], object]
"""Is told how many distinct mentions are answered, and of how many."""


class Matcher:
    """Says of mentions which model of the register they name; built once, asked often."""

    def __init__(
        self, register: Register, coefficients: Coefficients | None = None, decisions: Decisions | None = None
    ) -> None:
        self.register = register
        self.decisions = decisions or Decisions()
        self.coefficients = coefficients or shipped_coefficients("names")
        lexicon = Lexicon(register.words, register.techniques)
        self.names = Names(register, lexicon)
        self.parser = Parser(self.names, lexicon)
        self.ladder = Ladder(self.names)
        self.pairing = Pairing(self.names)

    @cached_property
    def candidates(self) -> Candidates:
        """Return what finds the names that look like a text; built when first needed."""
        return Candidates(self.names)

    def match(self, mentions: Sequence[Mention], on_done: Beat | None = None) -> list[Answer]:
        """Return one answer a mention, in their order; each distinct mention is looked at once.

        ``on_done`` is called from time to time.
        """
        distinct = list(dict.fromkeys(mentions))
        answers: dict[Mention, Answer] = {}
        for start in range(0, len(distinct), _CHUNK):
            self._match_chunk(distinct[start : start + _CHUNK], answers)
            if on_done is not None:
                on_done(len(answers), len(distinct))
        return [answers[mention] for mention in mentions]

    def _match_chunk(self, mentions: Sequence[Mention], answers: dict[Mention, Answer]) -> None:
        left: list[Parsed] = []
        for mention in mentions:
            decided = self._confirmed(mention)
            if decided is not None:
                answers[mention] = decided
                continue
            parsed = self.parser.parse(mention)
            answer = self.ladder.exact(parsed)
            if answer is None:
                left.append(parsed)
            else:
                answers[mention] = self._allowed(mention, answer)
        if not left:
            return
        for parsed, names in zip(left, self.candidates.of(left), strict=True):
            answer = (
                self._by_candidates(parsed, names) or self._read_again(parsed) or self.ladder.rest(parsed)
            )
            answers[parsed.mention] = self._allowed(parsed.mention, answer)

    def _confirmed(self, mention: Mention) -> Answer | None:
        """Return the answer that a person confirmed for a mention."""
        key = self.decisions.confirmed_key(mention)
        if not key:
            return None
        why = "A person confirmed this."
        model = self.register.models.get(key)
        if model is None:
            return Answer("proposed", key, mention.maker_text, mention.text, score=1.0, why=why)
        maker = self.register.makers[model.maker].names[0]
        return Answer("matched", key, maker, model.designation, model.family, score=1.0, why=why)

    def _allowed(self, mention: Mention, answer: Answer) -> Answer:
        """Return the answer, or that it is open when a person said that it is not this model."""
        if not answer.key or answer.key not in self.decisions.rejected_keys(mention):
            return answer
        why = f"A person said that this is not {answer.model} of {answer.maker}."
        return Answer("undecided", family=answer.family, score=0.5, why=why)

    def _by_candidates(self, parsed: Parsed, names: Sequence[Name]) -> Answer | None:
        seen = view(parsed, self.names)
        pairs = [self.pairing.pair(seen, name) for name in names]
        likely = [
            (pair, chance)
            for pair in pairs
            if not pair.vetoes and (chance := self._chance(pair)) > self.coefficients.threshold
        ]
        return self.ladder.of_pairs(parsed, likely) if likely else None

    def _read_again(self, parsed: Parsed) -> Answer | None:
        """Return the answer when all readings of a text that name a model name the same: 0ctet, Aqulios2.

        A slip is believed when the maker is named or figures stand in the name: a cellar is no cell^R.
        """
        found: dict[str, Answer] = {}
        for text in with_noughts(parsed.mention.text):
            found |= self._as_read(parsed, text)
        for text in without_slips(parsed, self.names):
            told = self._as_read(parsed, text)
            found |= {
                key: answer
                for key, answer in told.items()
                if parsed.makers or any(sign.isdigit() for sign in answer.model)
            }
        return next(iter(found.values())) if len(found) == 1 else None

    def _as_read(self, parsed: Parsed, text: str) -> dict[str, Answer]:
        answer = self.ladder.exact(self.parser.parse(replace(parsed.mention, text=text)))
        return {answer.key: answer} if answer is not None and answer.status == "matched" else {}

    def _chance(self, pair: Pair) -> float:
        return score(pair.values, pair.texts, self.coefficients).probability
