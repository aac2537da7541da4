"""Why it stays open whether a name that is spelled out is meant as the model that bears it."""

from __future__ import annotations

from parkbench.comparison.matching.alternatives import has_tier_beside
from parkbench.comparison.matching.hits import Hit
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed, as_written
from parkbench.comparison.matching.second import second_instrument
from parkbench.comparison.matching.upgraded import says
from parkbench.comparison.matching.words import BREAK, SLASH, Atom, atoms, squeezed

_CODE = 3  # letters of a code behind a slash


def why_open(parsed: Parsed, main: Hit, key: str, names: Names) -> str:
    """Return why it stays open whether what is spelled out means this model, '' when it does not."""
    text, model = as_written(parsed, main.start, main.end), names.register.models[key]
    if why := _why_another(parsed, main, key, names):
        return f"'{text}{why}"
    if _is_meant_as_line(parsed, main, names):
        return f"'{text}' is said to be a line, not a model."
    if names.is_open(key) and not _says(parsed, "first", names):
        return f"'{text}' may mean each generation of {model.family}."
    if _is_called_as_line(parsed, main, key, names):
        return f"'{text}' is what models of {model.family} are called, {model.designation} among them."
    if _says(parsed, "now", names) and _has_sibling_word(parsed, main, key, names):
        told = "it became another"
    elif parsed.is_doubtful:
        told = "this is not certain"
    else:
        return ""
    return f"'{text}' names {model.designation}, but the text says that {told}."


def _why_another(parsed: Parsed, main: Hit, key: str, names: Names) -> str:
    """Return, behind the name, why it may be another model of the line; '' when nothing says so."""
    family = names.register.models[key].family
    if has_tier_beside(parsed, main, names):
        return f"' is named beside another model of {family}."
    if told := _parted_by_slash(parsed, main, names):
        return f"/{told}' may be another model of {family}."
    if second := second_instrument(parsed, main, names):
        return f"' is named with a second instrument, '{second}'."
    longer = _says_longer(parsed, main, key, names)
    return f"' may be {longer}, whose other words stand beside it." if longer else ""


def _parted_by_slash(parsed: Parsed, main: Hit, names: Names) -> str:
    """Return the capitals that a slash ties to a name, and that are no option: LT/SH; '' without them."""
    parts, place = parsed.parts, main.end
    if place >= len(parts) or parts[place].joint != SLASH or parsed.roles[place]:
        return ""
    is_alone = place + 1 == len(parts) or parts[place + 1].joint > SLASH
    is_code = parts[place].raw.isupper() and len(parts[place].raw) <= _CODE
    return parts[place].raw if is_alone and is_code and not names.lexicon.kinds(parts[place].text) else ""


def _says_longer(parsed: Parsed, main: Hit, key: str, names: Names) -> str:
    """Return the model whose name has more words, which stand beside it: Quanta 200 ESEM FEG."""
    behind, around = _words_beside(parsed, main, names)
    return _goes_on(key, behind, around, names) or _has_words_of(key, around, names)


def _goes_on(key: str, behind: set[str], around: set[str], names: Names) -> str:
    """Return the sibling whose name begins with a model's and goes on with words that stand beside it."""
    models = names.register.models
    own = _bare(key, names)
    for other in names.members(names.family_of(models[key])):
        parts = _bare(other, names)
        more = parts[len(own) :]
        if not more or squeezed(parts[: len(own)]) != squeezed(own):
            continue
        if all(len(one.text) > 1 and one.text in behind for one in more) or squeezed(more) in around:
            return models[other].designation
    return ""


def _has_words_of(key: str, around: set[str], names: Names) -> str:
    """Return the model of the same maker with all words of a model's name and more of those around it."""
    own = frozenset(part.text for part in _bare(key, names))
    lines = names.lines_of(key)
    for word in sorted(around):
        for other in sorted(names.bearers((*own, word), lines) - {key}):
            told = {part.text for part in _bare(other, names)}
            if told > own and told - own <= around:
                return names.register.models[other].designation
    return ""


def _bare(key: str, names: Names) -> tuple[Atom, ...]:
    model = names.register.models[key]
    return names.bare(model, model.designation)


def _words_beside(parsed: Parsed, main: Hit, names: Names) -> tuple[set[str], set[str]]:
    """Return the words behind a name in its part, and those of no language in all plain parts."""
    behind, around = set(), set()
    for place, part in enumerate(parsed.parts):
        if main.start <= place < main.end or parsed.roles[place] or place in parsed.maker_places:
            continue
        if parsed.part_of[place] == parsed.part_of[main.start] and place >= main.end:
            behind.add(part.text)
        is_plain = parsed.part_kinds[parsed.part_of[place]] == "plain"
        if is_plain and len(part.text) > 2 and not part.is_number and not names.lexicon.kinds(part.text):
            around.add(part.text)
    return behind, around


def _is_meant_as_line(parsed: Parsed, main: Hit, names: Names) -> bool:
    """Tell whether a word like 'series' stands beside a name that a line bears too."""
    if squeezed(parsed.parts[main.start : main.end]) not in names.families:
        return False
    beside = [main.end] if main.end < len(parsed.parts) else []
    beside = [place for place in beside if parsed.parts[place].joint < BREAK]
    beside += [main.start - 1] if main.start and parsed.parts[main.start].joint < BREAK else []
    return any(says(parsed, place, "series", names) for place in beside)


def _is_called_as_line(parsed: Parsed, main: Hit, key: str, names: Names) -> bool:
    """Tell whether a name is that of a line of several, of which a designation says more: 2000 QTRAP."""
    text, model = squeezed(parsed.parts[main.start : main.end]), names.register.models[key]
    own = atoms(model.designation)
    says_more = any(part.is_number for part in own) or names.bare(model, model.designation) != own
    is_line = text == squeezed(names.bare(model, model.family)) and text != squeezed(own)
    return is_line and says_more and len(names.members(names.family_of(model))) > 1


def _has_sibling_word(parsed: Parsed, main: Hit, key: str, names: Names) -> bool:
    return any(
        not main.start <= place < main.end and names.parts_siblings(key, part.text)
        for place, part in enumerate(parsed.parts)
    )


def _says(parsed: Parsed, what: str, names: Names) -> bool:
    return any(says(parsed, place, what, names) for place in range(len(parsed.parts)))
