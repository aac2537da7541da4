"""The figures of the overview against figures worked out by hand, for each who looks."""

from __future__ import annotations

from datetime import date

import pytest

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.rules import STANDING
from parkbench.overview import queries
from parkbench.overview.rules import Start, Worth
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import set_policy, set_stewardship, share_record
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def park():
    """Two units; five instruments that stand, a planned one, a decommissioned one, a deleted one."""
    platform = programme.add_platform(name="Imaging", by=cast.OPERATOR)
    light = programme.add_unit(name="Light microscopy", platform=platform, by=cast.OPERATOR)
    mass = cast.unit("Proteomics")
    made = {
        "lsm": cast.instrument("Confocal 1", light, status="in-service", commissioned_on="2024-05-01",
                               replacement_price=500_000_00, end_of_support_on="2026-11-23"),
        "old": cast.instrument("Confocal 2", light, status="limited", commissioned_on="2010-01-01",
                               replacement_price=250_000_00, end_of_support_on="2020-01-31"),
        "bare": cast.instrument("Stand", light),
        "ms": cast.instrument("Orbitrap", mass, status="out-of-service", purchase_year=2020,
                              replacement_price=900_000_00, replacement_currency="EUR",
                              end_of_support_on="2027-11-23"),
        "new": cast.instrument("timsTOF", mass, status="commissioning", end_of_support_on="2027-11-24",
                               replacement_price=100_000_00),
        "plan": cast.instrument("Planned", mass, status="planned", replacement_price=1_00),
        "gone": cast.instrument("Gone", mass, status="decommissioned", replacement_price=1_00,
                                end_of_support_on="2027-01-01"),
    }  # fmt: skip
    deleted = cast.instrument("Deleted", mass, status="in-service", replacement_price=7_00)
    instruments.delete(uids=[deleted], by=cast.OPERATOR)
    for name, day in (("lsm", "2026-11-23"), ("ms", "2020-01-01"), ("new", "2026-11-24")):
        set_stewardship(kind="instrument", uid=made[name], steward=None, review_due_on=day, by=cast.OPERATOR)
    return {"platform": platform, "light": light, "mass": mass, **made}


def figures(viewer):
    return queries.park_figures(viewer=viewer, today=TODAY)


def test_what_stands_are_the_states_that_stand_and_what_has_no_state():
    assert set(queries.STATUSES_STANDING) == {status.value for status in STANDING} | {"-"}


def test_a_manager_sees_all_figures(park):
    seen = figures(cast.seen_by("Dana", Role.MANAGER))
    assert (seen.standing, seen.unsaid, seen.total) == (5, 1, 7)
    assert seen.worth == Worth(totals={"SEK": 850_000_00, "EUR": 900_000_00}, priced=4, countable=5)
    assert (seen.support_ending, seen.support_ended, seen.reviews_due) == (2, 1, 2)
    assert seen.years == {2024: 1, 2010: 1, 2020: 1, None: 2}
    assert {option.value: option.count for option in seen.statuses} == {
        "planned": 1, "commissioning": 1, "in-service": 1, "limited": 1, "out-of-service": 1,
        "decommissioned": 1, "-": 1,
    }  # fmt: skip
    assert [(unit.name, unit.platform, unit.count) for unit in seen.units] == [
        ("Light microscopy", "Imaging", 3),
        ("Proteomics", "", 2),
    ]


def test_a_reader_sees_neither_value_nor_reviews_nor_years_of_purchase(park):
    seen = figures(cast.seen_by("Ben", Role.READER))
    assert seen.worth is None
    assert seen.reviews_due is None
    assert (seen.standing, seen.support_ending, seen.support_ended) == (5, 2, 1)
    assert seen.years == {2024: 1, 2010: 1, None: 3}


def test_a_head_sees_value_and_reviews_of_the_own_unit_only(park):
    seen = figures(cast.seen_by("Ada", (Role.HEAD, str(park["light"]))))
    assert seen.worth == Worth(totals={"SEK": 750_000_00}, priced=2, countable=3, is_partial=True)
    assert seen.reviews_due == 1
    assert (seen.standing, seen.support_ending) == (5, 2)


def test_the_head_of_a_platform_sees_the_value_of_its_units(park):
    seen = figures(cast.seen_by("Ada", (Role.HEAD, str(park["platform"]))))
    assert seen.worth == Worth(totals={"SEK": 750_000_00}, priced=2, countable=3, is_partial=True)


def test_an_editor_sees_reviews_but_no_value(park):
    seen = figures(cast.seen_by("Ada", (Role.EDITOR, str(park["mass"]))))
    assert seen.worth is None
    assert seen.reviews_due == 1


def test_visitors_see_what_is_public(park):
    public = Viewer.public()
    assert queries.shown(viewer=public).is_empty
    everybody = {"basics": rules.PUBLIC}
    share_record(kind="instrument", uid=park["lsm"], masks=everybody, by=cast.OPERATOR)
    share_record(kind="platform", uid=park["platform"], masks=everybody, by=cast.OPERATOR)
    shown = queries.shown(viewer=public)
    assert [platform.name for platform in shown.platforms] == ["Imaging"]
    assert (shown.unit_count, shown.instrument_count, shown.organisation) == (0, 1, None)
    assert not shown.is_empty


def test_visitors_and_borrowed_eyes_hear_of_no_change(park):
    share_record(kind="instrument", uid=park["lsm"], masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    for viewer in (Viewer.public(), Viewer.as_audiences(rules.PARTNERS)):
        assert queries.last_changes(viewer=viewer) == []
        assert queries.last_imports(viewer=viewer) == []


def test_changes_name_the_parts_that_the_viewer_may_see(park):
    dana = cast.seen_by("Dana", Role.MANAGER)
    instruments.edit(
        uid=park["lsm"], values={"configuration": "Two detectors", "running_cost": 5_00,
                                 "running_currency": "SEK"}, by=dana,
    )  # fmt: skip
    instruments.edit(uid=park["ms"], values={"running_cost": 6_00, "running_currency": "SEK"}, by=dana)
    seen = queries.last_changes(viewer=dana)
    assert [(one.name, one.parts, one.by, one.is_new) for one in seen[:2]] == [
        ("Orbitrap", ("Economics",), "Dana", False),
        ("Confocal 1", ("Capacity", "Economics"), "Dana", False),
    ]
    assert len(seen) == queries.SHOWN
    assert "Deleted" not in {one.name for one in seen}
    reader = queries.last_changes(viewer=cast.seen_by("Ben", Role.READER))
    assert (reader[0].name, reader[0].parts) == ("Confocal 1", ("Capacity",))
    assert "Orbitrap" not in {one.name for one in reader if not one.is_new}
    head = queries.last_changes(viewer=cast.seen_by("Ada", (Role.HEAD, str(park["light"]))))
    assert (head[0].name, head[0].parts) == ("Confocal 1", ("Capacity", "Economics"))


def test_new_records_of_every_kind_are_named(park):
    seen = queries.last_changes(viewer=cast.OPERATOR)
    kinds = {(one.name, one.kind) for one in seen if one.is_new}
    assert {("Light microscopy", "unit"), ("Imaging", "platform"), ("Confocal 1", "instrument")} <= kinds


def test_nothing_changed_in_an_empty_node():
    assert queries.last_changes(viewer=cast.OPERATOR) == []
    seen = figures(cast.OPERATOR)
    assert (seen.standing, seen.total, seen.worth) == (0, 0, Worth(totals={}, priced=0, countable=0))


def test_only_who_sets_the_node_up_gets_first_steps(park):
    admin = cast.seen_by("Root", Role.ADMINISTRATOR)
    assert queries.start(viewer=cast.seen_by("Dana", Role.MANAGER), has_instruments=True) is None
    found = queries.start(viewer=admin, has_instruments=True)
    assert found == (Start(True, True, False), None)
    uid = programme.set_organisation(name="Alpha", by=cast.OPERATOR)
    set_policy(kind="organisation", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    assert queries.start(viewer=admin, has_instruments=False) == (Start(False, True, True), uid)
