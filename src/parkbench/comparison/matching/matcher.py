"""Mentions in, answers out: the one object that callers hold."""

from __future__ import annotations

from collections.abc import Sequence

from parkbench.comparison.matching.answers import Answer, Decisions, Mention
from parkbench.comparison.matching.knowledge import Register
from parkbench.comparison.matching.scoring import Coefficients


class Matcher:
    """Says of mentions which model of the register they name; built once, asked often."""

    def __init__(
        self, register: Register, coefficients: Coefficients | None = None, decisions: Decisions | None = None
    ) -> None:
        self.register = register
        self.decisions = decisions or Decisions()

    def match(self, mentions: Sequence[Mention]) -> list[Answer]:
        """Return one answer a mention, in their order."""
        return [Answer("none") for _ in mentions]
