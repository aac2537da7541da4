"""Completeness: bronze, silver, gold per record, worked out in SQL from what a kind wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Model,
    Q,
    QuerySet,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Lower

from parkbench.accounts.rules import Action
from parkbench.programme.models import Unit
from parkbench.records.models import OWN
from parkbench.records.registry import Kind, WantedField, kinds
from parkbench.records.visibility import Viewer, reach_q, section_q
from parkbench.stewardship.queries.scopes import own_rows, place_name
from parkbench.stewardship.rules import LEVELS, Level


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that counts for this viewer: what it is called, where it is missing."""

    field: WantedField
    label: str
    missing: Q

    @property
    def level(self) -> Level:
        """Return the level that needs it."""
        return LEVELS[self.field.level]


@dataclass(frozen=True, slots=True)
class UnitLevels:
    """How many records of a unit are at which level."""

    uid: UUID
    name: str
    counts: Mapping[Level, int]

    @property
    def total(self) -> int:
        """Return how many records that are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class KindLevels:
    """How complete the own records of one kind are, as far as this viewer may see their fields."""

    kind: Kind
    counts: Mapping[Level, int]
    missing: Sequence[tuple[Wanted, int]]
    units: Sequence[UnitLevels]

    @property
    def total(self) -> int:
        """Return how many records that are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class CompletenessLine:
    """One record with its level and what it lacks."""

    uid: UUID
    name: str
    place: str
    level: Level
    missing: tuple[str, ...]


def wanted_of(kind: Kind, viewer: Viewer) -> list[Wanted]:
    """Return what a kind wants as far as this viewer may see it of any record, the first levels first."""
    found = []
    for field in kind.wanted:
        condition = section_q(kind, field.section, viewer)
        if condition is False:
            continue
        empty = _empty(kind.model, field.column)
        found.append(
            Wanted(field, label_of(kind, field.column), empty if condition is True else empty & condition)
        )
    return sorted(found, key=lambda one: one.level)


def label_of(kind: Kind, column: str) -> str:
    """Return what people call a column, in lower case as it stands in a sentence."""
    try:
        return str(kind.model._meta.get_field(column).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return column.replace("_", " ")


def _empty(model: type[Model], column: str) -> Q:
    is_text = isinstance(model._meta.get_field(column), CharField | TextField)
    return Q(**{f"{column}__isnull": True}) | (Q(**{column: ""}) if is_text else Q(pk__in=()))


def level_of(wanted: Sequence[Wanted]) -> Case:
    """Return the level of a record as a number: below the first level of which it lacks a field."""
    steps = []
    for level in (Level.BRONZE, Level.SILVER, Level.GOLD):
        lacks = [one.missing for one in wanted if one.level is level]
        if lacks:
            steps.append(When(reduce(or_, lacks), then=Value(level - 1)))
    return Case(*steps, default=Value(int(Level.GOLD)), output_field=IntegerField())


def completeness(*, viewer: Viewer) -> list[KindLevels]:
    """Return how complete the own records are, kind by kind; one query per kind and one for unit names.

    Members only. Units are told apart only where the viewer is at their head.
    """
    if not viewer.is_member:
        return []
    found = [(kind, wanted) for kind in kinds() if (wanted := wanted_of(kind, viewer))]
    names = _headed_units(viewer)
    return [_levels(kind, wanted, viewer, names) for kind, wanted in found]


def _headed_units(viewer: Viewer) -> dict[UUID, str]:
    condition = reach_q(_unit_kind(), viewer, Action.SHARE)
    if condition is False:
        return {}
    rows = Unit.objects.visible(viewer).filter(home_id=OWN)
    if condition is not True:
        rows = rows.filter(condition)
    return dict(rows.order_by("name", "pk").values_list("uid", "name"))


def _unit_kind() -> Kind:
    return next(kind for kind in kinds() if kind.name == "unit")


def _unit_path(kind: Kind) -> str:
    return next((path for path in kind.scope_paths if path.endswith("unit__uid")), "")


def _levels(kind: Kind, wanted: Sequence[Wanted], viewer: Viewer, names: Mapping[UUID, str]) -> KindLevels:
    path = _unit_path(kind) if names else ""
    rows = own_rows(kind, viewer).annotate(
        level=level_of(wanted), unit_uid=F(path) if path else Cast(Value(None), UUIDField())
    )
    sums = {f"missing_{place}": Count("pk", filter=one.missing) for place, one in enumerate(wanted)}
    counts = dict.fromkeys(Level, 0)
    missing = [0] * len(wanted)
    units: dict[UUID, dict[Level, int]] = {}
    grouped = rows.values("unit_uid", "level").annotate(number=Count("pk"), **sums)
    for unit, level, number, *lacking in grouped.values_list("unit_uid", "level", "number", *sums):
        counts[Level(level)] += number
        missing = [before + more for before, more in zip(missing, lacking, strict=True)]
        if unit in names:
            units.setdefault(unit, dict.fromkeys(Level, 0))[Level(level)] += number
    return KindLevels(
        kind=kind,
        counts=counts,
        missing=list(zip(wanted, missing, strict=True)),
        units=[UnitLevels(uid, name, units[uid]) for uid, name in names.items() if uid in units],
    )


def completeness_rows(
    *,
    kind: Kind,
    viewer: Viewer,
    missing: str = "",
    level: str = "",
    unit: UUID | None = None,
    text: str = "",
) -> tuple[list[Wanted], QuerySet[Any, Any]]:
    """Return what counts of a kind, and its own records with their level and what they lack, by name.

    ``missing`` narrows to those without a column, ``level`` to one level, ``unit`` to one unit.
    """
    wanted = wanted_of(kind, viewer)
    rows = own_rows(kind, viewer) if viewer.is_member and wanted else own_rows(kind, viewer).none()
    rows = rows.annotate(level=level_of(wanted), place=place_name(kind, viewer), shown_name=F(kind.title))
    lacking = [one for one in wanted if one.field.column == missing]
    if missing:
        rows = rows.filter(lacking[0].missing) if lacking else rows.none()
    if level:
        rows = rows.filter(level=int(LEVELS[level])) if level in LEVELS else rows.none()
    if unit is not None:
        path = _unit_path(kind)
        rows = rows.filter(**{path: unit}) if path else rows.none()
    for word in text.split()[:8]:
        rows = rows.filter(**{f"{kind.title}__icontains": word})
    flags = {f"lacks_{place}": lacks(one) for place, one in enumerate(wanted)}
    rows = rows.annotate(**flags).order_by(Lower(kind.title), "pk")
    return wanted, rows.values_list("uid", "shown_name", "place", "level", *flags)


def lacks(one: Wanted) -> Case:
    """Return whether a record lacks a field, as 0 or 1."""
    return Case(When(one.missing, then=Value(1)), default=Value(0), output_field=IntegerField())


def lines_of(wanted: Sequence[Wanted], rows: Any) -> list[CompletenessLine]:
    """Return rows of `completeness_rows` as lines."""
    return [
        CompletenessLine(
            uid,
            str(name),
            place or "",
            Level(level),
            tuple(one.label for one, is_lacking in zip(wanted, flags, strict=True) if is_lacking),
        )
        for uid, name, place, level, *flags in rows
    ]
