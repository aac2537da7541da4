"""The programme's sections as they are kept and exchanged (schema 1), and their typed columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from parkbench.records.registry import (
    Country,
    Name,
    Ref,
    Ror,
    SectionBody,
    Url,
    contact_columns,
    plain_columns,
)


class OrganisationBasics(SectionBody):
    """What an organisation says of itself."""

    name: Name = Field(title="Name")
    short_name: str | None = Field(None, title="Short name", max_length=50)
    ror: Ror | None = Field(None, title="ROR")
    country: Country | None = Field(None, title="Country")
    url: Url | None = Field(None, title="Website")
    description: str | None = Field(None, title="Mission", max_length=5000)


class PlatformBasics(SectionBody):
    """What a platform says of itself."""

    name: Name = Field(title="Name")
    short_name: str | None = Field(None, title="Short name", max_length=50)
    url: Url | None = Field(None, title="Website")
    description: str | None = Field(None, title="Description", max_length=5000)


class UnitBasics(SectionBody):
    """What a unit says of itself."""

    name: Name = Field(title="Name")
    short_name: str | None = Field(None, title="Short name", max_length=50)
    platform_ref: Ref | None = Field(None, title="Platform")
    host_name: str | None = Field(None, title="Host organisation", max_length=200)
    host_ror: Ror | None = Field(None, title="ROR of the host")
    url: Url | None = Field(None, title="Website")
    description: str | None = Field(None, title="Description", max_length=5000)


class SiteBasics(SectionBody):
    """Where things stand."""

    name: Name = Field(title="Name")
    address: str | None = Field(None, title="Address", max_length=300)
    city: str | None = Field(None, title="City", max_length=100)
    country: Country | None = Field(None, title="Country")


def organisation_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map an organisation's section to its columns."""
    return plain_columns(OrganisationBasics, body)


def platform_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a platform's section to its columns."""
    return contact_columns(body) if section == "contact" else plain_columns(PlatformBasics, body)


def unit_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a unit's section to its columns."""
    return contact_columns(body) if section == "contact" else plain_columns(UnitBasics, body)


def site_columns(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Map a site's section to its columns."""
    return plain_columns(SiteBasics, body)
