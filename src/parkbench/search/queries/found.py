"""What was found, as pages show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from parkbench.records.models import ALL, REGISTER
from parkbench.records.visibility import Viewer
from parkbench.search import rules
from parkbench.search.models import BASICS
from parkbench.search.queries.spelling import corrections
from parkbench.search.queries.statement import ELSEWHERE, Scope, best, matched, scopes, shown
from parkbench.search.rules import Asked

FIRST_HITS = 8
"""Hits of a kind when all kinds are shown together."""
PAGE = 50
"""Hits on a page of one kind."""
SNIPPET = 160

_SPOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found. ``snippet`` says where the words stand when not in the title; '' otherwise."""

    kind: str
    uid: UUID
    title: str
    home: str
    is_own: bool
    section: str
    section_label: str
    snippet: str
    page: str

    @property
    def url(self) -> str:
        """The record's page; raises NoReverseMatch when its room has no pages."""
        return reverse(self.page, args=[self.uid])


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind on this page, and how many there are in all that the viewer may see."""

    kind: str
    label: str
    hits: tuple[Hit, ...]
    count: int
    page: int = 1
    pages: int = 1

    @property
    def is_more(self) -> bool:
        """Whether there are hits that are not shown here."""
        return self.count > len(self.hits)


@dataclass(frozen=True, slots=True)
class Results:
    """What was found. ``corrections`` are (asked, shown) words when nothing was found as it was written."""

    text: str
    groups: tuple[Group, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    is_blank: bool = False

    @property
    def count(self) -> int:
        """How many records were found, of all kinds."""
        return sum(group.count for group in self.groups)

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind were found."""
        return {group.kind: group.count for group in self.groups}


def search(
    *, text: str, viewer: Viewer, only: Iterable[str] | None = None, page: int = 1, home: str = ALL
) -> Results:
    """Return what the viewer finds by these words, best first, in at most seven statements per kind.

    ``only`` names kinds (all when None); of a single one, 50 hits a page are returned (``page`` from 1), else
    the first 8 of each. A word matches words that begin with it; all words must stand in one section of a
    record. ``home`` says whose records, as `RecordQuerySet.of_home` takes it. Order: title is exactly that,
    begins with it, holds it, anything else; then the shorter title, the title, the uid.
    """
    asked = rules.ask(text)
    if asked.is_empty:
        return Results(text=text, is_blank=True)
    chosen = scopes(viewer=viewer, only=only, asked=asked, home=home)
    is_one = only is not None and len(chosen) == 1
    found = _groups(chosen, asked, page if is_one else 0)
    changes: dict[str, str] = {}
    if not found:
        changes = corrections(chosen, asked)
        if changes:
            found = _groups(chosen, rules.replaced(asked, changes), page if is_one else 0)
    return Results(text=text, groups=found, corrections=tuple(changes.items()) if found else ())


def suggestions(*, text: str, viewer: Viewer, limit: int = 8) -> list[Hit]:
    """Return the best hits of all kinds in turn for a half-typed query, at most ``limit``; uncorrected."""
    asked = rules.ask(text)
    if not asked.words:
        return []
    found = _groups(scopes(viewer=viewer, only=None, asked=asked), asked, 0)
    in_turn = [group.hits[place] for place in range(FIRST_HITS) for group in found if place < len(group.hits)]
    return in_turn[:limit]


def _groups(chosen: Iterable[Scope], asked: Asked, page: int) -> tuple[Group, ...]:
    groups = (_group(scope, asked, matches, page) for scope, matches in matched(chosen, asked))
    return tuple(group for group in groups if group.count)


def _group(scope: Scope, asked: Asked, matches: int, page: int) -> Group:
    """Return the hits of a kind: the first few for ``page`` 0, the first page for one beyond the last."""
    size = PAGE if page else FIRST_HITS
    page = max(page, 1)
    count, places = best(scope, asked, matches=matches, size=size, offset=(page - 1) * size)
    if not places and page > 1:
        page = 1
        count, places = best(scope, asked, matches=matches, size=size, offset=0)
    rows = shown(scope, [place[-1] for place in places]) if places else {}
    hits = tuple(_hit(scope, asked, place[0], rows[place[-1]]) for place in places if place[-1] in rows)
    label = str(scope.kind.label_plural)
    return Group(scope.kind.name, label, hits, count, page, max(1, -(-count // size)))


def _hit(scope: Scope, asked: Asked, rank: int, row: tuple[Any, ...]) -> Hit:
    uid, home_id, home, title, *texts = row
    section, snippet = BASICS, ""
    if rank == ELSEWHERE:
        section, snippet = _where(scope, asked, [_plain(text) for text in texts])
    return Hit(
        kind=scope.kind.name,
        uid=uid,
        title=title or "",
        home=home,
        is_own=home_id <= REGISTER,
        section=section,
        section_label=str(scope.kind.section(section).label),
        snippet=snippet,
        page=scope.kind.page,
    )


def _where(scope: Scope, asked: Asked, texts: list[str]) -> tuple[str, str]:
    """Return the section and a few words around the first place where most of the words stand."""
    best = (0, BASICS, "")
    for (section, _column), text in zip(scope.columns, texts, strict=True):
        held = rules.words_of(text)
        score = sum(_holds(held, word) for word in asked.words)
        if score > best[0]:
            best = (score, section, text)
    return best[1], _cut(best[2], asked)


def _holds(held: list[str], word: rules.Word) -> bool:
    parts = set(word.parts)
    return any(one.startswith(word.text) or parts.intersection(rules.parts_of(one)) for one in held)


def _cut(text: str, asked: Asked) -> str:
    """Return at most 160 characters of a text around the first word asked for, cut between words."""
    text = " ".join(text.split())
    start = 0
    for spoken in _SPOKEN.finditer(text):
        held = rules.words_of(spoken.group())
        if any(_holds(held, word) for word in asked.words):
            start = spoken.start()
            break
    if len(text) <= SNIPPET:
        return text
    left = max(0, min(start - SNIPPET // 4, len(text) - SNIPPET))
    if left:
        left = text.find(" ", left, start) + 1 or start
    right = left + SNIPPET
    if right < len(text):
        right = text.rfind(" ", left + 1, right) if " " in text[left + 1 : right] else right
    return ("… " if left else "") + text[left:right] + (" …" if right < len(text) else "")


def _plain(value: Any) -> str:
    """Return a column as text; lists come as JSON from both databases."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in "[{" and value[-1:] in "]}":
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if item is not None)
    return str(value).strip("|").replace("|", ", ")
