"""What the words of a mention do: makers, fittings, what something is for, identifiers, years, quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parkbench.comparison.matching.answers import Mention
from parkbench.comparison.matching.names import Names
from parkbench.comparison.matching.words import (
    BREAK,
    GLUED,
    HYPHEN,
    SLASH,
    SPACE,
    Atom,
    Lexicon,
    Meaning,
    atoms,
    squeezed,
)

_YEARS = range(1980, 2040)
_MODEL_YEAR = "2000"
_LONG = 5  # letters of a word that is nearly a word of one maker
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mention taken apart: its atoms, and for each of them its part of the text and its role.

    Parts are numbered from 0; `part_kinds` says of each whether it is plain, or stands behind a word like
    'with' or 'for'. Roles: '' (may name something), id, year, quantity, measure, negated, doubt.
    """

    mention: Mention
    parts: tuple[Atom, ...]
    part_of: tuple[int, ...]
    part_kinds: tuple[str, ...]
    roles: tuple[str, ...]
    column_makers: frozenset[str]
    text_makers: frozenset[str]
    maker_places: frozenset[int]
    has_unknown_maker: bool
    is_doubtful: bool
    own_lines: tuple[str, ...] = ()
    maker_written: str = ""
    quantity: int = 1
    ids: tuple[str, ...] = field(default=())

    @property
    def makers(self) -> frozenset[str]:
        """Return the lines of all makers that the text or its column names."""
        return self.column_makers | self.text_makers


_CAPITAL = "capital"
"""What the register says of a unit that is written with a capital."""


class Parser:
    """Takes mentions apart with the words and the makers of a register."""

    def __init__(self, names: Names, lexicon: Lexicon) -> None:
        self.names = names
        self.lexicon = lexicon

    def parse(self, mention: Mention) -> Parsed:
        """Return the mention taken apart."""
        parts = self._mended(self._with_tiers(self.lexicon.plainly(mention.name)))
        part_of, part_kinds, negated = self._divided(parts)
        roles = self._roles(parts, negated)
        column = self._mended(atoms(mention.maker_text))
        column_makers = self._makers(column)
        text_makers = self._makers(parts)
        lines = frozenset(line for _, _, found in column_makers for line in found)
        made = frozenset(place for start, end, _ in text_makers for place in range(start, end))
        named = frozenset(
            line for start, _, found in text_makers for line in found if part_kinds[part_of[start]] != "with"
        )
        own = [
            *(self.names.own_lines[squeezed(column[start:end])] for start, end, _ in column_makers),
            *(self.names.own_lines[squeezed(parts[start:end])] for start, end, _ in text_makers),
        ]
        parts = self._mended_of_lines(parts, frozenset(line for found in own for line in found), made)
        return Parsed(
            mention=mention,
            parts=parts,
            part_of=part_of,
            part_kinds=part_kinds,
            roles=roles,
            column_makers=lines,
            text_makers=named,
            maker_places=made,
            has_unknown_maker=bool(column) and not lines,
            is_doubtful="doubt" in roles or self._tells_no_model(parts),
            own_lines=tuple(dict.fromkeys(line for found in own for line in sorted(found))),
            maker_written=_written(parts, text_makers) or mention.maker_text.strip(),
            quantity=_quantity(parts, roles),
            ids=tuple(part.raw for part, role in zip(parts, roles, strict=True) if role == "id"),
        )

    def _mended(self, parts: tuple[Atom, ...]) -> tuple[Atom, ...]:
        mend = self._mend
        return tuple(
            part
            if part.is_number
            or (right := mend(part.text)) == part.text
            or not keeps_tier(part.raw, right)
            or self._is_half(parts, place)
            else part._replace(text=right)
            for place, part in enumerate(parts)
        )

    def _is_half(self, parts: Sequence[Atom], place: int) -> bool:
        """Tell whether a word and one beside it are one word of a name, or a name: Cell Discoverer, XPLUS."""
        if (
            place
            and parts[place].joint < BREAK
            and squeezed(parts[place - 1 : place + 1]) in self.names.by_text
        ):
            return True
        return any(
            squeezed(parts[start : start + 2]) in self.names.words
            for start in (place - 1, place)
            if start >= 0 and start + 1 < len(parts) and parts[start + 1].joint < BREAK
        )

    def _with_tiers(self, parts: tuple[Atom, ...]) -> tuple[Atom, ...]:
        """Return atoms with a + that stands alone behind a name read as 'plus': Q Exactive +, not A + B."""
        return tuple(
            Atom("plus", "+", GLUED, part.aside)
            if part.text == "+" and place and self._is_tier(parts, place)
            else part
            for place, part in enumerate(parts)
        )

    def _is_tier(self, parts: Sequence[Atom], place: int) -> bool:
        """Tell whether nothing follows a +, or a kind of instrument, which nothing before it tells."""
        after = place + 1
        while after < len(parts) and parts[after].joint != BREAK:
            known = self.lexicon.at(parts, after)
            if not known.keys() <= {"generic", "filler", "technique"} or not known:
                return False
            after += max(meaning.length for meaning in known.values())
        begins = range(max(0, place - self.names.longest), place)
        texts = [squeezed(parts[begin:place]) for begin in begins]
        known_names = [text for text in texts if text in self.names.by_text][:1]
        is_kind = self.lexicon.is_kind(parts[place - 1].text, "generic", "filler", "accessory")
        is_told = any(self.lexicon.is_kind(part.text, "generic") for part in parts[:place])
        is_sure = after == place + 1 or not (known_names or is_told)
        return not is_kind and (is_sure or any(f"{text}plus" in self.names.by_text for text in known_names))

    def _mended_of_lines(
        self, parts: tuple[Atom, ...], lines: frozenset[str], made: frozenset[int]
    ) -> tuple[Atom, ...]:
        """Mend words that other makers' names have, when the makers named have nearly the same word."""
        if not lines:
            return parts
        speller = self.names.speller_of(lines)
        return tuple(
            part._replace(text=right)
            if place not in made
            and len(part.text) >= _LONG
            and not self.lexicon.kinds(part.text)
            and (right := speller.mend(part.text)) != part.text
            and keeps_tier(part.raw, right)
            and not self._is_half(parts, place)
            else part
            for place, part in enumerate(parts)
        )

    def _mend(self, word: str) -> str:
        if self.lexicon.kinds(word):
            return word
        mended = self.names.speller.mend(word)
        if mended != word or word in self.names.words or word in self.names.speller.known:
            return mended
        mended = self.names.word_speller.mend(word)
        return word if mended.startswith(word) or word.startswith(mended) else mended

    def _divided(self, parts: Sequence[Atom]) -> tuple[tuple[int, ...], tuple[str, ...], frozenset[int]]:
        """Return the part of each atom, the kind of each part, and the atoms that are said not to hold."""
        part_of: list[int] = []
        kinds: list[str] = ["plain"]
        negated: set[int] = set()
        is_denied = False
        for place, part in enumerate(parts):
            found = self.lexicon.at(parts, place) if part.joint > SLASH and not part.is_number else {}
            is_last = place + 1 == len(parts) or parts[place + 1].joint == BREAK
            opens = "" if is_last else next((kind for kind in ("for", "with") if kind in found), "")
            if part.joint == BREAK and place:
                is_within = part.aside and kinds[-1] == "for"
                kinds.append("for" if is_within else "plain")
            if opens and (place or opens == "for"):
                kinds.append(opens)
            is_denied = (is_denied and part.joint != BREAK) or self._denies(parts, place, found)
            if is_denied:
                negated.add(place)
            part_of.append(len(kinds) - 1)
        return tuple(part_of), tuple(kinds), frozenset(negated)

    def _tells_no_model(self, parts: Sequence[Atom]) -> bool:
        """Tell whether a remark begins with the word for a model and names none: (model see contract)."""
        for place, part in enumerate(parts):
            known = self.lexicon.at(parts, place).get("line") if place and part.joint == BREAK else None
            if known is None or known.means:
                continue
            end = next((at for at in range(place + 1, len(parts)) if parts[at].joint == BREAK), len(parts))
            rest = parts[place + known.length : end]
            if rest and not any(self._may_tell(one) for one in rest):
                return True
        return False

    def _may_tell(self, part: Atom) -> bool:
        """Tell whether an atom may be of the name of a model; one small letter is none: s. Vertrag."""
        is_letter = len(part.raw) == 1 and part.raw.islower()
        return part.is_number or (part.text in self.names.words and not is_letter)

    def _denies(self, parts: Sequence[Atom], place: int, found: Mapping[str, Meaning]) -> bool:
        after = parts[place + 1] if place + 1 < len(parts) else None
        return "negation" in found and after is not None and not after.raw[0].isdigit()

    def _roles(self, parts: Sequence[Atom], negated: frozenset[int]) -> tuple[str, ...]:
        roles = [""] * len(parts)
        for place, part in enumerate(parts):
            if place in negated:
                roles[place] = "negated"
            elif part.text == "?" and place and roles[place - 1] == "year":
                roles[place] = "year"
            elif part.text == "?" or (part.text == "xx" and part.joint == GLUED and not roles[place]):
                roles[place] = "doubt"
            elif roles[place] == "" and part.is_number:
                self._role_of_number(parts, place, roles)
            elif roles[place] == "" and part.joint > HYPHEN:
                self._role_of_word(parts, place, roles)
        return tuple(roles)

    def _role_of_word(self, parts: Sequence[Atom], place: int, roles: list[str]) -> None:
        found = self.lexicon.at(parts, place)
        if "doubt" in found:
            roles[place] = "doubt"
        elif "stop" in found:
            for one in _identifier(parts, place + found["stop"].length):
                roles[one] = "id"

    def _role_of_number(self, parts: Sequence[Atom], place: int, roles: list[str]) -> None:
        text, is_free = parts[place].text, parts[place].joint > SLASH
        before = parts[place - 1] if place else None
        after = parts[place + 1] if place + 1 < len(parts) else None
        if after is not None and is_free and self._is_count(parts, place, after):
            roles[place] = roles[place + 1] = "quantity"
        elif before is not None and _is_times(before) and len(text) < 3 and not _is_glued(after):
            roles[place] = roles[place - 1] = "quantity"
        elif after is not None and is_free and self._is_measure(parts, place, after):
            roles[place] = roles[place + 1] = "measure"
        else:
            goes_on = place and roles[place - 1] == "measure" and parts[place].joint == SLASH
            is_year = is_free and not (before is not None and self._goes_on(before, parts[place]))
            roles[place] = "measure" if goes_on or text.count(".") > 1 else _year(text) if is_year else ""

    def _goes_on(self, before: Atom, number: Atom) -> bool:
        """Tell whether a name goes on with 2000, which models are called by: NanoDrop 2000."""
        is_beside = number.text == _MODEL_YEAR and number.joint < BREAK
        is_code = (
            before.raw.isupper() and 1 < len(before.text) < _LONG and before.text not in self.names.makers
        )
        is_named = before.text in self.names.words or is_code
        return is_beside and is_named and not self.lexicon.kinds(before.text)

    def _is_measure(self, parts: Sequence[Atom], place: int, after: Atom) -> bool:
        """Tell whether a number is a measure: with a unit, of something counted, or 488/561 after a break."""
        text = parts[place].text
        is_list = place > 0 and parts[place].joint == BREAK and after.is_number and after.joint == SLASH
        goes_on = place + 2 < len(parts) and parts[place + 2].joint <= HYPHEN  # 12T-M is a name
        is_unit = self._is_unit(text, after) and not (goes_on and after.raw.isupper())
        return is_list or is_unit or self._is_counted(text, after)

    def _is_count(self, parts: Sequence[Atom], place: int, after: Atom) -> bool:
        if len(parts[place].text) > 2 or not self.lexicon.is_kind(after.text, "quantity"):
            return False
        if after.text == "x" and after.joint == GLUED:
            stands_apart = place == 0 or parts[place].joint == BREAK
            return parts[place].joint > SLASH and (after.raw == "x" or stands_apart)
        if after.raw != "x":
            return after.joint in (GLUED, SPACE) and len(after.text) > 1
        is_last = place + 2 == len(parts)
        return place == 0 or is_last or parts[place].joint == BREAK or not parts[place + 2].is_number

    def _is_counted(self, text: str, after: Atom) -> bool:
        """Tell whether a small number counts something that no list has: 8 lane."""
        is_word = after.joint in (GLUED, SPACE) and after.raw.islower() and len(after.text) > 3
        return (
            is_word
            and len(text) < 3
            and after.text not in self.names.words
            and not self.lexicon.kinds(after.text)
        )

    def _is_unit(self, text: str, after: Atom) -> bool:
        unit = self.lexicon.kinds(after.text).get("unit")
        if after.joint > SPACE or unit is None:
            return False
        if len(after.text) > 1:
            return True
        is_written_so = after.raw.islower() or unit.means == _CAPITAL  # 220V is a measure, 96G another model
        return is_written_so and (len(text) < 3 or "." in text)

    def _makers(self, parts: Sequence[Atom]) -> list[tuple[int, int, frozenset[str]]]:
        """Return start, end and lines of the makers that are named, the longest name at each place."""
        found = []
        place = 0
        while place < len(parts):
            for length in range(min(self.names.longest_maker, len(parts) - place), 0, -1):
                lines = self.names.makers.get(squeezed(parts[place : place + length]))
                if lines and _is_apart(parts, place, place + length):
                    found.append((place, place + length, lines))
                    place += length - 1
                    break
            place += 1
        return found


def _is_times(part: Atom) -> bool:
    return part.raw in ("x", "×") and part.joint > HYPHEN


def _is_glued(after: Atom | None) -> bool:
    return after is not None and after.joint == GLUED


def _year(text: str) -> str:
    return "year" if len(text) == 4 and text.isdigit() and int(text) in _YEARS else ""


def _written(parts: Sequence[Atom], makers: Sequence[tuple[int, int, frozenset[str]]]) -> str:
    if not makers:
        return ""
    start, end, _ = makers[0]
    return " ".join(part.raw for part in parts[start:end])


def _is_apart(parts: Sequence[Atom], start: int, end: int) -> bool:
    """Tell whether a maker's name is no part of a longer word, nor one of a list of figures: 4x/10x/20x."""
    least = SLASH if parts[start].is_number else HYPHEN
    return parts[start].joint > least and (
        end == len(parts) or parts[end].joint > least - HYPHEN or parts[end].is_number
    )


def _identifier(parts: Sequence[Atom], place: int) -> Iterator[int]:
    """Yield the places of the identifier that begins here: one written word with a figure in it, or A 12."""
    end = place
    while end < len(parts) and (end == place or parts[end].joint in (GLUED, HYPHEN, SLASH)):
        end += 1
    has_figure = any(part.is_number for part in parts[place:end])
    if not has_figure and end == place + 1 and len(parts[place].text) == 1:
        is_followed = end < len(parts) and parts[end].is_number and parts[end].joint == SPACE
        yield from range(place, end + is_followed)
    elif has_figure and (end < len(parts) or place < len(parts)):
        yield from range(place, end)


def keeps_tier(raw: str, right: str) -> bool:
    """Tell whether capitals glued behind a word stay as they are: PipandraXL is no slip of PipandraS."""
    word = raw.rstrip(_CAPITALS)
    return len(raw) <= 3 or not word or word == raw or right.endswith(raw[len(word) :].casefold())


def _quantity(parts: Sequence[Atom], roles: Sequence[str]) -> int:
    counts = [
        int(part.text)
        for part, role in zip(parts, roles, strict=True)
        if role == "quantity" and part.is_number and part.text.isdigit()
    ]
    return counts[0] if counts else 1


def as_written(parsed: Parsed, start: int, end: int) -> str:
    """Return a run of atoms as it is written, one space between words."""
    text = ""
    for place, part in enumerate(parsed.parts[start:end]):
        text += ("" if place == 0 or part.joint == 0 else ("-" if part.joint == 1 else " ")) + part.raw
    return text
