"""A text taken apart into atoms (runs of letters or of figures), and what kinds of words languages have.

Nothing here knows a maker, a model or a word of a language: words come from the register.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching.knowledge import Technique, Word

GLUED, HYPHEN, SLASH, SPACE, BREAK = range(5)
"""How an atom is joined to the one before: written together ... by what parts a remark from a name."""

_PIECE = re.compile(r"(\d+(?:[.,]\d+)*)|([^\W\d_]+)|(\s+)|(\S)")
_MARKS = str.maketrans({"™": "", "®": "", "©": "", "℠": "", "’": "", "'": "", "`": "", "^": ""})
_NOUGHTS = re.compile(r"(?<=\d)(?:O+(?=\d)|OO+)|(?:(?<=\d\d)|(?<=\dO\d)|(?<=[A-Z][A-Z]\d))O(?![A-Za-z])")
"""Capitals O that can only be noughts: 8O50, SH8OOS, XPN8O; not H2O."""
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ROMAN_BEHIND = re.compile(
    r"(.*[a-z])(I{2,3}|IV|VI{1,3}|IX)|([A-Z]+[A-HJ-Z])(I{2,3})|(.*[a-z])(I{2,3})([a-z])"
)
_ROMAN_BEFORE = re.compile(r"(I{2,3}|i{2,3}|IV)([a-hj-z]|[A-HJ-UW-Z][a-z]|(?<=II)[A-H])")
_NUMERO = re.compile(r"\b[nN]\s?°|№|#(?=\s?\d)")
"""Signs before a number that counts or identifies."""
_NUMERALS = ("II", "III", "IV")  # that are numerals before a hyphen too: II-system; not Vi-CELL
_NICKNAME = 3  # atoms of a nickname: X-beam, AVIII
_MARKED = re.compile(r"[a-z]{1,2}[./][a-z]?")  # w/, m., w/o: with the mark it is another word than without
_TECHNIQUE = 3  # letters of a name of a technique that can be told from the letters of a model
_KEPT = 65_536  # unknown words of which it is kept that they are no compounds
_STEM = 5  # letters of a word before an ending that is left off
_PREPOSITIONS = frozenset(("with", "for", "negation"))
_ENDED = frozenset(("generic", "junk", "accessory", "line"))
_HYPHENS = frozenset("-‐‑._·*")


class Atom(NamedTuple):
    """A run of letters or figures: folded text, as written, how it is joined, whether in an aside."""

    text: str
    raw: str
    joint: int
    aside: bool = False

    @property
    def is_number(self) -> bool:
        """Tell whether the atom is of figures."""
        return self.text[0].isdigit()


def _plain(text: str) -> str:
    """Return a text without marks and accents, capitals O among figures as noughts."""
    if any(sign in text for sign in "°№#"):
        text = _NUMERO.sub("nr ", text)
    plain = unicodedata.normalize("NFKD", text.translate(_MARKS))
    plain = "".join([letter for letter in plain if not unicodedata.combining(letter)])
    return _NOUGHTS.sub(lambda found: "0" * len(found[0]), plain) if "O" in plain else plain


def atoms(text: str, marked: Container[str] = ()) -> tuple[Atom, ...]:
    """Return the atoms of a text; roman numerals from II to IX become figures, + behind a word 'plus'.

    `marked` are words that hold a mark, as w/ does; each is one atom.
    """
    plain = _plain(text)
    found: list[Atom] = []
    joint, depth = BREAK, 0
    pieces = list(_PIECE.finditer(plain))
    last = 0
    for place, piece in enumerate(pieces):
        if place < last:
            continue
        number, word, space, sign = piece.groups()
        if word and marked and (last := _marked_end(pieces, place, marked)):
            raw = plain[piece.start() : pieces[last - 1].end()]
            found.append(Atom(raw, raw, joint, depth > 0))
            joint = SPACE
        elif number or word:
            found.extend(_split(number or word, joint, depth > 0))
            joint = GLUED
        elif space:
            joint = max(joint, SPACE)
        elif sign == "+" and _is_plus(pieces, place):
            found.append(Atom("plus", "+", GLUED, depth > 0))
            joint = GLUED
        elif sign == "?" or (sign == "+" and joint >= SPACE):
            found.append(Atom(sign, sign, BREAK, depth > 0))
            joint = SPACE if sign == "+" else BREAK
        else:
            joint = max(joint, _joint_of(sign, pieces, place))
            depth = max(0, depth + (sign in "([{") - (sign in ")]}"))
    return tuple(_with_figures(found))


def _marked_end(pieces: Sequence[re.Match[str]], place: int, marked: Container[str]) -> int:
    """Return where the longest word with a mark ends that begins at a place, 0 without one."""
    if place and not pieces[place - 1][3]:
        return 0
    for end in (place + 3, place + 2):
        if "".join([piece[0] for piece in pieces[place:end]]) in marked:
            return min(end, len(pieces))
    return 0


def _split(run: str, joint: int, aside: bool) -> list[Atom]:
    before = _ROMAN_BEFORE.fullmatch(run)
    if before:
        numeral, letter = before.groups()
        tier = Atom(letter.casefold(), letter, GLUED, aside)
        return [Atom(numeral.casefold(), numeral, joint, aside), tier]
    behind = _ROMAN_BEHIND.fullmatch(run)
    if behind:
        first, *rest = (one for one in behind.groups() if one)
        more = [Atom(one.casefold(), one, GLUED, aside) for one in rest]
        return [Atom(first.casefold(), first, joint, aside), *more]
    return [Atom(run.casefold().replace(",", "."), run, joint, aside)]


def _is_plus(pieces: Sequence[re.Match[str]], place: int) -> bool:
    """Tell whether a plus sign stands right behind a name: 5600+, not A + B nor A+B."""
    if place == 0 or not (pieces[place - 1][1] or pieces[place - 1][2]):
        return False
    return place + 1 == len(pieces) or bool(pieces[place + 1][3] or pieces[place + 1][4])


def _joint_of(sign: str, pieces: Sequence[re.Match[str]], place: int) -> int:
    is_tight = 0 < place < len(pieces) - 1 and not pieces[place - 1][3] and not pieces[place + 1][3]
    if sign in _HYPHENS:
        return HYPHEN if is_tight else (SPACE if sign in "._*" else BREAK)
    if sign == "/":
        return SLASH if is_tight else BREAK
    return BREAK


def _with_figures(found: list[Atom]) -> Iterable[Atom]:
    for place, atom in enumerate(found):
        figure = _ROMAN.get(atom.text)
        after = found[place + 1] if place + 1 < len(found) else None
        is_led = after is not None and after.joint in (GLUED, HYPHEN) and not after.is_number
        is_led = is_led and not (after and after.joint == HYPHEN and atom.raw in _NUMERALS)
        if figure is None or (
            is_led and not _ROMAN_BEFORE.fullmatch(f"{atom.raw}{after.raw}" if after else "")
        ):
            yield atom
        else:
            yield atom._replace(text=figure)


def squeezed(parts: Sequence[Atom]) -> str:
    """Return atoms as one string that is the same however they are joined; figures stay apart."""
    text = ""
    for part in parts:
        text += f"_{part.text}" if text and text[-1].isdigit() and part.is_number else part.text
    return text


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a run of atoms means in some language."""

    kind: str
    means: str
    length: int


class Lexicon:
    """The words of the register by how they look in a text: whole words, phrases, ends of compounds."""

    def __init__(self, words: Iterable[Word], techniques: Mapping[str, Technique] | None = None) -> None:
        words = tuple(words)
        self._whole: dict[str, dict[str, Meaning]] = {}
        self._ends: dict[str, Meaning] = {}
        self._starts: dict[str, Meaning] = {}
        self._endings: list[str] = []
        self._begins: set[str] = set()
        self._marked = frozenset(
            word.word for word in words if word.kind in _PREPOSITIONS and _MARKED.fullmatch(word.word)
        )
        self.nicknames: dict[str, tuple[Atom, ...]] = {}
        self.beside: set[str] = set()
        self._spaced: set[str] = set()
        self._derived = lru_cache(maxsize=_KEPT)(self._derive)
        for word in words:
            self._add(word)
        for technique in (techniques or {}).values():
            for name in technique.names:
                if len(squeezed(atoms(name))) >= _TECHNIQUE:
                    self._add(Word("technique", "", name, technique.key))

    def _add(self, word: Word) -> None:
        parts = atoms(word.word, self._marked)
        if word.kind == "nickname":
            self.nicknames[squeezed(parts)] = atoms(word.means)
            if any(part.joint == SPACE for part in parts):
                self._spaced.add(squeezed(parts))
            return
        if word.kind == "ending":
            self._endings.append(word.word.removeprefix("-"))
            return
        if word.kind == "beside":
            self.beside.add(fold(word.word))
            return
        if not parts:
            return
        text = " ".join(part.text for part in parts)
        meaning = Meaning(word.kind, word.means, len(parts))
        if word.word.startswith("-"):
            self._ends[text] = meaning
        if word.word.endswith("-"):
            self._starts[text] = meaning
        self._begins.update(text[:place] for place, letter in enumerate(text) if letter == " ")
        self._whole.setdefault(text, {}).setdefault(word.kind, meaning)

    def kinds(self, text: str) -> dict[str, Meaning]:
        """Return kind -> meaning of one folded word, and of the end of a compound; empty when unknown."""
        known = self._whole.get(text)
        return known if known is not None else self._derived(text)

    def _derive(self, text: str) -> dict[str, Meaning]:
        return self._end_of(text) or self._without_ending(text)

    def _end_of(self, text: str) -> dict[str, Meaning]:
        for begin in range(2, len(text) - 1):
            meaning = self._starts.get(text[:begin]) or self._ends.get(text[begin:])
            if meaning is not None:
                return {meaning.kind: meaning}
        return {}

    def _without_ending(self, text: str) -> dict[str, Meaning]:
        """Return what a word means once an ending of a language is left off: systemet, mikroskopen."""
        for ending in self._endings:
            stem = text.removesuffix(ending)
            if len(stem) < len(text) and len(stem) >= _STEM:
                found = self._whole.get(stem) or self._end_of(stem)
                if found.keys() & _ENDED:
                    return found
        return {}

    def plainly(self, text: str) -> tuple[Atom, ...]:
        """Return the atoms of a text, nicknames written out."""
        parts = atoms(text, self._marked)
        found: list[Atom] = []
        place = 0
        while place < len(parts):
            part = parts[place]
            end, nick = self._nickname(parts, place) if part.joint > HYPHEN else (place + 1, ())
            for number, one in enumerate(nick):
                joint = part.joint if number == 0 else min(one.joint, SPACE)
                found.append(Atom(one.text, part.raw if number == 0 else one.raw, joint, part.aside))
            if not nick:
                found.append(part)
            place = end
        return tuple(found)

    def _nickname(self, parts: Sequence[Atom], place: int) -> tuple[int, tuple[Atom, ...]]:
        """Return where the longest nickname that begins at a place ends, and what it stands for."""
        end = place + 1
        while end < len(parts) and parts[end].joint <= SPACE and end - place < _NICKNAME:
            end += 1
        for last in range(end, place, -1):
            text = squeezed(parts[place:last])
            nick = self.nicknames.get(text)
            is_one = text in self._spaced or all(part.joint <= HYPHEN for part in parts[place + 1 : last])
            is_whole = last == len(parts) or parts[last].is_number or parts[last].joint > GLUED
            if nick and is_one and is_whole:
                return last, nick
        return place + 1, ()

    def at(self, parts: Sequence[Atom], place: int) -> dict[str, Meaning]:
        """Return kind -> meaning of the longest phrases that begin at a place."""
        text = parts[place].text
        found = self.kinds(text)
        for part in parts[place + 1 :]:
            if text not in self._begins:
                break
            text = f"{text} {part.text}"
            found = {**found, **self._whole.get(text, {})}
        return found

    def is_kind(self, text: str, *kinds: str) -> bool:
        """Tell whether a folded word is of one of the kinds."""
        known = self.kinds(text)
        return any(kind in known for kind in kinds)

    @property
    def known(self) -> Iterable[str]:
        """Return all single words."""
        return (text for text in self._whole if " " not in text)
