"""A partner with a record of every kind, each section of it held: what must never count as our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import cast
from parkbench.records.models import Home
from parkbench.records.registry import kind_of, kinds

MARK = "Betaword"
"""Stands in every text of the partner's records."""
SERIAL = "SerialOwnA"
"""A number of an instrument of ours that one of theirs bears too."""


def contact() -> dict[str, Any]:
    """Return a whole contact section."""
    return {
        "mailbox": "ask@beta.example",
        "contact_url": "https://beta.example/ask",
        "person_uid": str(uuid4()),
        "person_name": f"Person {MARK}",
        "person_email": "person@beta.example",
        "person_orcid": "0000-0002-1825-0097",
    }


def _places(home: Home, uids: Mapping[str, UUID]) -> dict[str, dict[str, dict[str, Any]]]:
    platform, unit = (cast.partner_ref(home, kind, uids[kind]) for kind in ("platform", "unit"))
    instrument, service = (cast.partner_ref(home, kind, uids[kind]) for kind in ("instrument", "service"))
    maker, site = (cast.partner_ref(home, kind, uids[kind]) for kind in ("maker", "site"))
    named = {"name": f"Thing {MARK}"}
    return {
        "organisation": {"basics": {**named, "short_name": MARK, "description": f"About {MARK}"}},
        "platform": {"basics": {**named, "description": f"About {MARK}"}, "contact": contact()},
        "unit": {"basics": {**named, "platform_ref": platform}, "contact": contact()},
        "site": {"basics": {**named, "city": MARK}},
        "maker": {"basics": {**named, "key": "betaword"}},
        "technique": {"basics": {**named, "key": "betaword"}},
        "model": {
            "basics": {
                "designation": f"Model {MARK}",
                "key": "betaword-1",
                "maker_ref": maker,
                "techniques": ["betaword"],
            }
        },
        "instrument": {
            "basics": {
                **named,
                "unit_ref": unit,
                "site_ref": site,
                "model_text": f"Model {MARK}",
                "status": "in-service",
            },
            "capacity": {"configuration": f"Setup {MARK}", "end_of_support_on": "2026-12-30"},
            "economics": {
                "legal_owner": f"Owner {MARK}",
                "purchase_year": 2001,
                "insured_until_on": "2026-12-29",
                **{f"{price}_currency": "SEK" for price in ("purchase", "replacement", "running")},
                "purchase_price": 111_100,
                "replacement_price": 222_200,
                "running_cost": 333_300,
            },
            "contact": contact(),
            "internal": {"serial_number": SERIAL, "inventory_number": SERIAL, "notes": f"Notes {MARK}"},
        },
        "use": {
            "basics": {"instrument_ref": instrument, "year": 2025},
            "hours": {"m03_used_internal": 33_333, "m03_available": 44_000},
            "groups": {"m03_groups_academic": 99},
        },
        "service-event": {
            "basics": {
                **named,
                "instrument_ref": instrument,
                "happened_on": "2025-03-04",
                "event_kind": "failure",
                "still_down": True,
            },
            "economics": {"cost": 444_400, "currency": "SEK", "supplier": f"Supplier {MARK}"},
            "internal": {"note": f"Note {MARK}", "case_number": MARK},
        },
        "service": {
            "basics": {**named, "unit_ref": unit, "status": "offered", "instrument_refs": [instrument]},
            "capacity": {"lead_time_days": 55, "throughput": f"Pace {MARK}"},
            "contact": contact(),
            "prices": {
                "prices": [{"id": str(uuid4()), "unit": "hour", "amount": 555_500, "currency": "SEK"}]
            },
        },
        "capability": {
            "basics": {**named, "platform_ref": platform, "service_refs": [service]},
            "contact": contact(),
        },
    }


ORDER = (
    *("organisation", "platform", "unit", "site", "maker", "technique", "model", "instrument", "use"),
    *("service-event", "service", "capability"),
)


def plant(home: Home, *, only: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, UUID]:
    """Put in a record of every kind with all its sections; ``only`` names for a kind those that are held."""
    uids = {kind: uuid4() for kind in ORDER}
    known = _places(home, uids)
    assert set(known) == {kind.name for kind in kinds()}, "A kind is missing here."
    for kind in ORDER:
        whole = known[kind]
        assert set(whole) == {spec.name for spec in kind_of(kind).sections}, kind
        held = (only or {}).get(kind, tuple(whole))
        cast.partner_row(kind, home, {name: whole[name] for name in held}, uids[kind])
    return uids
