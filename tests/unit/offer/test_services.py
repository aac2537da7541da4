"""Writes: who may, what is refused, what follows."""

from __future__ import annotations

from uuid import uuid4

import pytest

import cast
import offers
from offers import NOW, OLD
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.offer import services
from parkbench.offer.models import CapabilityService, Service, ServiceInstrument, ServicePrice
from parkbench.programme import services as programme
from parkbench.records import services as records
from parkbench.records.queries import heads
from parkbench.records.registry import kind_of

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture
def unit():
    return cast.unit()


def edit(uid, by=BY, kind="service", **values):
    return services.edit(kind=kind, uid=uid, values=values, by=by)


def body(uid, section, kind="service"):
    row = kind_of(kind).model._default_manager.get(uid=uid)
    return heads(kind=kind_of(kind), row=row, viewer=BY).get(section, (0, {}))[1]


def test_a_service_needs_a_name_and_a_unit_that_is_here(unit):
    for values in ({"name": " ", "unit_ref": offers.ref("unit", unit)}, {"name": "x"}):
        with pytest.raises(Invalid):
            services.add_service(values=values, by=BY)
    with pytest.raises(Invalid, match="a unit that is here"):
        services.add_service(values={"name": "x", "unit_ref": offers.ref("unit", uuid4())}, by=BY)


def test_heads_and_editors_write_within_their_units_only(unit):
    other = cast.unit("Flow")
    head = cast.seen_by("Hana", (Role.HEAD, str(unit)))
    mine = services.add_service(values={"name": "Imaging", "unit_ref": offers.ref("unit", unit)}, by=head)
    edit(mine, by=head, description="Pictures")
    theirs = offers.service("Sorting", other)
    for act in (
        lambda: services.add_service(values={"name": "x", "unit_ref": offers.ref("unit", other)}, by=head),
        lambda: edit(theirs, by=head, description="x"),
        lambda: edit(mine, by=head, unit_ref=offers.ref("unit", other)),
        lambda: services.set_prices(uid=theirs, lines=[NOW], by=head),
        lambda: services.delete(kind="service", uid=theirs, by=head),
        lambda: services.add_capability(values={"name": "x"}, by=head),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert Service.objects.get(uid=mine).unit.name == "Light microscopy"


def test_the_head_of_a_platform_adds_its_capabilities():
    platform = programme.add_platform(name="Imaging", by=BY)
    head = cast.seen_by("Hana", (Role.HEAD, str(platform)))
    ref = offers.ref("platform", platform)
    uid = services.add_capability(values={"name": "Correlative", "platform_ref": ref}, by=head)
    assert body(uid, "basics", "capability")["platform_ref"] == ref
    with pytest.raises(NotAllowed):
        edit(uid, by=head, kind="capability", platform_ref=None)


def test_its_life_goes_by_the_table(unit):
    uid = offers.service("Imaging", unit, status="planned")
    with pytest.raises(Invalid, match="From “planned” a service can become: ended, offered"):
        edit(uid, status="paused")
    edit(uid, status="offered")
    assert Service.objects.get(uid=uid).status == "offered"


def test_who_was_overtaken_hears_of_it(unit):
    uid = offers.service("Imaging", unit)
    edit(uid, description="theirs")
    with pytest.raises(Conflict):
        services.edit(kind="service", uid=uid, values={"description": "mine"}, expected={"basics": 1}, by=BY)
    offers.prices(uid, NOW)
    with pytest.raises(Conflict):
        services.set_prices(uid=uid, lines=[], expected=0, by=BY)


def test_only_who_agreed_is_named_as_contact(unit):
    somebody = cast.person("Ada")
    uid = offers.service("Imaging", unit)
    with pytest.raises(Refused, match="has not agreed"):
        edit(uid, person_uid=str(somebody.uid))
    type(somebody).objects.filter(pk=somebody.pk).update(is_named_outward=True)
    edit(uid, person_uid=str(somebody.uid))
    assert body(uid, "contact")["person_name"] == "Ada"
    edit(uid, person_uid=None)
    assert body(uid, "contact") == {}


def test_links_follow_what_the_sections_say(unit):
    first, second = cast.instrument("Confocal", unit), cast.instrument("Widefield", unit)
    uid = offers.service("Imaging", unit, first, second)
    offers.prices(uid, NOW)
    cap = offers.capability("Correlative", uid)
    links = ServiceInstrument.objects.filter(service__uid=uid).order_by("place")
    assert [link.instrument.uid for link in links] == [first, second]
    edit(uid, instrument_refs=[offers.ref("instrument", second)])
    assert [link.instrument.uid for link in links.all()] == [second]
    records.revert(kind="service", uid=uid, section="basics", revision=1, by=BY)
    assert [link.instrument.uid for link in links.all()] == [first, second]
    assert CapabilityService.objects.get().service.uid == uid
    edit(cap, kind="capability", service_refs=None)
    assert not CapabilityService.objects.exists()
    assert ServicePrice.objects.get().service.uid == uid


def test_it_draws_only_on_what_is_here(unit):
    gone = cast.instrument("Confocal", unit)
    uid = offers.service("Imaging", unit, gone)
    instruments.delete(uids=[gone], by=BY)
    edit(uid, description="kept though its instrument is deleted")
    assert len(body(uid, "basics")["instrument_refs"]) == 1
    with pytest.raises(Refused, match="not here any more"):
        offers.service("Other", unit, gone)


def test_prices_are_replaced_as_a_whole_and_keep_their_ids(unit):
    uid = offers.service("Imaging", unit)
    offers.prices(uid, OLD, NOW)
    before = body(uid, "prices")["prices"]
    offers.prices(uid, *before)
    assert body(uid, "prices")["prices"] == before
    offers.prices(uid)
    assert body(uid, "prices") == {}
    assert not ServicePrice.objects.exists()


@pytest.mark.parametrize(
    "lines",
    [
        [NOW, {**NOW, "valid_from": "2021-01-01"}],
        [{**NOW, "valid_until": "2019-01-01"}],
        [{**NOW, "unit": ""}],
        [{**NOW, "amount": -5}],
        [{**NOW, "label": str(each)} for each in range(301)],
    ],
)
def test_a_price_list_that_makes_no_sense_is_refused(unit, lines):
    uid = offers.service("Imaging", unit)
    with pytest.raises(Refused):
        offers.prices(uid, *lines)
    assert body(uid, "prices") == {}


def test_deleted_services_come_back_with_everything(unit):
    uid = offers.service("Imaging", unit, cast.instrument("Confocal", unit))
    services.delete(kind="service", uid=uid, by=BY)
    with pytest.raises(NotFound):
        edit(uid, description="x")
    records.bring_back(kind="service", uids=[uid], by=BY)
    assert ServiceInstrument.objects.filter(service__uid=uid).count() == 1


def test_a_unit_with_services_is_not_deleted(unit):
    offers.service("Imaging", unit)
    with pytest.raises(Refused, match="1 service"):
        programme.delete(kind="unit", uid=unit, by=BY)


def test_a_capability_has_a_name_of_its_own():
    offers.capability("Correlative")
    with pytest.raises(Conflict, match="is here already"):
        offers.capability("correlative")
