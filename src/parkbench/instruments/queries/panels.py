"""What instruments tell on pages of rooms below: who has a model, what stands in a unit or on a platform."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from parkbench.catalogue.models import DeviceModel
from parkbench.instruments.models import Instrument, StatusChoices
from parkbench.programme.models import Platform, Unit
from parkbench.records.models import ALL, OWN
from parkbench.records.visibility import Viewer, referred
from parkbench.ui.slots import Panel

NEWEST = 10
SHOWN = 50
TONES = {
    "in-service": "good",
    "limited": "warn",
    "out-of-service": "bad",
    "planned": "info",
    "ordered": "info",
    "commissioning": "info",
    "decommissioned": "quiet",
}
"""Status > the tone of its badge."""


def who_has_it(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return who has a make and model: own instruments first, then partners'."""
    rows = _of_models(ids, viewer)
    own_first = Case(When(home_id=OWN, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = list(_lines(rows.annotate(rank=own_first), viewer).order_by("rank", "name", "pk")[: SHOWN + 1])
    if not found:
        return None
    count = len(found) if len(found) <= SHOWN else rows.count()
    context = {"instruments": _toned(found[:SHOWN]), "count": count, "filter": "model", "uid": ids[0]}
    context["has_partners"] = any(row.home_id != OWN for row in found)
    return Panel(_("Who has it"), "instruments/instrument_panel.html", context)


def model_counts(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return, for a list of makes and models, how many own instruments there are of each."""
    keys = dict(DeviceModel.objects.visible(viewer, ALL).filter(uid__in=_uids(ids)).values_list("uid", "key"))
    rows = Instrument.objects.visible(viewer).filter(linked_model__key__in=set(keys.values())).order_by()
    counts = dict(rows.values_list("linked_model__key").annotate(Count("pk")))
    by_uid = {str(uid): counts.get(key, 0) for uid, key in keys.items()}
    return Panel(_("Instruments here"), "", {"counts": by_uid})


def in_unit(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the instruments of a unit: counts by status, and the newest."""
    units = Unit.objects.visible(viewer, ALL).filter(uid__in=_uids(ids))
    return _place("unit", ids, _standing_in(units, viewer), viewer)


def on_platform(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the instruments on a platform: counts by status, and the newest."""
    platforms = Platform.objects.visible(viewer, ALL).filter(uid__in=_uids(ids))
    units = Unit.objects.visible(viewer, ALL).filter(platform__in=platforms, home=F("platform__home"))
    return _place("platform", ids, _standing_in(units, viewer), viewer)


def _standing_in(units: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    """Instruments of these units and of their home; a partner's that names a unit of ours is not in it."""
    rows: QuerySet[Any] = Instrument.objects.visible(viewer, ALL).filter(unit__in=units, home=F("unit__home"))
    return rows


def _place(key: str, ids: Sequence[str], rows: QuerySet[Any], viewer: Viewer) -> Panel | None:
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    if not counts:
        return None
    newest = _lines(rows, viewer).order_by(F("commissioned_on").desc(nulls_last=True), "-pk")[:NEWEST]
    statuses = [(value, label, counts[value]) for value, label in StatusChoices.choices if value in counts]
    context = {
        "instruments": _toned(newest),
        "count": sum(counts.values()),
        "statuses": statuses,
        "without_status": counts.get(None, 0),
        "filter": key,
        "uid": ids[0].rpartition("/")[2],
    }
    return Panel(_("Instruments"), "instruments/instrument_panel.html", context)


def _of_models(ids: Sequence[str], viewer: Viewer) -> QuerySet[Any]:
    """By key, so that an own entry that stands in for a shipped one shows the instruments of both."""
    keys = DeviceModel.objects.visible(viewer, ALL).filter(uid__in=_uids(ids)).values("key")
    rows: QuerySet[Any] = Instrument.objects.visible(viewer, ALL).filter(Q(linked_model__key__in=keys))
    return rows


def _lines(rows: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    """Add what a line of a panel shows beside the instrument's own basics."""
    lines: QuerySet[Any] = rows.select_related("home").annotate(unit_name=referred(viewer, "name", "unit__"))
    return lines


def _toned(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    return [(row, TONES[row.status] if row.status else "") for row in rows]


def _uids(ids: Sequence[str]) -> list[UUID]:
    """Read ids that stand alone or at the end of a record id."""
    return [UUID(one.rpartition("/")[2]) for one in ids]
