"""The list of service events: what it asks for, its rows, the values it can be narrowed by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import ExtractYear

from parkbench.catalogue.models import DeviceModel
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.conditions import contains
from parkbench.programme.models import Platform, Unit
from parkbench.records.models import ALL, OURS
from parkbench.records.visibility import Viewer
from parkbench.servicing.models import HappeningChoices
from parkbench.servicing.queries.rows import events, may_see

PER_PAGE = 50
MOST_OPTIONS = 30
SORTS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "date": ("happened_on",),
    "kind": ("event_kind",),
    "instrument": ("instrument_seen",),
    "unit": ("unit_seen",),
    "platform": ("platform_seen",),
    "model": ("maker_seen", "model_seen"),
    "days": ("days_down",),
    "ended": ("ended_on",),
    "cost": ("currency_seen", "cost_seen"),
    "supplier": ("supplier_seen",),
    "case": ("case_number_seen",),
    "note": ("note_seen",),
    "organisation": ("home__name",),
}
"""What the list sorts by; costs of one currency stand together, for only they can be compared."""
SEARCHED = ("name", "instrument_seen", "unit_seen", "platform_seen", "maker_seen", "model_seen")
GUARDED_SEARCHED = {"economics": ("supplier_seen",), "internal": ("case_number_seen", "note_seen")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of events asks for; what is empty narrows nothing. A minus sorts downwards."""

    search: str = ""
    sort: str = "-date"
    happening: str = ""
    year: int | None = None
    is_open: bool = False
    home: str = OURS
    unit: UUID | None = None
    platform: UUID | None = None
    instrument: UUID | None = None
    model: UUID | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet with its label and number of events."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of the list; pages count from 1."""

    rows: tuple[Any, ...]
    total: int
    page: int
    pages: int


def listed(viewer: Viewer, wanted: Wanted, *, without: str = "") -> QuerySet[Any]:
    """Return the events this viewer may see that meet all conditions, but for the one named ``without``."""
    rows = events(viewer, wanted.home)
    if wanted.home != OURS:
        rows = rows.select_related("home")
    for name, narrow in _NARROWED.items():
        value = getattr(wanted, name)
        if value not in (None, "", False) and name != without:
            rows = rows.filter(narrow(value, viewer))
    return _searched(rows, wanted.search, viewer)


def _of_model(uid: UUID, viewer: Viewer) -> Q:
    """By key, so that an own entry that stands in for a shipped one finds the instruments of both."""
    keys = DeviceModel.objects.visible(viewer, ALL).filter(uid=uid).values("key")
    return Q(model_uid__isnull=False, instrument__linked_model__key__in=keys)


_NARROWED: dict[str, Callable[[Any, Viewer], Q]] = {
    "happening": lambda value, _viewer: Q(event_kind=value),
    "year": lambda value, _viewer: Q(happened_on__year=value),
    "is_open": lambda _value, _viewer: Q(still_down=True),
    "unit": lambda value, _viewer: Q(unit_uid=value),
    "platform": lambda value, _viewer: Q(platform_uid=value),
    "instrument": lambda value, _viewer: Q(instrument_uid=value),
    "model": _of_model,
}


def _searched(rows: QuerySet[Any], text: str, viewer: Viewer) -> QuerySet[Any]:
    """Keep the events where every word stands in some column this viewer may see."""
    columns = list(SEARCHED)
    for section, names in GUARDED_SEARCHED.items():
        columns += names if may_see(section, viewer) else ()
    for word in text.split()[:8]:
        kinds = [value for value, label in HappeningChoices.choices if word.casefold() in str(label)]
        met = Q(event_kind__in=kinds)
        for column in columns:
            met |= contains(column, word)
        rows = rows.filter(met)
    return rows


def ordered(rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Return the events in the order asked for, the newest first among equals; empty values last."""
    is_down = sort.startswith("-")
    paths = SORTS.get(sort.lstrip("-"), SORTS["date"])
    order = [F(path).desc(nulls_last=True) if is_down else F(path).asc(nulls_last=True) for path in paths]
    return rows.order_by(*order, "-happened_on", "-pk")


def event_page(*, viewer: Viewer, wanted: Wanted, page: int = 1) -> EventPage:
    """Return one page of the list, the last one when asked for more; two queries."""
    rows = listed(viewer, wanted)
    total = rows.count()
    pages = max(-(-total // PER_PAGE), 1)
    page = min(max(page, 1), pages)
    start = (page - 1) * PER_PAGE
    return EventPage(tuple(ordered(rows, wanted.sort)[start : start + PER_PAGE]), total, page, pages)


def facets(*, viewer: Viewer, wanted: Wanted) -> dict[str, list[Option]]:
    """Return, per condition, the values there are with the number of events; five queries."""
    return {
        "is_open": _open_option(viewer, wanted),
        "happening": _happenings(viewer, wanted),
        "year": _years(viewer, wanted),
        "platform": _named("platform", viewer, wanted),
        "unit": _named("unit", viewer, wanted),
    }


def _open_option(viewer: Viewer, wanted: Wanted) -> list[Option]:
    count = listed(viewer, wanted, without="is_open").filter(still_down=True).count()
    return [Option("1", "", count)] if count or wanted.is_open else []


def _happenings(viewer: Viewer, wanted: Wanted) -> list[Option]:
    rows = listed(viewer, wanted, without="happening").order_by()
    counts = dict(rows.values_list("event_kind").annotate(Count("pk")))
    return [
        Option(value, str(label), counts[value])
        for value, label in HappeningChoices.choices
        if value in counts
    ]


def _years(viewer: Viewer, wanted: Wanted) -> list[Option]:
    rows = listed(viewer, wanted, without="year").order_by().annotate(in_year=ExtractYear("happened_on"))
    counts = rows.values_list("in_year").annotate(Count("pk")).order_by("-in_year")
    return [Option(str(year), str(year), count) for year, count in counts[:MOST_OPTIONS]]


def _named(name: str, viewer: Viewer, wanted: Wanted) -> list[Option]:
    rows = listed(viewer, wanted, without=name).order_by().exclude(**{f"{name}_uid": None})
    counts = rows.values_list(f"{name}_uid", f"{name}_seen").annotate(count=Count("pk"))
    return [
        Option(str(uid), label, count)
        for uid, label, count in counts.order_by("-count", f"{name}_seen")[:MOST_OPTIONS]
    ]


def name_behind(*, key: str, uid: UUID, viewer: Viewer) -> str:
    """Return what a unit, platform, instrument or model is called, '' where it is not theirs; one query."""
    models: dict[str, Any] = {
        "unit": Unit,
        "platform": Platform,
        "instrument": Instrument,
        "model": DeviceModel,
    }
    column = "designation" if key == "model" else "name"
    rows = models[key].objects.visible(viewer, ALL).filter(uid=uid).order_by("home_id")
    return str(rows.values_list(column, flat=True).first() or "")
