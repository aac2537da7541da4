"""The sections of a service event as they are kept and exchanged (schema 1), and their typed columns.

Bodies are flat. The cost is a whole number of minor units beside its ISO 4217 code; days are ISO 8601; days
down are tenths of a day, and only what somebody stated: those that follow from the two days are a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from parkbench.lib.money import check_currency
from parkbench.records.registry import Day, Name, Ref, SectionBody, plain_columns
from parkbench.servicing.rules import MOST_TENTHS, SECTION_OF, check_course, days_down

Minor = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Currency = Annotated[str, AfterValidator(check_currency)]


class Basics(SectionBody):
    """What happened to which instrument, when, and how long it was down."""

    name: Name = Field(title="Summary")
    instrument_ref: Ref = Field(title="Instrument")
    happened_on: Day = Field(title="Date")
    event_kind: Literal["failure", "preventive", "upgrade", "move", "quality-check"] = Field(title="Kind")
    ended_on: Day | None = Field(None, title="Up again")
    still_down: bool = Field(False, title="Still down")
    down_tenths: Annotated[int, Field(ge=0, le=MOST_TENTHS)] | None = Field(
        None, title="Days down (in tenths)"
    )

    @model_validator(mode="after")
    def _course_holds_together(self) -> Basics:
        _field, expected = check_course(dict(self))
        if expected:
            raise ValueError(f"expected {expected}")
        return self


class Economics(SectionBody):
    """What it cost, and who was paid."""

    cost: Minor | None = Field(None, title="Cost")
    currency: Currency | None = Field(None, title="Currency")
    vat: Literal["excluded", "included"] | None = Field(None, title="VAT")
    supplier: str | None = Field(None, title="Supplier", max_length=200)

    @model_validator(mode="after")
    def _cost_has_currency(self) -> Economics:
        if self.cost is not None and self.currency is None:
            raise ValueError("expected a currency such as EUR or SEK beside the cost")
        return self


class Internal(SectionBody):
    """What never leaves the organisation."""

    case_number: str | None = Field(None, title="Case number", max_length=100)
    note: str | None = Field(None, title="Note", max_length=10_000)


SCHEMAS: dict[str, type[SectionBody]] = {"basics": Basics, "economics": Economics, "internal": Internal}


def columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a section's body to its typed columns; absent fields become None."""
    found = plain_columns(SCHEMAS[section], body)
    if section == "basics":
        found["days_down"] = days_down(
            happened_on=found["happened_on"],
            ended_on=found["ended_on"],
            stated=found["down_tenths"],
            still_down=found["still_down"],
        )
    return found


def to_sections(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort flat values into bodies; sections without a value are left out."""
    bodies: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if value is not None:
            bodies.setdefault(SECTION_OF[name], {})[name] = value
    return bodies
