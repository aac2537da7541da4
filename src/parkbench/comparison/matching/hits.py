"""Where a mention spells a name of the register, and what stands beside it that makes it another name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from parkbench.comparison.matching.names import Family, Name, Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, SLASH, squeezed

Found = TypeVar("Found")
_SILENT = frozenset(("id", "negated", "doubt"))
_NUMERIC = frozenset(("id", "year", "quantity", "measure", "negated", "doubt"))
DISTINCT = 5
"""Letters and figures of a name that can be told although the maker of the row is not in the register."""


class Hit(NamedTuple):
    """A run of atoms that spells names of models which the named makers allow."""

    start: int
    end: int
    names: tuple[Name, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the models that bear the name."""
        return tuple(dict.fromkeys(name.key for name in self.names))


def runs(parsed: Parsed, texts: Mapping[str, Found], longest: int) -> Iterator[tuple[int, int, Found]]:
    """Yield start, end and what is found for every run of atoms whose squeezed text is known."""
    parts, count = parsed.parts, len(parsed.parts)
    for start in range(count):
        if parsed.roles[start] in _SILENT or not _may_start(parsed, start):
            continue
        text = ""
        for end in range(start + 1, min(start + longest, count) + 1):
            part = parts[end - 1]
            if end - 1 > start and (part.joint == BREAK or parsed.roles[end - 1] in _SILENT):
                break
            text += f"_{part.text}" if text and text[-1].isdigit() and part.is_number else part.text
            if text in texts:
                yield start, end, texts[text]


def _may_start(parsed: Parsed, start: int) -> bool:
    return parsed.parts[start].joint > GLUED or start - 1 in parsed.maker_places


def hits(parsed: Parsed, names: Names) -> list[Hit]:
    """Return the hits of a mention that do not overlap, the longest kept, in the order of the text."""
    found = []
    for start, end, known in runs(parsed, names.by_text, names.longest):
        allowed = allowed_names(parsed, known, names)
        if allowed:
            found.append(Hit(start, end, allowed))
    found.sort(key=lambda hit: (hit.start - hit.end, hit.names[0].rank, hit.start))
    kept: list[Hit] = []
    for hit in found:
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return sorted(kept)


def allowed_names(parsed: Parsed, known: Iterable[Name], names: Names) -> tuple[Name, ...]:
    """Return the names that the makers of the mention allow, those of the register before shortened ones."""
    lines = parsed.makers
    of_line = [name for name in known if names.register.line(names.register.models[name.key].maker) in lines]
    if not of_line and lines:
        return ()
    left = of_line or [name for name in known if not name.is_weak and _stands_without(parsed, name)]
    least = min((name.rank for name in left), default=0)
    return tuple(name for name in left if name.rank == least)


def _stands_without(parsed: Parsed, name: Name) -> bool:
    """Tell whether a name can be told without its maker; when another maker is named, it must be telling."""
    return not parsed.has_unknown_maker or len(squeezed(name.parts)) >= DISTINCT


def family_hits(parsed: Parsed, names: Names) -> list[tuple[int, int, Family]]:
    """Return start, end and family where a mention names a line of models, the longest first."""
    found = []
    for start, end, families in runs(parsed, names.families, names.longest):
        fitting = sorted(one for one in families if one[0] in parsed.makers)
        if not fitting and not parsed.makers and not _says_little(parsed, start, end, names):
            fitting = sorted(families)
        if len(fitting) == 1:
            found.append((start, end, fitting[0]))
    return sorted(found, key=lambda one: (one[0] - one[1], one[0]))


def _says_little(parsed: Parsed, start: int, end: int, names: Names) -> bool:
    parts = parsed.parts[start:end]
    return len(squeezed(parts)) < DISTINCT or all(names.lexicon.kinds(part.text) for part in parts)


class Extension(NamedTuple):
    """What stands beside a name and belongs to it: the first and behind the last atom of the longer name."""

    start: int
    end: int


class Surroundings:
    """Tells whether what stands beside a name makes it the name of another model."""

    def __init__(self, parsed: Parsed, names: Names) -> None:
        self.parsed = parsed
        self.names = names
        self.lexicon = names.lexicon

    def extension(self, start: int, end: int, key: str = "") -> Extension | None:
        """Return the longer name that a name from start to end is a part of, None when it stands whole."""
        longer = self._behind(start, end, key)
        before = self._before(start, key)
        return Extension(before, longer) if longer > end or before < start else None

    def _before(self, start: int, key: str) -> int:
        if start == 0 or self.parsed.part_of[start - 1] != self.parsed.part_of[start]:
            return start
        part, joint = self.parsed.parts[start - 1], self.parsed.parts[start].joint
        if start - 1 in self.parsed.maker_places or self.parsed.roles[start - 1]:
            return start
        kinds = self.lexicon.kinds(part.text)
        is_tied = joint <= HYPHEN and not kinds.keys() & {"generic", "filler", "for", "with"}
        is_sibling = bool(key) and self.names.parts_siblings(key, part.text) and "generic" not in kinds
        return start - 1 if is_tied or is_sibling else start

    def _behind(self, start: int, end: int, key: str) -> int:
        """Return where the longer name ends; `end` when nothing that follows belongs to the name."""
        has_figure = any(part.is_number for part in self.parsed.parts[start:end])
        place, longer = end, end
        while place < len(self.parsed.parts) and self._is_near(place, end):
            step, belongs = self._step(place, key, has_figure)
            if step == 0:
                break
            place += step
            if belongs:
                longer = place
                has_figure = has_figure or self.parsed.parts[place - 1].is_number
        return longer

    def _is_near(self, place: int, end: int) -> bool:
        parsed = self.parsed
        return (
            place - end < 4
            and parsed.part_of[place] == parsed.part_of[end - 1]
            and parsed.parts[place].joint != BREAK
            and not parsed.roles[place]
        )

    def _step(self, place: int, key: str, has_figure: bool) -> tuple[int, bool]:
        """Return how many atoms to go on by (0 = stop) and whether they belong to the name."""
        part = self.parsed.parts[place]
        is_tied = part.joint <= HYPHEN
        if part.is_number:
            belongs = is_tied or not has_figure or len(part.text) == 1 or self._is_of_sibling(key, part.text)
            return (1, True) if belongs else (0, False)
        known = self.lexicon.at(self.parsed.parts, place)
        if self._is_of_sibling(key, part.text) and not ("generic" in known and part.raw.islower()):
            return 1, True
        if "option" in known:
            return known["option"].length, False
        return self._step_of_word(place, known, is_tied)

    def _step_of_word(self, place: int, known: Mapping[str, object], is_tied: bool) -> tuple[int, bool]:
        part = self.parsed.parts[place]
        if place in self.parsed.maker_places:
            return 1, False
        if known.keys() & {"generic", "filler", "unit", "accessory", "junk"} and not (
            "variant" in known and (is_tied or part.raw[0].isupper())
        ):
            return 1, False
        if "variant" in known or part.joint == GLUED:
            return 1, True
        if is_tied or (len(part.text) < 3 and part.raw.isupper() and part.joint != SLASH):
            return 1, len(part.text) < 5
        return 0, False

    def _is_of_sibling(self, key: str, text: str) -> bool:
        return bool(key) and self.names.parts_siblings(key, text)
