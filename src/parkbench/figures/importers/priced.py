"""Which price types of a booking list are kept as written: a text may be somebody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from parkbench.figures import rules
from parkbench.figures.importers.headings import KIND_WORDS, PERSON_TITLES
from parkbench.figures.importers.target import meaning_of
from parkbench.intake.registry import Recipe, Word, fold

MARK = "not kept #"
"""Begins what stands in the kept file for a text that is not kept; a number follows."""
_KINDS = {fold(word): kind for kind, words in KIND_WORDS.items() for word in words}


def kind_of(text: str | None, recipe: Recipe) -> str:
    """Return the kind of booking that a text means, what the person said first; '' when nobody knows."""
    folded = fold(text or "")
    return recipe.meanings.get(folded) or _KINDS.get(folded, "")


def is_known(text: str, recipe: Recipe) -> bool:
    """Tell whether the meaning of a price type is known."""
    return meaning_of(text, recipe) is not None or fold(text) in _KINDS


def is_like_a_person(text: str) -> bool:
    """Tell whether a text holds an e-mail address or a title of persons."""
    words = text.casefold().replace(".", " ").replace(",", " ").split()
    return "@" in text or not PERSON_TITLES.isdisjoint(words)


def without_marks(recipe: Recipe) -> Recipe:
    """Return the recipe without what was said of texts that an earlier file did not keep."""
    meanings = {word: said for word, said in recipe.meanings.items() if not word.startswith(MARK)}
    return replace(recipe, meanings=meanings, fleeting={})


@dataclass(slots=True)
class PriceTypes:
    """Decides text by text: known and frequent ones are kept, all others stand as a number.

    ``counts`` says in how many bookings each folded text stands. ``fleeting`` gathers mark > text of those
    that a person may see once, to say what they mean; what is like a person's name is not among them.
    """

    counts: Mapping[str, int]
    recipe: Recipe
    fleeting: dict[str, str] = field(default_factory=dict)
    _marks: dict[str, str] = field(default_factory=dict)

    def kept(self, text: str) -> str:
        """Return what is kept of a text: itself, or its mark."""
        folded = fold(text)
        if not folded or is_known(text, self.recipe):
            return text
        if not (is_like_a_person(text) or folded.startswith(MARK)):
            if self.counts.get(folded, 0) >= rules.FEWEST:
                return text
            self.fleeting.setdefault(self._mark(folded), text)
        return self._mark(folded)

    def _mark(self, folded: str) -> str:
        return self._marks.setdefault(folded, f"{MARK}{len(self._marks) + 1}")


def words_in(rows: Iterable[Mapping[str, Any]], recipe: Recipe) -> list[Word]:
    """Return the price types of a kept file with bookings and minutes; unknown and frequent ones first."""
    texts: dict[str, str] = {}
    bookings: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    for text, sessions, used in _told(rows):
        folded = fold(text)
        texts.setdefault(folded, text)
        bookings[folded] += sessions
        minutes[folded] += used
    found = []
    for folded, text in texts.items():
        is_mark = folded.startswith(MARK)
        meaning = recipe.meanings.get(folded) or meaning_of(text, recipe) or kind_of(text, recipe)
        found.append(
            Word(
                text="" if is_mark else text,
                mark=folded if is_mark else "",
                rows=bookings[folded],
                minutes=minutes[folded],
                meaning=meaning,
            )
        )
    return sorted(found, key=lambda word: (bool(word.meaning), -word.rows))


def _told(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int, int]]:
    for row in rows:
        text = str(row.get("category") or "").strip()
        if text:
            yield text, int(row.get("sessions") or 0), int(row.get("minutes") or 0)
