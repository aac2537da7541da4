"""What narrows the machine park: conditions on columns, and how each becomes SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries import models_with
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import BY_KEY, Column, expression, shown_columns
from parkbench.instruments.rules import STANDING, Status
from parkbench.programme.models import Platform, Site, Unit
from parkbench.records.models import ALL, OURS
from parkbench.records.visibility import Viewer

NOTHING = "-"
"""The value of a choice that stands for "not given"."""
STATUSES_STANDING = (*(status.value for status in Status if status in STANDING), NOTHING)
"""What counts as standing somewhere; a sheet without a status lists what is there."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One column's condition: one of ``values``; or text that contains, or lies between, or is empty."""

    key: str
    values: tuple[str, ...] = ()
    contains: str = ""
    least: Any = None
    most: Any = None
    is_empty: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list asks for: conditions, quick search, shown columns, order. A minus sorts downwards.

    ``home``: whose instruments, as `RecordQuerySet.of_home` takes it;
    ``within``: row ids of the units it is about, already looked up; None for all of them.
    """

    conditions: tuple[Condition, ...] = ()
    search: str = ""
    columns: tuple[str, ...] = ()
    sort: str = "name"
    home: str = OURS
    within: tuple[int, ...] | None = None

    def without(self, key: str) -> tuple[Condition, ...]:
        """The conditions but for that of one column."""
        return tuple(condition for condition in self.conditions if condition.key != key)


def park(viewer: Viewer, wanted: Wanted, *, without: str = "") -> Any:
    """Return the instruments this viewer may see that meet all conditions, but for the column ``without``."""
    rows: Any = Instrument.objects.visible(viewer, wanted.home)
    if wanted.within is not None:
        rows = rows.filter(unit_id__in=wanted.within)
    for condition in wanted.without(without):
        rows = _narrowed(rows, condition, viewer)
    return _searched(rows, wanted, viewer)


def _narrowed(rows: QuerySet[Any], condition: Condition, viewer: Viewer) -> QuerySet[Any]:
    special = _SPECIAL.get(condition.key)
    if special is not None:
        return rows.filter(_any_of(condition, lambda values: special(values, viewer)))
    column = BY_KEY[condition.key]
    name = f"w_{column.key}"
    rows = rows.alias(**{name: expression(column, viewer)})
    met = Q()
    if condition.values:
        meets = partial(_is_one_of, column, name)
        met &= _any_of(condition, meets, Q(**{f"{name}__isnull": True}))
    if condition.contains:
        met &= contains(name, condition.contains)
    if condition.least is not None:
        met &= Q(**{f"{name}__gte": _begin(column, condition.least)})
    if condition.most is not None:
        met &= _up_to(column, name, condition.most)
    if condition.is_empty is not None:
        met &= Q(**{f"{name}__isnull": condition.is_empty})
    return rows.filter(met)


def _is_one_of(column: Column, name: str, values: list[Any]) -> Q:
    met = Q()
    for value in values:
        if column.sort == "words":
            met |= Q(**{f"{name}__contains": f"|{value}|"})
    return met or Q(**{f"{name}__in": values})


def _up_to(column: Column, name: str, bound: Any) -> Q:
    if column.sort == "time":
        return Q(**{f"{name}__lt": _begin(column, bound) + timedelta(days=1)})
    return Q(**{f"{name}__lte": bound})


def _begin(column: Column, bound: Any) -> Any:
    """Return the first instant of a day, in the organisation's zone; other bounds as they are."""
    if column.sort != "time":
        return bound
    return timezone.make_aware(datetime.combine(date.fromisoformat(bound), time.min))


def _any_of(condition: Condition, meets: Callable[[list[str]], Q], empty: Q | None = None) -> Q:
    given = [value for value in condition.values if value != NOTHING]
    met = meets(given) if given else Q()
    if NOTHING in condition.values and empty is not None:
        met = (met | empty) if given else empty
    return met


def contains(name: str, text: str) -> Q:
    """Match text anywhere, whatever its case; SQLite folds ASCII only, so others are tried both ways."""
    met = Q(**{f"{name}__icontains": text})
    if not text.isascii():
        for other in {text.lower(), text.upper(), text.capitalize(), text.title()} - {text}:
            met |= Q(**{f"{name}__icontains": other})
    return met


def _searched(rows: QuerySet[Any], wanted: Wanted, viewer: Viewer) -> QuerySet[Any]:
    """Every word must stand in one of the shown columns, as far as the viewer sees them."""
    words = wanted.search.split()[:8]
    if not words:
        return rows
    columns = shown_columns(wanted.columns, viewer, wanted.home)
    plain = [column for column in columns if column.key not in _NAMED]
    rows = rows.alias(**{f"q_{column.key}": _as_text(column, viewer) for column in plain})
    for word in words:
        met = Q(pk__in=())
        for column in columns:
            met |= _holds(column, word, viewer)
        rows = rows.filter(met)
    return rows


def _holds(column: Column, word: str, viewer: Viewer) -> Q:
    """Return the condition that a column shows a word.

    Names of other records are looked up in their own small tables first, and numbers and dates only for
    words that hold a figure: reading eight columns of 100,000 rows for every word would be slow.
    """
    if column.key in _NAMED:
        return _NAMED[column.key](word, viewer)
    name = f"q_{column.key}"
    if column.sort == "choice":
        hits = [value for value, label in column.choices if word.casefold() in str(label).casefold()]
        return Q(**{f"{name}__in": hits}) if hits else Q(pk__in=())
    if column.sort in ("text", "words") and column.key != "year":
        return contains(name, word)
    return contains(name, word) if any(sign.isdigit() for sign in word) else Q(pk__in=())


def _as_text(column: Column, viewer: Viewer) -> Any:
    shown = expression(column, viewer)
    return shown if column.sort in ("text", "choice", "words") else Cast(shown, CharField())


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _unit_named(word: str, viewer: Viewer) -> Q:
    return Q(unit_id__in=_ids(Unit.objects.visible(viewer, ALL).filter(contains("name", word))))


def _platform_named(word: str, viewer: Viewer) -> Q:
    platforms = Platform.objects.visible(viewer, ALL).filter(contains("name", word))
    return Q(unit_id__in=_ids(Unit.objects.visible(viewer, ALL).filter(platform__in=platforms)))


def _site_named(word: str, viewer: Viewer) -> Q:
    return Q(site_id__in=_ids(Site.objects.visible(viewer, ALL).filter(contains("name", word))))


def _maker_named(word: str, viewer: Viewer) -> Q:
    makers = Maker.objects.visible(viewer, ALL).filter(contains("name", word))
    return Q(linked_model_id__in=_ids(DeviceModel.objects.visible(viewer, ALL).filter(maker__in=makers)))


def _model_named(word: str, viewer: Viewer) -> Q:
    linked = _ids(DeviceModel.objects.visible(viewer, ALL).filter(contains("designation", word)))
    as_written = contains("model_text", word) & Q(linked_model=None)
    return _maker_named(word, viewer) | Q(linked_model_id__in=linked) | as_written


_NAMED: dict[str, Callable[[str, Viewer], Q]] = {
    "unit": _unit_named,
    "platform": _platform_named,
    "site": _site_named,
    "maker": _maker_named,
    "model": _model_named,
}


def uuids(values: list[str]) -> list[UUID]:
    """Return the ids among the texts; what is no id finds nothing."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _in_unit(values: list[str], viewer: Viewer) -> Q:
    rows = Unit.objects.visible(viewer, ALL).filter(uid__in=uuids(values))
    return Q(unit_id__in=list(rows.values_list("pk", flat=True)))


def _in_platform(values: list[str], viewer: Viewer) -> Q:
    platforms = Platform.objects.visible(viewer, ALL).filter(uid__in=uuids(values))
    rows = Unit.objects.visible(viewer, ALL).filter(platform__in=platforms)
    return Q(unit_id__in=list(rows.values_list("pk", flat=True)))


def _at_site(values: list[str], viewer: Viewer) -> Q:
    rows = Site.objects.visible(viewer, ALL).filter(uid__in=uuids(values))
    return Q(site_id__in=list(rows.values_list("pk", flat=True)))


def _of_maker(values: list[str], viewer: Viewer) -> Q:
    rows = DeviceModel.objects.visible(viewer, ALL).filter(maker__key__in=values)
    return Q(linked_model_id__in=list(rows.values_list("pk", flat=True)))


def _of_model(values: list[str], viewer: Viewer) -> Q:
    # By key, so that an own entry that stands in for a shipped one finds the instruments of both.
    keys = DeviceModel.objects.visible(viewer, ALL).filter(uid__in=uuids(values)).values("key")
    rows = DeviceModel.objects.visible(viewer, ALL).filter(key__in=keys)
    return Q(linked_model_id__in=list(rows.values_list("pk", flat=True)))


def _of_technique(values: list[str], viewer: Viewer) -> Q:
    """Own techniques count; those of the make and model where the instrument names none."""
    met = Q()
    for value in values:
        by_model = Q(techniques=None, linked_model_id__in=models_with(value, viewer))
        met |= Q(techniques__contains=f"|{value}|") | by_model
    return met


_SPECIAL: dict[str, Callable[[list[str], Viewer], Q]] = {
    "unit": _in_unit,
    "platform": _in_platform,
    "site": _at_site,
    "maker": _of_maker,
    "model": _of_model,
    "techniques": _of_technique,
}
