"""The cast of the tests: nodes, people and records, all made THROUGH services."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import grants_of
from parkbench.accounts.rules import Role
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
