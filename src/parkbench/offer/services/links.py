"""The tables that follow from what services and capabilities say they draw on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from parkbench.envelope.items import read_body
from parkbench.instruments.models import Instrument
from parkbench.lib.urn import parse_record_id
from parkbench.offer.models import Capability, CapabilityService, Service, ServiceInstrument, ServicePrice
from parkbench.records.models import OWN, Section
from parkbench.records.queries import own_address


def keep_links(kind: str, uids: Sequence[UUID]) -> None:
    """This function will write anew what these own services or capabilities draw on, as their sections say.

    It hears of every change, inside its transaction: by hand, by import, by undo, by going back.
    """
    if kind == "service":
        _keep_service(uids)
    elif kind == "capability":
        _keep_capability(uids)


def _keep_service(uids: Sequence[UUID]) -> None:
    rows = dict(Service.objects.own().filter(uid__in=uids).values_list("uid", "pk"))
    bodies = _bodies("service", uids, ("basics", "prices"))
    refs = {pk: bodies.get((uid, "basics"), {}).get("instrument_refs") or () for uid, pk in rows.items()}
    found = _found(Instrument, refs)
    ServiceInstrument.objects.filter(service__in=rows.values()).delete()
    ServiceInstrument.objects.bulk_create(
        ServiceInstrument(service_id=pk, instrument_id=other, place=place)
        for pk, each in refs.items()
        for place, other in enumerate(dict.fromkeys(found[ref] for ref in each if ref in found))
    )
    ServicePrice.objects.filter(service__in=rows.values()).delete()
    ServicePrice.objects.bulk_create(
        ServicePrice(service_id=pk, line=UUID(line["id"]))
        for uid, pk in rows.items()
        for line in bodies.get((uid, "prices"), {}).get("prices") or ()
    )


def _keep_capability(uids: Sequence[UUID]) -> None:
    rows = dict(Capability.objects.own().filter(uid__in=uids).values_list("uid", "pk"))
    bodies = _bodies("capability", uids, ("basics",))
    refs = {pk: bodies.get((uid, "basics"), {}).get("service_refs") or () for uid, pk in rows.items()}
    found = _found(Service, refs)
    CapabilityService.objects.filter(capability__in=rows.values()).delete()
    CapabilityService.objects.bulk_create(
        CapabilityService(capability_id=pk, service_id=other, place=place)
        for pk, each in refs.items()
        for place, other in enumerate(dict.fromkeys(found[ref] for ref in each if ref in found))
    )


def _bodies(
    kind: str, uids: Sequence[UUID], sections: Sequence[str]
) -> dict[tuple[UUID, str], dict[str, Any]]:
    rows = Section.objects.filter(
        home_id=OWN, kind=kind, uid__in=uids, section__in=sections, is_current=True
    ).exclude(body="")
    return {
        (uid, section): read_body(body.encode())
        for uid, section, body in rows.values_list("uid", "section", "body")
    }


def _found(model: Any, refs: Mapping[int, Sequence[str]]) -> dict[str, int]:
    """Return record id > row id of the own records among those referred to; one query."""
    node = own_address()
    wanted = {
        parsed.uid: ref
        for each in refs.values()
        for ref in each
        if (parsed := parse_record_id(ref)).node == node
    }
    rows = model.objects.own().filter(uid__in=list(wanted)).values_list("uid", "pk")
    return {wanted[uid]: pk for uid, pk in rows}
