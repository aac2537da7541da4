"""What a sample node does to get a partner and to share with it: the acts of its people, one by one.

Each act is done by the services that pages and command line use, and returns what JSON can carry.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from parkbench.accounts.queries import grants_of, person_by_email
from parkbench.exchange.models import Partner
from parkbench.exchange.services import circles
from parkbench.exchange.services.epoch import check_file
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Refused
from parkbench.offer.models import Service
from parkbench.records.models import OWN, Audience
from parkbench.records.queries import own_home
from parkbench.records.registry import kinds
from parkbench.records.services import add_audience, add_note, set_policies, share_record, widen
from parkbench.records.visibility import Viewer
from parkbench.site import node
from parkbench.site.demo import first, second
from parkbench.site.demo.institute import Institute
from parkbench.site.demo.making import is_sample_here, make_sample_node
from parkbench.site.serving.worker import run_queued

Report = dict[str, Any]
INSTITUTES: Mapping[str, Institute] = {one.name: one for one in (first.FIRST, second.SECOND)}
OPENED = ("platform", "unit", "site", "service", "capability", "instrument")
PARTS = ("basics", "capacity", "contact", "prices")
TERMS_VERSION = "1.0"
GROUP = "Joint purchase of microscopes (sample)"
PURPOSE = "Sample data: compare what microscopes cost before buying together."
GROUP_TERMS = (
    "Sample data. For the members' purchasers only; nobody has to buy; everything is taken back when the "
    "purchase is done."
)
FEW = 3
WAIT = timedelta(days=30)
NOBODY = 0
"""The mask of no audience."""


def make(*, url: str, key: str, size: int) -> Report:
    """Make the node of an institute for a park of this size, unless it is here already."""
    if is_sample_here():
        return {"is_new": False}
    made = make_sample_node(url=url, institute=scaled(key, size))
    # Before there is a partner: written later, the epoch would count as that of another database.
    check_file()
    return {"is_new": True, "instruments": made.instruments, "refused": made.refused}


def scaled(key: str, size: int) -> Institute:
    """Return the first institute with so many instruments, or the second, which has two fifths of that."""
    if key == first.FIRST.key:
        return replace(first.FIRST, standing=size)
    # What they have in common is counted from the whole first institute, whatever its size.
    return replace(second.SECOND, standing=size * 2 // 5)


def share() -> Report:
    """Let a few instruments wait for a date, and only then share with all partners."""
    return embargo() | open_up()


def open_up() -> Report:
    """Let all partners see basics, capacity, contact and prices; economics and internal parts stay inside."""
    partners = 1 << Audience.objects.get(sort=Audience.Sort.PARTNERS).bit
    cells = {
        (kind.name, spec.name): partners
        for kind in kinds()
        if kind.name in OPENED
        for spec in kind.sections
        if spec.name in PARTS
    }
    set_policies(cells=cells, by=_director())
    for kind in OPENED:
        widen(kind=kind)
    return {"cells": len(cells)}


def invite(*, name: str) -> Report:
    """Make a code for another organisation; our fingerprint is what we read to it by telephone."""
    return _told("partner", "invite", name)


def accept(*, code: str) -> Report:
    """Answer an invitation over the wire."""
    return _told("partner", "accept", code)


def confirm(*, heard: str, their_signatory: str) -> Report:
    """Let the partner in once the fingerprint that was heard is the one that is shown."""
    director = _director().person
    words = ["--terms-version", TERMS_VERSION, "--signatory", director.name if director else ""]
    words += ["--their-signatory", their_signatory, "--fingerprint", heard]
    return _told("partner", "confirm", the_partner().home.address, *words)


def gather() -> Report:
    """Make a group with the partner in it, and open the economics of a few instruments to the group."""
    by = _director()
    group = add_audience(sort=Audience.Sort.CIRCLE, name=GROUP, by=by)
    circles.set_terms(token=group.token, purpose=PURPOSE, terms=GROUP_TERMS, is_told=True, by=by)
    circles.set_members(token=group.token, members={the_partner().pk}, expected=(), by=by)
    shown = list(_instruments(is_public=True)[: 2 * FEW])
    for uid in shown:
        share_record(kind="instrument", uid=uid, masks={"economics": 1 << group.bit}, by=by)
    return {"group": GROUP, "records": len(shown)}


def embargo() -> Report:
    """Let a few instruments wait: nobody outside hears of them for 30 days."""
    waiting = list(_instruments(is_public=False)[:FEW])
    for uid in waiting:
        share_record(kind="instrument", uid=uid, masks={}, share_from=timezone.now() + WAIT, by=_director())
    return {"records": len(waiting)}


def pull() -> Report:
    """Read now what the partner shares, and tell it what was removed; raises Refused when that fails."""
    return _told("pull")


def withdraw() -> Report:
    """Take back what the partner holds by now: the prices of one service, and one whole instrument."""
    by = _director()
    for service in _services()[:1]:
        share_record(kind="service", uid=service.uid, masks={"prices": NOBODY}, by=by)
    gone = _instruments(is_public=False)[FEW : FEW + 1]
    for uid in gone:
        masks = dict.fromkeys(("basics", "capacity", "contact"), NOBODY)
        share_record(kind="instrument", uid=uid, masks=masks, by=by)
    return {"instruments": len(gone)}


def note() -> Report:
    """Note something for ourselves on one of the partner's instruments."""
    row = Instrument.objects.filter(home=the_partner().home).order_by("name").first()
    if row is None:
        raise Refused("Nothing of the partner's has come.")
    text = "Sample note: asked whether our users may come for two days. It stays in our node."
    add_note(kind="instrument", uid=row.uid, text=text, by=_director())
    return {"path": reverse("instruments:instrument", args=[row.uid])}


def settle() -> Report:
    """Do what was queued meanwhile, while the partner still answers."""
    run_queued()
    return {}


def look() -> Report:
    """Return the addresses of what is worth looking at."""
    service = _services()[1]  # the prices of the first one are withdrawn
    noted = Instrument.objects.filter(home=the_partner().home).order_by("name").first()
    group = Audience.objects.filter(sort=Audience.Sort.CIRCLE, name=GROUP).first()
    partner = the_partner().pk
    return {
        "name": institute_here().name,
        "who": institute_here().director,
        "partner": reverse("exchange:partner", args=[partner]),
        "park": reverse("instruments:park") + "?home=all",
        "service": service.name,
        "sharing": reverse("records:sharing", args=["service", service.uid]),
        "noted": reverse("instruments:instrument", args=[noted.uid]) if noted else "",
        "group": reverse("exchange:circle", args=[group.token]) if group else "",
    }


def institute_here() -> Institute:
    """Return the institute whose node this is; raise Refused on any other node."""
    here = own_home()
    found = INSTITUTES.get(here.name)
    if found is None or not here.is_sample:
        raise Refused(f"{node.home()} does not hold a sample institute that this version knows.")
    return found


def the_partner() -> Partner:
    """Return the one partner of a sample node; raise Refused while there is none."""
    found = Partner.objects.select_related("home").order_by("pk").first()
    if found is None:
        raise Refused("The sample node has no partner yet.")
    return found


def _told(*words: str) -> Report:
    """Run one of our commands as people do and return its report; raise Refused with what it refused."""
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            call_command(*words, "--json", stdout=said)
    except CommandError as error:
        raise Refused(str(error)) from error
    except SystemExit as end:
        raise Refused(f"“parkbench {words[0]}” did not succeed: {said.getvalue().strip()}") from end
    report: Report = json.loads(said.getvalue())
    return report


def _director() -> Viewer:
    person = person_by_email(email=institute_here().director)
    if person is None:
        raise Refused("The director of the sample institute is not there any more.")
    return Viewer(grants=grants_of(person_id=person.pk), person=person)


def _instruments(*, is_public: bool) -> list[UUID]:
    """Return own instruments of the public platform, or of the others, that run and wait for no date."""
    units = [unit.name for unit in institute_here().public_units]
    rows = Instrument.objects.own().live().filter(status="in-service", parent=None)
    rows = rows.filter(unit__name__in=units) if is_public else rows.exclude(unit__name__in=units)
    return list(rows.order_by("name").values_list("uid", flat=True))


def _services() -> list[Service]:
    """Return own services that are shared with partners and not with everybody."""
    units = [unit.name for unit in institute_here().public_units]
    rows = Service.objects.filter(home_id=OWN, deleted_at=None).exclude(unit__name__in=units)
    return list(rows.order_by("name"))


ACTS: Mapping[str, Callable[..., Report]] = {
    act.__name__: act
    for act in (
        make,
        share,
        open_up,
        invite,
        accept,
        confirm,
        gather,
        embargo,
        pull,
        withdraw,
        note,
        settle,
        look,
    )
}
"""What another process may ask of this node by name."""
