"""The cast of the tests: nodes, people and records, all made THROUGH services."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import grants_of
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.wire import CURRENCIES
from parkbench.lib.urn import record_id
from parkbench.records.queries import own_address
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

OPERATOR = Viewer.operator()


def person(name: str, *roles: tuple[Role, str] | Role) -> Person:
    """Add somebody with roles; a role with a scope is a pair."""
    somebody = accounts.add_person(email=f"{name.casefold()}@alpha.example", name=name)
    for role in roles:
        which, scope = role if isinstance(role, tuple) else (role, "")
        accounts.grant(person=somebody, role=which, scope=scope)
    return somebody


def viewer(somebody: Person) -> Viewer:
    """Look with this person's eyes."""
    return Viewer(grants=grants_of(person_id=somebody.pk), person=somebody)


def seen_by(name: str, *roles: tuple[Role, str] | Role) -> Viewer:
    """Add somebody and look with their eyes: Ada (steward), Ben (reader), Cleo (no role)."""
    return viewer(person(name, *roles))


def unit(name: str = "Light microscopy", **basics: Any) -> UUID:
    """Add a unit."""
    uid = uuid4()
    publish(
        kind="unit",
        drafts=[Draft(uid=uid, sections={"basics": {"name": name, **basics}}, is_new=True)],
        by=OPERATOR,
    )
    return uid


def unit_ref(uid: UUID) -> str:
    """Return a unit's id as a section names it."""
    return record_id(node=own_address(), kind="unit", uid=uid)


def instrument(name: str, unit_uid: UUID, model: str = "Zeiss LSM 980", **values: Any) -> UUID:
    """Add an instrument; prices are in SEK unless said otherwise."""
    for price, currency in CURRENCIES.items():
        if price in values:
            values.setdefault(currency, "SEK")
    basics = {"name": name, "unit_ref": unit_ref(unit_uid), "model_text": model}
    return instruments.add(values={**basics, **values}, by=OPERATOR)
