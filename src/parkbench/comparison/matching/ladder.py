"""From what was found in a mention to one answer: matched, proposed, undecided or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from parkbench.catalogue.rules import slug
from parkbench.comparison.matching.alternatives import also_named, are_two, has_tier_beside, others
from parkbench.comparison.matching.answers import Answer
from parkbench.comparison.matching.hits import Hit, family_hits, hits
from parkbench.comparison.matching.names import Family, Names
from parkbench.comparison.matching.openness import why_open
from parkbench.comparison.matching.pairing import Pair, written
from parkbench.comparison.matching.parsing import Parsed, as_written
from parkbench.comparison.matching.proposals import Proposal, as_proposal, proposal, unknown_name
from parkbench.comparison.matching.refusals import refusal
from parkbench.comparison.matching.surroundings import Surroundings
from parkbench.comparison.matching.upgraded import became
from parkbench.comparison.matching.words import BREAK, HYPHEN, Atom, squeezed

_SURE = 0.99
_LIKELY = 0.95


class Ladder:
    """Decides, for mentions taken apart, with the names of one register."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def exact(self, parsed: Parsed) -> Answer | None:
        """Return the answer of names that are spelled out; None when candidates must be looked at."""
        found = hits(parsed, self.names)
        families = family_hits(parsed, self.names)
        shape = proposal(parsed, self.names)
        places = [hit.start for hit in found]
        places += [start for start, end, _ in families if not self._is_kind(parsed, start, end)]
        places += [shape.start] if shape else []
        named = {place for hit in found for place in range(hit.start, hit.end) if hit.end - hit.start > 1}
        reason = refusal(parsed, places, named, self.names)
        if reason:
            return Answer("none", why=reason)
        places = [place for place in places if not self._is_stand_at(parsed, place)]
        whole = [hit for hit in found if self._stands_whole(parsed, hit)]
        main = self._main(parsed, found)
        if main is not None and main not in whole:
            main = next((hit for hit in whole if hit.keys == main.keys), main)
        if main is not None and main not in whole and (keys := others(parsed, main, self.names)):
            return self._of_several(parsed, main, {main.keys[0], *keys})
        if main is None or main not in whole or self._has_more(parsed, main):
            return None
        if self._is_of_something_else(parsed, main, places):
            return None
        if after := became(parsed, main, self.names):
            return self._upgraded(parsed, main, after)
        return self._of_hit(parsed, main, whole)

    def _is_kind(self, parsed: Parsed, start: int, end: int) -> bool:
        """Tell whether the name of a line is what a kind of instrument is called: Centrifuge."""
        return all(self.names.lexicon.is_kind(part.text, "generic") for part in parsed.parts[start:end])

    def _stands_whole(self, parsed: Parsed, hit: Hit) -> bool:
        around = Surroundings(parsed, self.names)
        return any(around.extension(hit.start, hit.end, key) is None for key in hit.keys)

    def _is_of_something_else(self, parsed: Parsed, main: Hit, places: Sequence[int]) -> bool:
        """Tell whether something else is named before a name: A with B, A for B, A, B; X3 (was B)."""
        part = parsed.part_of[main.start]
        if parsed.part_kinds[part] != "plain":
            return any(parsed.part_of[place] < part for place in places)
        return self._has_code_before(parsed, main.start)

    def _has_code_before(self, parsed: Parsed, place: int) -> bool:
        """Tell whether the first designation, with letters and figures, stands in a part before a place."""
        shape = proposal(parsed, self.names)
        is_before = shape is not None and parsed.part_of[shape.start] < parsed.part_of[place]
        return shape is not None and is_before and self._is_code(parsed, shape)

    def _is_code(self, parsed: Parsed, shape: Proposal) -> bool:
        """Tell whether what has the shape of a designation holds letters and figures written together."""
        parts = parsed.parts[shape.start : shape.end]
        return any(
            one.is_number != other.is_number and (other.joint <= HYPHEN or _is_roman(other))
            for one, other in pairwise(parts)
        )

    def _has_more(self, parsed: Parsed, hit: Hit) -> bool:
        """Tell whether a word of other names stands beside a name: API 4000 QTRAP."""
        known = self.names.atoms_of_model[hit.keys[0]]
        for place in (hit.start - 1, hit.end):
            if not 0 <= place < len(parsed.parts) or place in parsed.maker_places or parsed.roles[place]:
                continue
            if "option" in self.names.lexicon.at(parsed.parts, place):
                continue
            part = parsed.parts[place]
            is_beside = (
                parsed.part_of[place] == parsed.part_of[hit.start]
                and parsed.parts[place + (place < hit.start)].joint != BREAK
            )
            is_word = len(part.text) > 3 and part.text in self.names.words and part.text not in known
            is_word = is_word and self._bears(parsed, hit, part.text)
            if is_beside and is_word and not self.names.lexicon.kinds(part.text):
                return True
        return False

    def _bears(self, parsed: Parsed, hit: Hit, text: str) -> bool:
        """Tell whether a model of the maker is called by the core of a name and by another word."""
        parts = parsed.parts[hit.start : hit.end]
        if not any(len(part.text) > 2 for part in parts if not part.is_number):
            return True
        core = [part.text for part in parts if part.is_number and len(part.text) > 1]
        lines = frozenset((self.names.register.line(self.names.register.models[hit.keys[0]].maker),))
        return bool(self.names.bearers((*(core or [part.text for part in parts]), text), lines))

    def _main(self, parsed: Parsed, found: Sequence[Hit]) -> Hit | None:
        """Return the hit that says what the mention is: the first outside asides, else the first."""
        plain = [
            hit
            for hit in found
            if not parsed.parts[hit.start].aside and parsed.part_kinds[parsed.part_of[hit.start]] == "plain"
        ]
        order = [*plain, *found]
        systems = [hit for hit in order if not self._is_stand(parsed, hit)]
        first = next(iter(systems or order), None)
        return next((hit for hit in plain if first and _goes_on(parsed, first, hit)), first)

    def _is_stand(self, parsed: Parsed, hit: Hit) -> bool:
        """Tell whether a name is that of a stand, on which the system stands that counts."""
        return any(self._is_stand_at(parsed, place) for place in range(hit.start, hit.end))

    def _is_stand_at(self, parsed: Parsed, place: int) -> bool:
        return "stand" in self.names.lexicon.at(parsed.parts, place)

    def _of_hit(self, parsed: Parsed, main: Hit, whole: Sequence[Hit]) -> Answer:
        keys = self.names.of_techniques(main.keys, told_techniques(parsed, self.names))
        text = as_written(parsed, main.start, main.end)
        models = self.names.register.models
        family = models[keys[0]].family
        part = parsed.part_of[main.start]
        near = [hit for hit in whole if parsed.part_of[hit.start] == part]
        siblings = {key for hit in near for key in hit.keys if self._are_siblings(key, keys[0])}
        siblings |= others(parsed, main, self.names) | also_named(parsed, main, whole, self.names)
        if not has_tier_beside(parsed, main, self.names) and (len(keys) > 1 or len(siblings) > 1):
            return self._of_several(parsed, main, {*keys, *siblings})
        if why := why_open(parsed, main, keys[0], self.names):
            return Answer("undecided", family=family, score=0.5, why=why)
        return self.matched(parsed, keys[0], text, whole, main)

    def _upgraded(self, parsed: Parsed, main: Hit, key: str) -> Answer:
        text = as_written(parsed, main.start, main.end)
        found = self.matched(parsed, key, text, (), None, score=_LIKELY)
        return replace(found, why=f"'{text}' was upgraded to {found.model}, as the text says.")

    def _of_several(self, parsed: Parsed, main: Hit, keys: set[str]) -> Answer:
        models = self.names.register.models
        text = as_written(parsed, main.start, main.end)
        named = ", ".join(models[key].designation for key in sorted(keys))
        why = f"'{text}' may be each of: {named}."
        return Answer("undecided", family=models[main.keys[0]].family, score=0.5, why=why)

    def _are_siblings(self, one: str, other: str) -> bool:
        models = self.names.register.models
        return self.names.family_of(models[one]) == self.names.family_of(models[other])

    def matched(
        self,
        parsed: Parsed,
        key: str,
        text: str,
        whole: Sequence[Hit],
        main: Hit | None,
        *,
        score: float = _SURE,
    ) -> Answer:
        """Return the answer that a mention is a model of the register."""
        register = self.names.register
        model = register.models[key]
        maker = register.makers[model.maker].names[0]
        others = [
            register.models[hit.keys[0]].designation
            for hit in whole
            if hit is not main and key not in hit.keys
        ]
        why = f"'{text}' spells {model.designation} of {maker}."
        if parsed.makers:
            why = f"'{text}' spells {model.designation}, and the maker named is {maker} or of its succession."
        return Answer(
            "matched",
            key,
            maker,
            model.designation,
            model.family,
            (*others, *options(parsed, self.names)),
            score,
            why,
        )

    def of_pairs(self, parsed: Parsed, likely: Sequence[tuple[Pair, float]]) -> Answer | None:
        """Return the answer when names of the register fit a mention without being spelled out in it."""
        whole = [one for one in likely if not any(one[0].met < other.met for other, _ in likely)]
        first = min(min(pair.met) for pair, _ in whole)
        best, chance = max(
            (one for one in whole if min(one[0].met) == first),
            key=lambda one: (len(one[0].met), one[1], -one[0].name.rank, one[0].name.key),
        )
        main = self._main(parsed, hits(parsed, self.names))
        if main is not None and not best.met.intersection(range(main.start, main.end)):
            return None
        if self._has_code_before(parsed, first) or self._is_line_alone(parsed, best):
            return None
        if self._is_another(parsed, best):
            return None
        rivals = {pair.name.key for pair, _ in whole if pair.met & best.met} - {best.name.key}
        models = self.names.register.models
        model = models[best.name.key]
        text = written([parsed.parts[place] for place in sorted(best.met)])
        if rivals:
            named = ", ".join(models[key].designation for key in sorted({best.name.key, *rivals}))
            return Answer(
                "undecided", family=model.family, score=0.5, why=f"'{text}' may be each of: {named}."
            )
        if parsed.is_doubtful:
            why = f"'{text}' fits {model.designation}, but the text says that this is not certain."
            return Answer("undecided", family=model.family, score=0.5, why=why)
        found = self.matched(parsed, best.name.key, text, (), None, score=chance)
        lost = f" without '{', '.join(best.missing)}'" if best.missing else ""
        return replace(found, why=f"'{text}' fits {model.designation} of {found.maker}{lost}.")

    def _is_another(self, parsed: Parsed, pair: Pair) -> bool:
        """Tell whether an unknown word of siblings stands beside, or the first word and figures lack."""
        met, parts = pair.met, parsed.parts
        own = {parsed.part_of[place] for place in met}
        if any(
            place not in met
            and parsed.part_of[place] in own
            and not (parsed.roles[place] or parts[place].aside or parts[place].is_number)
            and not self.names.lexicon.kinds(parts[place].text).keys() - {"variant"}
            and self.names.parts_siblings(pair.name.key, parts[place].text)
            for place in range(len(parts))
        ):
            return True
        is_led = pair.name.parts[0].text not in pair.missing
        return not is_led and not any(parts[place].is_number for place in met)

    def _is_line_alone(self, parsed: Parsed, pair: Pair) -> bool:
        """Tell whether all that meets is the name of a line of several models, and kinds of instruments."""
        is_word = self.names.lexicon.is_kind
        told = [parsed.parts[place] for place in sorted(pair.met)]
        told = [part for part in told if part.is_number or not is_word(part.text, "generic", "filler")]
        family = self.names.family_of(self.names.register.models[pair.name.key])
        is_line = family in self.names.families.get(squeezed(told), ())
        return is_line and len(self.names.members(family)) > 1

    def rest(self, parsed: Parsed) -> Answer:
        """Return the answer for a mention that no model of the register fits."""
        families = family_hits(parsed, self.names)
        around = Surroundings(parsed, self.names)
        main = self._main(parsed, hits(parsed, self.names))
        for start, end, family in families:
            if main is not None and parsed.part_of[main.start] < parsed.part_of[start]:
                continue
            if self._has_code_before(parsed, start):
                continue
            if around.extension(start, end) is None:
                return self._of_family(parsed, start, end, family)
        found = self._extended(parsed, families) or proposal(parsed, self.names)
        if found is None and (of_kind := self._of_kind(parsed)):
            return of_kind
        found = found or unknown_name(parsed, self.names)
        if found is None:
            return Answer("none", why="The text holds no designation of a device model.")
        return self._proposed(parsed, found, families)

    def _extended(self, parsed: Parsed, families: Sequence[tuple[int, int, Family]]) -> Proposal | None:
        """Return the longer name of which a name or a line of the register is only a part."""
        around = Surroundings(parsed, self.names)
        main = self._main(parsed, hits(parsed, self.names))
        known = [(main.start, main.end, main.keys[0])] if main else []
        for start, end, key in [*known, *((start, end, "") for start, end, _ in families)]:
            longer = around.extension(start, end, key)
            if longer is not None:
                return as_proposal(parsed, longer.start, longer.end)
        return None

    def _of_kind(self, parsed: Parsed) -> Answer | None:
        """Return that a mention is open which tells a maker, and a kind of which it makes several models."""
        told = told_techniques(parsed, self.names)
        for line in parsed.own_lines:
            if told and self.names.makes_several(line, told):
                maker = self.names.register.makers[line].names[0]
                why = f"The text tells {maker} and a kind of instrument, but no model."
                return Answer("undecided", maker=maker, score=0.5, why=why)
        return None

    def _of_family(self, parsed: Parsed, start: int, end: int, family: Family) -> Answer:
        register = self.names.register
        members = [register.models[key] for key in self.names.members(family)]
        text = as_written(parsed, start, end)
        is_only = len(members) == 1 and self.names.is_named_as_line(members[0].key)
        if is_only and not parsed.is_doubtful and self._stands_alone(parsed, start, end):
            return self.matched(parsed, members[0].key, text, (), None, score=_LIKELY)
        some = ", ".join(model.designation for model in members[:4])
        why = (
            f"'{text}' names a line, but not which model of it ({some}{' ...' if len(members) > 4 else ''})."
        )
        maker = register.makers[members[0].maker].names[0]
        return Answer("undecided", maker=maker, family=members[0].family, score=0.5, why=why)

    def _stands_alone(self, parsed: Parsed, start: int, end: int) -> bool:
        """Tell whether a line is all that a text names: no other word in capitals stands beside it."""
        if parsed.part_kinds[parsed.part_of[start]] != "plain":
            return False
        return not any(
            part.raw[0].isupper()
            and not start <= place < end
            and not parsed.roles[place]
            and place not in parsed.maker_places
            and not self.names.lexicon.kinds(part.text)
            for place, part in enumerate(parsed.parts)
        )

    def _proposed(
        self, parsed: Parsed, found: Proposal, families: Sequence[tuple[int, int, Family]]
    ) -> Answer:
        if parsed.is_doubtful:
            return Answer("undecided", score=0.5, why=f"'{found.text}' is said not to be certain.")
        if are_two(parsed.parts[found.start : found.end]):
            return Answer("undecided", score=0.5, why=f"'{found.text}' names two models.")
        register = self.names.register
        named = [one for start, end, one in families if found.start <= start and end <= found.end]
        lines = parsed.own_lines or tuple(line for line, _ in named[:1])
        is_known = bool(lines) and lines[0] in register.makers
        maker = register.makers[lines[0]].names[0] if is_known else parsed.maker_written
        maker_key = lines[0] if is_known else slug(maker)
        family = self._family_name(named[0]) if named else ""
        key = "/".join(part for part in (maker_key, found.key) if part)
        why = f"'{found.text}' is a designation that the register does not have."
        return Answer("proposed", key, maker, found.text, family, options(parsed, self.names), _LIKELY, why)

    def _family_name(self, family: Family) -> str:
        members = self.names.members(family)
        return self.names.register.models[members[0]].family if members else ""


def _is_roman(part: Atom) -> bool:
    return part.is_number and part.raw.isalpha()


def _goes_on(parsed: Parsed, one: Hit, other: Hit) -> bool:
    """Tell whether another name begins with a name and says more: Zephyr, Zephyr G3."""
    text, longer = (squeezed(parsed.parts[hit.start : hit.end]) for hit in (one, other))
    return longer != text and longer.startswith(text)


def told_techniques(parsed: Parsed, names: Names) -> frozenset[str]:
    """Return the keys of the techniques that the words of a mention tell."""
    known = (names.lexicon.at(parsed.parts, place) for place in range(len(parsed.parts)))
    kinds = (one for found in known for one in found.values() if one.kind in ("generic", "technique"))
    return frozenset(one.means for one in kinds if one.means)


def options(parsed: Parsed, names: Names) -> tuple[str, ...]:
    """Return the options that a mention names, as they are written, in alphabetical order."""
    found = []
    place = 0
    while place < len(parsed.parts):
        known = names.lexicon.at(parsed.parts, place)
        length = known["option"].length if "option" in known and not parsed.roles[place] else 0
        if length:
            found.append(as_written(parsed, place, place + length))
        place += length or 1
    return tuple(sorted(dict.fromkeys(found), key=str.casefold))
