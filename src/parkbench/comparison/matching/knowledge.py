"""The register as matching needs it: makers with successions, models with families, words of languages."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from parkbench.catalogue.rules import canonical_key, fold, slug

WORD_KINDS = frozenset(
    (
        "junk", "accessory", "option", "variant", "filler", "line", "generic", "doubt", "negation", "with",
        "for", "quantity", "unit", "stop", "nickname", "stand", "ending", "beside",
    )
)  # fmt: skip
"""The kinds of words that `words.csv` may hold; docs/reference/register.md says what each does."""


class RegisterError(ValueError):
    """A register that cannot be used; the sentence says which file, which row and what was expected."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker: its key, all its names (its own first), and the key of who took it over."""

    key: str
    names: tuple[str, ...]
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A device model: its key, its maker's, its family, its designation, other names, keys of techniques."""

    key: str
    maker: str
    family: str
    designation: str
    aliases: tuple[str, ...] = ()
    techniques: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the designation and the other names."""
        return (self.designation, *self.aliases)


@dataclass(frozen=True, slots=True)
class Technique:
    """What models are used for: its key, its names, and the key of the technique that it is one of."""

    key: str
    names: tuple[str, ...]
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of `words.csv`: what kind of word it is, in which language, and what it stands for."""

    kind: str
    language: str
    word: str
    means: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Makers, models and words by which names are understood; a register is like itself alone."""

    makers: Mapping[str, Maker]
    models: Mapping[str, Model]
    words: tuple[Word, ...] = ()
    techniques: Mapping[str, Technique] = field(default_factory=dict)
    _lines: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lines", {key: self._last(key) for key in self.makers})

    def are_near(self, one: str, other: str) -> bool:
        """Tell whether two techniques are the same, or one is among those that the other comprises."""
        return one in self._upwards(other) or other in self._upwards(one)

    def _upwards(self, technique: str) -> Iterator[str]:
        while technique:
            yield technique
            found = self.techniques.get(technique)
            technique = found.parent if found else ""

    def line(self, maker: str) -> str:
        """Return the key of the last owner of a maker: the same for all of one succession."""
        return self._lines.get(maker, maker)

    def _last(self, maker: str) -> str:
        seen = [maker]
        while (after := self.makers[seen[-1]].successor) in self.makers:
            if after in seen:
                return min(seen[seen.index(after) :])
            seen.append(after)
        return seen[-1]


@cache
def shipped_register() -> Register:
    """Return the register that Parkbench ships."""
    return read_register(Path(str(files("parkbench.catalogue") / "register")))


def read_register(path: Path) -> Register:
    """Return the register of a folder (makers.csv, models.csv, words.csv) or one CSV; raises RegisterError.

    One CSV needs at least the columns maker and designation; family, aliases and techniques (both parted by
    |) and key may follow. Techniques, and words that the folder does not tell, are those Parkbench ships.
    """
    if path.is_dir():
        return _from_folder(path)
    makers: dict[str, Maker] = {}
    models: dict[str, Model] = {}
    for number, row in _rows(path, ("maker", "designation")):
        maker = row["maker"].strip()
        if not fold(maker):
            raise RegisterError(f"{path.name}, row {number}: maker is empty; expected the name of a maker.")
        makers.setdefault(slug(maker), Maker(slug(maker), (maker,)))
        _add(models, _model(path.name, number, row, slug(maker)), path.name, number)
    return _checked(path, makers, models, shipped_words())


def _from_folder(folder: Path) -> Register:
    makers: dict[str, Maker] = {}
    for number, row in _rows(folder / "makers.csv", ("key", "name")):
        key = row["key"].strip()
        if not key or key in makers:
            raise RegisterError(f"makers.csv, row {number}: key {key!r} is empty or stands twice.")
        names = (row["name"].strip(), *_parted(row.get("aliases")))
        makers[key] = Maker(key, names, (row.get("successor") or "").strip())
    models: dict[str, Model] = {}
    for number, row in _rows(folder / "models.csv", ("maker", "designation")):
        maker = row["maker"].strip()
        if maker not in makers:
            raise RegisterError(f"models.csv, row {number}: maker {maker!r} is not a key of makers.csv.")
        _add(models, _model("models.csv", number, row, maker), "models.csv", number)
    words = folder / "words.csv"
    return _checked(folder, makers, models, read_words(words) if words.is_file() else shipped_words())


def _model(file: str, number: int, row: Mapping[str, str], maker: str) -> Model:
    designation = row["designation"].strip()
    if not fold(designation):
        raise RegisterError(f"{file}, row {number}: designation is empty; expected the name of a model.")
    key = (row.get("key") or "").strip() or canonical_key(maker, designation)
    return Model(
        key,
        maker,
        (row.get("family") or "").strip(),
        designation,
        _parted(row.get("aliases")),
        frozenset(_parted(row.get("techniques"))),
    )


def _add(models: dict[str, Model], model: Model, file: str, number: int) -> None:
    if model.key in models:
        raise RegisterError(f"{file}, row {number}: the model {model.key} stands twice.")
    models[model.key] = model


def _checked(
    path: Path, makers: Mapping[str, Maker], models: Mapping[str, Model], words: Sequence[Word]
) -> Register:
    if not models:
        raise RegisterError(f"The register {path.name} is empty: expected at least one model.")
    return Register(makers, models, tuple(words), shipped_techniques())


@cache
def shipped_techniques() -> Mapping[str, Technique]:
    """Return the techniques that Parkbench ships, by key."""
    path = Path(str(files("parkbench.catalogue") / "register" / "techniques.csv"))
    return {
        row["key"]: Technique(row["key"], (row["name"], *_parted(row["aliases"])), row["parent"])
        for _, row in _rows(path, ("key", "name", "aliases", "parent"))
    }


@cache
def shipped_words() -> tuple[Word, ...]:
    """Return the words of languages that Parkbench ships."""
    return read_words(Path(str(files("parkbench.catalogue") / "register" / "words.csv")))


def read_words(path: Path) -> tuple[Word, ...]:
    """Return the words of a CSV with the columns kind, language, word and means; raises RegisterError."""
    found = []
    for number, row in _rows(path, ("kind", "language", "word")):
        if row["kind"] not in WORD_KINDS:
            known = ", ".join(sorted(WORD_KINDS))
            raise RegisterError(f"{path.name}, row {number}: kind {row['kind']!r} is none of {known}.")
        found.append(
            Word(row["kind"], row["language"], row["word"].strip(), (row.get("means") or "").strip())
        )
    return tuple(found)


def _parted(text: str | None) -> tuple[str, ...]:
    return tuple(part for one in (text or "").split("|") if (part := one.strip()))


def _rows(path: Path, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield row numbers (first data record = 1) and rows of a CSV; raises RegisterError in words."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RegisterError(f"The register has no file {path.name}.") from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise RegisterError(f"{path.name} cannot be read as a CSV in UTF-8: {wrong}") from wrong
    first = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=";" if ";" in first else ",")
    columns = [(name or "").strip().casefold() for name in (reader.fieldnames or [])]
    if missing := [name for name in needed if name not in columns]:
        raise RegisterError(f"{path.name} has no column {' and no column '.join(missing)}.")
    reader.fieldnames = columns
    try:
        for number, row in enumerate(reader, 1):
            if any((row.get(name) or "").strip() for name in columns):
                yield number, {name: row.get(name) or "" for name in columns}
    except csv.Error as wrong:
        raise RegisterError(f"{path.name} cannot be read as a CSV: {wrong}") from wrong
