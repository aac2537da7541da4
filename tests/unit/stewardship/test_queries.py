"""Lists of reviews, levels of completeness, events: each only what the viewer may see, in few statements."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.records.registry import kind_of
from parkbench.records.services import set_stewardship
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.completeness import (
    completeness,
    completeness_rows,
    lines_of,
    wanted_of,
)
from parkbench.stewardship.queries.events import Subject, events
from parkbench.stewardship.queries.handovers import held_by
from parkbench.stewardship.queries.panels import on_record
from parkbench.stewardship.queries.periods import periods
from parkbench.stewardship.queries.reviews import ReviewWish, reviews
from parkbench.stewardship.queries.reviews import lines_of as review_lines
from parkbench.stewardship.rules import Level, When

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
INSTRUMENT = ("instrument",)


def due(uid: UUID, days: int | None, *, steward: Any = None, kind: str = "instrument") -> None:
    on = None if days is None else timezone.localdate() + timedelta(days=days)
    set_stewardship(kind=kind, uid=uid, steward=steward, review_due_on=on, by=cast.OPERATOR)


def names(viewer: Viewer, **wish: Any) -> list[str]:
    return [line.name for line in review_lines(reviews(viewer=viewer, wish=ReviewWish(**wish)))]


@pytest.fixture
def park():
    """Two units with an instrument each; Ada answers for the first, Hana heads the unit of the second."""
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    confocal, orbitrap = cast.instrument("Confocal", light), cast.instrument("Orbitrap", mass)
    ada = cast.person("Ada", Role.READER)
    due(confocal, -3, steward=ada)
    due(orbitrap, 30)
    return {"light": light, "mass": mass, "confocal": confocal, "orbitrap": orbitrap, "ada": ada}


def test_everybody_sees_what_they_answer_for_and_nothing_else(park):
    assert names(cast.viewer(park["ada"])) == ["Confocal"]
    assert names(cast.viewer(park["ada"]), who="everything") == ["Confocal"]
    assert names(cast.seen_by("Ben", Role.READER), who="everything") == []
    assert names(cast.seen_by("Edda", (Role.EDITOR, str(park["light"]))), who="units") == []
    assert names(Viewer.public(), who="everything") == []


def test_a_head_sees_the_own_units_and_a_manager_everything(park):
    head = cast.seen_by("Hana", (Role.HEAD, str(park["mass"])))
    assert names(head, who="units") == ["Orbitrap", "Proteomics"]
    assert names(head, who="everything") == ["Orbitrap", "Proteomics"]
    manager = cast.seen_by("Mona", Role.MANAGER)
    assert names(manager, who="everything", kind="instrument") == ["Confocal", "Orbitrap"]
    assert names(manager, who="units") == []


def test_a_list_is_narrowed_by_when_kind_and_words(park):
    by = cast.OPERATOR
    assert names(by, who="everything", when=When.OVERDUE) == ["Confocal"]
    assert names(by, who="everything", when=When.SOON) == ["Orbitrap"]
    assert names(by, who="everything", when=When.LATER) == ["Light microscopy", "Proteomics"]
    assert names(by, who="everything", when=When.NEVER) == []
    assert names(by, who="everything", text="orbi tr") == ["Orbitrap"]
    assert names(by, who="everything", kind="unit", sort="-name") == ["Proteomics", "Light microscopy"]
    assert names(by, who="everything", kind="spaceship") == []


def test_what_nobody_answers_for_counts_those_who_left(park):
    manager = cast.seen_by("Mona", Role.MANAGER)
    assert names(manager, who="nobody", kind="instrument") == ["Orbitrap"]
    park["ada"].is_active = False
    park["ada"].save()
    assert names(manager, who="nobody", kind="instrument") == ["Confocal", "Orbitrap"]
    assert names(cast.viewer(park["ada"]), who="nobody") == []


def test_all_kinds_come_in_one_statement(park):
    with CaptureQueriesContext(connection) as asked:
        assert len(names(cast.OPERATOR, who="everything")) == 4
    assert len(asked) == 1


def test_periods_count_what_has_no_date(park):
    found = {period.kind.name: period for period in periods(viewer=cast.OPERATOR)}
    assert (found["instrument"].months, found["instrument"].undated) == (12, 0)
    assert found["maker"].months is None


BRONZE = {"status": "in-service"}


def linked(uid: UUID) -> None:
    """Say which make and model an instrument is, by hand of the database: any will do."""
    from parkbench.catalogue import services as catalogue
    from parkbench.catalogue.models import DeviceModel

    maker = catalogue.add_maker(fields=catalogue.MakerFields(name="Openscope"), by=cast.OPERATOR)
    assert maker
    fields = catalogue.ModelFields(maker="Openscope", designation="Openscope 1")
    model = DeviceModel.objects.get(uid=catalogue.add_model(fields=fields, by=cast.OPERATOR))
    instruments.link_model(uid=uid, model=model, by=cast.OPERATOR)


def levels_of(viewer: Viewer, kind: str = "instrument") -> dict[Level, int]:
    found = {one.kind.name: one for one in completeness(viewer=viewer)}
    return {level: count for level, count in found[kind].counts.items() if count}


def test_a_record_has_a_level_when_it_has_all_fields_up_to_it():
    uid = cast.instrument("Confocal", cast.unit(), **BRONZE)
    assert levels_of(cast.OPERATOR) == {Level.NONE: 1}
    linked(uid)
    assert levels_of(cast.OPERATOR) == {Level.BRONZE: 1}


def missing_of(viewer: Viewer) -> dict[str, int]:
    found = {one.kind.name: one for one in completeness(viewer=viewer)}
    return {one.field.column: count for one, count in found["instrument"].missing}


def test_only_fields_that_the_viewer_may_see_count():
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    cast.instrument("Confocal", light)
    cast.instrument("Orbitrap", mass, replacement_price=100)
    assert missing_of(cast.OPERATOR)["replacement_price"] == 1
    assert missing_of(cast.seen_by("Hana", (Role.HEAD, str(light))))["replacement_price"] == 1
    assert missing_of(cast.seen_by("Hugo", (Role.HEAD, str(mass))))["replacement_price"] == 0
    ben = missing_of(cast.seen_by("Ben", Role.READER))
    assert not {"replacement_price", "inventory_number", "criticality"} & set(ben)
    assert completeness(viewer=Viewer.public()) == []


def test_units_are_told_apart_only_for_their_heads():
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    for unit in (light, light, mass):
        cast.instrument("Any", unit)

    def units(viewer: Viewer) -> dict[str, int]:
        found = {one.kind.name: one for one in completeness(viewer=viewer)}
        return {unit.name: unit.total for unit in found["instrument"].units}

    assert units(cast.OPERATOR) == {"Light microscopy": 2, "Proteomics": 1}
    assert units(cast.seen_by("Hugo", (Role.HEAD, str(mass)))) == {"Proteomics": 1}
    assert units(cast.seen_by("Ben", Role.READER)) == {}


def test_every_count_equals_its_list():
    light = cast.unit("Light microscopy", description="Light")
    cast.instrument("Confocal", light, **BRONZE)
    cast.instrument("Spinning disc", light, replacement_price=5)
    for viewer in (cast.OPERATOR, cast.seen_by("Ben", Role.READER)):
        for found in completeness(viewer=viewer):
            for one, count in found.missing:
                column = one.field.column
                _wanted, rows = completeness_rows(kind=found.kind, viewer=viewer, missing=column)
                assert (column, rows.count()) == (column, count)
            for level, count in found.counts.items():
                _wanted, rows = completeness_rows(kind=found.kind, viewer=viewer, level=level.key)
                assert rows.count() == count


def test_a_line_says_what_is_missing():
    light = cast.unit()
    cast.instrument("Confocal", light, **BRONZE)
    wanted, rows = completeness_rows(
        kind=kind_of("instrument"), viewer=cast.OPERATOR, unit=light, text="conf"
    )
    (line,) = lines_of(wanted, rows)
    assert (line.name, line.place, line.level) == ("Confocal", "Light microscopy", Level.NONE)
    assert line.missing[0] == "make and model"
    assert "status" not in line.missing


def test_what_a_list_does_not_know_finds_nothing():
    cast.instrument("Confocal", cast.unit())
    kind = kind_of("instrument")
    for narrowing in ({"missing": "serial_number"}, {"level": "platinum"}, {"unit": uuid4()}):
        assert completeness_rows(kind=kind, viewer=cast.OPERATOR, **narrowing)[1].count() == 0
    ben = cast.seen_by("Ben", Role.READER)
    assert completeness_rows(kind=kind, viewer=ben, missing="replacement_price")[1].count() == 0


def test_it_takes_the_same_statements_at_any_size():
    unit = cast.unit()
    counts = []
    for more in (1, 60):
        values = {"unit_ref": cast.unit_ref(unit), "model_text": "LSM 980"}
        new = [(uuid4(), {**values, "name": f"More {more} {place}"}, {}) for place in range(more)]
        instruments.write(new=new, by=cast.OPERATOR)
        with CaptureQueriesContext(connection) as asked:
            completeness(viewer=cast.OPERATOR)
        counts.append(len(asked))
    wanted = sum(bool(kind.wanted) for kind in map(kind_of, ("instrument", "unit", "platform", "site")))
    assert counts[0] == counts[1] <= wanted + 8


def test_every_wanted_field_and_deadline_is_there():
    from parkbench.records.registry import kinds

    for kind in kinds():
        for one in (*kind.wanted, *kind.deadlines):
            assert kind.section(one.section)
            assert kind.model._meta.get_field(one.column)
        assert wanted_of(kind, cast.OPERATOR) or not kind.wanted


def test_a_record_page_says_what_is_missing_in_two_statements():
    uid = cast.instrument("Confocal", cast.unit(), **BRONZE)
    with CaptureQueriesContext(connection) as asked:
        panel = on_record(ids=[f"instrument/{uid}"], viewer=cast.OPERATOR)
    assert len(asked) == 2
    assert panel is not None
    assert panel.context["level"] == "not yet bronze"
    assert panel.context["missing"][0][:2] == ("make and model", "bronze")
    assert panel.context["months"] == 12


def test_a_record_page_offers_still_right_to_who_may_say_so():
    uid = cast.instrument("Confocal", cast.unit())

    def months(viewer: Viewer) -> Any:
        panel = on_record(ids=[f"instrument/{uid}"], viewer=viewer)
        return panel and panel.context["months"]

    ada = cast.person("Ada", Role.READER)
    assert months(cast.viewer(ada)) is None
    due(uid, 1, steward=ada)
    assert months(cast.viewer(ada)) == 12
    assert on_record(ids=[f"instrument/{uid}"], viewer=Viewer.public()) is None
    assert on_record(ids=[f"instrument/{uuid4()}"], viewer=cast.OPERATOR) is None
    assert on_record(ids=[f"spaceship/{uid}"], viewer=cast.OPERATOR) is None


SINCE, UNTIL = date(2026, 1, 1), date(2029, 12, 31)
WHOLE = Subject("organisation")


def told(viewer: Viewer, subject: Subject = WHOLE, **more: Any) -> list[tuple[str, str]]:
    found = events(viewer=viewer, subject=subject, **{"since": SINCE, "until": UNTIL, "most": 100, **more})
    return [(event.column, event.name) for event in found]


@pytest.fixture
def dated(park):
    """Both instruments with an end of support, an insurance and a funder's condition."""
    for name in ("confocal", "orbitrap"):
        values = {
            "end_of_support_on": "2027-03-04",
            "insured_until_on": "2027-05-06",
            "funding": [{"funder": "VR", "keep_until_on": "2028-01-02"}],
        }
        instruments.edit(uid=park[name], values=values, by=cast.OPERATOR)
    return park


def test_dates_stand_in_order_and_only_within_the_days_asked_for(dated):
    found = told(cast.OPERATOR, has_reviews=False)
    assert [column for column, _name in found] == [
        *["end_of_support_on"] * 2, *["insured_until_on"] * 2, *["keep_until_on"] * 2,
    ]  # fmt: skip
    assert told(cast.OPERATOR, has_reviews=False, until=date(2027, 3, 4)) == [
        ("end_of_support_on", "Confocal"),
        ("end_of_support_on", "Orbitrap"),
    ]
    assert told(cast.OPERATOR, has_reviews=False, since=date(2027, 3, 5), most=1) == [
        ("insured_until_on", "Confocal")
    ]


def test_a_reader_hears_of_no_economics_and_of_no_reviews_of_others(dated):
    ben = cast.seen_by("Ben", Role.READER)
    assert told(ben) == [("end_of_support_on", "Confocal"), ("end_of_support_on", "Orbitrap")]
    ada = cast.viewer(dated["ada"])
    assert told(ada)[0] == ("review_due_on", "Confocal")
    assert {column for column, _name in told(ada)} == {"review_due_on", "end_of_support_on"}


def test_a_head_hears_of_the_economics_of_the_own_unit_only(dated):
    head = cast.seen_by("Hana", (Role.HEAD, str(dated["mass"])))
    assert {name for column, name in told(head) if column == "insured_until_on"} == {"Orbitrap"}
    assert {name for column, name in told(head) if column == "review_due_on"} == {"Orbitrap", "Proteomics"}


def test_a_place_and_a_person_have_their_own_dates(dated):
    place = Subject("place", dated["light"])
    assert {name for _column, name in told(cast.OPERATOR, place)} == {"Confocal", "Light microscopy"}
    assert {name for _column, name in told(cast.viewer(dated["ada"]), Subject("mine"))} == {"Confocal"}
    assert told(cast.OPERATOR, Subject("mine")) == []


def test_visitors_have_no_dates(dated):
    assert told(Viewer.public()) == []
    assert told(cast.OPERATOR, has_reviews=False, has_deadlines=False) == []


def test_all_dates_come_in_one_statement(dated):
    with CaptureQueriesContext(connection) as asked:
        assert len(told(cast.OPERATOR)) == 10
    assert len(asked) == 1


def test_what_a_person_holds_is_listed_for_who_may_hand_it_over(dated):
    def held(viewer: Viewer) -> list[str]:
        return [str(row[2]) for row in held_by(person=dated["ada"], viewer=viewer)]

    assert held(cast.OPERATOR) == ["Confocal"]
    assert held(cast.seen_by("Hana", (Role.HEAD, str(dated["mass"])))) == []
    assert held(cast.viewer(dated["ada"])) == []
