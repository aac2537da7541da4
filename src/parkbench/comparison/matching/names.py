"""The names of the register as they are looked up: makers, models, families, and what parts siblings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from rapidfuzz.distance import OSA

from parkbench.catalogue.rules import fold, without_legal_form
from parkbench.comparison.matching.knowledge import Maker, Model, Register
from parkbench.comparison.matching.owners import sold_under
from parkbench.comparison.matching.shortening import STRONG, shortened
from parkbench.comparison.matching.spelling import Speller
from parkbench.comparison.matching.words import GLUED, Atom, Lexicon, atoms, squeezed

Family = tuple[str, str]
"""The line of a maker and the squeezed name of a family."""
_LONG = 7  # letters of a word with two slips, once its maker is named
_FIRST = 5  # letters of the first word of a maker's name that stands for it


class Name(NamedTuple):
    """One way to write a model; rank 0 is a name of the register, 1 a shortened one, 2 its core alone."""

    key: str
    rank: int
    is_weak: bool
    parts: tuple[Atom, ...]


class Names:
    """All names of a register, by how they look when squeezed."""

    def __init__(self, register: Register, lexicon: Lexicon) -> None:
        self.register = register
        self.lexicon = lexicon
        self.makers = self._maker_names()
        self.longest_maker = max((len(parts) for parts in self._maker_parts.values()), default=1)
        self.by_text: dict[str, tuple[Name, ...]] = {}
        self.longest = 1
        self.families = self._family_names()
        self._add_models()
        self._members = self._family_members()
        self._spellers: dict[frozenset[str], Speller] = {}

    def _maker_names(self) -> dict[str, frozenset[str]]:
        """Return squeezed name > lines; a name with which longer names begin may mean those makers too."""
        lines: dict[str, set[str]] = defaultdict(set)
        self.own_lines: dict[str, frozenset[str]] = {}
        self._maker_parts: dict[str, tuple[Atom, ...]] = {}
        for maker in self.register.makers.values():
            for name in maker.names:
                for written in {name, without_legal_form(name), *self._short(maker)}:
                    parts = atoms(written)
                    if parts:
                        lines[squeezed(parts)].add(self.register.line(maker.key))
                        self._maker_parts[squeezed(parts)] = parts
        self.own_lines = {text: frozenset(found) for text, found in lines.items()}
        for text, parts in self._maker_parts.items():
            for length in range(1, len(parts)):
                begin = squeezed(parts[:length])
                if begin in lines and begin in self._maker_parts:
                    lines[begin] |= lines[text]
        return {text: frozenset(found) for text, found in lines.items()}

    def _short(self, maker: Maker) -> Iterable[str]:
        """Yield the first word of a maker's name where the register tells no name of one word."""
        first = maker.names[0].split()[0]
        is_told = any(len(without_legal_form(name).split()) == 1 for name in maker.names)
        is_own = self._first_words[fold(first)] == 1 and not self.lexicon.kinds(fold(first))
        is_own = is_own and self._lines_of_family.get(fold(first), set()) <= {self.register.line(maker.key)}
        if not is_told and is_own and len(fold(first)) >= _FIRST:
            yield first

    @cached_property
    def _first_words(self) -> Counter[str]:
        return Counter(fold(maker.names[0].split()[0]) for maker in self.register.makers.values())

    @cached_property
    def _lines_of_family(self) -> dict[str, set[str]]:
        """Return folded name of a family > the lines of the makers that have one of this name."""
        found: dict[str, set[str]] = defaultdict(set)
        for model in self.register.models.values():
            found[fold(model.family)].add(self.register.line(model.maker))
        return found

    def _add_models(self) -> None:
        found: dict[str, dict[tuple[str, int], Name]] = defaultdict(dict)
        for model in self.register.models.values():
            for name in self._ways(model):
                kept = found[squeezed(name.parts)]
                kept.setdefault((name.key, name.rank), name)
                self.longest = max(self.longest, len(name.parts))
        self._add_cores(found)
        for text, names in found.items():
            least: dict[str, Name] = {}
            for (key, _), name in sorted(names.items(), key=lambda item: item[0]):
                least.setdefault(key, name)
            self.by_text[text] = tuple(least.values())

    def _add_cores(self, found: dict[str, dict[tuple[str, int], Name]]) -> None:
        """Add what only one model of a maker may be called by: its core, or initials and its core."""
        cores: dict[tuple[str, str], dict[str, Name]] = defaultdict(dict)
        for model in self.register.models.values():
            line = self.register.line(model.maker)
            for written in model.names:
                bare = self.bare(model, written)
                for parts in shortened(bare, self.lexicon):
                    cores[line, squeezed(parts)][model.key] = Name(model.key, 2, True, parts)
        for (line, text), names in sorted(cores.items()):
            bearers = {key for key, _ in found.get(text, ())}
            is_taken = any(self.register.line(self.register.models[key].maker) == line for key in bearers)
            is_taken = is_taken or any(family[0] == line for family in self.families.get(text, ()))
            if len(names) == 1 and not is_taken:
                for key, name in names.items():
                    found[text][key, name.rank] = name

    def _ways(self, model: Model) -> Iterable[Name]:
        for written in model.names:
            parts = self.lexicon.plainly(written)
            if not parts:
                continue
            yield Name(model.key, 0, self._is_weak(parts), parts)
            bare = self.bare(model, written)
            if bare != parts and not (len(bare) == 1 and bare[0].is_number and len(bare[0].text) < STRONG):
                yield Name(model.key, 0, self._is_weak(bare), bare)
            if turned := _turned(bare):
                yield Name(model.key, 1, False, turned)
            short = self._without_kinds(bare)
            if short != bare and self._may_stand_for(short):
                is_weak = self._is_weak(short) or not any(part.is_number for part in short)
                yield Name(model.key, 1, is_weak, short)

    def bare(self, model: Model, written: str) -> tuple[Atom, ...]:
        """Return the atoms of a name of a model without its maker, with which it may begin; never none."""
        parts = self.lexicon.plainly(written)
        return parts[self._behind_maker(parts, model) :]

    def lines_of(self, key: str) -> frozenset[str]:
        """Return the lines under which a model was sold: its maker's, and others that aliases begin with."""
        return self._sold_under.get(key) or frozenset((self.register.line(self.register.models[key].maker),))

    @cached_property
    def _sold_under(self) -> dict[str, frozenset[str]]:
        return sold_under(self.register, self.own_lines, self.longest_maker)

    def begins_with_maker(self, name: Name) -> bool:
        """Tell whether a name of a model begins with a name of its maker."""
        return self._behind_maker(name.parts, self.register.models[name.key]) > 0

    def _behind_maker(self, parts: Sequence[Atom], model: Model) -> int:
        line = self.register.line(model.maker)
        lengths = range(min(self.longest_maker, len(parts) - 1), 0, -1)
        made = (length for length in lengths if line in self.makers.get(squeezed(parts[:length]), ()))
        return next(made, 0)

    def _without_kinds(self, parts: Sequence[Atom]) -> tuple[Atom, ...]:
        """Return the atoms without the words at either end that tell a kind of instrument."""
        kept = [place for place, part in enumerate(parts) if not self._is_generic(part)]
        return tuple(parts[kept[0] : kept[-1] + 1]) if kept else ()

    def _is_generic(self, part: Atom) -> bool:
        is_word = not part.is_number and len(part.text) > 1 and not self.lexicon.is_kind(part.text, "variant")
        return is_word and self.lexicon.is_kind(part.text, "generic", "filler")

    def _may_stand_for(self, short: Sequence[Atom]) -> bool:
        """Tell whether a shortened name says enough, and is not what the whole family is called."""
        text = squeezed(short)
        is_telling = any(part.text.isalpha() and len(part.text) > 2 for part in short) or any(
            part.is_number and len(part.text) > 2 for part in short
        )
        return is_telling and text not in self.families

    def _is_weak(self, parts: Sequence[Atom]) -> bool:
        """Tell whether a name says too little without its maker: figures, two signs, a word of languages."""
        text = squeezed(parts)
        if text.replace("_", "").replace(".", "").isdigit() or len(text) < STRONG:
            return True
        letters = [part for part in parts if not part.is_number]
        return len(letters) == len(parts) and all(self.lexicon.kinds(part.text) for part in letters)

    def _family_names(self) -> dict[str, frozenset[Family]]:
        """Return squeezed name > families: as the register calls them, and as two or more members begin."""
        found: dict[str, set[Family]] = defaultdict(set)
        begins: dict[tuple[str, str], set[str]] = defaultdict(set)
        for model in self.register.models.values():
            family = self.family_of(model)
            parts = self.bare(model, model.family)
            if len(squeezed(parts)) > 1:
                found[squeezed(parts)].add(family)
            for written in model.names:
                own = self.bare(model, written)
                for length in range(1, len(own)):
                    if not own[length - 1].is_number and len(squeezed(own[:length])) > 2:
                        begins[family[0], squeezed(own[:length])].add(model.key)
        for (_, begin), keys in begins.items():
            families = {self.family_of(self.register.models[key]) for key in keys}
            if len(keys) > 1 and len(families) == 1:
                found[begin] |= families
        found.pop("", None)
        return {text: frozenset(families) for text, families in found.items()}

    def family_of(self, model: Model) -> Family:
        """Return the family of a model: line and squeezed name, or the designation's first word."""
        name = model.family or atoms(model.designation)[0].text
        return self.register.line(model.maker), squeezed(atoms(name))

    def _family_members(self) -> Mapping[Family, tuple[str, ...]]:
        members: dict[Family, list[str]] = defaultdict(list)
        for model in self.register.models.values():
            members[self.family_of(model)].append(model.key)
        return {family: tuple(keys) for family, keys in members.items()}

    def members(self, family: Family) -> tuple[str, ...]:
        """Return the keys of the models of a family."""
        return self._members.get(family, ())

    def of_techniques(self, keys: tuple[str, ...], told: frozenset[str]) -> tuple[str, ...]:
        """Return those models that are used for a technique told; all of them when none is or none are."""
        if len(keys) == 1 or not told:
            return keys
        models, are_near = self.register.models, self.register.are_near
        return (
            tuple(
                key
                for key in keys
                if any(are_near(one, other) for one in models[key].techniques for other in told)
            )
            or keys
        )

    def makes_several(self, line: str, told: frozenset[str]) -> bool:
        """Tell whether a maker has two models or more for one of the techniques told."""
        counts = Counter(
            one
            for model in self.register.models.values()
            if self.register.line(model.maker) == line
            for one in told
            if any(self.register.are_near(one, other) for other in model.techniques)
        )
        return any(count > 1 for count in counts.values())

    def is_named_as_line(self, key: str) -> bool:
        """Tell whether a model's name says no more than its line does: no figure, letter, tier beside it."""
        model = self.register.models[key]
        line = {part.text for part in atoms(model.family)} or {atoms(model.designation)[0].text}
        return any(
            all(part.text in line or self._is_generic(part) for part in self.lexicon.plainly(written))
            for written in model.names
        )

    @cached_property
    def atoms_of_model(self) -> dict[str, frozenset[str]]:
        """Return key > texts of all atoms in the names of a model."""
        return {
            model.key: frozenset(
                part.text for written in model.names for part in self.lexicon.plainly(written)
            )
            for model in self.register.models.values()
        }

    @cached_property
    def _atoms_of_family(self) -> dict[Family, frozenset[str]]:
        return {
            family: frozenset(text for key in keys for text in self.atoms_of_model[key])
            for family, keys in self._members.items()
        }

    def parts_siblings(self, key: str, text: str) -> bool:
        """Tell whether an atom stands in the name of a sibling of a model and in none of its own."""
        if text in self.atoms_of_model[key]:
            return False
        return text in self._atoms_of_family[self.family_of(self.register.models[key])]

    @cached_property
    def _atoms_of_line(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for key, texts in self.atoms_of_model.items():
            found[self.register.line(self.register.models[key].maker)] |= texts
        return {line: frozenset(texts) for line, texts in found.items()}

    def tells_of_line(self, key: str, text: str) -> bool:
        """Tell whether an atom stands in the name of any model of the maker of a model, or is a variant."""
        line = self.register.line(self.register.models[key].maker) if key else ""
        return text in self._atoms_of_line.get(line, ()) or self.lexicon.is_kind(text, "variant")

    def has_words(self, key: str) -> bool:
        """Tell whether a model is called by two words or more: it is no line that others go on with."""
        model = self.register.models[key]
        parts = self.bare(model, model.designation)
        return sum(not self._is_generic(part) for part in parts) > 1

    def nears_sibling(self, key: str, text: str) -> bool:
        """Tell whether a word is nearly an atom of a sibling: one is not sure that it is a slip."""
        others = self._atoms_of_family[self.family_of(self.register.models[key])] - self.atoms_of_model[key]
        return any(
            len(other) > 3 and other[0] == text[0] and OSA.distance(text, other, score_cutoff=2) <= 2
            for other in others
        )

    @cached_property
    def speller(self) -> Speller:
        """Return what mends slips towards the words of the register and of languages."""
        words: set[str] = set()
        for names in self.by_text.values():
            for name in names:
                words.update(part.text for part in name.parts if not part.is_number)
        for text in (*self.by_text, *self.families, *self.makers):
            words.add("".join(letter for letter in text if letter.isalpha()) if text.isalpha() else "")
        for parts in self._maker_parts.values():
            words.update(part.text for part in parts)
        words.update(part.text for model in self.register.models.values() for part in atoms(model.family))
        for texts in self.by_text:
            words.add(texts.rstrip("0123456789._"))
        return Speller(words, self.lexicon.known)

    def speller_of(self, lines: frozenset[str]) -> Speller:
        """Return what mends slips towards the words in the names of the models of some makers."""
        found = self._spellers.get(lines)
        if found is None:
            texts = frozenset[str]().union(*(self._atoms_of_line.get(line, ()) for line in lines))
            words = sorted(text for text in texts if len(text) >= _FIRST)
            found = self._spellers[lines] = Speller(words, self.speller.known - self.words, for_two=_LONG)
        return found

    @cached_property
    def word_speller(self) -> Speller:
        """Return what mends slips towards the words of languages."""
        return Speller(word for word in self.lexicon.known if self.lexicon.is_kind(word, "generic"))

    @cached_property
    def _begun(self) -> dict[str, int]:
        """Return how many models of a family are called as one of them is, and a generation behind it."""
        counts: dict[str, int] = {}
        for keys in self._members.values():
            models = [self.register.models[key] for key in keys]
            names = {model.key: [self.bare(model, one) for one in model.names] for model in models}
            for model in models:
                key, own = model.key, self.bare(model, model.designation)
                if not any(part.is_number for part in own):
                    counts[key] = sum(any(_is_generation(own, one) for one in names[other]) for other in keys)
        return counts

    def is_open(self, key: str) -> bool:
        """Tell whether a name may mean later generations too: FACSAria beside II and III."""
        return self._begun.get(key, 0) > 1

    @cached_property
    def leads(self) -> frozenset[str]:
        """Return the words with which names begin, and which stand at no other place of any name."""
        names = [name.parts for found in self.by_text.values() for name in found if name.rank == 0]
        later = {part.text for parts in names for part in parts[1:]}
        return frozenset(parts[0].text for parts in names) - later

    @cached_property
    def _bearers(self) -> dict[str, frozenset[str]]:
        bearers: dict[str, set[str]] = defaultdict(set)
        for key, texts in self.atoms_of_model.items():
            for text in texts:
                bearers[text].add(key)
        return {text: frozenset(keys) for text, keys in bearers.items()}

    def bearers(self, texts: Iterable[str], lines: frozenset[str]) -> frozenset[str]:
        """Return the keys of the models of these makers in whose names all of the atoms stand."""
        found = [self._bearers.get(text, frozenset()) for text in texts]
        keys = frozenset.intersection(*found) if found else frozenset()
        models = self.register.models
        return frozenset(key for key in keys if self.register.line(models[key].maker) in lines)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return all runs of letters in the names of models."""
        return frozenset(
            part.text
            for names in self.by_text.values()
            for name in names
            for part in name.parts
            if not part.is_number
        )


def _turned(parts: Sequence[Atom]) -> tuple[Atom, ...]:
    """Return a name that begins with figures with them behind its word; () for one of another shape."""
    code = next((place for place, part in enumerate(parts) if place and part.joint > GLUED), len(parts))
    rest = parts[code:]
    is_so = parts[0].is_number and len(rest) == 1 and len(rest[0].text) >= _FIRST and not rest[0].is_number
    return (*rest, *parts[:code]) if is_so else ()


def _is_generation(own: Sequence[Atom], other: Sequence[Atom]) -> bool:
    """Tell whether a name is another one and a figure behind it: II, 3 or G4."""
    more = other[len(own) :]
    if squeezed(other[: len(own)]) != squeezed(own) or not more:
        return False
    figure = more[1] if len(more) > 1 and len(more[0].text) == 1 else more[0]
    return figure.is_number and len(figure.text) == 1
