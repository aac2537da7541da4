"""Services, prices and capabilities for tests, all made THROUGH services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import cast
from parkbench.lib.urn import record_id
from parkbench.offer import services
from parkbench.records.queries import own_address

OLD = {"unit": "hour", "amount": 40_000, "currency": "SEK", "valid_until": "2019-12-31"}
NOW = {"unit": "hour", "amount": 45_000, "currency": "SEK", "vat": "excluded", "valid_from": "2020-01-01"}


def ref(kind: str, uid: UUID) -> str:
    """Return a record's id as a section names it."""
    return record_id(node=own_address(), kind=kind, uid=uid)


def service(name: str, unit: UUID, *instruments: UUID, **values: Any) -> UUID:
    """Add a service of a unit that uses these instruments."""
    named = {"name": name, "unit_ref": ref("unit", unit)}
    if instruments:
        named["instrument_refs"] = [ref("instrument", uid) for uid in instruments]
    return services.add_service(values={**named, **values}, by=cast.OPERATOR)


def prices(uid: UUID, *lines: dict[str, Any]) -> None:
    """Set the price list of a service."""
    services.set_prices(uid=uid, lines=lines, by=cast.OPERATOR)


def capability(name: str, *drawn_on: UUID, **values: Any) -> UUID:
    """Add a capability that draws on these services."""
    refs = [ref("service", uid) for uid in drawn_on]
    return services.add_capability(values={"name": name, "service_refs": refs, **values}, by=cast.OPERATOR)
