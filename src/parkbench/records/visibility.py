"""The gate inside the node: who is looking, which rows, which sections of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Case, Expression, F, Q, Value, When
from django.db.models.lookups import GreaterThan
from django.http import HttpRequest

from parkbench.accounts.rules import Action, Held, Role, allows, reach
from parkbench.lib.errors import NotAllowed
from parkbench.records import rules
from parkbench.records.models import OWN, REGISTER
from parkbench.records.registry import Kind

if TYPE_CHECKING:
    from parkbench.accounts.models import Person

SENTENCES = {
    Action.EDIT: "You may not change this. Ask its content responsible or the head of the unit.",
    Action.DELETE: "You may not delete this. Ask the head of the unit.",
    Action.SHARE: "You may not change who sees this. Ask the head of the unit.",
    Action.IMPORT: "You may not import into this unit. Ask its head or a manager.",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks or acts: a person with grants, the public, an audience tried on, or the operator.

    ``mask`` holds the audiences of a viewer that is no member of this organisation; ``behind`` the grants of
    a member who looks with such eyes, and sees no section through them that is not open to the member too.
    """

    grants: tuple[Held, ...] = ()
    person: Person | None = None
    mask: int = rules.PUBLIC
    behind: tuple[Held, ...] | None = None

    @classmethod
    def public(cls) -> Viewer:
        """The anonymous visitor."""
        return cls()

    @classmethod
    def as_audiences(cls, mask: int, *, behind: tuple[Held, ...] | None = None) -> Viewer:
        """Somebody who is in these audiences; the public is in always."""
        return cls(mask=mask | rules.PUBLIC, behind=behind)

    @classmethod
    def operator(cls) -> Viewer:
        """Whoever runs the command line on the node itself: may do everything."""
        return cls(grants=(Held(Role.ADMINISTRATOR),), mask=rules.NOBODY)

    @property
    def is_member(self) -> bool:
        """Whether this viewer sees the organisation from inside."""
        return allows(self.grants, Action.SEE)

    @property
    def person_id(self) -> int | None:
        """The person's row id, or None."""
        return self.person.pk if self.person else None

    def may(self, action: Action | str, scopes: frozenset[str] = frozenset()) -> bool:
        """Tell whether the action is allowed on something that lies in these scopes (uids as text)."""
        return allows(self.grants, Action(action), scopes)

    def may_somewhere(self, action: Action | str) -> bool:
        """Tell whether there is anything at all on which the action is allowed."""
        reached = reach(self.grants, Action(action))
        return reached is None or bool(reached)

    def check(self, action: Action, scopes: frozenset[str] = frozenset()) -> None:
        """Raise NotAllowed unless the action is allowed."""
        if not self.may(action, scopes):
            raise NotAllowed(SENTENCES.get(action, "You may not do this. Ask an administrator of this node."))


class Asked(HttpRequest):
    """A request with who looks (``viewer``), who signed in (``member``), words of a view-as (``lens``)."""

    viewer: Viewer
    member: Viewer
    lens: str


def reach_q(kind: Kind, viewer: Viewer, action: Action, prefix: str = "") -> Q | bool:
    """Return the condition under which the viewer may act on a row; True or False when all rows are alike.

    What a grant names is this node's own: it never reaches a partner's row.
    """
    reached = reach(viewer.grants, action)
    if reached is None:
        return True
    if not reached:
        return False
    uids = [UUID(scope) for scope in reached]
    condition = Q()
    for path in kind.scope_paths:
        condition |= Q(**{f"{prefix}{path}__in": uids})
    return Q(**{f"{prefix}home_id__lte": REGISTER}) & condition


def section_q(kind: Kind, section: str, viewer: Viewer, prefix: str = "") -> Q | bool:
    """Return the condition under which the viewer sees ``section`` of a row that is visible to them.

    A section of a partner's row that is not held has nothing in its columns, so it needs no condition.
    """
    spec = kind.section(section)
    if viewer.is_member:
        if spec.see is Action.SEE:
            return True
        return reach_q(kind, viewer, spec.see, prefix)
    if spec.see is Action.SEE_INTERNAL:
        return False
    if section == "basics":
        return True
    register = Q(**{f"{prefix}home_id": REGISTER})
    if viewer.mask == rules.NOBODY:
        return register
    shared = GreaterThan(F(f"{prefix}{spec.mask}").bitand(viewer.mask), 0)
    told = Q(shared) & Q(**{f"{prefix}home_id": OWN}) | register
    return told if viewer.behind is None else _also_behind(told, kind, spec.see, viewer.behind, prefix)


def _also_behind(told: Q, kind: Kind, see: Action, behind: tuple[Held, ...], prefix: str) -> Q | bool:
    """Return the condition under which a section is told to an audience and open to who looks as it."""
    own = True if see is Action.SEE else reach_q(kind, Viewer(grants=behind), see, prefix)
    return told & own if isinstance(own, Q) else own and told


def masked(kind: Kind, section: str, viewer: Viewer, column: str, prefix: str = "") -> F | Expression:
    """Return the column as this viewer may see it: NULL where its section is not theirs.

    Sorting, filtering, counting and exporting go through it, so that none of them can tell what it hides.
    """
    condition = section_q(kind, section, viewer, prefix)
    if condition is True:
        return F(f"{prefix}{column}")
    if condition is False:
        # Typed, or databases and Django could not sort, group or compare by it.
        return Value(None, output_field=_field(kind, column))
    return Case(When(condition, then=F(f"{prefix}{column}")), default=Value(None))


def referred(viewer: Viewer, column: str, prefix: str) -> F | Expression:
    """Return a column of a record that a row refers to: NULL where the viewer may not see that record.

    ``prefix`` is the look-up to it, such as "unit__" or "unit__platform__": every record on the way must be
    the viewer's to see. The column must belong to its basics.
    """
    condition = Q()
    steps = prefix.strip("_").split("__")
    for count in range(1, len(steps) + 1):
        condition &= _row_q(viewer, "__".join(steps[:count]) + "__")
    return Case(When(condition, then=F(f"{prefix}{column}")), default=Value(None))


def _row_q(viewer: Viewer, prefix: str) -> Q:
    """The condition that `RecordQuerySet.visible` sets, for a record behind a look-up."""
    here = Q(**{f"{prefix}deleted_at": None})
    if viewer.is_member:
        return here
    register = Q(**{f"{prefix}home_id": REGISTER})
    if viewer.mask == rules.NOBODY:
        return here & register
    shared = GreaterThan(F(f"{prefix}audience_mask").bitand(viewer.mask), 0)
    return here & (Q(shared) & Q(**{f"{prefix}home_id": OWN}) | register)


def _field(kind: Kind, path: str) -> Any:
    """Return the model field that a look-up path ends at."""
    model: Any = kind.model
    field = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model
    return field


def sections(kind: Kind, row: Any, viewer: Viewer) -> frozenset[str]:
    """Return the names of the sections of ``row`` that this viewer may see; of a partner's, those held here.

    The row must be visible to the viewer; scope look-ups follow foreign keys already loaded.
    """
    if viewer.is_member:
        scopes, is_near = scopes_of(kind, row), row.home_id <= REGISTER
        return frozenset(
            spec.name
            for spec in kind.sections
            if viewer.may(spec.see, scopes) and (is_near or getattr(row, spec.mask) > 0)
        )
    if row.home_id == REGISTER:
        return frozenset(spec.name for spec in kind.sections if spec.see is not Action.SEE_INTERNAL)
    if row.home_id != OWN:
        return frozenset()
    found = [
        spec
        for spec in kind.sections
        if getattr(row, spec.mask) & viewer.mask and spec.see is not Action.SEE_INTERNAL
    ]
    if viewer.behind is not None:
        own, scopes = Viewer(grants=viewer.behind), scopes_of(kind, row)
        found = [spec for spec in found if own.may(spec.see, scopes)]
    return frozenset(spec.name for spec in found)


THEIRS = "This record belongs to a partner. Only they can change it; you can keep a note of your own on it."


def check_ours(row: Any) -> None:
    """Raise NotAllowed for a partner's record, which nobody changes here."""
    if row.home_id > REGISTER:
        raise NotAllowed(THEIRS)


def check_edit(kind: Kind, row: Any, viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer may change an own row: by role, or as its content responsible."""
    is_steward = viewer.person_id is not None and row.steward_id == viewer.person_id
    check_ours(row)
    if row.home_id != OWN or not viewer.is_member:
        raise NotAllowed(SENTENCES[Action.EDIT])
    if not is_steward:
        viewer.check(kind.edit, scopes_of(kind, row))


def may_edit(kind: Kind, row: Any, viewer: Viewer) -> bool:
    """Tell whether the viewer may change the content of this row."""
    try:
        check_edit(kind, row, viewer)
    except NotAllowed:
        return False
    return True


def scopes_of(kind: Kind, row: Any) -> frozenset[str]:
    """Return the uids, as text, that a grant may name to reach this row; none reaches a partner's."""
    if row.home_id > REGISTER:
        return frozenset()
    found: set[str] = set()
    for path in kind.scope_paths:
        value = row
        for name in path.split("__"):
            value = getattr(value, name, None)
            if value is None:
                break
        if value is not None:
            found.add(str(value))
    return frozenset(found)
