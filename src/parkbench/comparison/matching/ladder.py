"""From what was found in a mention to one answer: matched, proposed, undecided or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parkbench.catalogue.rules import slug
from parkbench.comparison.matching.answers import Answer
from parkbench.comparison.matching.hits import Hit, Surroundings, family_hits, hits
from parkbench.comparison.matching.names import Family, Names
from parkbench.comparison.matching.parsing import Parsed
from parkbench.comparison.matching.proposals import Proposal, proposal
from parkbench.comparison.matching.refusals import refusal

_SURE = 0.99
_LIKELY = 0.95


class Ladder:
    """Decides, for mentions taken apart, with the names of one register."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def exact(self, parsed: Parsed, forbidden: Iterable[str] = ()) -> Answer | None:
        """Return the answer of names that are spelled out; None when candidates must be looked at."""
        found = [hit for hit in hits(parsed, self.names) if not set(hit.keys) & set(forbidden)]
        families = family_hits(parsed, self.names)
        places = [hit.start for hit in found] + [start for start, _, _ in families]
        reason = refusal(parsed, places, self.names)
        if reason:
            return Answer("none", why=reason)
        whole = [hit for hit in found if self._stands_whole(parsed, hit)]
        main = self._main(parsed, found)
        if main is None or main not in whole:
            return None
        return self._of_hit(parsed, main, whole)

    def _stands_whole(self, parsed: Parsed, hit: Hit) -> bool:
        around = Surroundings(parsed, self.names)
        return any(around.extension(hit.start, hit.end, key) is None for key in hit.keys)

    def _main(self, parsed: Parsed, found: Sequence[Hit]) -> Hit | None:
        """Return the hit that says what the mention is: the first outside asides, else the first."""
        plain = [
            hit
            for hit in found
            if not parsed.parts[hit.start].aside and parsed.part_kinds[parsed.part_of[hit.start]] == "plain"
        ]
        return next(iter([*plain, *found]), None)

    def _of_hit(self, parsed: Parsed, main: Hit, whole: Sequence[Hit]) -> Answer:
        keys = main.keys
        text = _raw(parsed, main.start, main.end)
        models = self.names.register.models
        family = models[keys[0]].family
        siblings = {key for hit in whole for key in hit.keys if self._are_siblings(key, keys[0])}
        if len(keys) > 1 or len(siblings) > 1:
            named = ", ".join(models[key].designation for key in sorted({*keys, *siblings}))
            return Answer("undecided", family=family, score=0.5, why=f"'{text}' may be each of: {named}.")
        if parsed.is_doubtful:
            why = f"'{text}' names {models[keys[0]].designation}, but the text says that this is not certain."
            return Answer("undecided", family=family, score=0.5, why=why)
        return self.matched(parsed, keys[0], text, whole, main)

    def _are_siblings(self, one: str, other: str) -> bool:
        models = self.names.register.models
        return self.names.family_of(models[one]) == self.names.family_of(models[other])

    def matched(
        self, parsed: Parsed, key: str, text: str, whole: Sequence[Hit], main: Hit | None, score: float = _SURE
    ) -> Answer:
        """Return the answer that a mention is a model of the register."""
        register = self.names.register
        model = register.models[key]
        maker = register.makers[model.maker].names[0]
        others = [register.models[hit.keys[0]].designation for hit in whole if hit is not main]
        why = f"'{text}' spells {model.designation} of {maker}."
        if parsed.makers:
            why = f"'{text}' spells {model.designation}, and the maker named is {maker} or of its succession."
        return Answer(
            "matched", key, maker, model.designation, model.family, (*others, *options(parsed, self.names)), score, why
        )

    def rest(self, parsed: Parsed) -> Answer:
        """Return the answer for a mention that no model of the register fits."""
        families = family_hits(parsed, self.names)
        around = Surroundings(parsed, self.names)
        for start, end, family in families:
            if around.extension(start, end) is None:
                return self._of_family(parsed, start, end, family)
        found = proposal(parsed, self.names)
        if found is None:
            return Answer("none", why="The text holds no designation of a device model.")
        return self._proposed(parsed, found, families)

    def _of_family(self, parsed: Parsed, start: int, end: int, family: Family) -> Answer:
        register = self.names.register
        members = [register.models[key] for key in self.names.members(family)]
        text = _raw(parsed, start, end)
        if len(members) == 1 and not parsed.is_doubtful:
            return self.matched(parsed, members[0].key, text, (), None, _LIKELY)
        some = ", ".join(model.designation for model in members[:4])
        why = f"'{text}' names a line, but not which model of it ({some}{' ...' if len(members) > 4 else ''})."
        maker = register.makers[members[0].maker].names[0]
        return Answer("undecided", maker=maker, family=members[0].family, score=0.5, why=why)

    def _proposed(
        self, parsed: Parsed, found: Proposal, families: Sequence[tuple[int, int, Family]]
    ) -> Answer:
        if parsed.is_doubtful:
            return Answer("undecided", score=0.5, why=f"'{found.text}' is said not to be certain.")
        register = self.names.register
        lines = sorted(parsed.column_makers or parsed.text_makers)
        is_known = len(lines) == 1 and lines[0] in register.makers
        maker = register.makers[lines[0]].names[0] if is_known else parsed.maker_written
        maker_key = lines[0] if is_known else slug(maker)
        family = next((self._family_name(one) for start, _, one in families if start == found.start), "")
        key = "/".join(part for part in (maker_key, found.key) if part)
        why = f"'{found.text}' is a designation that the register does not have."
        return Answer("proposed", key, maker, found.text, family, options(parsed, self.names), _LIKELY, why)

    def _family_name(self, family: Family) -> str:
        members = self.names.members(family)
        return self.names.register.models[members[0]].family if members else ""


def options(parsed: Parsed, names: Names) -> tuple[str, ...]:
    """Return the options that a mention names, as they are written, in alphabetical order."""
    found = []
    place = 0
    while place < len(parsed.parts):
        known = names.lexicon.at(parsed.parts, place)
        length = known["option"].length if "option" in known and not parsed.roles[place] else 0
        if length:
            found.append(_raw(parsed, place, place + length))
        place += length or 1
    return tuple(sorted(dict.fromkeys(found), key=str.casefold))


def _raw(parsed: Parsed, start: int, end: int) -> str:
    text = ""
    for place, part in enumerate(parsed.parts[start:end]):
        text += ("" if place == 0 or part.joint == 0 else ("-" if part.joint == 1 else " ")) + part.raw
    return text
