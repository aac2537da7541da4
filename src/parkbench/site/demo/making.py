"""Making the sample node, all through the services and the import that any node is filled by."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import grants_of
from parkbench.catalogue.models import DeviceModel
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.intake import services as intake
from parkbench.lib.db import refresh_statistics
from parkbench.lib.errors import Refused
from parkbench.lib.urn import record_id
from parkbench.programme import services as programme
from parkbench.programme.queries import own_organisation
from parkbench.records.models import OWN, REGISTER, Home
from parkbench.records.queries import own_address, own_home
from parkbench.records.services import set_policy, set_stewardship, share_record, widen
from parkbench.records.services.lists import save_filter
from parkbench.records.visibility import Viewer
from parkbench.site import node
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.institute import Institute
from parkbench.site.demo.machines import KnownModel, Machine, machines
from parkbench.site.demo.pictures import picture
from parkbench.site.demo.sheets import sheet
from parkbench.site.demo.working import offer_services, work
from parkbench.site.founding import Wish, found

EVERYBODY = Viewer.public().mask
PICTURES = 8
LIFE = 10
"""Years that a model lives when the register does not say."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the number of live instruments, and of rows the imports refused."""

    instruments: int
    refused: int


@dataclass(slots=True)
class _Node:
    """What the steps of making hand on to each other; places and people by name."""

    institute: Institute
    today: date
    address: str
    people: dict[str, Person]
    director: Viewer
    platforms: dict[str, UUID]
    units: dict[str, UUID]
    sites: dict[str, UUID]

    def eyes(self, email: str) -> Viewer:
        """Look with this person's eyes."""
        person = self.people[email]
        return Viewer(grants=grants_of(person_id=person.pk), person=person)

    def head_of(self, machine: Machine) -> Person:
        """Return the head of the platform an instrument belongs to."""
        email = next(one.email for one in self.institute.people if one.holds_for == machine.unit.platform)
        return self.people[email]


def make_sample_node(*, url: str, today: date | None = None, institute: Institute = FIRST) -> Made:
    """This function will make the sample node in the node's folder, whole or not at all.

    Raises Refused when the folder holds other things or another node.
    """
    today = today or timezone.localdate()
    wish = Wish(organisation=institute.name, url=url, admin=institute.administrator)
    with node.private_files():
        node.make_folder()
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            found(wish=wish)
            # From here on every page says so, whatever becomes of the rest.
            Home.objects.filter(pk=OWN).update(is_sample=True)
            return _furnish(institute, today)


def is_sample_here() -> bool:
    """Tell whether a finished sample node is here; one whose making was broken off is made anew.

    Raises Refused when the folder holds a node that is no sample.
    """
    if not node.is_here() or Home._meta.db_table not in connection.introspection.table_names():
        return False
    here = own_home()
    if here.address == node.NO_ADDRESS:
        return False
    if not here.is_sample:
        raise Refused(
            f"{node.home()} holds a real node, {here.name}. Sample data never goes there. "
            "Choose another folder with --home."
        )
    return True


def _furnish(institute: Institute, today: date) -> Made:
    here = _places_and_people(institute, today)
    made = machines(_known_models(), today=today, institute=institute)
    refused = _by_sheets(here, made)
    listed = {code for one in institute.sheets for code in one.codes}
    _by_hand(here, [machine for machine in made if machine.unit.code not in listed])
    uids = dict(Instrument.objects.own().live().values_list("name", "uid"))
    _answer_for(here, [machine for machine in made if machine.unit.code in listed], uids)
    instruments.delete(uids=[uids[each.name] for each in made if each.is_deleted], by=here.director)
    standing = [machine for machine in made if not machine.is_deleted]
    _show(here, standing, uids)
    _draw(here, standing, uids)
    _live(here, standing, uids)
    work(standing, uids, today=today, by=here.director)
    offer_services(standing, uids, here.units, institute=institute, today=today, by=here.director)
    refresh_statistics()
    return Made(len(standing), refused)


def _places_and_people(institute: Institute, today: date) -> _Node:
    operator = Viewer.operator()
    programme.set_organisation(
        by=operator,
        name=institute.name,
        short_name=institute.short_name,
        description=institute.mission,
    )
    platforms = {
        name: programme.add_platform(
            name=name,
            short_name=code,
            description=f"Sample data: {name} is a made-up platform.",
            contact={"mailbox": f"{code.lower()}@example.org"},
            by=operator,
        )
        for name, code in institute.platforms.items()
    }
    units = {
        unit.name: programme.add_unit(
            name=unit.name,
            short_name=unit.code,
            platform=platforms[unit.platform],
            description="Sample data: a made-up unit.",
            contact={"mailbox": unit.mailbox},
            by=operator,
        )
        for unit in institute.units
    }
    sites = {
        name: programme.add_site(name=name, address=address, city=institute.town, by=operator)
        for name, address in institute.sites.items()
    }
    people = _people(institute, {**platforms, **units})
    person = people[institute.director]
    director = Viewer(grants=grants_of(person_id=person.pk), person=person)
    return _Node(institute, today, own_address(), people, director, platforms, units, sites)


def _people(institute: Institute, scopes: Mapping[str, UUID]) -> dict[str, Person]:
    """Add the people with their roles, and none with a password: nobody signs in but by the link."""
    people = {}
    for one in institute.people:
        person = accounts.add_person(email=one.email, name=one.name)
        scope = str(scopes[one.holds_for]) if one.holds_for else ""
        accounts.grant(person=person, role=one.role, scope=scope)
        people[one.email] = person
    return people


def _known_models() -> list[KnownModel]:
    """Return the shipped makes and models, in the order of their keys."""
    rows = DeviceModel.objects.live().filter(home_id=REGISTER, maker__isnull=False).order_by("key")
    columns = ("pk", "key", "designation", "aliases", "maker__name", "maker__aliases", "techniques")
    return [
        KnownModel(
            pk, key, designation, tuple(names), maker, tuple(maker_names),
            tuple(word for word in (techniques or "").split("|") if word), life or LIFE,
        )
        for pk, key, designation, names, maker, maker_names, techniques, life in rows.values_list(
            *columns, "typical_life_years"
        )
    ]  # fmt: skip


def _by_sheets(here: _Node, made: Sequence[Machine]) -> int:
    """Import the lists that two groups of units keep; returns how many rows were refused."""
    refused = 0
    for one in here.institute.sheets:
        listed = sorted(
            (machine for machine in made if machine.unit.code in one.codes), key=lambda each: each.unit.code
        )
        if not listed:
            continue
        batch = intake.begin(
            source=one.source,
            target="instruments",
            file_name=one.file_name,
            pieces=[sheet(listed, one.habit)],
            by=here.director,
        )
        intake.start_check(batch_id=batch.pk, by=here.director)
        batch = intake.accept(batch_id=batch.pk, by=here.director)
        refused += batch.counts.get("refused", 0)
    return refused


def _by_hand(here: _Node, made: Sequence[Machine]) -> None:
    """Add instruments as a form does, those that are part of another one after it."""
    uids = {machine.name: uuid4() for machine in made}
    for is_part in (False, True):
        new = []
        for machine in made:
            if bool(machine.part_of) is is_part:
                values = _with_references(here, machine, uids)
                new.append((uids[machine.name], values, _local(here, machine)))
        instruments.write(new=new, by=here.director)


def _with_references(here: _Node, machine: Machine, uids: Mapping[str, UUID]) -> dict[str, Any]:
    """Return an instrument's values with the ids of its unit, its site and what it is part of."""

    def ref(kind: str, uid: UUID) -> str:
        return record_id(node=here.address, kind=kind, uid=uid)

    values = {
        **machine.values,
        "unit_ref": ref("unit", here.units[machine.unit.name]),
        "site_ref": ref("site", here.sites[machine.unit.site]),
    }
    if machine.part_of:
        values["parent_ref"] = ref("instrument", uids[machine.part_of.name])
    return values


def _local(here: _Node, machine: Machine) -> dict[str, Any]:
    return {
        "linked_model_id": machine.model.pk,
        "steward_id": here.head_of(machine).pk,
        "review_due_on": _review(here, machine),
    }


def _review(here: _Node, machine: Machine) -> date:
    """Return when the content is to be reviewed: some are overdue, the others spread over two years."""
    spread = random.Random(machine.name)  # noqa: S311 - sample data, no secret
    days = -spread.randint(3, 120) if machine.is_overdue else spread.randint(14, 700)
    return here.today + timedelta(days=days)


def _answer_for(here: _Node, made: Sequence[Machine], uids: Mapping[str, UUID]) -> None:
    """Name who answers for the content of what came by sheet."""
    for machine in made:
        set_stewardship(
            kind="instrument",
            uid=uids[machine.name],
            steward=here.head_of(machine),
            review_due_on=_review(here, machine),
            by=here.director,
        )
    operator = Viewer.operator()
    organisation = own_organisation(viewer=operator)
    places = [("organisation", organisation.uid)] if organisation else []
    places += [("platform", uid) for uid in here.platforms.values()]
    for kind, uid in places:
        soon = here.today + timedelta(days=12)
        person = here.people[here.institute.director]
        set_stewardship(kind=kind, uid=uid, steward=person, review_due_on=soon, by=operator)


def _show(here: _Node, made: Sequence[Machine], uids: Mapping[str, UUID]) -> None:
    """Let everybody see what one platform has; everything else stays inside; one instrument waits."""
    by = here.director
    set_policy(kind="organisation", section="basics", mask=EVERYBODY, by=by)
    widen(kind="organisation")
    reachable = {"basics": EVERYBODY, "contact": EVERYBODY}
    share_record(kind="platform", uid=here.platforms[here.institute.public_platform], masks=reachable, by=by)
    shown = here.institute.public_units
    for unit in shown:
        share_record(kind="unit", uid=here.units[unit.name], masks=reachable, by=by)
    for site in sorted({unit.site for unit in shown}):
        share_record(kind="site", uid=here.sites[site], masks={"basics": EVERYBODY}, by=by)
    public = [machine for machine in made if machine.unit in shown]
    waiting = next((machine for machine in public if machine.values["status"] == "in-service"), None)
    for machine in public:
        later = timezone.now() + timedelta(days=90) if machine is waiting else None
        masks = {"basics": EVERYBODY}
        share_record(kind="instrument", uid=uids[machine.name], masks=masks, share_from=later, by=by)


def _draw(here: _Node, made: Sequence[Machine], uids: Mapping[str, UUID]) -> None:
    """Give a few instruments of the public platform a picture."""
    shown = [machine for machine in made if machine.unit.code in here.institute.pictured]
    for number, machine in enumerate(shown[1 : PICTURES + 1]):
        drawn = ContentFile(picture(machine.name, number=number), name="sample.png")
        instruments.attach(
            uid=uids[machine.name], place="picture", upload=drawn, title="Sample picture", by=here.director
        )


def _live(here: _Node, made: Sequence[Machine], uids: Mapping[str, UUID]) -> None:
    """Let people go on with it: corrections and steps of the life cycle by those who answer for a unit."""
    running = [machine for machine in made if machine.values["status"] == "in-service"]
    today = here.today.isoformat()
    for place, change in enumerate(here.institute.changes):
        theirs = [machine for machine in running if machine.unit.code == change.code]
        if not theirs:
            continue
        values = {name: today if value == "today" else value for name, value in change.values.items()}
        if "status" in values:
            values["status_on"] = today
        machine = theirs[place % len(theirs)]
        instruments.edit(uid=uids[machine.name], values=values, by=here.eyes(change.email))
    for name, query in (
        ("Most expensive first", "sort=-replacement_price"),
        ("Not in full service", "status=limited&status=out-of-service"),
    ):
        save_filter(list_name="instruments", name=name, query=query, is_shared=True, by=here.director)
