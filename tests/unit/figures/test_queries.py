"""Sums of use as each viewer may see them, in one query whatever their number."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts.rules import Role
from parkbench.figures import services
from parkbench.figures.queries import use_of, use_of_instrument
from parkbench.figures.queries.panels import groups_text
from parkbench.figures.rules import month_number
from parkbench.records import rules as sharing
from parkbench.records.services import set_policies, widen
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
SINCE, UNTIL = month_number(2025, 1), month_number(2025, 12)


@pytest.fixture
def unit():
    uid = cast.unit()
    for name, minutes in (("One", 600), ("Two", 60)):
        values = {"m03_used_internal": minutes, "m03_groups_internal": 3}
        services.enter_month(
            instrument=cast.instrument(name, uid), year=2025, month=3, values=values, by=cast.OPERATOR
        )
    return uid


def publish(*kinds_and_sections):
    set_policies(cells=dict.fromkeys(kinds_and_sections, sharing.PUBLIC), by=cast.OPERATOR)
    for kind in {kind for kind, _section in kinds_and_sections}:
        widen(kind=kind)


def test_units_add_up_and_say_how_many_instruments_told(unit):
    with CaptureQueriesContext(connection) as queries:
        use = use_of(cast.OPERATOR, [unit], SINCE, UNTIL)
    assert len(queries) == 1
    assert use.total("used") == 660
    assert use.total("down") is None
    assert use.months_known() == 1
    assert use.months[2].known == {"used": 2}
    assert use.months[0].used_total is None


def test_the_whole_organisation_is_the_sum_of_its_units(unit):
    assert use_of(cast.OPERATOR, None, SINCE, UNTIL).total("used") == 660
    assert use_of(cast.OPERATOR, [cast.unit("Genomics")], SINCE, UNTIL).total("used") is None


def test_visitors_get_nothing_until_hours_are_public(unit):
    public = Viewer.public()
    assert not use_of(public, [unit], SINCE, UNTIL).is_known
    publish(("instrument", "basics"), ("use", "basics"))
    assert not use_of(public, [unit], SINCE, UNTIL).is_known
    publish(("instrument", "basics"), ("use", "basics"), ("use", "hours"))
    assert use_of(public, [unit], SINCE, UNTIL).total("used") == 660


def test_distinct_groups_are_for_the_unit_and_managers_and_never_leave(unit):
    from parkbench.instruments.models import Instrument

    uid = Instrument.objects.get(name="One").uid
    publish(("instrument", "basics"), ("use", "basics"), ("use", "hours"))

    def groups(viewer):
        use = use_of_instrument(viewer=viewer, uid=uid, since=SINCE, until=UNTIL)
        return use.months[2].groups

    assert groups(cast.seen_by("Hana", (Role.HEAD, str(unit)))) == {"internal": 3}
    assert groups(cast.seen_by("Ben", Role.READER)) == {}
    assert groups(Viewer.public()) == {}


def test_few_groups_are_not_counted_out():
    assert [groups_text(count) for count in (0, 1, 4, 5)] == ["0", "fewer than 5", "fewer than 5", "5"]
