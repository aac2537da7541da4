"""Services and capabilities of partners: their links and price lines follow from what they say."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from parkbench.offer.models import CapabilityService, Service, ServiceInstrument, ServicePrice
from parkbench.records.services import settle_departures
from partners import Partner

pytestmark = pytest.mark.django_db
LINE = "0f6c1f0e-8f0d-4c6e-9d0a-6a1d3f2b7c5e"


def service(beta: Partner, *instruments: UUID) -> UUID:
    refs = [beta.ref("instrument", uid) for uid in instruments]
    price = {"id": LINE, "unit": "hour", "amount": 100, "currency": "SEK"}
    return beta.shares(
        "service",
        {"name": "Imaging", "unit_ref": beta.ref("unit", uuid4()), "instrument_refs": refs},
        prices={"prices": [price]},
    )


def test_a_service_is_linked_to_instruments_that_come_before_or_after_it() -> None:
    beta = Partner.named()
    first, later = beta.instrument("First"), uuid4()
    uid = service(beta, first, later)
    beta.pull()
    row = Service.objects.get(uid=uid)
    assert [link.instrument.uid for link in row.instrument_links.all()] == [first]
    basics = {"name": "Later", "unit_ref": beta.ref("unit", uuid4()), "model_text": "X"}
    beta.public.name("instrument", later, "basics", basics)
    beta.pull()
    assert [link.instrument.uid for link in row.instrument_links.all()] == [first, later]


def test_a_capability_is_linked_to_services_that_come_after_it() -> None:
    beta = Partner.named()
    uid = uuid4()
    beta.shares("capability", {"name": "Imaging", "service_refs": [beta.ref("service", uid)]})
    beta.pull()
    assert not CapabilityService.objects.exists()
    beta.public.name("service", uid, "basics", {"name": "S", "unit_ref": beta.ref("unit", uuid4())})
    beta.pull()
    assert CapabilityService.objects.get().service.uid == uid


def test_price_lines_go_with_the_prices_and_links_with_the_service() -> None:
    beta = Partner.named()
    uid = service(beta, beta.instrument("First"))
    beta.pull()
    assert str(ServicePrice.objects.get().line) == LINE
    beta.public.drop("service", uid, "prices")
    beta.pull()
    assert not ServicePrice.objects.exists()
    beta.public.drop("service", uid, "basics")
    beta.pull()
    settle_departures(home=beta.home.pk)
    assert not ServiceInstrument.objects.exists()
