"""Names without an entry in the register: which words and figures of a text are the designation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.pairing import written
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.surroundings import LONGEST_WORD
from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, Atom, squeezed

_NO_NAME = (
    "generic",
    "filler",
    "with",
    "for",
    "accessory",
    "junk",
    "stop",
    "option",
    "negation",
    "doubt",
    "line",
)

_SHORT, _LONG = 3, 12  # letters of an unknown word that may be a name


class Proposal(NamedTuple):
    """A designation as the text writes it, and as a part of a key."""

    start: int
    end: int
    text: str
    key: str


def proposal(parsed: Parsed, names: Names) -> Proposal | None:
    """Return the first run of words and figures that has the shape of a designation, None without one."""
    if _begins_with_accessory(parsed, names):
        return None
    for start, end in _runs(parsed, names):
        if _is_designation(parsed, start, end, names):
            return as_proposal(parsed, start, end)
    return None


def unknown_name(parsed: Parsed, names: Names) -> Proposal | None:
    """Return unknown words with capitals that are most likely a name: Cytoron Absolute, a Lissy robot.

    Two of them stand together, or a maker or a kind of instrument is told beside one. None where all is
    in capitals, as lines that head a section are, and for what is for something.
    """
    plain = [part for part in parsed.parts if not (part.is_number or part.aside)]
    if "for" in parsed.part_kinds or all(part.raw.isupper() for part in plain):
        return None
    places = [place for place in range(len(parsed.parts)) if _is_unknown_word(parsed, place, names)]
    if not places:
        return None
    start = end = places[0]
    while end in places and (end == start or parsed.parts[end].joint < BREAK):
        end += 1
    is_told = bool(parsed.makers) or parsed.has_unknown_maker or end - start > 1
    if not is_told and not any(_is_kind_at(parsed, place, names) for place in range(len(parsed.parts))):
        return None
    while end < len(parsed.parts) and _goes_on(parsed, end, names):
        end += 1
    return as_proposal(parsed, start, end)


def _is_unknown_word(parsed: Parsed, place: int, names: Names) -> bool:
    part = parsed.parts[place]
    is_free = part.joint > HYPHEN and not parsed.roles[place] and place not in parsed.maker_places
    is_plain = not part.aside and parsed.part_kinds[parsed.part_of[place]] == "plain"
    is_word = not part.is_number and part.raw[0].isupper() and _SHORT < len(part.text) <= _LONG
    return is_free and is_plain and is_word and not names.lexicon.kinds(part.text)


def _is_kind_at(parsed: Parsed, place: int, names: Names) -> bool:
    return not names.lexicon.at(parsed.parts, place).keys().isdisjoint(("generic", "technique"))


def _goes_on(parsed: Parsed, place: int, names: Names) -> bool:
    """Tell whether a tier, a letter or figures go on with a name."""
    part = parsed.parts[place]
    if part.joint == BREAK or part.aside or parsed.roles[place] or place in parsed.maker_places:
        return False
    is_letter = len(part.raw) == 1 and part.raw.isupper()
    return part.is_number or is_letter or part.joint <= HYPHEN or names.lexicon.is_kind(part.text, "variant")


def as_proposal(parsed: Parsed, start: int, end: int) -> Proposal:
    """Return the atoms from start to end as a designation."""
    parts = parsed.parts[start:end]
    return Proposal(start, end, written(parts), squeezed(parts).replace("_", "-").replace(".", "-"))


def _begins_with_accessory(parsed: Parsed, names: Names) -> bool:
    for place, part in enumerate(parsed.parts):
        kinds = names.lexicon.at(parsed.parts, place)
        if place in parsed.maker_places or kinds.keys() & {"filler", "quantity"} or part.is_number:
            continue
        return "accessory" in kinds and "generic" not in kinds
    return False


def _runs(parsed: Parsed, names: Names) -> Iterator[tuple[int, int]]:
    start, known = None, 0
    for place, part in enumerate(parsed.parts):
        known = max(known, _known_end(parsed, place, names))
        may = place >= known and _may_name(parsed, place, names)
        is_cut = part.joint == BREAK or (place and parsed.part_of[place] != parsed.part_of[place - 1])
        if start is not None and (not may or is_cut):
            yield start, place
            start = None
        if may and start is None:
            start = place
    if start is not None:
        yield start, len(parsed.parts)


def _known_end(parsed: Parsed, place: int, names: Names) -> int:
    """Return where a phrase with figures in it ends that languages know: CO2, 96 well; 0 without one."""
    found = [one for one in names.lexicon.at(parsed.parts, place).values() if one.length > 1]
    ends = [place + one.length for one in found if one.kind in _NO_NAME]
    return max(ends, default=0)


def _may_name(parsed: Parsed, place: int, names: Names) -> bool:
    part = parsed.parts[place]
    if parsed.roles[place] or place in parsed.maker_places:
        return False
    if parsed.part_kinds[parsed.part_of[place]] != "plain":
        return False
    if part.is_number or part.joint == GLUED or _is_last_tier(parsed, place):
        return True
    after = parsed.parts[place + 1] if place + 1 < len(parsed.parts) else None
    if after is not None and after.is_number and after.joint <= HYPHEN and not parsed.roles[place + 1]:
        return True
    if part.raw.islower() and len(part.text) > LONGEST_WORD:
        return False
    kinds = names.lexicon.kinds(part.text)
    return not kinds or "variant" in kinds or not any(kind in kinds for kind in _NO_NAME)


def _is_last_tier(parsed: Parsed, place: int) -> bool:
    """Tell whether a capital stands last behind figures: QB-24 A."""
    part = parsed.parts[place]
    is_last = place + 1 == len(parsed.parts) or parsed.parts[place + 1].joint == BREAK
    is_behind = place > 0 and parsed.parts[place - 1].is_number and part.joint < BREAK
    return is_last and is_behind and len(part.raw) == 1 and part.raw.isupper()


def _is_designation(parsed: Parsed, start: int, end: int, names: Names) -> bool:
    parts = parsed.parts[start:end]
    has_maker = bool(parsed.column_makers) or parsed.has_unknown_maker or _has_maker_before(parsed, end)
    figures = sum(len(part.text) for part in parts if part.is_number)
    letters = [part for part in parts if not part.is_number]
    if figures and letters:
        if len(parts) == 2 and figures == 1 and letters[0].raw.islower() and not has_maker:
            return False  # 2e, 3rd
        is_joined = any(part.joint == GLUED for part in parts[1:])
        return figures > 1 or has_maker or is_joined or _is_named_kind(parsed, start, end, names)
    if figures:
        return has_maker and figures > 2
    if has_maker and (any(_looks_like_name(part.raw) for part in letters) or _has_tier(parts)):
        return True
    return _stands_by_maker(parsed, start, names) and not names.lexicon.kinds(parts[0].text)


def _is_named_kind(parsed: Parsed, start: int, end: int, names: Names) -> bool:
    """Tell whether an unknown word bears a figure, and a kind of instrument is told: Lavatrix 2 washer."""
    lexicon = names.lexicon
    is_name = any(
        part.raw[0].isupper() and len(part.text) > 3 and not lexicon.kinds(part.text)
        for part in parsed.parts[start:end]
    )
    return is_name and any(
        lexicon.is_kind(part.text, "generic", "technique")
        for part in (*parsed.parts[:start], *parsed.parts[end:])
    )


def _has_maker_before(parsed: Parsed, end: int) -> bool:
    """Tell whether a maker is named that is not only that of a thing which this is for."""
    kinds = parsed.part_kinds
    return any(place < end or kinds[parsed.part_of[place]] == "plain" for place in parsed.maker_places)


def _stands_by_maker(parsed: Parsed, start: int, names: Names) -> bool:
    """Tell whether a word with a capital stands right behind its maker, or first where a column tells it.

    What kind of instrument it is may stand between.
    """
    if "for" in parsed.part_kinds:
        return False
    part = parsed.parts[start]
    while start and parsed.parts[start].joint < BREAK and _is_kind(parsed.parts[start - 1], names):
        start -= 1
    is_first = start == 0 and bool(parsed.column_makers)
    is_behind = start - 1 in parsed.maker_places and part.joint < BREAK
    return (is_first or is_behind) and part.raw[0].isupper() and 3 < len(part.text) <= LONGEST_WORD


def _is_kind(part: Atom, names: Names) -> bool:
    return names.lexicon.is_kind(part.text, "generic", "technique")


def _has_tier(parts: Sequence[Atom]) -> bool:
    """Tell whether capitals are joined to a word: Carbonel-CNS."""
    return any(
        one.raw.istitle() and len(one.text) > 3 and other.raw.isupper() and other.joint == HYPHEN
        for one, other in pairwise(parts)
    )


def _looks_like_name(raw: str) -> bool:
    """Tell whether a word is written as names are: with a capital inside, or all in capitals."""
    return len(raw) > 3 and any(letter.isupper() for letter in raw[1:])
