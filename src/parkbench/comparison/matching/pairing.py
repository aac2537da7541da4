"""A mention beside one name of the register: which atoms meet, which vetoes speak, how alike they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from parkbench.comparison.matching.names import Name, Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.surroundings import LONGEST_WORD, Surroundings
from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, Atom, squeezed

_LEFT_OUT = frozenset(("id", "negated", "quantity", "doubt"))
_AFFIX = 4  # letters that a word has at least before it can stand for the longer word it begins or ends
_SLIP = 7  # letters that a word has at least before two edits are taken for a slip
_TELLING = 3  # figures that a core has at least before it can stand without the words around it


SIGNS = {"maker": 1, "words met": 1, "figures": 1, "other words": -1, "likeness": 1, "in one run": 1}
"""What a mention is laid beside a name by: whether it can only speak for the name, or against it."""


class View(NamedTuple):
    """The atoms of a mention that may name it, by their text."""

    parsed: Parsed
    places: Mapping[str, tuple[int, ...]]
    joined: Mapping[str, tuple[int, int]]  # two words written apart -> where they stand
    around: Surroundings


@dataclass(frozen=True, slots=True)
class Pair:
    """What came of laying a mention beside a name."""

    name: Name
    met: frozenset[int]
    missing: tuple[str, ...]
    vetoes: tuple[str, ...]
    values: Mapping[str, float]
    texts: Mapping[str, tuple[str, str]]


def view(parsed: Parsed, names: Names) -> View:
    """Return the atoms of a mention that may name it."""
    places: dict[str, tuple[int, ...]] = {}
    joined: dict[str, tuple[int, int]] = {}
    before = -1
    for place, part in enumerate(parsed.parts):
        if parsed.roles[place] in _LEFT_OUT or parsed.part_kinds[parsed.part_of[place]] != "plain":
            continue
        places[part.text] = (*places.get(part.text, ()), place)
        if before == place - 1 and before >= 0 and not part.is_number:
            joined.setdefault(parsed.parts[before].text + part.text, (before, place))
        before = place
    return View(parsed, places, joined, Surroundings(parsed, names))


class Pairing:
    """Lays mentions beside names of one register."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.lexicon = names.lexicon

    def pair(self, seen: View, name: Name) -> Pair:
        """Return what comes of laying a mention beside a name."""
        met: set[int] = set()
        missing: list[str] = []
        unmet: list[str] = []
        shared: list[str] = []
        vetoes: list[str] = []
        for part in name.parts:
            found = self._places_of(seen, part, met)
            if found:
                met.update(found)
                shared.append(part.text)
                continue
            unmet.append(part.raw)
            if self._must_be_met(part) or (met and not self._is_optional(part)):
                vetoes.append(f"The text has not the '{part.raw}' of '{written(name.parts)}'.")
            elif not self._is_optional(part):
                missing.append(part.text)
        if not vetoes:
            vetoes.extend(self._vetoes(seen, name, met, missing, unmet))
        if missing and not vetoes and len(self.names.bearers(shared, seen.parsed.makers)) > 1:
            vetoes.append(f"Without '{missing[0]}' the text may mean several models.")
        values, texts = ({}, {}) if vetoes else self._features(seen, name, met, missing)
        return Pair(name, frozenset(met), tuple(missing), tuple(vetoes), values, texts)

    def _must_be_met(self, part: Atom) -> bool:
        return (
            part.is_number
            or len(part.text) < 3
            or self.lexicon.is_kind(part.text, "variant")
            or part.joint <= HYPHEN
        )

    def _is_optional(self, part: Atom) -> bool:
        return self.lexicon.is_kind(part.text, "generic", "filler", "line", "option")

    def _places_of(self, seen: View, part: Atom, met: set[int]) -> tuple[int, ...]:
        """Return where an atom of a name stands in the mention; figures and short words only as they are."""
        places = seen.places.get(part.text, ())
        if places:
            free = [place for place in places if place not in met]
            beside = [place for place in free if place - 1 in met]
            return tuple((beside or free)[:1])
        if part.is_number or len(part.text) < _AFFIX:
            return ()
        if part.text in seen.joined:
            return seen.joined[part.text]
        return next(((place,) for place in self._near(seen, part.text) if place not in met), ())

    def _near(self, seen: View, word: str) -> Iterator[int]:
        for text, places in seen.places.items():
            if len(text) < _AFFIX or text[0].isdigit():
                continue
            if text in self.names.words and not word.endswith(text):
                continue
            is_affix = bool(seen.parsed.makers) and (word.startswith(text) or word.endswith(text))
            most = 2 if seen.parsed.makers or word[0] == text[0] else 1
            is_slip = min(len(word), len(text)) >= _SLIP and OSA.distance(word, text, score_cutoff=2) <= most
            is_more = len(text) > len(word) and (text.startswith(word) or text.endswith(word))
            if is_affix:
                yield from (place for place in places if not self._is_led(seen.parsed, place))
            elif is_slip and not is_more:
                yield from places

    def _is_led(self, parsed: Parsed, place: int) -> bool:
        """Tell whether an unknown word or one of other names stands before: Qubit Flex is no ProFlex."""
        if not place or parsed.parts[place].joint == BREAK:
            return False
        return self._may_be_family(parsed, place - 1, parsed.parts[place])

    def _vetoes(
        self, seen: View, name: Name, met: set[int], missing: list[str], unmet: list[str]
    ) -> Iterator[str]:
        parsed = seen.parsed
        yield from self._between(parsed, name, met)
        for start, end in _runs(met):
            longer = seen.around.extension(start, end, name.key)
            places = range(longer.start, longer.end) if longer else range(0)
            more = [place for place in places if place not in met and not self._is_word(parsed, place)]
            if more:
                texts = " ".join(parsed.parts[place].raw for place in more)
                yield f"The text has '{texts}', which '{written(name.parts)}' has not."
        if parsed.makers and self.names.lines_of(name.key).isdisjoint(parsed.makers):
            maker = self.names.register.makers[self.names.register.models[name.key].maker].names[0]
            yield f"The maker named is outside the succession of {maker}."
        yield from self._lacks(seen, name, met, missing, unmet)

    def _between(self, parsed: Parsed, name: Name, met: set[int]) -> Iterator[str]:
        """Yield why what meets is no one name: a word stands in its midst, or a tier in another part."""
        own = written(name.parts)
        known = self.names.atoms_of_model[name.key]
        for place in range(min(met, default=0), max(met, default=0)):
            part = parsed.parts[place]
            if place in met or not self._is_of_a_name(parsed, place):
                continue
            if not any(OSA.distance(part.text, one, score_cutoff=2) <= 2 for one in known if len(one) > 2):
                yield f"The text has '{part.raw}' in the midst of '{own}'."
        for one, other in pairwise(name.parts):
            if other.joint == GLUED and not _stand_in_turn(parsed, met, one.text, other.text):
                yield f"The text has '{one.raw}{other.raw}' of '{own}' not in one."
        for place in met:
            part = parsed.parts[place]
            if len(part.text) < _TELLING and not any(
                parsed.part_of[other] == parsed.part_of[place] for other in met - {place}
            ):
                yield f"'{part.raw}' stands apart from the rest of '{own}'."

    def _is_of_a_name(self, parsed: Parsed, place: int) -> bool:
        part = parsed.parts[place]
        if part.is_number or parsed.roles[place] or place in parsed.maker_places:
            return False
        is_named = part.raw[0].isupper() and _TELLING < len(part.text) <= LONGEST_WORD
        return is_named and not self.lexicon.kinds(part.text)

    def _is_word(self, parsed: Parsed, place: int) -> bool:
        """Tell whether a word beside a name is one of languages; 96-G, 96 G and a final 96 g are not."""
        part = parsed.parts[place]
        is_last = place + 1 == len(parsed.parts) or parsed.parts[place + 1].joint == BREAK
        is_tier = len(part.text) == 1 and (part.joint <= HYPHEN or part.raw.isupper() or is_last)
        is_tier = is_tier or (part.raw.isupper() and self.lexicon.is_kind(part.text, "variant"))
        return not is_tier and self.lexicon.is_kind(part.text, "generic", "filler", "unit")

    def _lacks(
        self, seen: View, name: Name, met: set[int], missing: list[str], unmet: list[str]
    ) -> Iterator[str]:
        """Yield why what meets is too little to go by."""
        parsed = seen.parsed
        parts = [parsed.parts[place] for place in met]
        figures = sum(len(part.text) for part in parts if part.is_number)
        words = [
            part
            for part in parts
            if len(part.text) > 3 and not part.is_number and not self._is_optional(part)
        ]
        has_maker = bool(parsed.makers)
        if missing and not has_maker:
            yield f"The text names neither '{missing[0]}' nor its maker."
        if unmet and squeezed([parsed.parts[place] for place in sorted(met)]) in self.names.families:
            yield f"The text names the line of '{written(name.parts)}', not '{unmet[0]}'."
        if not has_maker and self._other_words(seen, met, name.key):
            yield "Other names stand beside it, and no maker."
        if not words and figures < (_TELLING if has_maker else 99):
            yield f"What meets '{written(name.parts)}' says too little."
        if missing:
            for place in sorted(met):
                other = parsed.parts[place - 1] if place and place - 1 not in met else None
                if other is not None and self._may_be_family(parsed, place - 1, parsed.parts[place]):
                    yield f"The text has '{other.raw}' where '{written(name.parts)}' has '{missing[0]}'."

    def _may_be_family(self, parsed: Parsed, place: int, after: Atom) -> bool:
        part = parsed.parts[place]
        if (
            part.is_number
            or place in parsed.maker_places
            or parsed.part_of[place] != parsed.part_of[place + 1]
        ):
            return False
        return not self.lexicon.kinds(part.text) and not parsed.roles[place] and after.joint != GLUED

    def _features(
        self, seen: View, name: Name, met: set[int], missing: list[str]
    ) -> tuple[dict[str, float], dict[str, tuple[str, str]]]:
        parsed = seen.parsed
        line = self.names.register.line(self.names.register.models[name.key].maker)
        own = written(name.parts)
        text = written([parsed.parts[place] for place in sorted(met)])
        words = [part.text for part in name.parts if not part.is_number and not self._is_optional(part)]
        letters = sum(len(word) for word in words)
        lost = sum(len(word) for word in missing)
        others = self._other_words(seen, met, name.key)
        figures = sum(len(part.text) for part in name.parts if part.is_number)
        values = {
            "maker": float(line in parsed.makers) - float(bool(parsed.makers) and line not in parsed.makers),
            "words met": 1 - lost / letters if letters else 0.5,
            "figures": min(figures, 4) / 4,
            "other words": float(min(len(others), 3)),
            "likeness": fuzz.token_set_ratio(own, parsed.mention.name.casefold()) / 100,
            "in one run": float(len(list(_runs(met))) == 1),
        }
        texts = dict.fromkeys(values, (text, own))
        texts["maker"] = (parsed.maker_written, line)
        texts["other words"] = (" ".join(others), own)
        return values, texts

    def _other_words(self, seen: View, met: set[int], key: str) -> list[str]:
        known = self.names.atoms_of_model[key]
        return [
            text
            for text, places in seen.places.items()
            if len(text) > 3
            and text in self.names.words
            and text not in known
            and not met.intersection(places)
            and not seen.parsed.maker_places.intersection(places)
            and not self.lexicon.kinds(text)
        ]


def _stand_in_turn(parsed: Parsed, met: set[int], one: str, other: str) -> bool:
    """Tell whether two atoms that meet stand in turn with nothing between; true when either is unmet."""
    texts = {parsed.parts[place].text for place in met}
    if not {one, other} <= texts:
        return True
    return any(
        parsed.parts[place].text == one and parsed.parts[place + 1].text == other
        for place in met
        if place + 1 in met
    )


def _runs(met: set[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(met)
    start = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] != ordered[place - 1] + 1:
            yield ordered[start], ordered[place - 1] + 1
            start = place


def written(parts: Sequence[Atom]) -> str:
    """Return atoms as they are written, joined as they are."""
    text = ""
    for place, part in enumerate(parts):
        text += ("" if place == 0 or part.joint == GLUED else "-" if part.joint == HYPHEN else " ") + part.raw
    return text
