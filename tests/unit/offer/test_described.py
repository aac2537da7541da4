"""What services and capabilities say to programs: never more than everybody sees."""

from __future__ import annotations

import pytest

import cast
import offers
from parkbench.records import rules
from parkbench.records.queries import described
from parkbench.records.registry import kind_of
from parkbench.records.services import share_record

pytestmark = pytest.mark.django_db


def said(kind, uid):
    found = described(kind=kind_of(kind), uid=uid)
    return None if found is None else dict(found.facts)


def share(kind, uid, *sections):
    masks = dict.fromkeys(("basics", *sections), rules.PUBLIC)
    share_record(kind=kind, uid=uid, masks=masks, by=cast.OPERATOR)


@pytest.fixture
def flim():
    uid = offers.service("FLIM", cast.unit("Light microscopy"), mailbox="flim@alpha.example")
    offers.prices(
        uid, {**offers.OLD, "label": "Lamp"}, {**offers.NOW, "label": "Lamp", "category": "internal"}
    )
    return uid


def test_a_service_that_is_not_public_says_nothing(flim):
    assert said("service", flim) is None


def test_a_service_says_what_is_public_of_it_and_no_more(flim):
    share("service", flim)
    facts = said("service", flim)
    assert (facts["@type"], facts["name"]) == ("Service", "FLIM")
    assert {"offers", "email", "provider"}.isdisjoint(facts)
    share("service", flim, "contact", "prices")
    facts = said("service", flim)
    assert facts["email"] == "flim@alpha.example"
    offer = {"@type": "Offer", "price": "450.00", "priceCurrency": "SEK"}
    assert facts["offers"] == [{**offer, "description": "Lamp, internal, per hour"}]


def test_a_capability_names_the_public_services_it_draws_on(flim):
    hidden = offers.service("Hidden", cast.unit("Proteomics"))
    uid = offers.capability("Correlative", flim, hidden)
    share("capability", uid)
    assert "isRelatedTo" not in said("capability", uid)
    share("service", flim)
    assert [one["name"] for one in said("capability", uid)["isRelatedTo"]] == ["FLIM"]
