"""The sections of a service event: schemas, columns, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from parkbench.records.registry import kind_of
from parkbench.servicing import wire
from parkbench.servicing.models import HappeningChoices, ServiceEvent
from parkbench.servicing.rules import SECTION_OF

BASICS: dict[str, Any] = {
    "name": "Laser replaced",
    "instrument_ref": "https://alpha.example/id/instrument/0d9a3f0e-6a0c-4c56-9d6e-6b2f1c7b8a11",
    "happened_on": "2025-03-04",
    "event_kind": "failure",
}


def test_every_field_stands_in_one_section_and_has_its_column():
    fields = {name: section for section, schema in wire.SCHEMAS.items() for name in schema.model_fields}
    assert fields == SECTION_OF
    columns = {field.name for field in ServiceEvent._meta.concrete_fields}
    assert set(fields) <= columns


def test_the_kinds_of_the_schema_are_those_people_choose_from():
    asked = wire.Basics.model_fields["event_kind"].annotation
    assert set(asked.__args__) == set(HappeningChoices.values)


def test_guarded_sections_ask_for_their_right():
    assert {spec.name: spec.see.value for spec in kind_of("service-event").sections} == {
        "basics": "see",
        "economics": "see-economics",
        "internal": "see-internal",
    }


@pytest.mark.parametrize(
    ("more", "days"),
    [({}, None), ({"ended_on": "2025-03-09"}, 50), ({"down_tenths": 5}, 5), ({"still_down": True}, None)],
)
def test_days_down_follow_from_the_body(more, days):
    found = wire.columns("basics", {**BASICS, **more})
    assert found["days_down"] == days
    assert found["still_down"] is bool(more.get("still_down"))


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (wire.Basics, {**BASICS, "happened_on": "soon"}),
        (wire.Basics, {**BASICS, "event_kind": "party"}),
        (wire.Basics, {**BASICS, "still_down": True, "down_tenths": 3}),
        (wire.Basics, {**BASICS, "ended_on": "2025-03-03"}),
        (wire.Basics, {**BASICS, "down_tenths": -1}),
        (wire.Basics, {**BASICS, "colour": "red"}),
        (wire.Economics, {"cost": 100}),
        (wire.Economics, {"cost": -1, "currency": "SEK"}),
        (wire.Economics, {"cost": 1.5, "currency": "SEK"}),
        (wire.Economics, {"cost": 1, "currency": "XYZ"}),
        (wire.Internal, {"note": "x" * 10_001}),
    ],
)
def test_what_does_not_fit_is_refused(schema, body):
    with pytest.raises(ValidationError):
        schema.model_validate(body)


def test_flat_values_are_sorted_into_their_sections():
    values = {**BASICS, "cost": 5, "currency": "SEK", "note": None}
    assert wire.to_sections(values) == {"basics": BASICS, "economics": {"cost": 5, "currency": "SEK"}}
