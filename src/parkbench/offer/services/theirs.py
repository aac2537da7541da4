"""What follows from partners' services and capabilities: what they draw on, where price lines stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from parkbench.instruments.models import Instrument
from parkbench.lib.urn import parse_record_id, record_id
from parkbench.offer.models import Capability, CapabilityService, Service, ServiceInstrument, ServicePrice
from parkbench.records import bulk
from parkbench.records.models import Home

Drawn = tuple[int, Sequence[str]]
"""A row, and the ids on the wire of what it draws on."""


def take_links(kind: str, home: int, uids: Sequence[UUID]) -> None:
    """This function will write what services and capabilities of a partner draw on, as far as it is here.

    It hears of every row of a partner that is written, inside its transaction; also of instruments and
    services that come after those that name them. They draw on records of the same partner alone.
    """
    if kind == "instrument":
        _late(Service, "instrument_refs", home, kind, uids)
        return
    if kind == "service":
        rows = list(Service.objects.filter(home_id=home, uid__in=uids).values_list("pk", "instrument_refs"))
        _link_instruments(home, rows)
        _keep_lines(home, uids)
        _late(Capability, "service_refs", home, kind, uids)
    elif kind == "capability":
        named = Capability.objects.filter(home_id=home, uid__in=uids).values_list("pk", "service_refs")
        _link_services(home, list(named))


def _late(model: Any, column: str, home: int, kind: str, uids: Sequence[UUID]) -> None:
    """Link what names one of these; two reads when nothing does."""
    rows = model.objects.filter(home_id=home, **{f"{column}__isnull": False}).values_list("pk", column)
    address = Home.objects.values_list("address", flat=True).get(pk=home)
    come = {record_id(node=address, kind=kind, uid=uid) for uid in uids}
    naming = [(pk, refs) for pk, refs in rows if not come.isdisjoint(refs)]
    if naming and model is Service:
        _link_instruments(home, naming)
    elif naming:
        _link_services(home, naming)


def _link_instruments(home: int, rows: Sequence[Drawn]) -> None:
    found = _found(Instrument, home, rows)
    ServiceInstrument.objects.filter(service_id__in=[pk for pk, _refs in rows]).delete()
    bulk.upsert(
        ServiceInstrument, columns=("service_id", "instrument_id", "place"), rows=_placed(rows, found)
    )


def _link_services(home: int, rows: Sequence[Drawn]) -> None:
    found = _found(Service, home, rows)
    CapabilityService.objects.filter(capability_id__in=[pk for pk, _refs in rows]).delete()
    bulk.upsert(
        CapabilityService, columns=("capability_id", "service_id", "place"), rows=_placed(rows, found)
    )


def _placed(rows: Iterable[Drawn], found: Mapping[str, int]) -> list[tuple[int, int, int]]:
    return [
        (pk, other, place)
        for pk, refs in rows
        for place, other in enumerate(dict.fromkeys(found[ref] for ref in refs or () if ref in found))
    ]


def _found(model: Any, home: int, rows: Iterable[Drawn]) -> dict[str, int]:
    """Return id on the wire > row of what these draw on, of the same partner; at most two queries."""
    refs = {ref for _pk, each in rows for ref in each or ()}
    if not refs:
        return {}
    address = Home.objects.values_list("address", flat=True).get(pk=home)
    wanted = {parsed.uid: ref for ref in refs if (parsed := parse_record_id(ref)).node == address}
    here = model.objects.filter(home_id=home, uid__in=list(wanted)).values_list("uid", "pk")
    return {wanted[uid]: pk for uid, pk in here}


def _keep_lines(home: int, uids: Sequence[UUID]) -> None:
    rows = list(Service.objects.filter(home_id=home, uid__in=uids).values_list("pk", "prices"))
    ServicePrice.objects.filter(service_id__in=[pk for pk, _prices in rows]).delete()
    lines = {(pk, UUID(line["id"])) for pk, prices in rows for line in prices or ()}
    bulk.upsert(ServicePrice, columns=("service_id", "line"), rows=sorted(lines))
