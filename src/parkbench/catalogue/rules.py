"""Pure rules of the catalogue: keys, folding of names, checks of accessions, linking of written texts."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)

_RRID = re.compile(r"RRID:[A-Za-z]+(?:[_:-][A-Za-z0-9]+)+")
_PSI_MS = re.compile(r"MS:[0-9]{7}")
_FBBI = re.compile(r"FBbi:[0-9]{8}")
_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_MARKS = str.maketrans("", "", "™®©℠")  # NFKD would turn ™ into the letters TM

LEGAL_FORMS = frozenset(
    (
        "ab", "ag", "aps", "as", "asa", "bv", "co", "corp", "corporation", "company", "gmbh", "inc",
        "incorporated", "kg", "kgaa", "kk", "llc", "llp", "limited", "ltd", "nv", "oy", "oyj", "plc", "pte",
        "pty", "sa", "sarl", "sas", "se", "spa", "srl",
    )
)  # fmt: skip
"""Folded words that may end a maker's name without changing whom it names."""


def fold(text: str) -> str:
    """Return the text as it is compared: lower case, without accents, punctuation or spaces; + is 'plus'."""
    plain = unicodedata.normalize("NFKD", text.translate(_MARKS).replace("+", " plus ")).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def slug(text: str) -> str:
    """Return the text as one word of a key: folded words joined by hyphens; '' when no letter is in it."""
    plain = unicodedata.normalize("NFKD", text.translate(_MARKS).replace("+", " plus ")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "-".join(re.findall(r"[^\W_]+", plain))


def canonical_key(maker_key: str, designation: str) -> str:
    """Return the key of a model: `<maker key>/<designation as a slug>`, such as zeiss/lsm-980."""
    return f"{maker_key}/{slug(designation)}"


def folded_names(*names: str | None) -> str:
    """Return the folded names between bars (`|lsm980|`), as search columns hold them; '' for none."""
    found = dict.fromkeys(folded for name in names if name and (folded := fold(name)))
    return f"|{'|'.join(found)}|" if found else ""


def barred(keys: Iterable[str]) -> str:
    """Return keys between bars (`|a|b|`), as facet columns hold them; '' for none."""
    kept = list(dict.fromkeys(keys))
    return f"|{'|'.join(kept)}|" if kept else ""


def unbarred(text: str) -> tuple[str, ...]:
    """Return the keys that `barred` joined."""
    return tuple(key for key in text.split("|") if key)


def check_key(text: str) -> str:
    """Return the key; raise ValueError unless it is lower-case words joined by hyphens, one slash at most."""
    if text.count("/") > 1 or not text or any(part != slug(part) or not part for part in text.split("/")):
        raise ValueError("expected a key of lower-case words joined by hyphens, such as zeiss/lsm-980")
    return text


def check_name(text: str) -> str:
    """Return the name; raise ValueError when there is no letter or figure in it."""
    if not fold(text):
        raise ValueError("expected a name with at least one letter or figure")
    return " ".join(text.split())


def check_names(names: list[str]) -> list[str]:
    """Return the names without repeats; raise ValueError for one that is empty, too long or holds a bar."""
    kept = list(dict.fromkeys(check_name(name) for name in names))
    if any(len(name) > 200 or "|" in name for name in kept):
        raise ValueError("expected other names of at most 200 characters each, without |")
    return kept


def check_keys(keys: list[str]) -> list[str]:
    """Return the keys without repeats, in order; raise ValueError for one that is no key."""
    return list(dict.fromkeys(check_key(key) for key in keys))


def check_rrid(text: str) -> str:
    """Return the research resource identifier as RRID:...; raise ValueError for anything else."""
    given = text.strip()
    given = given if given.upper().startswith("RRID:") else f"RRID:{given}"
    given = f"RRID:{given[5:].strip()}"
    if not _RRID.fullmatch(given):
        raise ValueError("expected an identifier such as RRID:SCR_020293")
    return given


def check_psi_ms(text: str) -> str:
    """Return the PSI-MS accession; raise ValueError unless it is MS: and seven figures."""
    if not _PSI_MS.fullmatch(text.strip().upper()):
        raise ValueError("expected an accession such as MS:1001911")
    return text.strip().upper()


def check_fbbi(text: str) -> str:
    """Return the FBbi accession; raise ValueError unless it is FBbi: and eight figures."""
    given = f"FBbi:{text.strip().partition(':')[2]}"
    if not _FBBI.fullmatch(given):
        raise ValueError("expected an accession such as FBbi:00000251")
    return given


def check_day(text: str) -> str:
    """Return a year, a month or a day (2022, 2022-04, 2022-04-01); raise ValueError for anything else."""
    given = text.strip()
    try:
        if not _DAY.fullmatch(given):
            raise ValueError
        date.fromisoformat(f"{given}-01-01"[:10])
    except ValueError:
        raise ValueError("expected a year or a date such as 2022 or 2022-04-01") from None
    return given


@dataclass(frozen=True, slots=True)
class KnownMaker:
    """What linking knows of a maker: its key, all its names, the key of who took it over."""

    key: str
    names: tuple[str, ...]
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What linking knows of a model: its key, its maker's key, its designation and other names."""

    key: str
    maker: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkIndex:
    """Dictionaries from folded names to keys; None stands where a name means more than one thing.

    ``lines`` maps a maker to the last of its successors, so that a text with the old name of a maker finds
    a model that is kept under the new one, and the other way round.
    """

    makers: Mapping[str, str | None] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    by_maker: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    by_line: Mapping[tuple[str, str], str | None] = field(default_factory=dict)


def link_index(makers: Iterable[KnownMaker], models: Iterable[KnownModel]) -> LinkIndex:
    """Return the index that `link` and `maker_of` look things up in."""
    known = tuple(makers)
    lines = _lines(known)
    by_maker: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_line: dict[tuple[str, str], set[str]] = defaultdict(set)
    for model in models:
        for folded in {fold(name) for name in model.names} - {""}:
            by_maker[model.maker, folded].add(model.key)
            by_line[lines.get(model.maker, model.maker), folded].add(model.key)
    return LinkIndex(maker_names(known), lines, _unambiguous(by_maker), _unambiguous(by_line))


def maker_names(makers: Iterable[KnownMaker]) -> dict[str, str | None]:
    """Return folded name > maker key, None where several makers bear the name.

    A name without its legal form counts too, unless another maker is called exactly so.
    """
    exact: dict[str, set[str]] = defaultdict(set)
    bare: dict[str, set[str]] = defaultdict(set)
    for maker in makers:
        for name in maker.names:
            exact[fold(name)].add(maker.key)
            bare[fold(without_legal_form(name))].add(maker.key)
    names = {**_unambiguous(bare), **_unambiguous(exact)}
    names.pop("", None)
    return names


def without_legal_form(name: str) -> str:
    """Return a maker's name without GmbH, Inc. and the like at its end; never less than one word."""
    words = name.split()
    while len(words) > 1 and fold(words[-1]) in LEGAL_FORMS | {""}:
        words.pop()
    return " ".join(words)


def maker_of(text: str, makers: Mapping[str, str | None]) -> str | None:
    """Return the key of the maker that a text names, with or without its legal form; None when unsure."""
    folded = fold(text)
    return makers[folded] if folded in makers else makers.get(fold(without_legal_form(text)))


def link(text_maker: str, text_model: str, index: LinkIndex) -> str | None:
    """Return the key of the model that the two texts name exactly, else None.

    Compared are folded maker and folded designation or other name; a maker's name leading the model text is
    stripped, and stands in for an empty maker text. What is ambiguous or has no known maker stays unlinked.
    """
    maker = None
    if fold(text_maker):
        maker = maker_of(text_maker, index.makers)
        if maker is None:
            return None
        is_known, key = _looked_up(maker, text_model, index)
        if is_known:
            return key
    for lead, rest in _leading_makers(text_model, index.makers):
        if maker is None or index.lines.get(lead) == index.lines.get(maker):
            is_known, key = _looked_up(maker or lead, rest, index)
            if is_known:
                return key
    return None


def _looked_up(maker: str, designation: str, index: LinkIndex) -> tuple[bool, str | None]:
    folded = fold(designation)
    if (maker, folded) in index.by_maker:
        return True, index.by_maker[maker, folded]
    place = (index.lines.get(maker, maker), folded)
    return place in index.by_line, index.by_line.get(place)


def _leading_makers(text: str, makers: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield (maker key, rest of the text) for every maker's name that the text begins with, longest first."""
    words = text.split()
    for count in range(min(len(words) - 1, 6), 0, -1):
        maker = maker_of(" ".join(words[:count]), makers)
        if maker is not None:
            yield maker, " ".join(words[count:])


def _lines(makers: Iterable[KnownMaker]) -> dict[str, str]:
    successors = {maker.key: maker.successor for maker in makers}
    lines = {}
    for key in successors:
        last, seen = key, {key}
        while (following := successors.get(last)) and following not in seen:
            last = following
            seen.add(last)
        lines[key] = last
    return lines


def _unambiguous(found: Mapping[Name, set[str]]) -> dict[Name, str | None]:
    return {name: next(iter(keys)) if len(keys) == 1 else None for name, keys in found.items()}


def below(key: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """Return the key and all keys under it in a tree given as child > parent; just the key when unknown."""
    children: dict[str, list[str]] = defaultdict(list)
    for child, parent in parents.items():
        if parent is not None:
            children[parent].append(child)
    found, waiting = {key}, [key]
    while waiting:
        fresh = [child for child in children[waiting.pop()] if child not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)


def above(key: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the keys above ``key``, the root first; a circle ends where it would begin again."""
    path: list[str] = []
    parent = parents.get(key)
    while parent is not None and parent not in path and parent != key:
        path.append(parent)
        parent = parents.get(parent)
    return tuple(reversed(path))
