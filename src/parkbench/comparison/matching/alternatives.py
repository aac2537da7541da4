"""What stands beside a name and makes another model of it, or one of two: F2 / F2e, MCO-19AIC (UV)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from parkbench.comparison.matching.hits import Hit
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.second import stands_beside
from parkbench.comparison.matching.words import BREAK, HYPHEN, SLASH, Atom, squeezed

_CORE = 3  # figures of a number that names a model
_TIER = 2  # letters of a tier


def others(parsed: Parsed, main: Hit, names: Names) -> set[str]:
    """Return the siblings that a name and the aside or the alternative behind it spell together."""
    found = {
        name.key for told in _spelled(parsed, main, names) for name in names.by_text.get(squeezed(told), ())
    }
    models = names.register.models
    own = names.family_of(models[main.keys[0]])
    return {key for key in found - set(main.keys) if names.family_of(models[key]) == own}


def _spelled(parsed: Parsed, main: Hit, names: Names) -> Iterator[Sequence[Atom]]:
    own = _own(parsed, main)
    if not parsed.parts[main.start].aside and (aside := _aside(parsed, main.end, names)):
        yield (*own, *aside)
    other = _alternative(parsed, main.end, names)
    for length in range(1, len(own)) if other else ():
        yield (*own[:length], *other)


def also_named(parsed: Parsed, main: Hit, whole: Sequence[Hit], names: Names) -> set[str]:
    """Return models of a line that are named behind a name, in figures or letters other than its own."""
    found = set()
    for hit in whole:
        part = parsed.part_of[hit.start]
        if hit.start <= main.start or parsed.parts[hit.start].aside or parsed.part_kinds[part] == "for":
            continue
        if _differ_in_figures(parsed, main, hit) or _differ_in_tier(parsed, main, hit, names):
            found |= set(hit.keys)
    return found - set(main.keys)


def _differ_in_figures(parsed: Parsed, one: Hit, other: Hit) -> bool:
    """Tell whether two names are of the same words with other figures or letters: 480 and 960, 4i and 4x."""
    words, figures = [], []
    for hit in (one, other):
        parts = _own(parsed, hit)
        words.append({part.text for part in parts if not part.is_number and len(part.text) > 1})
        figures.append([part.text for part in parts if part.is_number])
    return words[0] == words[1] and all(figures)


def _differ_in_tier(parsed: Parsed, one: Hit, other: Hit, names: Names) -> bool:
    """Tell whether two names begin alike and each goes on with words of its own: timsTOF Pro, timsTOF HT."""
    mine, theirs = ([part.text for part in _own(parsed, hit)] for hit in (one, other))
    if not mine or len(mine[0]) == 1 or mine[0] not in theirs:
        return False
    more, known = set(theirs) - set(mine), names.atoms_of_model[one.keys[0]]
    serves = any(stands_beside(key, names) for key in other.keys)
    return not serves and not set(theirs) >= set(mine) and not more <= known


def has_tier_beside(parsed: Parsed, main: Hit, names: Names) -> bool:
    """Tell whether the name's end stands behind it again with a tier that the register may lack: 2 / 2e."""
    own, other = _own(parsed, main), _alternative(parsed, main.end, names)
    if len(other) < 2 or other[-1].is_number or len(other[-1].text) > _TIER:
        return False
    begin = squeezed(other[:-1])
    return any(squeezed(own[place:]) == begin for place in range(len(own)))


def are_two(parts: Sequence[Atom]) -> bool:
    """Tell whether a designation gives two numbers of a line: 410/420, 500/1000; not 100/4."""
    return any(
        one.is_number
        and other.is_number
        and other.joint == SLASH
        and min(len(one.text), len(other.text)) >= _CORE
        for one, other in pairwise(parts)
    )


def _own(parsed: Parsed, main: Hit) -> list[Atom]:
    places = range(main.start, main.end)
    return [parsed.parts[place] for place in places if place not in parsed.maker_places]


def _aside(parsed: Parsed, place: int, names: Names) -> Sequence[Atom]:
    """Return the aside behind a name and what kind of instrument it is."""
    parts = parsed.parts
    while place < len(parts) and parts[place].joint < BREAK:
        if not names.lexicon.is_kind(parts[place].text, "generic"):
            break
        place += 1
    end = place
    while end < len(parsed.parts) and parsed.parts[end].aside:
        end += 1
    return parsed.parts[place:end]


def _alternative(parsed: Parsed, place: int, names: Names) -> Sequence[Atom]:
    """Return the word that a slash parts from a name, or figures that stand alone behind a break."""
    parts = parsed.parts
    if place >= len(parts) or parts[place].joint not in (SLASH, BREAK) or parts[place].aside:
        return ()
    end = place + 1
    while end < len(parts) and parts[end].joint <= HYPHEN:
        end += 1
    other = parts[place:end]
    if parts[place].joint == SLASH:
        return other
    is_apart = (
        end == len(parts) or parts[end].joint == BREAK or names.lexicon.is_kind(parts[end].text, "generic")
    )
    return other if is_apart and any(part.is_number for part in other) else ()
