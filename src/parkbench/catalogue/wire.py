"""The catalogue's sections as they are kept and exchanged (schema 1), and their typed columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from parkbench.catalogue.rules import (
    barred,
    check_day,
    check_fbbi,
    check_key,
    check_keys,
    check_name,
    check_names,
    check_psi_ms,
    check_rrid,
    folded_names,
)
from parkbench.records.registry import Country, Ref, Ror, SectionBody, Url, plain_columns

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(check_name)]
Key = Annotated[str, Field(max_length=300), AfterValidator(check_key)]
Names = Annotated[list[str], Field(max_length=50), AfterValidator(check_names)]
Keys = Annotated[list[str], Field(max_length=30), AfterValidator(check_keys)]


class MakerBasics(SectionBody):
    """Who builds instruments, and who took it over."""

    name: Name = Field(title="Name")
    key: Key = Field(title="Key")
    aliases: Names = Field([], title="Other names")
    ror: Ror | None = Field(None, title="ROR")
    country: Country | None = Field(None, title="Country")
    url: Url | None = Field(None, title="Website")
    successor_ref: Ref | None = Field(None, title="Taken over by")
    succeeded_on: Annotated[str, AfterValidator(check_day)] | None = Field(None, title="Taken over on")
    source: str | None = Field(None, title="Source", max_length=300)
    licence: str | None = Field(None, title="Licence", max_length=100)


class TechniqueBasics(SectionBody):
    """What instruments are used for."""

    name: Name = Field(title="Name")
    key: Key = Field(title="Key")
    aliases: Names = Field([], title="Other names")
    parent_ref: Ref | None = Field(None, title="Kind of")
    fbbi: Annotated[str, AfterValidator(check_fbbi)] | None = Field(None, title="FBbi accession")
    source: str | None = Field(None, title="Source", max_length=300)
    licence: str | None = Field(None, title="Licence", max_length=100)


class ModelBasics(SectionBody):
    """A make and model: identity, accessions, life."""

    designation: Name = Field(title="Designation")
    key: Key = Field(title="Key")
    maker_ref: Ref | None = Field(None, title="Maker")
    family: str | None = Field(None, title="Family", max_length=100)
    aliases: Names = Field([], title="Other names")
    techniques: Keys = Field([], title="Techniques")
    rrid: Annotated[str, Field(max_length=60), AfterValidator(check_rrid)] | None = Field(None, title="RRID")
    psi_ms: Annotated[str, AfterValidator(check_psi_ms)] | None = Field(None, title="PSI-MS accession")
    ena: str | None = Field(None, title="Name at ENA", max_length=100)
    end_of_sale_on: date | None = Field(None, title="End of sale")
    end_of_service_on: date | None = Field(None, title="End of service")
    typical_life_years: int | None = Field(None, title="Typical life in years", ge=1, le=60)
    export_control: str | None = Field(None, title="Export control class", max_length=50)
    successor_ref: Ref | None = Field(None, title="Followed by")
    source: str | None = Field(None, title="Source", max_length=300)
    licence: str | None = Field(None, title="Licence", max_length=100)

    @model_validator(mode="after")
    def is_served_after_sale(self) -> Self:
        """Refuse an end of service that comes before the end of sale."""
        if self.end_of_sale_on and self.end_of_service_on and self.end_of_service_on < self.end_of_sale_on:
            raise ValueError("expected an end of service that is not before the end of sale")
        return self


def maker_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a maker's section to its columns."""
    return _with_names(plain_columns(MakerBasics, body), "name")


def technique_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a technique's section to its columns."""
    return _with_names(plain_columns(TechniqueBasics, body), "name", "fbbi")


def model_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a model's section to its columns."""
    columns = plain_columns(ModelBasics, body)
    columns["techniques"] = barred(columns["techniques"])
    return _with_names(columns, "designation", "family", "rrid", "psi_ms", "ena")


def _with_names(columns: dict[str, Any], *searched: str) -> dict[str, Any]:
    """Write other names as JSON text, which both databases read, and fold all names for search."""
    aliases = list(columns["aliases"])
    columns["folded"] = folded_names(*(columns[name] for name in searched), *aliases)
    columns["aliases"] = json.dumps(aliases, ensure_ascii=False)
    return columns
