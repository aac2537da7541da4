"""The description of a field that a column may feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Sort = Literal[
    "text", "whole", "money", "date", "year", "choice", "list", "record", "percent", "boolean", "hours"
]

Values = dict[str, Any]
"""Flat values by field name, plain and JSON-able; None says "empty", an absent field says nothing.

text: str without spaces at its ends · whole, year: int · money: int minor units · date: ISO text ·
choice: one of the values · list: list of str · percent: int hundredths of a percent (25 % = 2500) ·
boolean: bool · hours: int minutes · record: the uid as text, or ``NEW`` + name for one made on accept.
"""


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field that a column may feed.

    ``name`` is unique within the target; ``label`` is what people read and may type; ``names`` are column
    headings that mean it, in several languages, compared folded. ``choices`` maps each value to the words
    accepted for it. ``currency`` names the field that holds a money field's ISO 4217 code (filled from the
    cell when that says one). ``record`` is what the text names (a key of ``Context.known``): with the sort
    "record" the value becomes a uid, with the sort "text" it stays text. ``is_made``: made on accept when no
    such record is here. ``is_key`` over 0: identifies a row within its source, the highest first.
    ``is_derived``: fed by no column of the table that is kept, but by what the target makes of its rows.
    ``refers_to``: the kind of record whose uid the target's ``finish`` puts in the place of the text.
    ``fewest``: a count of persons or groups above 0 and below it is told as "fewer than" it, never as it is.
    ``is_spare``: shown to people only when a column feeds it. ``is_fixed``: fed by the one column that the
    target itself made for it; never shown to people.
    """

    name: str
    label: Any
    section: str
    sort: Sort = "text"
    required: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str = ""
    record: str = ""
    is_made: bool = False
    names: tuple[str, ...] = ()
    is_key: int = 0
    refers_to: str = ""
    fewest: int = 0
    is_derived: bool = False
    is_spare: bool = False
    is_fixed: bool = False
