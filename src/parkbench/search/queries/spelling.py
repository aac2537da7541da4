"""Words put right: a word that finds nothing is replaced by the nearest one that this viewer can find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q
from django.db.models.functions import Length

from parkbench.search import rules
from parkbench.search.models import SearchWord
from parkbench.search.queries.statement import Scope, count_up_to, matched
from parkbench.search.rules import Asked

ENOUGH = 200
"""Hits are counted no further when two corrections are weighed against each other."""


def corrections(scopes: Sequence[Scope], asked: Asked) -> dict[str, str]:
    """Return {asked word: word to look for instead} for words that find nothing by themselves.

    The vocabulary knows words that the viewer may not see: each candidate is searched for first, and only
    what was found decides, so hidden words change nothing.
    """
    changes = {}
    for word in asked.words:
        if rules.can_correct(word.text) and not _visible_count(scopes, word.text):
            better = _nearest(scopes, word.text)
            if better:
                changes[word.text] = better
    return changes


def _nearest(scopes: Sequence[Scope], word: str) -> str:
    """Return the visible word with the fewest edits, the most hits, the first in the alphabet; or ''."""
    by_distance = _candidates(word)
    for edits in sorted(by_distance):
        counted = [(_visible_count(scopes, candidate), candidate) for candidate in by_distance[edits]]
        seen = [(-count, candidate) for count, candidate in counted if count]
        if seen:
            return min(seen)[1]
    return ""


def _candidates(word: str) -> dict[int, list[str]]:
    """Return words that begin with the same letter (or with the second, swapped), by number of edits."""
    limit = rules.allowed_edits(word)
    begins = Q(word__startswith=word[0]) | Q(word__startswith=word[1])
    sizes = Q(_size__range=(len(word) - limit, len(word) + limit))
    words = SearchWord.objects.annotate(_size=Length("word")).filter(begins, sizes)
    found: dict[int, list[str]] = defaultdict(list)
    for candidate in words.values_list("word", flat=True):
        edits = rules.distance(word, candidate, limit)
        if 0 < edits <= limit:
            found[edits].append(candidate)
    return found


def _visible_count(scopes: Sequence[Scope], word: str) -> int:
    asked = rules.ask(word)
    if not asked.words:
        return 0
    return sum(count_up_to(scope, asked, limit=ENOUGH) for scope, _count in matched(scopes, asked))
