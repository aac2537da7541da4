"""Mentions in, answers out: the one object that callers hold."""

from __future__ import annotations

from collections.abc import Sequence

from parkbench.comparison.matching.answers import Answer, Decisions, Mention
from parkbench.comparison.matching.knowledge import Register
from parkbench.comparison.matching.ladder import Ladder
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parser
from parkbench.comparison.matching.scoring import Coefficients
from parkbench.comparison.matching.words import Lexicon


class Matcher:
    """Says of mentions which model of the register they name; built once, asked often."""

    def __init__(
        self, register: Register, coefficients: Coefficients | None = None, decisions: Decisions | None = None
    ) -> None:
        self.register = register
        self.decisions = decisions or Decisions()
        lexicon = Lexicon(register.words)
        self.names = Names(register, lexicon)
        self.parser = Parser(self.names, lexicon)
        self.ladder = Ladder(self.names)

    def match(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Return one answer a mention, in their order."""
        answers = {mention: self._answer(mention) for mention in dict.fromkeys(mentions)}
        return [answers[mention] for mention in mentions]

    def _answer(self, mention: Mention) -> Answer:
        parsed = self.parser.parse(mention)
        return self.ladder.exact(parsed) or self.ladder.rest(parsed)
