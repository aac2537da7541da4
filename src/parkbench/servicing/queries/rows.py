"""Service events as one viewer may see them: every list, count, sum and panel begins here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.records.models import ALL, OURS, OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import SENTENCES, Viewer, check_ours, masked, referred, scopes_of, section_q
from parkbench.servicing.models import ServiceEvent

KIND = "service-event"
GUARDED = {
    "cost": "economics",
    "currency": "economics",
    "vat": "economics",
    "supplier": "economics",
    "case_number": "internal",
    "note": "internal",
}
"""Columns of guarded sections > the section; read as `<column>_seen`, NULL where it is not theirs."""

REFERRED: Mapping[str, tuple[str, str]] = {
    "instrument_seen": ("instrument__", "name"),
    "instrument_uid": ("instrument__", "uid"),
    "unit_seen": ("instrument__unit__", "name"),
    "unit_uid": ("instrument__unit__", "uid"),
    "platform_seen": ("instrument__unit__platform__", "name"),
    "platform_uid": ("instrument__unit__platform__", "uid"),
    "model_seen": ("instrument__linked_model__", "designation"),
    "model_uid": ("instrument__linked_model__", "uid"),
    "maker_seen": ("instrument__linked_model__maker__", "name"),
}
"""What an event tells of other records > the look-up; NULL where that record is not the viewer's to see."""


def events(viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the events of these homes this viewer may see, with what GUARDED and REFERRED name of them."""
    kind = kind_of(KIND)
    shown = {name: referred(viewer, column, prefix) for name, (prefix, column) in REFERRED.items()}
    seen = {f"{column}_seen": masked(kind, section, viewer, column) for column, section in GUARDED.items()}
    found: QuerySet[Any] = ServiceEvent.objects.visible(viewer, home).annotate(**shown, **seen)
    return found


def may_see(section: str, viewer: Viewer) -> bool:
    """Tell whether the viewer may see this section of any event at all."""
    return section_q(kind_of(KIND), section, viewer) is not False


def countable(viewer: Viewer) -> Q:
    """Return the condition under which an event shows this viewer its costs."""
    condition = section_q(kind_of(KIND), "economics", viewer)
    if isinstance(condition, Q):
        return condition
    return Q(pk__isnull=not condition)


def instrument_of(*, uid: UUID, viewer: Viewer) -> Instrument:
    """Return an instrument, own before partners'; raises NotFound."""
    rows = Instrument.objects.visible(viewer, ALL).filter(uid=uid).select_related("unit__platform")
    row: Instrument | None = rows.order_by("home_id").first()
    if row is None:
        raise NotFound(
            _("There is no such instrument here, or it is not shared with you. Search for what you need.")
        )
    return row


def may_add(*, instrument: Instrument, viewer: Viewer) -> bool:
    """Tell whether the viewer may note what happens to this instrument."""
    is_own = instrument.home_id == OWN and viewer.is_member
    return is_own and viewer.may(Action.EDIT, scopes_of(kind_of("instrument"), instrument))


def sections_to_write(*, instrument: Instrument, viewer: Viewer) -> frozenset[str]:
    """Return the sections of a new event that the viewer may fill; raises NotAllowed when there is none."""
    scopes = scopes_of(kind_of("instrument"), instrument)
    if viewer.is_member:
        check_ours(instrument)
    if not may_add(instrument=instrument, viewer=viewer):
        raise NotAllowed(SENTENCES[Action.EDIT])
    return frozenset(spec.name for spec in kind_of(KIND).sections if viewer.may(spec.see, scopes))
