"""What stands beside a name and belongs to it, so that it is the name of another model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parkbench.comparison.matching.hits import DISTINCT
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.words import BREAK, GLUED, HYPHEN, SLASH, SPACE, Atom, Meaning, squeezed

_FITTINGS = frozenset(("generic", "filler", "accessory", "stand", "technique"))
_WORDS_OF_LANGUAGES = frozenset(("generic", "filler", "with", "for", "unit", "accessory", "line"))
_NEAR = 5  # atoms behind a name in which what belongs to it is looked for
_CAMEL = re.compile(r"[a-z][A-Z]{1,2}")  # a tier written so: iQ
_CORE = 3  # figures of a number that names a model, letters of a word of a language
_LONGEST_CODE = 3  # atoms; V4B2Y4 says how one machine is fitted
LONGEST_WORD = 9
"""Letters; longer ones are words of languages that write nouns in capitals."""


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
        self.has_small_letters = any(not part.raw.isupper() for part in parsed.parts if not part.is_number)
        self.has_capitals = any(not part.raw.islower() for part in parsed.parts if not part.is_number)

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
        is_tied = is_tied or (joint == SPACE and self._begins_name(start, part, kinds))
        return start - 1 if is_tied or self._is_of_sibling(key, part.text, kinds) else start

    def _begins_name(self, start: int, part: Atom, kinds: Mapping[str, Meaning]) -> bool:
        """Tell whether a letter or a code right before a name without figures is a part of it: Q Exactive."""
        if part.is_number:
            return len(part.text) >= _CORE and not self.parsed.parts[start].is_number
        return len(part.text) == 1 and part.raw.isupper() and not kinds and self.has_small_letters

    def _behind(self, start: int, end: int, key: str) -> int:
        """Return where the longer name ends; `end` when nothing that follows belongs to the name."""
        has_figure = any(part.is_number for part in self.parsed.parts[start:end])
        place, longer = end, end
        while place < len(self.parsed.parts) and self._is_near(place, end):
            step, belongs = self._step(place, key, has_figure, place == longer)
            if step == 0:
                break
            place += step
            if belongs:
                longer = place
                has_figure = has_figure or self.parsed.parts[place - 1].is_number
        return longer

    def _has_generation_alone(self, place: int) -> bool:
        """Tell whether figures before a place are generations, behind which a code may follow: III 400."""
        parts = self.parsed.parts
        if self._is_parted_by_slash(place + 1) or self.lexicon.is_kind(parts[place - 1].text, "generic"):
            return False
        start = place
        while start and parts[start].joint < BREAK:
            start -= 1
        return not any(part.is_number and len(part.text) > 1 for part in parts[start:place])

    def _is_near(self, place: int, end: int) -> bool:
        parsed = self.parsed
        return (
            place - end < _NEAR
            and parsed.part_of[place] == parsed.part_of[end - 1]
            and parsed.parts[place].joint != BREAK
            and not parsed.roles[place]
        )

    def _step(self, place: int, key: str, has_figure: bool, is_direct: bool) -> tuple[int, bool]:
        """Return how many atoms to go on by (0 = stop) and whether they belong to the name."""
        part = self.parsed.parts[place]
        code = self._code_end(place)
        known = self.lexicon.at(self.parsed.parts, place)
        is_camel = _CAMEL.fullmatch(part.raw) is not None and not known and code == place + 1
        if is_direct and (is_camel or self._is_tier(place, code, known)):
            return 1, True
        over = self._over(place, code, key, known)
        if over or code - place > _LONGEST_CODE:
            return over, False
        if place in self.parsed.maker_places or (part.joint > HYPHEN and self._begins_another(place, key)):
            return int(place in self.parsed.maker_places), False
        if part.is_number:
            belongs = self._is_number_of_name(place, key, has_figure, is_direct)
            return int(belongs), belongs
        is_code = self._is_code(place, code)
        if is_code and not self._is_of_sibling(key, part.text, known):
            return self._step_of_code(place, code, key, has_figure)
        return self._step_of_word(place, known, key, has_figure, is_direct)

    def _is_number_of_name(self, place: int, key: str, has_figure: bool, is_direct: bool) -> bool:
        """Tell whether a number is a part of the name before it: no part number, nor that of a bench."""
        part = self.parsed.parts[place]
        is_part_number = len(part.text) > _CORE and bool(key) and self.names.has_words(key)
        goes_on = not has_figure and not is_part_number
        goes_on = goes_on or (is_direct and len(part.text) == _CORE and self._has_generation_alone(place))
        is_numbered = self.lexicon.is_kind(self.parsed.parts[place - 1].text, "junk")
        belongs = part.joint <= HYPHEN or goes_on or (len(part.text) == 1 and not is_numbered)
        return belongs or self._is_of_sibling(key, part.text, {})

    def _is_tier(self, place: int, code: int, known: Mapping[str, Meaning]) -> bool:
        """Tell whether a capital behind a figure is a tier, whatever it means in a language: 8 X, 16 A."""
        parts = self.parsed.parts
        after = parts[place + 1] if place + 1 < len(parts) else None
        is_alone = code == place + 1 and (after is None or (after.joint > SLASH and not after.is_number))
        is_capital = parts[place].raw.isupper() and self.has_small_letters
        is_capital = is_capital or after is None or after.joint == BREAK  # no word of a language ends a text
        return (
            len(parts[place].raw) == 1
            and is_capital
            and is_alone
            and parts[place - 1].is_number
            and "option" not in known
        )

    def _over(self, place: int, code: int, key: str, known: Mapping[str, Meaning]) -> int:
        """Return how many atoms tell an option, a fitting or another name of the same model: to pass over."""
        part = self.parsed.parts[place]
        if "option" in known:
            longest = max(one.length for one in known.values() if one.kind in _FITTINGS | {"option"})
            return self._whole_word(place + longest) - place
        if part.joint > SLASH and self._is_another_name(place, code, key):
            return code - place
        length = max((known[kind].length for kind in _FITTINGS & known.keys()), default=1)
        if length > 1 and part.is_number:
            return self._whole_word(place + length) - place
        if part.is_number:
            is_fitting = part.joint > SLASH and self._is_fitting(place, code, key)
            return self._written_end(place) - place if is_fitting else 0
        if length > 1 and self._is_code(place, code):
            return self._whole_word(place + length) - place
        return 0

    def _is_code(self, place: int, code: int) -> bool:
        """Tell whether a written word begins here that has letters and figures."""
        parts = self.parsed.parts
        return parts[place].joint > HYPHEN and any(one.is_number for one in parts[place + 1 : code])

    def _is_another_name(self, place: int, code: int, key: str) -> bool:
        """Tell whether what follows names the same model once more, as a part number does."""
        parts = self.parsed.parts[place:code]
        names = self.names.by_text.get(squeezed(parts), ()) if len(parts) > 1 else ()
        return any(name.key == key and name.rank == 0 for name in names)

    def _begins_another(self, place: int, key: str) -> bool:
        """Tell whether a word is what a line of other models is called: HyPix behind XtaLAB Synergy-S."""
        text = self.parsed.parts[place].text
        if not key or len(text) < DISTINCT or text not in self.names.leads or self.lexicon.kinds(text):
            return False
        families = self.names.families.get(text, frozenset())
        own = self.names.family_of(self.names.register.models[key])
        return bool(families) and own not in families and not self._is_of_sibling(key, text, {})

    def _whole_word(self, place: int) -> int:
        """Return where the word ends that goes on at a place: behind what is glued to it."""
        while place < len(self.parsed.parts) and self.parsed.parts[place].joint == GLUED:
            place += 1
        return place

    def _code_end(self, place: int) -> int:
        """Return where what is written as one word ends, hyphens included."""
        end = place + 1
        while end < len(self.parsed.parts) and self.parsed.parts[end].joint <= HYPHEN:
            end += 1
        return end

    def _written_end(self, place: int) -> int:
        """Return where what is written without a space ends: behind hyphens and slashes."""
        end = place + 1
        while end < len(self.parsed.parts) and self.parsed.parts[end].joint <= SLASH:
            end += 1
        return end

    def _is_fitting(self, place: int, code: int, key: str) -> bool:
        """Tell whether figures say how one machine is fitted: 5plex, 4-kanaals, 10/3, 3x16; never 5X, 30i."""
        parts = self.parsed.parts
        if not key or self._is_of_sibling(key, parts[place].text, {}):
            return False
        if self._is_parted_by_slash(code) and code == place + 1:
            return parts[code].is_number and len(parts[place].text) < _CORE
        after = parts[place + 1] if place + 1 < code else None
        if after is None or after.is_number:
            return False
        if place + 2 < code and after.raw == "x" and parts[place + 2].is_number:
            return True
        is_word = len(after.text) >= _CORE and after.raw.islower() and self.has_capitals
        is_word = is_word or (after.joint == HYPHEN and len(after.text) > _CORE and after.raw.istitle())
        return is_word and not self.names.tells_of_line(key, after.text)

    def _step_of_code(self, place: int, end: int, key: str, has_figure: bool) -> tuple[int, bool]:
        """X2 belongs to a name, V4B2Y4, A00621 or UCD-300 behind a whole name says how one is fitted."""
        parts = self.parsed.parts[place:end]
        figures = sum(len(part.text) for part in parts if part.is_number)
        letters = sum(len(part.text) for part in parts if not part.is_number)
        is_code = figures >= _CORE and has_figure
        is_number_of_parts = figures >= _CORE and letters > 1 and self._is_foreign(key, parts)
        return (0, False) if is_code or is_number_of_parts else (end - place, True)

    def _is_foreign(self, key: str, parts: Sequence[Atom]) -> bool:
        """Tell whether no name of the maker of a model has these letters: they make no sibling of it."""
        return bool(key) and not any(
            self.names.tells_of_line(key, part.text) for part in parts if not part.is_number
        )

    def _step_of_word(
        self, place: int, known: Mapping[str, Meaning], key: str, has_figure: bool, is_direct: bool
    ) -> tuple[int, bool]:
        part = self.parsed.parts[place]
        is_first = is_direct and part.raw == "I" and self.has_small_letters
        if is_first or self._is_of_sibling(key, part.text, known):
            return 1, True  # I is the first generation, no word of a language
        if is_direct and not has_figure and not key and self._is_last_capital(place):
            return 1, True  # of a line of which models are known: L behind S and M
        is_tier = is_direct and len(known) == 1 and not self._is_kind(place + 1)
        is_written_so = part.joint <= HYPHEN or part.raw[0].isupper() or is_tier
        is_word = len(part.text) > 1 and bool(known.keys() & _WORDS_OF_LANGUAGES)
        if (
            part.joint == GLUED
            or (part.joint == HYPHEN and not is_word)
            or ("variant" in known and is_written_so)
        ):
            return 1, True
        if known:
            longest = max(meaning.length for meaning in known.values())
            return longest * int("filler" not in known), False
        if part.joint == SLASH or self._is_parted_by_slash(place + 1):
            return 0, False
        is_name = part.joint == HYPHEN or (len(part.text) < 3 and self._is_capital(part.raw))
        may_go_on = is_direct and not has_figure and not (key and self._is_telling(key, part))
        is_name = is_name or (may_go_on and self._may_be_a_word_of_a_name(part.raw))
        is_name = is_name or (bool(key) and len(part.text) > 3 and self.names.nears_sibling(key, part.text))
        return (1, True) if is_name else (0, False)

    def _is_last_capital(self, place: int) -> bool:
        parts = self.parsed.parts
        is_last = place + 1 == len(parts) or self.parsed.part_of[place + 1] != self.parsed.part_of[place]
        is_capital = len(parts[place].raw) == 1 and parts[place].raw.isupper() and self.has_small_letters
        return is_capital and (is_last or parts[place + 1].joint == BREAK)

    def _is_kind(self, place: int) -> bool:
        """Tell whether a kind of instrument stands at a place, so that a small word before describes it."""
        parts = self.parsed.parts
        return (
            self.has_capitals
            and place < len(parts)
            and parts[place].joint < BREAK
            and self.lexicon.is_kind(parts[place].text, "generic")
        )

    def _is_telling(self, key: str, part: Atom) -> bool:
        """Tell whether a name of several words is whole although a word follows that its maker never uses."""
        is_noun = part.raw.istitle() and self.has_capitals
        return not is_noun and self.names.has_words(key) and not self.names.tells_of_line(key, part.text)

    def _is_parted_by_slash(self, place: int) -> bool:
        return place < len(self.parsed.parts) and self.parsed.parts[place].joint == SLASH

    def _is_of_sibling(self, key: str, text: str, known: Mapping[str, Meaning]) -> bool:
        if known.keys() & {"generic", "technique"} and "variant" not in known:
            return False
        return bool(key) and self.names.parts_siblings(key, text)

    def _is_capital(self, raw: str) -> bool:
        """Tell whether a word is in capitals; where nothing is, every word may be."""
        return raw.isupper() or not self.has_capitals

    def _may_be_a_word_of_a_name(self, raw: str) -> bool:
        """Tell whether an unknown word may be a part of the name before it: Helix, not helix."""
        return (raw[0].isupper() or not self.has_capitals) and len(raw) <= LONGEST_WORD
