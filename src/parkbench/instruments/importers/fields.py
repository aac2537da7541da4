"""The fields of an instrument that a column may feed."""

from __future__ import annotations

from parkbench.instruments import wire
from parkbench.instruments.importers.headings import HEADINGS, WORDS
from parkbench.intake.registry import FieldSpec, Sort

SORTS: dict[str, Sort] = {
    **dict.fromkeys(wire.CURRENCIES, "money"),
    **dict.fromkeys(WORDS, "choice"),
    **dict.fromkeys(("purchase_year", "replacement_year"), "year"),
    **dict.fromkeys(("criticality", "depreciation_years", "expected_life_years"), "whole"),
    **dict.fromkeys(wire.WORD_LISTS, "list"),
    **{name: "date" for name in wire.SECTION_OF if name.endswith("_on")},
    "unit": "record",
    "site": "record",
}
KEYS = {"inventory_number": 3, "serial_number": 2}
RECORDS = {"unit": "unit", "site": "site", "maker_text": "maker"}
REQUIRED = ("name", "unit", "model_text")


def _spec(name: str) -> FieldSpec:
    held = {"unit": "unit_ref", "site": "site_ref"}.get(name, name)
    section = wire.SECTION_OF[held]
    title = wire.SCHEMAS[section].model_fields[held].title or name
    return FieldSpec(
        name=name,
        label=title,
        section=section,
        sort=SORTS.get(name, "text"),
        required=name in REQUIRED,
        choices=WORDS.get(name, {}),
        currency=wire.CURRENCIES.get(name, ""),
        record=RECORDS.get(name, ""),
        is_made=name in RECORDS,
        names=HEADINGS.get(name, ()),
        is_key=KEYS.get(name, 0),
    )


RECORD_ID = FieldSpec(
    name="record_id", label="Record id", section="basics", names=("record id", "parkbench id"), is_key=4
)
"""What an export carries, so that its rows find their instruments again whatever source they came from."""

FIELDS = (*(_spec(name) for name in (*HEADINGS, "model_key")), RECORD_ID)
