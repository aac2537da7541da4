"""Whose records a list is about: those somebody answers for, those of their units, all of them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from parkbench.accounts.rules import Action, Held, reach
from parkbench.records.models import OWN
from parkbench.records.registry import Kind
from parkbench.records.visibility import Viewer, reach_q, referred

Who = Literal["mine", "units", "everything", "nobody"]
NONE = Q(pk__in=())


def own_rows(kind: Kind, viewer: Viewer) -> QuerySet[Any]:
    """Return the own records of a kind that this viewer may know of."""
    rows: QuerySet[Any] = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
    return rows.filter(home_id=OWN).order_by()


def narrowed(rows: QuerySet[Any], condition: Q | bool) -> QuerySet[Any]:
    """Keep the rows that meet a condition, which may be that all do or none."""
    if condition is True:
        return rows
    return rows.filter(NONE if condition is False else condition)


def mine(viewer: Viewer) -> Q | bool:
    """Return the condition that the viewer answers for the content."""
    return Q(steward_id=viewer.person_id) if viewer.person_id is not None else False


def headed(kind: Kind, viewer: Viewer) -> Q | bool:
    """Return the condition that the viewer is at the head of where a record lies."""
    return reach_q(kind, viewer, Action.SHARE)


def answerable(kind: Kind, viewer: Viewer) -> Q | bool:
    """Return the condition that somebody is the viewer or is headed by them."""
    return either(mine(viewer), headed(kind, viewer))


def either(one: Q | bool, other: Q | bool) -> Q | bool:
    """Join two conditions of which any or none may be met by all rows."""
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return one | other


def is_head_of_units(viewer: Viewer) -> bool:
    """Tell whether the viewer heads some places, but not the whole node."""
    return bool(reach(viewer.grants, Action.SHARE))


def is_head_of_all(viewer: Viewer) -> bool:
    """Tell whether the viewer is at the head of the whole node."""
    return viewer.may(Action.SHARE)


def within_units(viewer: Viewer) -> Viewer:
    """Return the viewer with what they hold for single places alone."""
    held: tuple[Held, ...] = tuple(one for one in viewer.grants if one.scope)
    return Viewer(grants=held, person=viewer.person, mask=viewer.mask)


def of_whom(kind: Kind, viewer: Viewer, who: Who) -> Q | bool:
    """Return which records of a kind a list is about; never more than the viewer's own and their units'."""
    if who == "mine":
        return mine(viewer)
    if who == "units":
        return headed(kind, within_units(viewer))
    if who == "nobody":
        left = Q(steward=None) | Q(steward__is_active=False)
        among = headed(kind, viewer)
        return left if among is True else among and (among & left)
    return True if is_head_of_all(viewer) else answerable(kind, viewer)


def in_place(kind: Kind, place: UUID) -> Q:
    """Return the condition that a record is this unit or platform, or lies in it."""
    condition = Q()
    for path in kind.scope_paths:
        condition |= Q(**{path: place})
    return condition


def place_path(kind: Kind) -> str:
    """Return the look-up to the unit or platform that a record of this kind lies in; '' without one."""
    paths = [path for path in kind.scope_paths if "__" in path]
    return f"{paths[0].rpartition('__')[0]}__" if paths else ""


def place_name(kind: Kind, viewer: Viewer) -> Any:
    """Return the name of where a record lies as this viewer may see it, '' without one."""
    path = place_path(kind)
    if not path:
        return Cast(Value(""), CharField())
    return Coalesce(referred(viewer, "name", path), Value(""), output_field=CharField())


def title_of(kind: Kind) -> F:
    """Return the column that a record is called by."""
    return F(kind.title)
