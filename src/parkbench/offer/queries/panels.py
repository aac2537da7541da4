"""What services tell on pages of rooms below: units, platforms, instruments. At most two queries each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.offer.queries.rows import capabilities, services
from parkbench.programme.models import Platform, Unit
from parkbench.records.models import ALL, OWN, home_of
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.slots import Panel

SHOWN = 30
TONES = {"offered": "good", "planned": "info", "paused": "warn", "ended": "quiet"}
"""Status > the tone of its badge."""

TEMPLATE = "offer/panel.html"


def of_unit(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the services of a unit: what, how long, how to ask."""
    unit = _shown(Unit, ids, viewer)
    if unit is None:
        return None
    rows = _lines(services(viewer=viewer, home=home_of(unit)).filter(unit=unit))
    add = unit.home_id == OWN and viewer.may(Action.EDIT, frozenset(ids))
    if not rows and not add:
        return None
    return Panel(_("Services"), TEMPLATE, _context(rows, "unit", ids[0], add=add))


def of_platform(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the capabilities of a platform and the services of its units."""
    platforms = Platform.objects.visible(viewer, ALL).filter(uid__in=_uids(ids))
    units = Unit.objects.visible(viewer, ALL).filter(platform__in=platforms, home=F("platform__home"))
    rows = _lines(services(viewer=viewer, home=ALL).filter(unit__in=units, home=F("unit__home")))
    lines = capabilities(viewer=viewer, home=ALL).filter(platform__in=platforms, home=F("platform__home"))
    found = list(lines.order_by("name", "pk")[:SHOWN])
    may_add = not slots.is_elsewhere(ids) and viewer.may(Action.EDIT, frozenset(ids))
    if not (rows or found or may_add):
        return None
    context = {**_context(rows, "platform", ids[0]), "capabilities": found, "may_add_capability": may_add}
    return Panel(_("Services and capabilities"), TEMPLATE, context)


def of_instrument(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the services that use an instrument, as far as the viewer may see both."""
    instrument = _shown(Instrument, ids, viewer)
    if instrument is None:
        return None
    shown = services(viewer=viewer, home=home_of(instrument))
    rows = _lines(shown.filter(instrument_links__instrument=instrument))
    return Panel(_("Services that use it"), TEMPLATE, _context(rows, "instrument", ids[0])) if rows else None


def _shown(model: Any, ids: Sequence[str], viewer: Viewer) -> Any:
    """Return the record the page is about, own before partners'; None when it is not theirs to see."""
    rows = model.objects.visible(viewer, ALL).filter(uid__in=_uids(ids))
    return rows.only("pk", "home_id").order_by("home_id").first()


def _lines(rows: QuerySet[Any]) -> list[Any]:
    """Return the services that are not ended, by name, and one more than is shown."""
    return list(rows.exclude(status="ended").order_by("name", "pk")[: SHOWN + 1])


def _context(rows: Sequence[Any], place: str, uid: str, *, add: bool = False) -> dict[str, Any]:
    return {
        "services": list(rows[:SHOWN]),
        "has_more": len(rows) > SHOWN,
        "place": place,
        "uid": uid.rpartition("/")[2],
        "may_add_service": add,
    }


def _uids(ids: Sequence[str]) -> list[UUID]:
    """Read ids that stand alone or at the end of a record id."""
    return [UUID(one.rpartition("/")[2]) for one in ids]
