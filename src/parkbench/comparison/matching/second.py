"""A second instrument in one row: what stands behind 'and' or + and is no front end, no unit of the first."""

from __future__ import annotations

from collections.abc import Iterator

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching.hits import DISTINCT, Hit, runs
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import atoms, squeezed


def second_instrument(parsed: Parsed, main: Hit, names: Names) -> str:
    """Return how a second instrument is written, whoever makes it, '' without one: Aurora and FACSMelody."""
    for start, end in _added(parsed, main, names):
        for first, last, known in runs(parsed, names.by_text, names.longest):
            keys = {name.key for name in known if name.rank == 0 and not name.is_weak}
            if (
                keys
                and start <= first
                and last <= end
                and _is_second(parsed, main, (first, last), keys, names)
            ):
                return _written(parsed, first, last)
        for first, last, families in runs(parsed, names.families, names.longest):
            keys = {key for family in families for key in names.members(family)}
            is_telling = len(squeezed(parsed.parts[first:last])) > DISTINCT and start <= first and last <= end
            if is_telling and _is_second(parsed, main, (first, last), keys, names):
                return _written(parsed, first, last)
    return ""


def _added(parsed: Parsed, main: Hit, names: Names) -> Iterator[tuple[int, int]]:
    """Yield where parts begin and end that an 'and' or a + adds, up to the first word for an accessory."""
    for place in range(main.end, len(parsed.parts)):
        part = parsed.part_of[place]
        if parsed.part_of[place - 1] == part:
            continue
        meaning = names.lexicon.at(parsed.parts, place).get("with")
        if meaning is None or not (meaning.means == "and" or parsed.parts[place].text == "+"):
            continue
        end = place + 1
        while end < len(parsed.parts) and parsed.part_of[end] == part:
            if names.lexicon.is_kind(parsed.parts[end].text, "accessory", "option"):
                break
            end += 1
        yield place + 1, end


def _is_second(parsed: Parsed, main: Hit, span: tuple[int, int], keys: set[str], names: Names) -> bool:
    parts = parsed.parts[slice(*span)]
    is_spelled = all(part.is_number or fold(part.raw) == part.text for part in parts)
    is_word = all(names.lexicon.kinds(part.text) for part in parts)
    serves = any(stands_beside(key, names) or _belongs(key, main.keys[0], names) for key in keys)
    return is_spelled and not is_word and not serves and keys.isdisjoint(main.keys)


def stands_beside(key: str, names: Names) -> bool:
    """Tell whether a model is named beside instruments that it serves: a front end, a plate stacker."""
    model = names.register.models[key]
    told = {fold(model.family), fold(model.designation), *(fold(one) for one in model.techniques)}
    return not told.isdisjoint(names.lexicon.beside)


def _belongs(key: str, main: str, names: Names) -> bool:
    """Tell whether a model is called by the name of another and more: 4D-Nucleofector X Unit."""
    models = names.register.models
    return squeezed(atoms(models[key].designation)).startswith(squeezed(atoms(models[main].designation)))


def _written(parsed: Parsed, start: int, end: int) -> str:
    return " ".join(part.raw for part in parsed.parts[start:end])
