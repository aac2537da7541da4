"""What an instrument became: the sibling that a text says it was upgraded to."""

from __future__ import annotations

from collections.abc import Iterator

from parkbench.comparison.matching.hits import Hit
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK, HYPHEN, squeezed


def became(parsed: Parsed, main: Hit, names: Names) -> str:
    """Return the key of what a model became: X II, upgraded 2014 to III; '' when no one sibling is told."""
    for place in range(main.end, len(parsed.parts)):
        if not says(parsed, place, "now", names):
            continue
        start, end = _remark(parsed, place, main.end)
        if any(_turns(parsed, at, names) for at in range(start, end)):
            return ""
        found = set(_siblings(parsed, main, range(start, end), names))
        return found.pop() if len(found) == 1 else ""
    return ""


def says(parsed: Parsed, place: int, what: str, names: Names) -> bool:
    """Tell whether the word at a place says this of a line of models: series, first, now, from."""
    known = names.lexicon.at(parsed.parts, place).get("line")
    return known is not None and known.means == what and parsed.roles[place] != "negated"


def _turns(parsed: Parsed, place: int, names: Names) -> bool:
    """Tell whether a word turns what is said: from X, not bought."""
    is_denied = names.lexicon.is_kind(parsed.parts[place].text, "negation")
    return is_denied or says(parsed, place, "from", names)


def _remark(parsed: Parsed, place: int, least: int) -> tuple[int, int]:
    """Return where the remark around a place begins and ends, not before `least`."""
    start, end = place, place + 1
    while start > least and parsed.parts[start].joint < BREAK:
        start -= 1
    while end < len(parsed.parts) and parsed.parts[end].joint < BREAK:
        end += 1
    return start, end


def _siblings(parsed: Parsed, main: Hit, places: range, names: Names) -> Iterator[str]:
    """Yield the siblings that words of a remark spell, alone or behind the beginning of the name."""
    own = [parsed.parts[at] for at in range(main.start, main.end) if at not in parsed.maker_places]
    models, parts = names.register.models, parsed.parts
    family = names.family_of(models[main.keys[0]])
    place = places.start
    while place < places.stop:
        longest = place
        for end in range(place + 1, min(place + names.longest, places.stop) + 1):
            if parts[place].joint <= HYPHEN or parsed.roles[place] or not _ends(parsed, end):
                continue
            texts = (squeezed([*own[:length], *parts[place:end]]) for length in range(len(own)))
            keys = {name.key for text in texts for name in names.by_text.get(text, ())} - set(main.keys)
            keys = {key for key in keys if names.family_of(models[key]) == family}
            if keys:
                longest, found = end, keys
        if longest > place:
            yield from found
        place = max(place + 1, longest)


def _ends(parsed: Parsed, place: int) -> bool:
    return place == len(parsed.parts) or parsed.parts[place].joint > HYPHEN
