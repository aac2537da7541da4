"""The sections of services and capabilities as they are kept and exchanged (schema 1), and their columns.

Bodies are flat. Money is a whole number of minor units beside its ISO 4217 code; dates are ISO 8601; ids are
record ids (`<node>/id/<kind>/<uid>`); lists are JSON lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from parkbench.lib.money import check_currency
from parkbench.offer.rules import (
    CAPABILITY_SECTION_OF,
    SERVICE_SECTION_OF,
    WORD_LISTS,
    joined,
    overlap,
    overlap_in_words,
)
from parkbench.records.registry import Contact, Day, Name, Ref, SectionBody, contact_columns, plain_columns

Minor = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Currency = Annotated[str, AfterValidator(check_currency)]
Techniques = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")], ...], Field(max_length=30)
]
Words = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^|]*$")], ...], Field(max_length=30)
]
AccessMode = Literal["collaboration", "service", "self-use", "remote"]
UserCategory = Literal["internal", "academic", "healthcare", "public-sector", "industry", "education"]
StatusWord = Literal["planned", "offered", "paused", "ended"]
Refs = Annotated[tuple[Ref, ...], Field(max_length=200)]


class ServiceBasics(SectionBody):
    """What a service is, for whom, and what it is done with: no price."""

    name: Name = Field(title="Name")
    unit_ref: Ref = Field(title="Unit")
    description: str | None = Field(None, title="Description", max_length=5000)
    status: StatusWord | None = Field(None, title="Status")
    access_modes: tuple[AccessMode, ...] | None = Field(None, title="Access")
    user_categories: tuple[UserCategory, ...] | None = Field(None, title="Who may use it")
    sample_types: Words | None = Field(None, title="Sample types")
    biosafety_class: Annotated[int, Field(ge=1, le=4)] | None = Field(None, title="Biosafety class")
    techniques: Techniques | None = Field(None, title="Techniques")
    instrument_refs: Refs | None = Field(None, title="Instruments")


class ServiceCapacity(SectionBody):
    """How long it takes and how much it manages."""

    lead_time_days: Annotated[int, Field(ge=0, le=3650)] | None = Field(None, title="Lead time (days)")
    throughput: str | None = Field(None, title="Throughput", max_length=200)


class PriceLine(SectionBody):
    """One price: for whom, for what, how much, from when until when; first and last day count."""

    id: str = Field(title="Id", pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    category: UserCategory | None = Field(None, title="User category")
    label: str | None = Field(None, title="What for", max_length=100)
    unit: str = Field(title="Per", min_length=1, max_length=40)
    amount: Minor = Field(title="Price")
    currency: Currency = Field(title="Currency")
    vat: Literal["excluded", "included"] | None = Field(None, title="VAT")
    valid_from: Day | None = Field(None, title="Valid from")
    valid_until: Day | None = Field(None, title="Valid until")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> PriceLine:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("expected a last day that is not before the first one")
        return self


def _one_at_a_time(lines: tuple[PriceLine, ...]) -> tuple[PriceLine, ...]:
    found = overlap([line.model_dump() for line in lines])
    if found:
        raise ValueError(overlap_in_words(*found))
    return lines


class Prices(SectionBody):
    """What a service costs."""

    prices: Annotated[tuple[PriceLine, ...], Field(max_length=300), AfterValidator(_one_at_a_time)] | None = (
        Field(None, title="Prices")
    )


class CapabilityBasics(SectionBody):
    """A named offer that draws on services of several units."""

    name: Name = Field(title="Name")
    description: str | None = Field(None, title="Description", max_length=5000)
    platform_ref: Ref | None = Field(None, title="Platform")
    service_refs: Refs | None = Field(None, title="Services")


SERVICE_SCHEMAS: dict[str, type[SectionBody]] = {
    "basics": ServiceBasics,
    "capacity": ServiceCapacity,
    "contact": Contact,
    "prices": Prices,
}
CAPABILITY_SCHEMAS: dict[str, type[SectionBody]] = {"basics": CapabilityBasics, "contact": Contact}
OBJECTS = ("instrument_refs", "service_refs", "prices")


def service_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a service's section to its typed columns; absent fields become None."""
    return _columns(SERVICE_SCHEMAS, section, body)


def capability_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a capability's section to its typed columns; absent fields become None."""
    return _columns(CAPABILITY_SCHEMAS, section, body)


def _columns(
    schemas: Mapping[str, type[SectionBody]], section: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    if section == "contact":
        return contact_columns(body)
    found = plain_columns(schemas[section], body)
    for name in WORD_LISTS:
        if found.get(name):
            found[name] = joined(found[name])
    for name in OBJECTS:
        if found.get(name) is not None:
            found[name] = json.dumps(found[name], ensure_ascii=False)
    return found


def to_sections(kind: str, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort flat values into bodies; sections without a value are left out."""
    section_of = SERVICE_SECTION_OF if kind == "service" else CAPABILITY_SECTION_OF
    bodies: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if value is not None:
            bodies.setdefault(section_of[name], {})[name] = value
    return bodies
