"""The sections of an instrument as they are kept and exchanged (schema 1), and their typed columns.

Bodies are flat. Money is a whole number of minor units beside its ISO 4217 code; dates are ISO 8601; ids are
record ids (`<node>/id/<kind>/<uid>`); lists are JSON lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from parkbench.instruments.rules import CURRENCIES, SECTION_OF, WORD_LISTS, joined
from parkbench.lib.money import check_currency
from parkbench.records.registry import (
    Contact,
    Day,
    Name,
    Ref,
    SectionBody,
    contact_columns,
    plain_columns,
)

Minor = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Currency = Annotated[str, AfterValidator(check_currency)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Years = Annotated[int, Field(ge=1, le=100)]
StatusWord = Literal[
    "planned", "ordered", "commissioning", "in-service", "limited", "out-of-service", "decommissioned"
]
Techniques = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")], ...], Field(max_length=30)
]
UserCategory = Literal["internal", "academic", "healthcare", "public-sector", "industry", "education"]


class Document(SectionBody):
    """A file as it is told outward: what it is, not the bytes."""

    digest: str = Field(title="SHA-256", pattern=r"^[0-9a-f]{64}$")
    title: str = Field(title="Title", min_length=1, max_length=200)
    type: str = Field(title="Type", max_length=100)
    size: int = Field(title="Bytes", ge=0)


Documents = Annotated[tuple[Document, ...], Field(max_length=50)]


class FundingLine(SectionBody):
    """Who paid a part, and on what condition."""

    funder: Name = Field(title="Funder")
    grant: str | None = Field(None, title="Grant", max_length=100)
    amount: Minor | None = Field(None, title="Amount")
    currency: Currency | None = Field(None, title="Currency")
    condition: str | None = Field(None, title="Condition", max_length=500)
    keep_until_on: Day | None = Field(None, title="To be kept until")

    @model_validator(mode="after")
    def _amount_has_currency(self) -> FundingLine:
        if self.amount is not None and self.currency is None:
            raise ValueError("expected a currency beside the amount")
        return self


class StatusStep(SectionBody):
    """One step of the life cycle."""

    status: StatusWord = Field(title="Status")
    on: Day | None = Field(None, title="On")
    reason: str | None = Field(None, title="Reason", max_length=500)


class Basics(SectionBody):
    """What an instrument is and where it belongs: no serial number, no room, no value."""

    name: Name = Field(title="Name")
    unit_ref: Ref = Field(title="Unit")
    maker_text: str | None = Field(None, title="Maker as written", max_length=200)
    model_text: str = Field(title="Make and model as written", min_length=1, max_length=300)
    model_key: str | None = Field(None, title="Make and model", max_length=200)
    site_ref: Ref | None = Field(None, title="Site")
    parent_ref: Ref | None = Field(None, title="Part of")
    status: StatusWord | None = Field(None, title="Status")
    status_on: Day | None = Field(None, title="Status since")
    techniques: Techniques | None = Field(None, title="Techniques")
    commissioned_on: Day | None = Field(None, title="Commissioned")
    decommissioned_on: Day | None = Field(None, title="Decommissioned")
    pid: str | None = Field(None, title="Persistent id", max_length=200)
    description: str | None = Field(None, title="Description", max_length=5000)
    picture: Document | None = Field(None, title="Picture")


class Capacity(SectionBody):
    """What it can do, for whom and for how long."""

    configuration: str | None = Field(None, title="Configuration", max_length=5000)
    user_categories: tuple[UserCategory, ...] | None = Field(None, title="Who may use it")
    end_of_support_on: Day | None = Field(None, title="End of support")
    expected_life_years: Years | None = Field(None, title="Expected life (years)")
    capacity_documents: Documents | None = Field(None, title="Documents")


class Economics(SectionBody):
    """What it cost, costs and would cost again."""

    legal_owner: str | None = Field(None, title="Legal owner", max_length=200)
    acquisition: Literal["new", "used", "gift", "loan", "lease"] | None = Field(None, title="Acquired")
    purchase_price: Minor | None = Field(None, title="Purchase price")
    purchase_currency: Currency | None = Field(None, title="Currency of purchase")
    purchase_vat: Literal["excluded", "included"] | None = Field(None, title="VAT of purchase")
    purchase_year: Year | None = Field(None, title="Year of purchase")
    funding: Annotated[tuple[FundingLine, ...], Field(max_length=20)] | None = Field(None, title="Funding")
    replacement_price: Minor | None = Field(None, title="Replacement price")
    replacement_currency: Currency | None = Field(None, title="Currency of replacement")
    replacement_year: Year | None = Field(None, title="Replacement price of the year")
    replacement_source: str | None = Field(None, title="Source of the replacement price", max_length=200)
    depreciation_years: Years | None = Field(None, title="Depreciation (years)")
    depreciation_start_on: Day | None = Field(None, title="Depreciated from")
    insurance: str | None = Field(None, title="Insurance", max_length=200)
    insured_until_on: Day | None = Field(None, title="Insured until")
    running_cost: Minor | None = Field(None, title="Running cost per year")
    running_currency: Currency | None = Field(None, title="Currency of running cost")
    economics_documents: Documents | None = Field(None, title="Quotes and invoices")

    @model_validator(mode="after")
    def _prices_have_currencies(self) -> Economics:
        for price, currency in CURRENCIES.items():
            if getattr(self, price) is not None and getattr(self, currency) is None:
                title = type(self).model_fields[price].title
                raise ValueError(f"expected a currency such as EUR or SEK beside “{title}”")
        return self


class Internal(SectionBody):
    """What never leaves the organisation."""

    serial_number: str | None = Field(None, title="Serial number", max_length=100)
    inventory_number: str | None = Field(None, title="Inventory number", max_length=100)
    room: str | None = Field(None, title="Room", max_length=100)
    criticality: Annotated[int, Field(ge=1, le=5)] | None = Field(None, title="Criticality (1-5)")
    status_log: Annotated[tuple[StatusStep, ...], Field(max_length=200)] | None = Field(
        None, title="Status history"
    )
    notes: str | None = Field(None, title="Notes", max_length=10_000)
    internal_documents: Documents | None = Field(None, title="Internal documents")


__all__ = ["CURRENCIES", "SECTION_OF", "WORD_LISTS"]

SCHEMAS: dict[str, type[SectionBody]] = {
    "basics": Basics,
    "capacity": Capacity,
    "economics": Economics,
    "contact": Contact,
    "internal": Internal,
}
OBJECTS = (
    "picture",
    "capacity_documents",
    "economics_documents",
    "internal_documents",
    "funding",
    "status_log",
)


def columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a section's body to its typed columns; absent fields become None."""
    if section == "contact":
        return contact_columns(body)
    found = plain_columns(SCHEMAS[section], body)
    for name in WORD_LISTS:
        if found.get(name):
            found[name] = joined(found[name])
    for name in OBJECTS:
        if found.get(name) is not None:
            found[name] = json.dumps(found[name], ensure_ascii=False)
    if section == "economics":
        days = [line.get("keep_until_on") for line in body.get("funding") or ()]
        found["keep_until_on"] = max((day for day in days if day), default=None)
    return found


def to_sections(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort flat values into bodies; sections without a value are left out."""
    bodies: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if value is not None:
            bodies.setdefault(SECTION_OF[name], {})[name] = value
    return bodies
