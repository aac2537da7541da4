"""Where a mention spells a name of the register or of a line of models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching.names import Family, Name, Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, squeezed

Found = TypeVar("Found")
_SILENT = frozenset(("id", "negated", "doubt"))
_NUMERIC = frozenset(("id", "year", "quantity", "measure", "negated", "doubt"))
_WORD = 4  # letters of a word that can be told although the maker of the row is not in the register
DISTINCT = 4
"""Letters and figures of the name of a line that can be told without its maker."""


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
        is_told = not all(parsed.roles[place] in _NUMERIC for place in range(start, end))
        allowed = allowed_names(parsed, known, names) if is_told else ()
        if allowed and allowed[0].rank and not _is_led_freely(parsed, start, names):
            continue
        if allowed and allowed[0].rank > 1:
            is_core = _is_core(parsed, start, end, names)
            if not is_core or _has_words_of_siblings(parsed, start, end, allowed[0].key, names):
                continue
        if allowed:
            found.append(Hit(start, end, allowed))
    found.sort(key=lambda hit: (-_length(parsed, hit), hit.names[0].rank, hit.start))
    kept: list[Hit] = []
    for hit in found:
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return sorted(kept)


def _length(parsed: Parsed, hit: Hit) -> int:
    """Return the atoms of a hit without those that name its maker: of Cellink BIO X6 not Cellink BIO X."""
    return sum(place not in parsed.maker_places for place in range(hit.start, hit.end))


def allowed_names(parsed: Parsed, known: Iterable[Name], names: Names) -> tuple[Name, ...]:
    """Return the names that the makers of the mention allow, those of the register before shortened ones."""
    lines = parsed.makers
    of_line = [name for name in known if not names.lines_of(name.key).isdisjoint(lines)]
    if not of_line and lines:
        return ()
    left = of_line or [name for name in known if not name.is_weak and _stands_without(parsed, name)]
    least = min((name.rank for name in left), default=0)
    return tuple(name for name in left if name.rank == least)


def _is_led_freely(parsed: Parsed, start: int, names: Names) -> bool:
    """Tell whether no unknown word leads figures that are a shortened name: not EM 910, but Zeiss 910."""
    part = parsed.parts[start]
    if not part.is_number or not start or start - 1 in parsed.maker_places or part.joint == BREAK:
        return True
    before = parsed.parts[start - 1]
    return before.is_number or names.lexicon.is_kind(before.text, "generic", "filler", "technique", "line")


def _is_core(parsed: Parsed, start: int, end: int, names: Names) -> bool:
    """Tell whether a core is spelled as it is, and nothing that may be of another line stands before it."""
    is_spelled = all(fold(part.raw) == part.text for part in parsed.parts[start:end] if len(part.text) > 3)
    is_tied = start > 0 and parsed.parts[start].joint <= HYPHEN and start - 1 not in parsed.maker_places
    return is_spelled and not is_tied and _stands_free(parsed, start, names)


def _has_words_of_siblings(parsed: Parsed, start: int, end: int, key: str, names: Names) -> bool:
    """Tell whether figures that stand for a model have beside them what tells its siblings: 600 AVIII HD."""
    if not all(part.is_number for part in parsed.parts[start:end]):
        return False
    return any(
        names.parts_siblings(key, part.text)
        for place, part in enumerate(parsed.parts)
        if not start <= place < end and not parsed.roles[place] and place not in parsed.maker_places
    )


def _stands_free(parsed: Parsed, start: int, names: Names) -> bool:
    """Tell whether nothing that may be of another line of models stands before a core: JEOL 2100."""
    if start == 0 or start - 1 in parsed.maker_places:
        return True
    is_led = not parsed.parts[start].is_number
    return is_led and all(
        parsed.roles[place]
        or place in parsed.maker_places
        or names.lexicon.is_kind(parsed.parts[place].text, "generic", "filler", "line")
        for place in range(start)
    )


def _stands_without(parsed: Parsed, name: Name) -> bool:
    """Tell whether a name can be told without its maker; when another maker is named, it must be telling."""
    return not parsed.has_unknown_maker or any(
        len(part.text) >= _WORD and not part.is_number for part in name.parts
    )


def family_hits(parsed: Parsed, names: Names) -> list[tuple[int, int, Family]]:
    """Return start, end and family where a mention names a line of models, the longest first."""
    found = []
    for start, end, families in runs(parsed, names.families, names.longest):
        if _is_within_maker(parsed, start, end):
            continue
        fitting = sorted(one for one in families if one[0] in parsed.makers)
        if not fitting and not parsed.makers and not _says_little(parsed, start, end, names):
            fitting = sorted(families)
        if len(fitting) == 1:
            found.append((start, end, fitting[0]))
    return sorted(found, key=lambda one: (_is_aside(parsed, one[0]), one[0], -one[1]))


def _is_within_maker(parsed: Parsed, start: int, end: int) -> bool:
    """Tell whether words are a part of a maker's longer name: Bio of Bio-Rad."""
    made = parsed.maker_places
    return made.issuperset(range(start, end)) and bool(made & {start - 1, end})


def _is_aside(parsed: Parsed, place: int) -> bool:
    return parsed.part_kinds[parsed.part_of[place]] != "plain"


def _says_little(parsed: Parsed, start: int, end: int, names: Names) -> bool:
    parts = parsed.parts[start:end]
    return len(squeezed(parts)) < DISTINCT or all(names.lexicon.kinds(part.text) for part in parts)
