"""Why a row is no instrument: totals, furniture, consumables, software, contracts, parts for a device."""

from __future__ import annotations

from collections.abc import Container, Sequence

from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK, GLUED, SLASH, Meaning

_REASONS = {
    "total": "'{}' marks a total or the heading of a section.",
    "furniture": "'{}' is furniture or part of a building.",
    "consumable": "'{}' is a consumable.",
    "software": "'{}' is software, a licence or an upgrade.",
    "service": "'{}' is a service, not an instrument.",
    "upkeep": "'{}' is a service, not an instrument.",
    "part": "'{}' is a part or an aid for a device.",
    "computer": "'{}' is a computer or its accessory.",
    "place": "'{}' is a place.",
    "reagent": "'{}' is a reagent, not an instrument.",
}
_OPENING = frozenset(("service", "software"))
_MODEL = 4  # figures of a number that names a model and counts nothing
_WHATEVER_FOLLOWS = _OPENING | {"total", "upkeep"}


def refusal(parsed: Parsed, named: Sequence[int], within: Container[int], names: Names) -> str:
    """Return in words why a mention is no instrument, '' when nothing speaks against it.

    `named` are the places where models or families of the register are named, `within` those of the words
    of such names of two words and more: they say nothing else.
    """
    first = min(named, default=len(parsed.parts))
    for place, meaning in _junk(parsed, names):
        if place not in within and _tells(parsed, place, meaning, first, names):
            words = " ".join(part.raw for part in parsed.parts[place : place + meaning.length])
            return _REASONS[meaning.means].format(words)
    return _for_another(parsed, first, names)


def _junk(parsed: Parsed, names: Names) -> list[tuple[int, Meaning]]:
    found = []
    for place, part in enumerate(parsed.parts):
        if part.joint == GLUED or parsed.roles[place] == "negated":
            continue
        known = names.lexicon.at(parsed.parts, place)
        meaning = known.get("junk")
        if meaning is None or any(other.length > meaning.length for other in known.values()):
            continue
        if meaning.means not in _WHATEVER_FOLLOWS and _names_device(parsed, place + meaning.length, names):
            continue
        if not _is_of_device(parsed, place, names):
            found.append((place, meaning))
    return found


def _names_device(parsed: Parsed, place: int, names: Names) -> bool:
    """Tell whether a word for a device follows: a plate reader is no plate."""
    if place >= len(parsed.parts) or parsed.parts[place].joint == BREAK:
        return False
    kinds = names.lexicon.at(parsed.parts, place)
    return "generic" in kinds and "junk" not in kinds


def _is_of_device(parsed: Parsed, place: int, names: Names) -> bool:
    """Tell whether a word says what a device is for or how many it takes: scanner de lames, 100 um chip."""
    before = place - 1
    if before >= 0 and parsed.parts[place].joint != BREAK and parsed.roles[before] in ("measure", "quantity"):
        return True
    while before >= 0 and names.lexicon.is_kind(parsed.parts[before].text, "filler"):
        before -= 1
    if before == place - 1 or before < 0 or parsed.part_of[before] != parsed.part_of[place]:
        return False
    return names.lexicon.is_kind(parsed.parts[before].text, "generic")


def _tells(parsed: Parsed, place: int, meaning: Meaning, first: int, names: Names) -> bool:
    """Tell whether junk says what the row is: before the name, in its part, or opening a part of its own."""
    kind = parsed.part_kinds[parsed.part_of[place]]
    if meaning.means == "total":
        return place == 0
    if parsed.parts[place].aside:
        return False
    if place > first and _is_told_of_device(parsed, place, meaning):
        return False
    if place < first:
        is_beside = meaning.means == "reagent" and _follows_device(parsed, place, names)
        leads = (
            kind == "plain" or first == len(parsed.parts) or parsed.part_of[place] == parsed.part_of[first]
        )
        return leads and not is_beside
    if kind == "plain" and parsed.part_of[place] == parsed.part_of[first]:
        return True
    return kind == "plain" and meaning.means in _OPENING and parsed.parts[place].joint == BREAK


def _follows_device(parsed: Parsed, place: int, names: Names) -> bool:
    """Tell whether a kind of device is told in a part before: fluorimeter, field kit."""
    part = parsed.part_of[place]
    return any(
        parsed.part_of[before] < part and names.lexicon.is_kind(parsed.parts[before].text, "generic")
        for before in range(place)
    )


def _is_told_of_device(parsed: Parsed, place: int, meaning: Meaning) -> bool:
    """Tell whether a word behind a name says where it stands or what it takes: bench 2, 12 bottles."""
    parts = parsed.parts
    if meaning.means == "place":
        return True
    if meaning.means == "furniture":
        after = place + meaning.length
        is_numbered = after < len(parts) and parts[after].is_number and parts[after].joint < BREAK
        return is_numbered and parsed.roles[after] != "measure"
    before = parts[place - 1]
    is_counted = before.is_number and before.joint > SLASH and parts[place].joint < BREAK
    is_counted = is_counted and len(before.text) < _MODEL
    return meaning.means == "consumable" and is_counted


def _for_another(parsed: Parsed, first: int, names: Names) -> str:
    """Return why a row is something for a device: what is named stands behind a word like 'for' only."""
    behind = [place for place, part in enumerate(parsed.part_of) if parsed.part_kinds[part] == "for"]
    if not behind or first < behind[0] or parsed.part_kinds[parsed.part_of[first - 1]] != "for":
        return ""
    head = range(behind[0])
    if all(names.lexicon.is_kind(parsed.parts[place].text, "generic", "filler") for place in head):
        return ""
    if first < len(parsed.parts) and parsed.part_kinds[parsed.part_of[first]] != "for":
        return ""
    words = " ".join(part.raw for part in parsed.parts[: behind[0]])
    return f"'{words}' is something for a device, not the device."
