"""What the institute did in three years, written as the rooms write it: use, service events, services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from parkbench.catalogue.models import Technique
from parkbench.figures import services as figures
from parkbench.lib.urn import record_id
from parkbench.offer import services as offer
from parkbench.records.bulk import CHUNK
from parkbench.records.queries import own_address
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer
from parkbench.servicing import services as servicing
from parkbench.site.demo import years
from parkbench.site.demo.institute import Institute
from parkbench.site.demo.machines import Machine

Row = tuple[UUID, dict[str, Any]]


def work(made: Sequence[Machine], uids: Mapping[str, UUID], *, today: date, by: Viewer) -> None:
    """Write use and service events of three years."""
    rows = _years_of_use(made, uids, today)
    while chunk := list(islice(rows, CHUNK)):
        figures.amend_and_write(new=chunk, changed={}, by=by)
    happened = _events(made, uids, today)
    while chunk := list(islice(happened, CHUNK)):
        servicing.write(new=chunk, by=by)


def _years_of_use(made: Sequence[Machine], uids: Mapping[str, UUID], today: date) -> Iterator[Row]:
    for machine in made:
        for year, sums in years.use(machine, today=today).items():
            ref = _ref("instrument", uids[machine.name])
            yield uuid4(), {"instrument_ref": ref, "year": year, **sums}


def _events(made: Sequence[Machine], uids: Mapping[str, UUID], today: date) -> Iterator[Row]:
    for machine in made:
        for values in years.events(machine, today=today):
            yield uuid4(), {"instrument_ref": _ref("instrument", uids[machine.name]), **values}


def _ref(kind: str, uid: UUID) -> str:
    return record_id(node=own_address(), kind=kind, uid=uid)


def offer_services(
    made: Sequence[Machine],
    uids: Mapping[str, UUID],
    units: Mapping[str, UUID],
    *,
    institute: Institute,
    today: date,
    by: Viewer,
) -> None:
    """Add two services with prices to each unit and capabilities over several; show those of one platform."""
    known = set(Technique.objects.live().values_list("key", flat=True))
    added: dict[str, list[UUID]] = {}
    for unit in institute.units:
        theirs = [machine for machine in made if machine.unit is unit]
        used = [_ref("instrument", uids[one.name]) for one in theirs if one.values["status"] in years.RUNS]
        techniques = dict.fromkeys(key for one in theirs for key in one.model.techniques if key in known)
        for place, values in enumerate(
            years.services(unit.name, unit.code, used, list(islice(techniques, 4)))
        ):
            uid = offer.add_service(values={**values, "unit_ref": _ref("unit", units[unit.name])}, by=by)
            per = "sample" if place == 0 else "hour"
            offer.set_prices(uid=uid, lines=years.prices(unit.name, per, year=today.year), by=by)
            added.setdefault(unit.code, []).append(uid)
            if unit in institute.public_units:
                masks = dict.fromkeys(("basics", "capacity", "contact", "prices"), Viewer.public().mask)
                share_record(kind="service", uid=uid, masks=masks, by=by)
    for name, codes in institute.capabilities:
        drawn_on = [_ref("service", added[code][0]) for code in codes]
        about = "Sample data: one way through several units."
        offer.add_capability(values={"name": name, "description": about, "service_refs": drawn_on}, by=by)
