"""Roles as one table role x action x scope: who may do what, where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is on this node; the last one is a named grant, not a job."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    HEAD = "head"
    EDITOR = "editor"
    READER = "reader"
    ECONOMICS_READER = "economics-reader"


class Action(StrEnum):
    """What may be done; every check in the code names one of these."""

    SEE = "see"
    SEE_ECONOMICS = "see-economics"
    SEE_INTERNAL = "see-internal"
    EDIT = "edit"
    DELETE = "delete"
    SHARE = "share"
    IMPORT = "import"
    EDIT_PROGRAMME = "edit-programme"
    EDIT_CATALOGUE = "edit-catalogue"
    SET_POLICY = "set-policy"
    MANAGE_PEOPLE = "manage-people"
    OPERATE = "operate"


class Scope(StrEnum):
    """Where an action holds: on the whole node, or on what the grant names."""

    EVERYWHERE = "everywhere"
    GRANTED = "granted"


_E, _G = Scope.EVERYWHERE, Scope.GRANTED

TABLE: dict[Role, dict[Action, Scope]] = {
    Role.ADMINISTRATOR: dict.fromkeys(Action, _E),
    Role.MANAGER: {
        Action.SEE: _E,
        Action.SEE_ECONOMICS: _E,
        Action.SEE_INTERNAL: _E,
        Action.EDIT: _E,
        Action.DELETE: _E,
        Action.SHARE: _E,
        Action.IMPORT: _E,
        Action.EDIT_PROGRAMME: _E,
        Action.EDIT_CATALOGUE: _E,
        Action.SET_POLICY: _E,
    },
    Role.HEAD: {
        Action.SEE: _E,
        Action.SEE_ECONOMICS: _G,
        Action.SEE_INTERNAL: _G,
        Action.EDIT: _G,
        Action.DELETE: _G,
        Action.SHARE: _G,
        Action.IMPORT: _G,
    },
    Role.EDITOR: {
        Action.SEE: _E,
        Action.SEE_INTERNAL: _G,
        Action.EDIT: _G,
        Action.IMPORT: _G,
    },
    Role.READER: {Action.SEE: _E},
    Role.ECONOMICS_READER: {Action.SEE: _E, Action.SEE_ECONOMICS: _G},
}

SCOPED_ROLES = frozenset({Role.HEAD, Role.EDITOR, Role.ECONOMICS_READER})
"""Roles whose grant must name a unit, a platform or a record."""

STEWARD_ACTIONS = frozenset({Action.SEE, Action.EDIT})
"""A steward edits that record only; the sections seen stay those of the role."""


@dataclass(frozen=True, slots=True)
class Held:
    """One grant as held by a person; ``scope`` is a record id (uuid as text) or '' for the node."""

    role: Role
    scope: str = ""


def check_grant(role: Role, scope: str) -> str:
    """Return the sentence that says what is wrong with this grant, or ''."""
    if role in SCOPED_ROLES and not scope:
        return f"The role '{role}' needs a unit, a platform or a record it holds for."
    if role not in SCOPED_ROLES and scope:
        return f"The role '{role}' holds for the whole node and takes no unit."
    return ""


def reach(grants: Iterable[Held], action: Action) -> frozenset[str] | None:
    """Return the record ids on which ``action`` is allowed, or None when it is allowed everywhere."""
    scopes: set[str] = set()
    for held in grants:
        scope = TABLE[held.role].get(action)
        if scope is Scope.EVERYWHERE:
            return None
        if scope is Scope.GRANTED:
            scopes.add(held.scope)
    return frozenset(scopes)


def allows(grants: Iterable[Held], action: Action, scopes: frozenset[str] = frozenset()) -> bool:
    """Tell whether ``action`` is allowed on something that lies in any of ``scopes``."""
    reached = reach(grants, action)
    return reached is None or bool(reached & scopes)
