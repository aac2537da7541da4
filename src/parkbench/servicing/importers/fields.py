"""The fields of a service event that a column may feed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from parkbench.intake.registry import FieldSpec, Sort
from parkbench.servicing import wire
from parkbench.servicing.importers.headings import HEADINGS, WORDS
from parkbench.servicing.rules import SECTION_OF

FOUND_BY = ("inventory_number", "serial_number", "instrument_id")
"""Columns that tell which instrument, beside or instead of its name; they are no fields of an event."""
SORTS: dict[str, Sort] = {
    "instrument": "record",
    "happened_on": "date",
    "ended_on": "date",
    "event_kind": "choice",
    "still_down": "choice",
    "vat": "choice",
    "cost": "money",
}
LABELS = {
    "inventory_number": _("Inventory number"),
    "serial_number": _("Serial number"),
    "instrument_id": _("Instrument's record id"),
    "down_tenths": _("Days down"),
}
REQUIRED = ("instrument", "happened_on", "event_kind")


def _spec(name: str) -> FieldSpec:
    held = "instrument_ref" if name in ("instrument", *FOUND_BY) else name
    section = SECTION_OF[held]
    return FieldSpec(
        name=name,
        label=LABELS.get(name) or wire.SCHEMAS[section].model_fields[held].title or name,
        section=section,
        sort=SORTS.get(name, "text"),
        required=name in REQUIRED,
        choices=WORDS.get(name, {}),
        currency="currency" if name == "cost" else "",
        record="instrument" if name == "instrument" else "",
        names=HEADINGS[name],
        is_key=2 if name == "case_number" else 0,
    )


RECORD_ID = FieldSpec(
    name="record_id", label=_("Record id"), section="basics", names=("record id", "parkbench id"), is_key=4
)
"""What an export carries, so that its rows find their events again whatever source they came from."""

FIELDS = (*(_spec(name) for name in HEADINGS), RECORD_ID)
