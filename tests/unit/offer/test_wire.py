"""Schemas, the table of fields and the columns say the same; what does not fit is refused."""

from __future__ import annotations

from typing import get_args
from uuid import uuid4

import pytest
from pydantic import ValidationError

from parkbench.offer import rules, wire
from parkbench.offer.importers import PriceTarget, ServiceTarget
from parkbench.offer.models import AccessChoices, Capability, Service, StatusChoices, VatChoices

KINDS = [
    (wire.SERVICE_SCHEMAS, rules.SERVICE_SECTION_OF, Service, wire.service_columns),
    (wire.CAPABILITY_SCHEMAS, rules.CAPABILITY_SECTION_OF, Capability, wire.capability_columns),
]


@pytest.mark.parametrize(("schemas", "section_of", "model", "columns"), KINDS)
def test_every_field_stands_in_the_table_and_has_its_column(schemas, section_of, model, columns):
    assert {
        name: section for section, schema in schemas.items() for name in schema.model_fields
    } == section_of
    for section, schema in schemas.items():
        found = columns(section, {})
        assert set(found) == set(schema.model_fields)
        assert all(model._meta.get_field(name) for name in found)


def test_words_on_the_wire_are_the_choices_of_the_tables():
    assert get_args(wire.AccessMode) == tuple(AccessChoices.values) == rules.ACCESS_MODES
    assert get_args(wire.UserCategory) == rules.USER_CATEGORIES
    assert get_args(wire.StatusWord) == tuple(StatusChoices.values) == tuple(rules.Status)
    assert set(VatChoices.values) == {"excluded", "included"}


def test_lists_become_words_that_one_look_up_finds():
    body = {
        "name": "x",
        "access_modes": ["service", "remote"],
        "sample_types": ["plasma"],
        "instrument_refs": ["r"],
    }
    found = wire.service_columns("basics", body)
    assert (found["access_modes"], found["sample_types"]) == ("|service|remote|", "|plasma|")
    assert found["instrument_refs"] == '["r"]'


def test_values_are_sorted_into_sections():
    values = {"name": "x", "lead_time_days": 3, "mailbox": None, "prices": [1]}
    assert wire.to_sections("service", values) == {
        "basics": {"name": "x"},
        "capacity": {"lead_time_days": 3},
        "prices": {"prices": [1]},
    }


PRICE = {"id": str(uuid4()), "unit": "hour", "amount": 100, "currency": "sek"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 1.5},
        {"currency": "XXX"},
        {"unit": ""},
        {"category": "friends"},
        {"valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        {"id": "7"},
    ],
)
def test_a_price_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        wire.PriceLine.model_validate({**PRICE, **wrong})


def test_the_schema_refuses_two_prices_at_one_time_too():
    assert wire.PriceLine.model_validate(PRICE).currency == "SEK"
    with pytest.raises(ValidationError, match="hold at the same time"):
        wire.Prices.model_validate({"prices": [PRICE, {**PRICE, "id": str(uuid4()), "amount": 5}]})


def test_a_biosafety_class_is_one_to_four_and_words_hold_no_bar():
    for wrong in ({"biosafety_class": 5}, {"biosafety_class": 0}, {"sample_types": ["a|b"]}):
        with pytest.raises(ValidationError):
            wire.ServiceBasics.model_validate({"name": "x", "unit_ref": "u", **wrong})


@pytest.mark.parametrize("target", [ServiceTarget, PriceTarget])
def test_no_heading_means_two_fields_of_one_target(target):
    means: dict[str, str] = {}
    for spec in target.fields:
        for heading in spec.names:
            assert means.setdefault(heading, spec.name) == spec.name
