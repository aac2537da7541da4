"""Shorter ways to write a name: its core alone, initials and core, figures and words changed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, SPACE, Atom, Lexicon

STRONG = 3
"""Letters and figures that a name has at least before it can stand without its maker."""
_CODE = 4  # letters and figures of a core that has both: JXN-26
_WORD = 5  # letters of a core that is one word: Eclipse

Parts = tuple[Atom, ...]


def shortened(parts: Parts, lexicon: Lexicon) -> Iterator[Parts]:
    """Yield shorter ways to write a name without its maker; only what one model bears may be called so."""
    yield from _cores(parts, lexicon)
    yield from _initialled(parts)
    yield from _changed_over(parts, lexicon)


def _cores(parts: Parts, lexicon: Lexicon) -> Iterator[Parts]:
    """Yield a name without its line: 2100 of JEM-2100, EVO 200 of Freedom EVO 200, Lumos of Fusion Lumos."""
    for place in range(1, len(parts)):
        before = parts[place - 1]
        if before.is_number or len(before.text) < 2 or lexicon.is_kind(before.text, "variant"):
            return
        core = parts[place:]
        if core[0].joint > GLUED and _is_telling(core, lexicon):
            yield (core[0]._replace(joint=BREAK), *core[1:])


def _is_telling(core: Sequence[Atom], lexicon: Lexicon) -> bool:
    figures = max((len(part.text) for part in core if part.is_number), default=0)
    letters = 0 if core[0].is_number else len(core[0].text)
    if figures >= STRONG:
        return core[0].is_number or letters > 1
    if lexicon.kinds(core[0].text):
        return False
    if figures:
        is_code = core[0].raw.isupper() and letters > 1 and core[1].is_number and core[1].joint <= HYPHEN
        return is_code and letters + figures >= _CODE
    return len(core) == 1 and (letters >= _WORD or (letters >= STRONG and not core[0].raw.istitle()))


def _initialled(parts: Parts) -> Iterator[Parts]:
    """Yield a name with the capitals of its line before its figures: NS2000 of NextSeq 2000."""
    place = next((place for place, part in enumerate(parts) if part.is_number), 0)
    words = parts[:place]
    initials = "".join(
        part.raw[0] if part.raw.isupper() else "".join(letter for letter in part.raw if letter.isupper())
        for part in words
    )
    if len(initials) > 1 and len(parts[place].text) >= STRONG:
        yield (Atom(initials.casefold(), initials, BREAK), *parts[place:])


def _changed_over(parts: Parts, lexicon: Lexicon) -> Iterator[Parts]:
    """Yield a code and the words beside it changed over, with and without what kind of instrument it is."""
    for told in ([part for part in parts if part.is_number or not _is_kind(part, lexicon)], list(parts)):
        yield from _swapped(told)


def _swapped(told: Sequence[Atom]) -> Iterator[Parts]:
    places = [place for place, part in enumerate(told) if part.is_number]
    if len(places) != 1 or len(told[places[0]].text) < STRONG:
        return
    end = places[0] + 1
    while end < len(told) and told[end].joint == GLUED:
        end += 1
    before, code, after = told[: places[0]], told[places[0] : end], told[end:]
    if bool(before) == bool(after) or code[0].joint <= GLUED:
        return
    first, then = (after, code) if after else (code, before)
    yield (first[0]._replace(joint=BREAK), *first[1:], then[0]._replace(joint=SPACE), *then[1:])


def _is_kind(part: Atom, lexicon: Lexicon) -> bool:
    return lexicon.is_kind(part.text, "generic", "filler") and not lexicon.is_kind(part.text, "variant")
