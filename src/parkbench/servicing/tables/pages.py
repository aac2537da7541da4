"""What stands on the page of one service event: its head and the facts of each section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from parkbench.lib.urn import record_id
from parkbench.records.models import OWN
from parkbench.records.queries import head_of_home
from parkbench.records.visibility import Viewer
from parkbench.servicing.models import ServiceEvent
from parkbench.servicing.queries import words
from parkbench.servicing.queries.event import EventRecord
from parkbench.servicing.queries.panels import TONES, cost_of
from parkbench.servicing.rules import days_so_far
from parkbench.ui.lists import Action
from parkbench.ui.parts import Fact, PageHead


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: a section; hidden where it is not shared."""

    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    text: str = ""
    is_hidden: bool = False


def page_head(page: EventRecord, *, viewer: Viewer) -> PageHead:
    """Return what stands above an event; who sees it and its history only for members."""
    row = page.row
    is_own, is_member = row.home_id == OWN, bool(page.reach)
    address = [page.kind.name, row.uid]
    head = PageHead(
        title=row.name,
        kind=str(capfirst(page.kind.label)),
        home=row.home.name,
        is_own=is_own,
        steward=page.steward,
        updated_at=page.updated_at,
        visible_to=_reach_in_words(page),
        sharing_url=reverse("records:sharing", args=address) if is_member else None,
        permalink=record_id(node=row.home.address, kind=page.kind.name, uid=row.uid),
        history_url=reverse("records:history", args=address) if is_member else None,
        status=_("down") if row.still_down else str(row.get_event_kind_display()),
        status_tone="bad" if row.still_down else TONES.get(row.event_kind, "info"),  # type: ignore[arg-type]
        crumbs=_crumbs(page),
        actions=_actions(page),
    )
    return head_of_home(head, kind=page.kind, row=row, viewer=viewer)


def _reach_in_words(page: EventRecord) -> str:
    """Say who sees it outside: as its basics, and whether some part that can leave goes to fewer."""
    shareable = [reach for reach in page.reach if reach.is_shareable]
    if not shareable:
        return ""
    if all(reach.words == shareable[0].words for reach in shareable):
        return shareable[0].words
    return _("%(audience)s, some parts to fewer") % {"audience": shareable[0].words}


def _crumbs(page: EventRecord) -> list[tuple[str, str]]:
    row = page.row
    found = [(_("Service events"), reverse("servicing:events"))]
    if row.unit_uid:
        found.append((row.unit_seen, reverse("programme:unit", args=[row.unit_uid])))
    if row.instrument_uid:
        found.append((row.instrument_seen, reverse("instruments:instrument", args=[row.instrument_uid])))
    return found


def _actions(page: EventRecord) -> list[Action]:
    uid = page.row.uid
    found = []
    if page.may_edit and page.row.still_down:
        url = reverse("servicing:event-up-again", args=[uid])
        found.append(Action(_("Up again today"), url, is_primary=True, is_post=True))
    if page.may_edit:
        edit = reverse("servicing:event-edit", args=[uid])
        found.append(Action(_("Edit"), edit, is_primary=not page.row.still_down))
    if page.may_delete:
        found.append(Action(_("Delete"), reverse("servicing:event-delete", args=[uid])))
    return found


def parts_of(page: EventRecord) -> list[Part]:
    """Return the sections in their order; what is not the viewer's is said only to who may know of it."""
    makers = {"basics": _basics, "economics": _economics, "internal": _internal}
    parts = []
    for spec in page.kind.sections:
        if spec.name in page.seen:
            parts.append(makers[spec.name](page, str(spec.label)))
        elif page.is_told:
            parts.append(Part(spec.name, str(spec.label), is_hidden=True))
    return parts


def _basics(page: EventRecord, title: str) -> Part:
    row = page.row
    instrument = Fact(str(ServiceEvent.label_of("instrument")), is_hidden=True)
    if row.instrument_uid:
        url = reverse("instruments:instrument", args=[row.instrument_uid])
        instrument = Fact(instrument.label, row.instrument_seen, url)
    facts = [
        instrument,
        Fact(str(ServiceEvent.label_of("event_kind")), str(row.get_event_kind_display())),
        Fact(str(ServiceEvent.label_of("happened_on")), _day(row.happened_on)),
        Fact(str(ServiceEvent.label_of("ended_on")), _day(row.ended_on)),
        _down(row),
    ]
    return Part("basics", title, tuple(facts))


def _down(row: Any) -> Fact:
    label = _("Days down")
    if row.still_down:
        so_far = words.days(days_so_far(row.happened_on, timezone.localdate()))
        return Fact(label, _("still down, %(days)s so far") % {"days": so_far}, tone="bad")
    if row.days_down is None:
        return Fact(label, "", note=_("not known"))
    counted = "" if row.down_tenths is not None else _("counted from the two days")
    return Fact(label, words.days(row.days_down), note=counted)


def _day(day: Any) -> str:
    return date_format(day, "j F Y") if day else ""


def _economics(page: EventRecord, title: str) -> Part:
    row = page.row
    facts = (Fact(_("Cost"), cost_of(row)), Fact(_("Supplier"), row.supplier_seen or ""))
    return Part("economics", title, facts)


def _internal(page: EventRecord, title: str) -> Part:
    row = page.row
    return Part("internal", title, (Fact(_("Case number"), row.case_number_seen or ""),), row.note_seen or "")
