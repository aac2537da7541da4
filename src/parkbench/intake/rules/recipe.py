"""How a source's columns are read: the recipe, and how it is guessed from headings and a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from parkbench.intake.rules.cells import Hint
from parkbench.intake.rules.fields import FieldSpec
from parkbench.intake.rules.keys import row_key
from parkbench.lib.tabular import fold_heading

KEY_SHARE = 0.5
"""The best key column with real keys in this share of the rows is taken; else the one that is filled most."""
DISTINCT_SHARE = 0.5
"""A column whose values repeat more than this is no key; a few repetitions are slips, and refused."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is remembered of a source.

    ``columns``: field > heading ('' leaves a field out); ``absent``: those of them whose column this file has
    not, for the next one; ``constants``: field > text given once; ``key``:
    headings that identify a row (empty: by content); ``hints``: heading > how its numbers and dates are
    written, overruled by ``decimal`` and ``date_order``; ``section_field``: the field section lines feed;
    ``seen``: all headings there were, so that a column added later is guessed and one left out on purpose is
    not; ``asked``: fields whose heading a person has just named, so that it must be in the file;
    ``meanings``: what a word of the source means, such as a price type > a user category; ``original``:
    field > heading of the file as given, where only a part of it is kept ('' leaves a field out), and
    ``given`` the headings of that file that may be read; ``fleeting``: words that are shown
    once while the file is read and not kept, by what stands for them in the kept part. Never written.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    is_key_known: bool = False
    decimal: str = ""
    date_order: str = ""
    absent: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    sheet: str = ""
    section_field: str = ""
    hints: Mapping[str, Hint] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    original: Mapping[str, str] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    fleeting: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        lists = {name: list(getattr(self, name)) for name in ("key", "seen", "given")}
        return {**asdict(self), **lists, "asked": [], "fleeting": {}}

    def unused(self) -> tuple[str, ...]:
        """Return the headings that feed no field and identify no row, in their order."""
        return tuple(name for name in self.seen if name not in self.columns.values() and name not in self.key)

    def headings(self) -> tuple[str, ...]:
        """Return the headings of the mapped columns, each once, in the order of the fields."""
        return tuple(dict.fromkeys(self.columns.values()))

    def hint_of(self, heading: str) -> Hint:
        """Return how numbers and dates of a column are written, what was said by a person first."""
        found = self.hints.get(heading, Hint())
        return replace(found, decimal=self.decimal or found.decimal, order=self.date_order or found.order)


def recipe_from_json(kept: Mapping[str, Any]) -> Recipe:
    """Return the recipe that ``as_json`` wrote; what is absent keeps its default."""
    known = {name: value for name, value in kept.items() if name in Recipe.__dataclass_fields__}
    known.update({name: tuple(known.get(name, ())) for name in ("key", "seen", "given")}, asked=())
    known["hints"] = {heading: Hint(**hint) for heading, hint in known.get("hints", {}).items()}
    return Recipe(**known)


def guess_columns(
    fields: Sequence[FieldSpec],
    headings: Sequence[str],
    remembered: Mapping[str, str] | None = None,
    seen: Sequence[str] = (),
) -> dict[str, str]:
    """Return field > heading: what is remembered where the heading is still there, else by the names.

    A heading means a field when it is one of its names; failing that, when it begins with or ends in one
    of at least two words. One column may feed several fields that name it. Headings ``seen`` before and not
    remembered were left out on purpose.
    """
    kept = remembered or {}
    folded = {heading: fold_heading(heading) for heading in headings}
    fresh = {heading: plain for heading, plain in folded.items() if heading not in seen}
    found: dict[str, str] = {}
    for spec in fields:
        if spec.is_derived:
            continue
        heading = kept.get(spec.name)
        if heading == "":
            continue
        if heading not in folded:
            names = [
                fold_heading(name) for name in (spec.name.replace("_", " "), str(spec.label), *spec.names)
            ]
            heading = _named(names, fresh)
        if heading:
            found[spec.name] = heading
    return found


def _named(names: Sequence[str], folded: Mapping[str, str]) -> str:
    for name in names:
        for heading, plain in folded.items():
            if plain == name:
                return heading
    for name in names:
        if " " not in name:
            continue
        for heading, plain in folded.items():
            if plain.startswith(f"{name} ") or plain.endswith(f" {name}"):
                return heading
    return ""


def guess_key(
    fields: Sequence[FieldSpec], columns: Mapping[str, str], sample: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Return the heading that identifies rows best, as one heading or none.

    ``sample`` holds the cells of each mapped heading.
    """
    named = sorted(
        (spec for spec in fields if spec.is_key and spec.name in columns), key=lambda spec: -spec.is_key
    )
    best, most = "", 0.0
    for heading in dict.fromkeys(columns[spec.name] for spec in named):
        cells = sample.get(heading, ())
        keys = [key for key in (row_key([cell]) for cell in cells) if key]
        share = len(keys) / len(cells) if cells else 0.0
        if not keys or len(set(keys)) <= DISTINCT_SHARE * len(keys):
            continue
        if share >= KEY_SHARE:
            return (heading,)
        if share > most:
            best, most = heading, share
    return (best,) if best else ()
