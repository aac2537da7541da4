"""How text becomes words, how words are compared, and where a document stands: alike on all databases."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

MAX_BODY = 20_000
"""Characters of one section that are indexed; what lies beyond is not found."""
MAX_WORD = 64
MAX_TITLE = 300
MAX_QUERY_WORDS = 12
SHORTEST_PREFIX = 2
"""A single letter matches itself only, never everything that begins with it."""
SHORTEST_CORRECTED = 4
SECTION_BITS = 4
ROW_BITS = 40

KIND_WORDS = {
    "core": "unit",
    "cores": "unit",
    "facility": "unit",
    "facilities": "unit",
    "equipment": "instrument",
    "tool": "instrument",
    "tools": "instrument",
    "resource": "instrument",
    "resources": "instrument",
}
"""Other words for what a node calls units and instruments: they name a kind and are not looked for."""

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"\d+|[^\W\d_]+")
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "™": " ",
        "®": " ",
        "©": " ",
        "℠": " ",
        "\u2019": " ",
    }
)


def fold(text: str) -> str:
    """Return the text without capitals and accents: "Ångström" is "angstrom", "Weiß" is "weiss"."""
    text = text.casefold()
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=32_768)
def parts_of(word: str) -> tuple[str, ...]:
    """Split a folded word where letters meet figures: "lsm980" is ("lsm", "980")."""
    if word.isalpha():
        return (word,)
    return tuple(_PART.findall(word)) or (word,)


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return [word if len(word) <= MAX_WORD else word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def title_key(text: str) -> str:
    """Return a title as it is compared: folded, split, parted by single blanks; "LSM-980" is "lsm 980"."""
    parts: list[str] = []
    for word in words_of(text):
        parts.extend(parts_of(word))
    return " ".join(parts)[:MAX_TITLE].rstrip()


def index_text(texts: Iterable[str]) -> str:
    """Return each word of the texts once, with the parts of those that join letters and figures."""
    found = dict.fromkeys(words_of(" ".join(texts)[:MAX_BODY]))
    for word in tuple(found):
        if not word.isalpha() and len(parts := parts_of(word)) > 1:
            found.update(dict.fromkeys(parts))
    return " ".join(found)


def kind_base(kind: str) -> int:
    """Return the first document number of a kind; the same on every node and in every release."""
    return (zlib.crc32(kind.encode()) & 0x3FFFF) << (ROW_BITS + SECTION_BITS)


def kind_range(kind: str) -> tuple[int, int]:
    """Return the first and the last document number that a kind can have."""
    base = kind_base(kind)
    return base, base + (1 << (ROW_BITS + SECTION_BITS)) - 1


def document_number(base: int, row_id: int, section: int) -> int:
    """Return the number of a document: its kind, row and section (0 is basics) in one whole number."""
    return base | row_id << SECTION_BITS | section


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for, with its parts when it joins letters and figures."""

    text: str
    parts: tuple[str, ...]

    @property
    def is_prefix(self) -> bool:
        """Whether longer words that begin with it match too."""
        return len(self.text) >= SHORTEST_PREFIX

    @property
    def key(self) -> str:
        """The word as it stands in a title key."""
        return " ".join(self.parts)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query taken apart: words to look for, kinds it names, and titles that would be exactly it."""

    words: tuple[Word, ...]
    kinds: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not self.words and not self.kinds


def ask(text: str) -> Asked:
    """Take a query apart; whatever is neither letter nor figure only parts words."""
    all_words = words_of(text[:1_000])
    kinds = dict.fromkeys(KIND_WORDS[word] for word in all_words if word in KIND_WORDS)
    wanted = dict.fromkeys(word for word in all_words if word not in KIND_WORDS)
    words = tuple(Word(word, parts_of(word)) for word in wanted)[:MAX_QUERY_WORDS]
    rest = " ".join(part for word in all_words if word not in KIND_WORDS for part in parts_of(word))
    titles = dict.fromkeys(key for key in (title_key(text[:1_000]), rest) if key)
    return Asked(words, tuple(kinds), tuple(titles))


def replaced(asked: Asked, changes: dict[str, str]) -> Asked:
    """Return the query with some words put right."""
    words = [changes.get(word.text, word.text) for word in asked.words]
    fresh = ask(" ".join(words))
    return Asked(fresh.words, asked.kinds, fresh.titles)


def can_correct(word: str) -> bool:
    """Tell whether a word may be taken for a misspelt one; figures are never guessed at."""
    return len(word) >= SHORTEST_CORRECTED and word.isalpha()


def allowed_edits(word: str) -> int:
    """Return how many letters of a word may be wrong: 1, or 2 from six letters on."""
    return 2 if len(word) >= 6 else 1


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters to add, drop, change or swap with a neighbour, or ``limit`` + 1 for more.

    Source: optimal string alignment (Damerau 1964, restricted), computed within a band.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i, *[0] * len(other)]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row[j] = cost
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
