"""A machine park of a given size, made through services; the first part of `pages.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import sheets
from django.db import connection

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import person_by_email
from parkbench.accounts.rules import Role
from parkbench.catalogue import queries as catalogue
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.lib.db import refresh_statistics
from parkbench.lib.urn import record_id
from parkbench.programme.services import make_missing
from parkbench.records.bulk import CHUNK
from parkbench.records.queries import own_address
from parkbench.records.rules import PUBLIC
from parkbench.records.services import set_policy
from parkbench.records.visibility import Viewer
from parkbench.search.services import catch_up

BY = Viewer.operator()
MAIL = "mo@bench.example"


def manager() -> Person:
    """Return the manager who looks at the pages."""
    somebody = person_by_email(email=MAIL)
    if somebody is None:
        somebody = accounts.add_person(email=MAIL, name="Mo")
        accounts.grant(person=somebody, role=Role.MANAGER)
        for kind in ("unit", "site", "instrument"):
            set_policy(kind=kind, section="basics", mask=PUBLIC, by=BY)
        set_policy(kind="instrument", section="capacity", mask=PUBLIC, by=BY)
    return somebody


def grow_to(count: int) -> None:
    """Add instruments until there are so many, 1,000 a transaction, and index them."""
    here = Instrument.objects.own().live().count()
    fresh = islice(_instruments(count), here, None)
    while chunk := list(islice(fresh, CHUNK)):
        instruments.write(new=chunk, by=BY)
    catch_up()
    refresh_statistics()  # as the worker does after an import


def _instruments(count: int) -> Iterator[tuple[UUID, dict[str, Any], dict[str, Any]]]:
    node = own_address()
    refs = {
        (kind, name): record_id(node=node, kind=kind, uid=uid)
        for kind, names in (("unit", sheets.UNITS), ("site", sheets.BUILDINGS))
        for name, uid in make_missing(kind=kind, names=names, by=BY).items()
    }
    targets = catalogue.link_targets(BY)
    for row in sheets.rows(count, sheets.known_models(connection.settings_dict["NAME"])):
        inventory, name, maker, model, unit, site, room, status, began, price, serial, until = row
        key = targets.key(maker, model)
        values = {
            "name": name,
            "unit_ref": refs["unit", unit],
            "site_ref": refs["site", site],
            "maker_text": maker,
            "model_text": model,
            "model_key": key,
            "status": sheets.STATUSES[status],
            "commissioned_on": None if sheets.is_wrong(row) else sheets.iso(began),
            "replacement_price": sheets.cents_of(price) if price else None,
            "replacement_currency": "EUR" if price else None,
            "purchase_year": date.fromisoformat(sheets.iso(until) or "2019-01-01").year - 7,
            "serial_number": serial,
            "inventory_number": inventory,
            "room": room,
            "end_of_support_on": sheets.iso(until),
        }
        given = {field: value for field, value in values.items() if value is not None}
        yield uuid4(), given, {"linked_model_id": targets.models[key] if key else None}
