"""Three years of use, service events and reviews for a machine park, made through services."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.utils import timezone

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import person_by_email
from parkbench.accounts.rules import Role
from parkbench.figures import services as figures
from parkbench.figures.models import UseYear
from parkbench.figures.rules import CATEGORIES, field_name
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.lib.db import refresh_statistics
from parkbench.lib.urn import record_id
from parkbench.overview.models import Visit
from parkbench.overview.services import note_visit
from parkbench.programme.models import Unit
from parkbench.records.bulk import CHUNK
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer
from parkbench.servicing import services as servicing

BY = Viewer.operator()
HEAD = "hedda@bench.example"
YEARS = 3
USED_BY = CATEGORIES[:5]
Row = tuple[UUID, dict[str, Any]]


def head_of_unit() -> Person:
    """Return the head of the first unit."""
    somebody = person_by_email(email=HEAD)
    if somebody is None:
        somebody = accounts.add_person(email=HEAD, name="Hedda")
        unit = Unit.objects.own().live().order_by("pk").values_list("uid", flat=True)[0]
        accounts.grant(person=somebody, role=Role.HEAD, scope=str(unit))
    return somebody


def grow_past(today: date) -> None:
    """Add 36 months of use in five categories and three service events to every instrument, as imports do."""
    if UseYear.objects.own().exists():
        return
    uids = list(Instrument.objects.own().live().order_by("pk").values_list("uid", flat=True))
    batch, dice = uuid4(), random.Random(11)
    for chunk in _chunks(_years(uids, today.year, dice)):
        figures.amend_and_write(new=chunk, changed={}, by=BY, batch=batch)
    for chunk in _chunks(_events(uids, today, dice)):
        servicing.write(new=chunk, by=BY, batch=batch)
    refresh_statistics()


def change_lately(people: Iterable[Person], *, count: int = 500) -> None:
    """Let these people have been here two hours ago, and then somebody change so many instruments by hand."""
    people = list(people)
    Visit.objects.filter(person__in=people).delete()
    for person in people:
        note_visit(by=Viewer(person=person), last_seen_at=None)
    uids = list(Instrument.objects.own().live().order_by("-pk").values_list("uid", flat=True)[:count])
    for place, uid in enumerate(uids):
        instruments.edit(uid=uid, values={"configuration": f"Set up anew {place}"}, by=BY)
    # The visit before this one ended when it was noted; this one begins now.
    Visit.objects.filter(person__in=people).update(previous_at=F("last_seen_at"), last_seen_at=timezone.now())


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _years(uids: list[UUID], this_year: int, dice: random.Random) -> Iterator[Row]:
    node = own_address()
    for uid in uids:
        ref = record_id(node=node, kind="instrument", uid=uid)
        for year in range(this_year - YEARS + 1, this_year + 1):
            values: dict[str, Any] = {"instrument_ref": ref, "year": year}
            for month in range(1, 13):
                values[field_name(month, "available")] = 9_600
                for category in USED_BY:
                    values[field_name(month, "used", category)] = dice.randint(0, 1_500)
            yield uuid4(), values


def _events(uids: list[UUID], today: date, dice: random.Random) -> Iterator[Row]:
    node = own_address()
    for place, uid in enumerate(uids):
        ref = record_id(node=node, kind="instrument", uid=uid)
        for number in range(YEARS):
            happened = today - timedelta(days=dice.randint(1, 1_000))
            values = {
                "instrument_ref": ref,
                "event_kind": "failure" if number else "preventive",
                "happened_on": happened.isoformat(),
                "cost": dice.randint(1_000, 900_000),
                "currency": "EUR",
                "vat": "excluded",
            }
            ends = {"still_down": True} if not number and place % 400 == 0 else {"down_tenths": number * 10}
            yield uuid4(), {**values, **ends}
