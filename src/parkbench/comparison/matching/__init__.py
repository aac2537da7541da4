"""Matching of names to device models, and of pairs of described things: pure, without Django."""

from parkbench.comparison.matching.answers import Answer, Comparison, Decisions, Mention, related
from parkbench.comparison.matching.comparing import Comparer, compare
from parkbench.comparison.matching.knowledge import (
    Register,
    RegisterError,
    read_register,
    shipped_register,
)
from parkbench.comparison.matching.matcher import Matcher
from parkbench.comparison.matching.scoring import Contribution

__all__ = [
    "Answer",
    "Comparer",
    "Comparison",
    "Contribution",
    "Decisions",
    "Matcher",
    "Mention",
    "Register",
    "RegisterError",
    "compare",
    "read_register",
    "related",
    "shipped_register",
]
