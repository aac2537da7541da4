"""A year of use as it is kept and exchanged (schema 1), and its typed columns.

Bodies are flat: one whole number per month, measure and user category. Hours are whole minutes, so that sums
are exact; what is absent is not known, which is not zero.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, create_model

from parkbench.figures import rules
from parkbench.instruments.models import UserCategoryChoices
from parkbench.records.registry import Ref, SectionBody

Minutes = Annotated[int, Field(ge=0, le=44_640)]
"""At most the minutes of 31 days; several people at once are more, see ``Many``."""
Many = Annotated[int, Field(ge=0, le=1_000_000)]
Year = Annotated[int, Field(ge=rules.FIRST_YEAR, le=rules.LAST_YEAR)]

MEASURES = {
    "available": "available (minutes)",
    "booked": "booked (minutes)",
    "maintenance": "maintenance (minutes)",
    "down": "down (minutes)",
    "used": "used (minutes)",
    "training": "of these training (minutes)",
    "sessions": "sessions",
    "groups": "distinct groups",
}
WORDS = {**{one.value: str(one.label) for one in UserCategoryChoices}, rules.UNKNOWN: "category not known"}


class Basics(SectionBody):
    """Which instrument, and which calendar year."""

    instrument_ref: Ref = Field(title="Instrument")
    year: Year = Field(title="Year")


def title_of(name: str) -> str:
    """Return what people call one sum: "March: used (minutes), own organisation"."""
    part = rules.PARTS[name]
    month = date(2000, part.month, 1).strftime("%B")
    ending = f", {WORDS[part.category]}" if part.category else ""
    return f"{month}: {MEASURES[part.measure]}{ending}"


def _fields(*measures: str) -> dict[str, Any]:
    return {
        name: (_type(part.measure) | None, Field(None, title=title_of(name)))
        for name, part in rules.PARTS.items()
        if part.measure in measures
    }


def _type(measure: str) -> Any:
    return Minutes if measure in rules.PLAIN and measure != "booked" else Many


Hours: type[SectionBody] = create_model(
    "Hours",
    __base__=SectionBody,
    __doc__="Sums per month: minutes available, booked, under maintenance and down; use by user category.",
    **_fields(*rules.PLAIN, *rules.BY_CATEGORY),
)
Groups: type[SectionBody] = create_model(
    "Groups",
    __base__=SectionBody,
    __doc__="Distinct groups per month and user category; never leaves the organisation.",
    **_fields(rules.GROUPS),
)

SCHEMAS: dict[str, type[SectionBody]] = {"basics": Basics, "hours": Hours, "groups": Groups}
SECTION_OF = {name: section for section, schema in SCHEMAS.items() for name in schema.model_fields}
TOTALS = ("used", "training", "sessions", "booked", "available", "maintenance", "down")


def columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a section's body to its typed columns; what is not known becomes None."""
    if section == "basics":
        return {
            "instrument_ref": body.get("instrument_ref"),
            "year": body.get("year"),
            "name": str(body["year"]),
        }
    months = rules.by_month(body)
    if section == "groups":
        return {"groups": _json(months.get(rules.GROUPS))}
    return {
        **{name: rules.total(months, name) for name in TOTALS},
        "months_known": rules.known_months(months, "used"),
        "months": _json(months or None),
    }


def _json(value: Any) -> str | None:
    return json.dumps(value, separators=(",", ":")) if value else None


def to_sections(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort flat values into bodies; sections without a value are left out."""
    bodies: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if value is not None:
            bodies.setdefault(SECTION_OF[name], {})[name] = value
    return bodies
