"""A unit whose contact is guarded like economics, so that one record has an open and a closed section."""

import dataclasses
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from cast import OPERATOR
from parkbench.accounts.rules import Action, Held, Role
from parkbench.records import registry
from parkbench.records.models import PolicyCell
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

MANAGER = Viewer(grants=(Held(Role.MANAGER),))
READER = Viewer(grants=(Held(Role.READER),))
PUBLIC = Viewer.public()

AddUnit = Callable[..., UUID]


@pytest.fixture(autouse=True)
def guarded_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard a unit's contact by the right to see economics, and search all its text."""
    kind = registry.kind_of("unit")
    basics, contact = kind.sections
    guarded = dataclasses.replace(
        kind,
        sections=(basics, dataclasses.replace(contact, see=Action.SEE_ECONOMICS)),
        search={"basics": ("short_name", "host_name", "description"), "contact": ("mailbox", "person_name")},
    )
    monkeypatch.setitem(registry._kinds, "unit", guarded)


def add_unit(name: str, *, contact: str = "", uid: UUID | None = None, **basics: Any) -> UUID:
    """Add a unit, its contact person where one is named."""
    uid = uid or uuid4()
    sections: dict[str, dict[str, Any]] = {"basics": {"name": name, **basics}}
    if contact:
        sections["contact"] = {"person_name": contact}
    publish(kind="unit", drafts=[Draft(uid=uid, sections=sections, is_new=True)], by=OPERATOR)
    return uid


def share(kind: str, section: str, mask: int) -> None:
    """Set one cell of the policy before anything is published."""
    PolicyCell.objects.update_or_create(kind=kind, section=section, defaults={"mask": mask})
