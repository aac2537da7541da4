"""The words of a query in the language of each database's full-text index.

Every term is quoted and holds letters and figures only, so nothing typed can be an operator.
"""

from __future__ import annotations

from collections.abc import Iterable

from parkbench.lib.db import is_postgres
from parkbench.search.rules import SHORTEST_PREFIX, Asked, Word


def expression(asked: Asked) -> str:
    """Return the index query for documents that hold all words, or longer words that begin with them."""
    return _all(_word(word) for word in asked.words)


def _word(word: Word) -> str:
    """Return one word, or its two parts: "LSM980" finds "LSM 980". More parts ("A1R") are too short."""
    if len(word.parts) != 2:
        return _term(word.text)
    first, second = word.parts
    quote = "'" if is_postgres() else '"'
    return _any([_term(word.text), _all([f"{quote}{first}{quote}", _term(second)])])


def _term(text: str) -> str:
    is_prefix = len(text) >= SHORTEST_PREFIX
    if is_postgres():
        return f"'{text}'" + (":*" if is_prefix else "")
    return f'"{text}"' + (" *" if is_prefix else "")


def _all(terms: Iterable[str]) -> str:
    return _joined(terms, "&" if is_postgres() else "AND")


def _any(terms: Iterable[str]) -> str:
    return _joined(terms, "|" if is_postgres() else "OR")


def _joined(terms: Iterable[str], word: str) -> str:
    listed = list(terms)
    return listed[0] if len(listed) == 1 else "(" + f" {word} ".join(listed) + ")"
