"""A small institute with something to hide in every corner, and the people who look at it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLResolver, get_resolver

import cast
import offers
from parkbench.accounts.models import Person
from parkbench.accounts.rules import Role
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel
from parkbench.figures import services as figures
from parkbench.instruments import services as instruments
from parkbench.instruments.rules import SECTION_OF
from parkbench.intake import services as intake
from parkbench.intake.models import Batch
from parkbench.lib.urn import record_id
from parkbench.offer import services as offer
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.queries import own_address
from parkbench.records.services import lists, set_policy, set_stewardship, share_record, widen
from parkbench.servicing import services as servicing

NEVER = datetime(2190, 1, 1, tzinfo=UTC)
WORDS = {
    "legal_owner": "Owner{}",
    "insurance": "Insurer{}",
    "replacement_source": "Quote{}",
    "serial_number": "Serial{}",
    "inventory_number": "Inventory{}",
    "room": "Room{}",
    "notes": "Note{}",
    "configuration": "Setup{}",
    "description": "About{}",
}
"""Fields of every section that hold a text; the braces take the mark of an instrument."""

VIEWERS = ("", "cleo", "ben", "eva", "edda", "hana")
"""Those who may not see everything: the public, nobody's member, reader, economics reader, editor, head."""


@dataclass
class World:
    """Everything that was made, by a short name."""

    uids: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    filters: dict[str, int] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)

    def client(self, name: str, *, lens: str = "") -> Client:
        """Return the browser of somebody, or of the public; ``lens`` borrows the eyes of an audience."""
        client = Client()
        if name in self.people:
            client.force_login(self.people[name])
        if lens:
            client.post("/view-as/", {"audience": lens})
        return client


def build() -> World:
    """Make the institute: platform and unit A are public, B is for partners, C is shared with nobody."""
    world = World()
    _places(world)
    people(world)
    _catalogue(world)
    _park(world)
    _events(world)
    _offers(world)
    use(world, "own_a", 60)
    use(world, "open_a", 120)
    for name in ("mona", "hana"):
        world.batches[name] = batch(world, name, f"{name}'s list", f"{name.title()} microscope")
        world.filters[name] = lists.save_filter(
            list_name="instruments", name=f"{name} filter", query="q=x", is_shared=False, by=eyes(world, name)
        ).pk
    set_policy(kind="organisation", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    widen(kind="organisation")
    return world


def eyes(world: World, name: str) -> Any:
    """Look with somebody's eyes."""
    return cast.viewer(world.people[name])


def share(kind: str, uid: UUID, mask: int, *sections: str, share_from: datetime | None = None) -> None:
    """Share these sections of a record, the basics always among them."""
    masks = dict.fromkeys(("basics", *sections), mask)
    share_record(kind=kind, uid=uid, masks=masks, share_from=share_from, by=cast.OPERATOR)


def _places(world: World) -> None:
    by, uids = cast.OPERATOR, world.uids
    uids["organisation"] = programme.set_organisation(name="Alpha Institute", by=by)
    for letter, mask in (("a", rules.PUBLIC), ("b", rules.PARTNERS), ("c", rules.NOBODY)):
        platform = programme.add_platform(name=f"Platform {letter.upper()}", by=by)
        site = programme.add_site(name=f"Site {letter.upper()}", by=by)
        unit = programme.add_unit(
            name=f"Unit {letter.upper()}", platform=platform, contact={"mailbox": f"{letter}@x.se"}, by=by
        )
        uids |= {f"platform_{letter}": platform, f"unit_{letter}": unit, f"site_{letter}": site}
        for kind in ("platform", "unit", "site"):
            share(kind, uids[f"{kind}_{letter}"], mask)
    uids["unit_gone"] = programme.add_unit(name="Unit gone", by=by)
    programme.delete(kind="unit", uid=uids["unit_gone"], by=by)


def people(world: World) -> None:
    """Add the people who look at it, with what they hold for units A and B."""
    a, b = (str(world.uids[f"unit_{letter}"]) for letter in "ab")
    roles: Mapping[str, tuple[Any, ...]] = {
        "cleo": (),
        "ben": (Role.READER,),
        "eva": ((Role.ECONOMICS_READER, a),),
        "edda": ((Role.EDITOR, a),),
        "hana": ((Role.HEAD, a),),
        "hugo": ((Role.HEAD, b),),
        "mona": (Role.MANAGER,),
        "ada": (Role.ADMINISTRATOR,),
    }
    world.people = {name: cast.person(name.title(), *held) for name, held in roles.items()}


def _catalogue(world: World) -> None:
    by, uids = cast.OPERATOR, world.uids
    for name, mask in (("Openscope", rules.PUBLIC), ("Hiddenscope", rules.NOBODY)):
        maker = catalogue.add_maker(fields=catalogue.MakerFields(name=name), by=by)
        model = catalogue.add_model(fields=catalogue.ModelFields(maker=name, designation=f"{name} 1"), by=by)
        uids |= {f"maker_{name}": maker, f"model_{name}": model}
        share("maker", maker, mask)
        share("model", model, mask)
    # A model that everybody sees, of a maker that nobody outside does.
    fields = catalogue.ModelFields(maker="Hiddenscope", designation="Halfway 7")
    uids["model_half"] = catalogue.add_model(fields=fields, by=by)
    share("model", uids["model_half"], rules.PUBLIC)


def values_of(mark: str, letter: str, **more: Any) -> dict[str, Any]:
    """Return something for every section, marked so that it can be found again."""
    filled = {name: text.format(mark) for name, text in WORDS.items()}
    money = {"purchase_price": 1_000_000, "replacement_price": 2_000_000, "running_cost": 30_000}
    rest = {"purchase_year": 2015, "criticality": 3, "mailbox": f"{mark}@contact.se".casefold()}
    funding = [{"funder": f"Funder{mark}", "grant": f"Grant{mark}"}]
    dates = {"end_of_support_on": "2027-03-04", "status": "in-service"}
    return {**filled, **money, **rest, **dates, "funding": funding, **more}


def put(world: World, name: str, letter: str, model: str = "Openscope 1", **more: Any) -> UUID:
    """Add an instrument to unit A, B or C and remember it by name."""
    mark = "".join(part.title() for part in name.split("_"))
    unit = world.uids[f"unit_{letter}"]
    site = record_id(node=own_address(), kind="site", uid=world.uids[f"site_{letter}"])
    values = values_of(mark, letter, site_ref=site, **more)
    world.uids[name] = cast.instrument(f"Name{mark}", unit, model, **values)
    return world.uids[name]


def link(world: World, name: str, model: str) -> None:
    """Say which make and model of the catalogue an instrument is."""
    found = DeviceModel.objects.get(uid=world.uids[model])
    instruments.link_model(uid=world.uids[name], model=found, by=cast.OPERATOR)


def _park(world: World) -> None:
    """Shown and hidden instruments in turn, so that neither keys nor order tell them apart."""
    put(world, "own_a", "a")
    share("instrument", put(world, "open_a", "a"), rules.PUBLIC, "capacity", "contact")
    put(world, "own_b", "b")
    sections = ("capacity", "economics", "contact")
    share("instrument", put(world, "partner_b", "b"), rules.PARTNERS, *sections)
    share("instrument", put(world, "open_b", "b"), rules.PUBLIC)
    put(world, "own_c", "c", purchase_year=1999)
    share("instrument", put(world, "open_c", "c", purchase_price=5_000_000), rules.PUBLIC)
    economics = {"economics": rules.PARTNERS}
    share_record(kind="instrument", uid=world.uids["open_c"], masks=economics, by=cast.OPERATOR)
    share("instrument", put(world, "late_a", "a"), rules.PUBLIC, "capacity", share_from=NEVER)
    link(world, "open_a", "model_Openscope")
    link(world, "open_b", "model_Hiddenscope")
    link(world, "open_c", "model_half")
    for name, letter in (("gone_a", "a"), ("gone_b", "b")):
        instruments.delete(uids=[put(world, name, letter)], by=cast.OPERATOR)
    for place in ("capacity", "economics", "internal"):
        content = ContentFile(f"text of {place}".encode(), f"File{place}.txt")
        world.digests[place] = instruments.attach(
            uid=world.uids["open_a"], place=place, upload=content, by=cast.OPERATOR
        )
    set_stewardship(
        kind="instrument",
        uid=world.uids["open_a"],
        steward=world.people["hana"],
        review_due_on=None,
        by=cast.OPERATOR,
    )


def note(world: World, name: str, instrument: str, **more: Any) -> UUID:
    """Note a service event and remember it by name; every part of it says something marked."""
    mark = "".join(part.title() for part in name.split("_"))
    values = {
        "name": f"Happened{mark}",
        "happened_on": "2025-03-04",
        "event_kind": "failure",
        "cost": 123_400,
        "currency": "SEK",
        "vat": "excluded",
        "supplier": f"Supplier{mark}",
        "note": f"Note{mark}",
        "case_number": f"Case{mark}",
        **more,
    }
    world.uids[name] = servicing.add(instrument=world.uids[instrument], values=values, by=cast.OPERATOR)
    return world.uids[name]


def _events(world: World) -> None:
    """Events of every unit: shared with nobody, with partners, with everybody, and one that is deleted."""
    note(world, "event_a", "own_a", still_down=True)
    share("service-event", note(world, "event_open_a", "open_a", down_tenths=25), rules.PUBLIC)
    note(world, "event_b", "own_b", ended_on="2025-03-09")
    partners = note(world, "event_partner_b", "partner_b", still_down=True)
    share("service-event", partners, rules.PARTNERS, "economics")
    note(world, "event_c", "own_c", event_kind="move")
    # Everybody may know of this one, and nobody outside of its instrument.
    share("service-event", note(world, "event_open_c", "own_c"), rules.PUBLIC)
    servicing.delete(uids=[note(world, "event_gone", "own_a")], by=cast.OPERATOR)


def use(world: World, instrument: str, minutes: int, year: int = 2025) -> None:
    """Enter how long an instrument was used in a month, shared with nobody; remember the year by name."""
    world.uids[f"year_{instrument}"] = figures.enter_month(
        instrument=world.uids[instrument],
        year=year,
        month=3,
        values={"m03_used_internal": minutes, "m03_groups_academic": minutes % 9 + 1},
        by=cast.OPERATOR,
    )


def _offers(world: World) -> None:
    """Services of which some, some parts, or nothing is shared, and a capability that draws on all."""
    uids = world.uids
    instruments_of = {"own_a": ("own_a", "open_a"), "open_a": ("own_a", "open_a"), "open_b": ("own_b",)}
    for name, used in instruments_of.items():
        mark = f"Service{name.title().replace('_', '')}"
        values = {"description": f"About{mark}", "lead_time_days": 9, "throughput": f"Pace{mark}"}
        values |= {"mailbox": f"{mark}@contact.se".casefold(), "techniques": ["flim"], "status": "offered"}
        uid = offers.service(mark, uids[f"unit_{name[-1]}"], *(uids[one] for one in used), **values)
        lines = [{**offers.OLD, "id": str(uid)}, {**offers.NOW, "label": f"Label{mark}"}]
        offers.prices(uid, *lines)
        uids |= {f"service_{name}": uid, f"price_{name}": uid}
    share("service", uids["service_open_a"], rules.PUBLIC, "capacity", "contact", "prices")
    share("service", uids["service_open_b"], rules.PUBLIC)
    drawn_on = (uids[name] for name in uids if name.startswith("service_"))
    uids["capability_open"] = offers.capability("Correlative", *list(drawn_on))
    share("capability", uids["capability_open"], rules.PUBLIC)
    platform = offers.ref("platform", uids["platform_a"])
    uids["capability_a"] = offers.capability("Hidden", uids["service_open_a"], platform_ref=platform)


def batch(world: World, name: str, source: str, title: str, **more: str) -> Batch:
    """Begin and check an import of one row into unit A in somebody's name."""
    row = {"Name": title, "Model": "Zeiss LSM 980", "Unit": "Unit A", "Inventory number": title, **more}
    sheet = ";".join(row) + "\n" + ";".join(row.values()) + "\n"
    by = eyes(world, name)
    begun = intake.begin(
        source=source, target="instruments", file_name=f"{name}.csv", pieces=[sheet.encode()], by=by
    )
    return intake.check(batch_id=begun.pk, by=by)


def change(world: World, name: str, values: Mapping[str, Any]) -> None:
    """Change an instrument; the fields may be of any section."""
    unknown = set(values) - set(SECTION_OF)
    assert not unknown
    instruments.edit(uid=world.uids[name], values=values, by=cast.OPERATOR)


def change_service(world: World, name: str, values: Mapping[str, Any]) -> None:
    """Change a service; ``prices`` replaces its list."""
    uid, rest = world.uids[name], dict(values)
    if "prices" in rest:
        offers.prices(uid, *rest.pop("prices"))
    if rest:
        offer.edit(kind="service", uid=uid, values=rest, by=cast.OPERATOR)


@dataclass(frozen=True)
class Answer:
    """What somebody got, without the noise that every answer carries anew."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def ask(client: Client, url: str, data: Mapping[str, Any] | None = None) -> Answer:
    """Fetch an address, or post to it; a workbook counts by what is packed in it."""
    response = client.get(url) if data is None else client.post(url, data)
    parts = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    names = sorted(response.cookies)
    headers = {name: value for name, value in response.items() if name not in ("Set-Cookie", "Expires")}
    if parts.startswith(b"PK"):
        headers.pop("Content-Length", None)  # depends on the second in which it was packed
        parts = unpacked(parts)
    return Answer(
        response.status_code,
        (*sorted(headers.items()), ("Set-Cookie", " ".join(names))),
        _TOKEN.sub(b"token", parts),
    )


_TOKEN = re.compile(rb"(?<=csrfmiddlewaretoken\" value=\")\w{64}|(?<=X-CSRFToken\": \")\w{64}")


def unpacked(workbook: bytes) -> bytes:
    """Return the parts of a workbook one after the other, without the time of its making."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return b"\n".join(
            archive.read(name) for name in sorted(archive.namelist()) if name != "docProps/core.xml"
        )


def routes() -> dict[str, str]:
    """Return the name of every address of a node > its pattern."""
    found: dict[str, str] = {}

    def walk(patterns: Any, space: str, before: str) -> None:
        for one in patterns:
            pattern = before + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, one.namespace or space, pattern)
            else:
                assert one.name, f"The address {pattern} has no name."
                found[f"{space}:{one.name}" if space else one.name] = pattern

    walk(get_resolver().url_patterns, "", "/")
    return found
