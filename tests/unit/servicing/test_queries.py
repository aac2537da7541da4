"""What is down now, sums per year and place, who sees which of it, with a fixed number of SQL statements."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from cast import OPERATOR
from parkbench.accounts.rules import Role
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel
from parkbench.instruments import services as instruments
from parkbench.records import rules
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries import costs_by_year, down_now, panels
from parkbench.servicing.queries.figures import figures
from parkbench.servicing.queries.listing import Wanted, event_page, facets, listed, ordered

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 10)


@pytest.fixture
def hana(park):
    return cast.seen_by("Hana", (Role.HEAD, str(park.imaging)))


@pytest.fixture
def ben(park):
    return cast.seen_by("Ben", Role.READER)


def names(viewer, **wanted):
    return [row.name for row in ordered(listed(viewer, Wanted(**wanted)), "date")]


def test_what_is_down_is_told_with_since_when_and_what_it_cost_so_far(park):
    park.event(still_down=True, happened_on="2026-01-01", cost=500, vat="excluded", name="Laser")
    park.event("robot", still_down=True, happened_on="2025-12-31")
    park.event("sorter", down_tenths=5)
    first, second = down_now(OPERATOR, today=TODAY)
    assert (first.instrument, first.unit, first.down, first.cost) == ("Robot", "Robots", 100, None)
    assert (second.since, second.down) == (date(2026, 1, 1), 90)
    assert (second.cost, second.currency, second.vat, second.shows_cost) == (500, "SEK", "excluded", True)


def test_a_cost_is_told_only_to_those_whose_it_is_to_see(park, hana, ben):
    park.event(still_down=True, cost=500)
    park.event("robot", still_down=True, cost=700)
    assert {one.instrument: (one.cost, one.shows_cost) for one in down_now(hana)} == {
        "Scope": (500, True),
        "Robot": (None, False),
    }
    assert {(one.cost, one.shows_cost) for one in down_now(ben)} == {(None, False)}
    assert down_now(Viewer.public()) == []


def test_years_add_up_what_is_known_and_say_what_is_not(park):
    park.event(down_tenths=5, cost=100, vat="excluded")
    park.event(down_tenths=20, cost=200, vat="excluded", event_kind="preventive")
    park.event("robot", cost=300, currency="EUR")
    park.event("sorter", happened_on="2026-01-05", still_down=True)
    found = costs_by_year(OPERATOR, today=TODAY)
    assert list(found) == [2026, 2025]
    year = found[2025]
    assert (year.events, year.failures, year.down, year.unknown) == (3, 2, 25, 1)
    assert year.costs == {("SEK", "excluded"): 300, ("EUR", ""): 300}
    assert (found[2026].down, found[2026].open, found[2026].unpriced) == (50, 1, 1)


def test_sums_hold_only_what_the_viewer_sees(park, hana, ben):
    park.event(cost=100)
    park.event("robot", cost=300)
    seen = costs_by_year(hana)[2025]
    assert (seen.events, dict(seen.costs), seen.withheld) == (2, {("SEK", ""): 100}, 1)
    assert (costs_by_year(ben)[2025].costs, costs_by_year(ben)[2025].withheld) == ({}, 2)
    assert costs_by_year(Viewer.public()) == {}


def test_sums_can_be_of_some_units_only(park):
    park.event(cost=100)
    park.event("robot", cost=300)
    assert costs_by_year(OPERATOR, units=[park.robots])[2025].costs == {("SEK", ""): 300}
    assert costs_by_year(OPERATOR, units=[uuid4()]) == {}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("instrument", {("Scope", 2), ("Robot", 1)}),
        ("unit", {("Imaging", 2), ("Robots", 1)}),
        ("year", {(2024, 1), (2025, 2)}),
    ],
)
def test_figures_are_told_by_instrument_unit_or_year(park, by, expected):
    park.event()
    park.event(happened_on="2024-02-03")
    park.event("robot")
    found = figures(viewer=OPERATOR, wanted=Wanted(), by=by)
    assert {(key[0] if by == "year" else key[1], sums.events) for key, sums in found} == expected


def test_figures_by_model_join_all_instruments_of_it(park):
    uid = _model()
    for instrument in (park.scope, park.robot):
        instruments.link_model(uid=instrument, model=DeviceModel.objects.get(uid=uid), by=OPERATOR)
    park.event(down_tenths=10)
    park.event("robot", down_tenths=5)
    park.event("sorter")
    found = {key[0]: sums for key, sums in figures(viewer=OPERATOR, wanted=Wanted(), by="model")}
    assert (found[uid].events, found[uid].down) == (2, 15)
    assert found[None].events == 1
    panel = panels.of_model(ids=[str(uid)], viewer=OPERATOR)
    (line,) = panel.context["years"]
    assert (line.instruments, line.events, line.each) == (2, 2, "0.8 days")


def _model():
    catalogue.add_maker(fields=catalogue.MakerFields(name="Openscope"), by=OPERATOR)
    fields = catalogue.ModelFields(maker="Openscope", designation="One")
    return catalogue.add_model(fields=fields, by=OPERATOR)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"happening": "move"}, ["c"]),
        ({"year": 2024}, ["b"]),
        ({"is_open": True}, ["d"]),
        ({"search": "zeiss"}, ["a"]),
        ({"search": "robots"}, ["c"]),
        ({"search": "preventive"}, ["b"]),
        ({"search": "waiting part"}, ["d"]),
        ({"search": "nothing of it"}, []),
    ],
)
def test_the_list_narrows_and_searches(park, wanted, expected):
    park.event(name="a", supplier="Zeiss")
    park.event(name="b", happened_on="2024-01-01", event_kind="preventive")
    park.event("robot", name="c", event_kind="move")
    park.event("sorter", name="d", still_down=True, note="Waiting for a part")
    assert names(OPERATOR, **wanted) == expected
    assert names(OPERATOR, unit=park.imaging) == ["b", "d", "a"]
    assert names(OPERATOR, instrument=park.robot) == ["c"]


def test_no_search_and_no_order_tells_what_is_hidden(park, hana, ben):
    park.event("robot", name="a", supplier="Zeiss", note="Secret", cost=1)
    park.event("robot", name="b", supplier="Abbott", cost=9, happened_on="2025-03-05")
    assert names(ben, search="zeiss") == names(hana, search="secret") == []
    for sort in ("cost", "-cost", "supplier", "-note"):
        assert [row.name for row in ordered(listed(ben, Wanted()), sort)] == ["b", "a"]


def test_partners_see_what_is_shared_and_of_the_instrument_only_what_is_theirs(park):
    uid = park.event(cost=100, note="Ours")
    masks = {"basics": rules.PARTNERS, "economics": rules.PARTNERS}
    share_record(kind="service-event", uid=uid, masks=masks, share_from=None, by=OPERATOR)
    partner = Viewer.as_audiences(rules.PARTNERS)
    (row,) = listed(partner, Wanted())
    assert (row.cost_seen, row.note_seen, row.instrument_seen, row.unit_uid) == (100, None, None, None)
    assert list(listed(Viewer.public(), Wanted())) == []
    (down,) = figures(viewer=partner, wanted=Wanted(), by="instrument")
    assert down[0] == (None, None, None)


def test_facets_count_what_the_list_would_show(park):
    park.event()
    park.event("robot", event_kind="move", still_down=True)
    found = facets(viewer=OPERATOR, wanted=Wanted(happening="move"))
    assert [(one.value, one.count) for one in found["happening"]] == [("failure", 1), ("move", 1)]
    assert [(one.label, one.count) for one in found["unit"]] == [("Robots", 1)]
    assert [one.count for one in found["is_open"]] == [1]


def test_a_place_and_an_instrument_tell_what_is_down(park, ben):
    park.event(still_down=True, name="Laser", cost=5)
    panel = panels.in_unit(ids=[str(park.imaging)], viewer=OPERATOR)
    assert [one["row"].name for one in panel.context["down"]] == ["Laser"]
    assert panels.in_unit(ids=[str(park.robots)], viewer=OPERATOR) is None
    shown = panels.of_instrument(ids=[str(park.scope)], viewer=OPERATOR).context
    assert all([shown["add_url"], shown["down"][0]["up_url"], shown["has_costs"]])
    read = panels.of_instrument(ids=[str(park.scope)], viewer=ben).context
    assert (read["add_url"], read["down"][0]["up_url"], read["down"][0]["cost"]) == ("", "", "")
    assert panels.of_instrument(ids=[str(park.robot)], viewer=ben) is None
    assert panels.of_instrument(ids=[str(park.scope)], viewer=Viewer.public()) is None


def test_a_year_of_which_nothing_is_known_has_no_column(park):
    today = timezone.localdate()
    for years, more in ((0, {"down_tenths": 5}), (1, {}), (2, {"down_tenths": 0})):
        day = (today - timedelta(days=366 * years)).isoformat()
        park.event(happened_on=day, event_kind="preventive", **more)
    chart, note = panels.of_instrument(ids=[str(park.scope)], viewer=OPERATOR).context["chart"]
    assert [row.value for row in chart.rows] == ["0", "0.5"]
    assert note == "not known for 1 of 3 events"


def test_every_read_takes_the_same_number_of_queries(park, hana):
    reads = {
        "list": (2, lambda: event_page(viewer=hana, wanted=Wanted())),
        "facets": (5, lambda: facets(viewer=hana, wanted=Wanted())),
        "down": (1, lambda: down_now(hana)),
        "years": (1, lambda: costs_by_year(hana)),
        "figures": (1, lambda: figures(viewer=hana, wanted=Wanted(), by="model")),
        "instrument": (2, lambda: panels.of_instrument(ids=[str(park.scope)], viewer=hana)),
        "unit": (2, lambda: panels.in_unit(ids=[str(park.imaging)], viewer=hana)),
        "model": (1, lambda: panels.of_model(ids=[str(uuid4())], viewer=hana)),
    }
    park.event(still_down=True)
    for _turn in range(2):
        for name, (most, read) in reads.items():
            with CaptureQueriesContext(connection) as context:
                read()
            assert len(context) == most, name
        for number in range(25):
            park.event(("scope", "robot", "sorter")[number % 3], cost=number, still_down=number % 2 == 0)
