"""Lists, facets and panels: what is seen by whom, in a fixed number of statements."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
import offers
from offers import NOW, OLD
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.offer.queries import lists, pages, panels
from parkbench.offer.queries.lists import Wanted
from parkbench.offer.tables.prices import from_price, price_groups
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR
PUBLIC = Viewer.public()


def share(kind, uid, *sections):
    share_record(
        kind=kind, uid=uid, masks=dict.fromkeys(("basics", *sections), rules.PUBLIC), share_from=None, by=BY
    )


@pytest.fixture
def world():
    """One public service with hidden parts in a hidden unit, one that is whole, one that nobody sees."""
    hidden, shown = cast.unit("Hidden unit"), cast.unit("Open unit")
    share("unit", shown)
    confocal, secret = cast.instrument("Confocal", shown), cast.instrument("Secret machine", shown)
    share("instrument", confocal)
    whole = {
        "techniques": ["flim"],
        "access_modes": ["service"],
        "user_categories": ["industry"],
        "status": "offered",
    }
    more = {"lead_time_days": 5, "mailbox": "open@a.se", "throughput": "many"}
    uids = {
        "whole": offers.service("Whole", shown, confocal, secret, **whole, **more),
        "half": offers.service("Half", hidden, lead_time_days=1, mailbox="half@a.se", throughput="Zebra"),
        "own": offers.service("Own", shown, confocal, techniques=["flim"], lead_time_days=3),
        "confocal": confocal,
        "secret": secret,
        "shown": shown,
        "hidden": hidden,
    }
    for name in ("whole", "half", "own"):
        offers.prices(uids[name], OLD, NOW)
    share("service", uids["whole"], "capacity", "contact", "prices")
    share("service", uids["half"])
    uids["capability"] = offers.capability("Correlative", uids["whole"], uids["half"], uids["own"])
    share("capability", uids["capability"])
    return uids


def names(viewer=PUBLIC, **wanted):
    conditions = wanted.pop("conditions", {})
    return [
        row.name
        for row in lists.found_services(viewer=viewer, wanted=Wanted(**wanted, conditions=conditions))
    ]


def test_a_list_shows_searches_and_sorts_only_what_is_theirs(world):
    ben = cast.seen_by("Ben", Role.READER)
    assert names() == ["Half", "Whole"]
    assert names(ben) == ["Half", "Own", "Whole"]
    assert names(search="Zebra") == names(search="Hidden") == []
    assert names(ben, search="zebra") == ["Half"]
    assert names(sort="lead_time") == ["Whole", "Half"]
    assert names(ben, sort="lead_time") == ["Half", "Own", "Whole"]
    assert names(sort="-unit")[0] == "Whole"
    assert names(sort="mailbox") == ["Half", "Whole"]


def test_a_list_is_narrowed_by_what_is_theirs(world):
    ben = cast.seen_by("Ben", Role.READER)
    hidden = (str(world["hidden"]),)
    assert names(conditions={"unit": hidden}) == []
    assert names(ben, conditions={"unit": hidden}) == ["Half"]
    assert names(ben, conditions={"technique": ("flim",)}) == ["Own", "Whole"]
    assert names(ben, conditions={"technique": ("-",)}) == ["Half"]
    assert names(ben, conditions={"access": ("service",), "for": ("industry", "academic")}) == ["Whole"]
    assert names(ben, conditions={"status": ("offered", "-")}) == ["Half", "Own", "Whole"]
    assert names(ben, conditions={"unit": ("nonsense",)}) == []


def test_facets_count_under_all_other_conditions(world):
    def counts(viewer, key, **conditions):
        found = lists.facets(viewer=viewer, wanted=Wanted(conditions=conditions)).options[key]
        return {option.label or "-": option.count for option in found}

    ben = cast.seen_by("Ben", Role.READER)
    assert counts(PUBLIC, "unit") == {"Open unit": 1, "-": 1}
    assert counts(ben, "unit") == {"Open unit": 2, "Hidden unit": 1}
    assert counts(ben, "unit", technique=("flim",)) == {"Open unit": 2}
    assert counts(ben, "technique", technique=("flim",)) == {"flim": 2, "-": 1}
    assert counts(ben, "status") == {"offered": 1, "-": 2}


def test_a_page_holds_only_the_parts_that_are_theirs(world):
    whole = pages.offer_page(kind="service", uid=world["whole"], viewer=PUBLIC)
    assert [one.name for one in whole.drawn_on] == ["Confocal"]
    assert whole.hidden_count == 1
    assert whole.values["mailbox"] == "open@a.se"
    half = pages.offer_page(kind="service", uid=world["half"], viewer=PUBLIC)
    assert half.place is None
    assert set(half.values) == {"name", "unit_ref"}
    cap = pages.offer_page(kind="capability", uid=world["capability"], viewer=PUBLIC)
    assert [(row.name, row.unit_seen) for row in cap.drawn_on] == [("Whole", "Open unit"), ("Half", None)]
    assert cap.hidden_count == 1


def test_panels_name_only_what_is_theirs(world):
    ben = cast.seen_by("Ben", Role.READER)

    def told(panel):
        return panel and [row.name for row in panel.context["services"]]

    ids = {name: [str(uid)] for name, uid in world.items()}
    assert told(panels.of_instrument(ids=ids["confocal"], viewer=PUBLIC)) == ["Whole"]
    assert told(panels.of_instrument(ids=ids["confocal"], viewer=ben)) == ["Own", "Whole"]
    assert panels.of_instrument(ids=ids["secret"], viewer=PUBLIC) is None
    assert told(panels.of_unit(ids=ids["shown"], viewer=PUBLIC)) == ["Whole"]
    assert panels.of_unit(ids=ids["hidden"], viewer=PUBLIC) is None


def test_an_ended_service_leaves_the_panels_and_a_deleted_instrument_its_name(world):
    ben = cast.seen_by("Ben", Role.READER)
    from parkbench.offer import services

    services.edit(kind="service", uid=world["own"], values={"status": "ended"}, by=BY)
    panel = panels.of_instrument(ids=[str(world["confocal"])], viewer=ben)
    assert [row.name for row in panel.context["services"]] == ["Whole"]
    instruments.delete(uids=[world["confocal"]], by=BY)
    page = pages.offer_page(kind="service", uid=world["whole"], viewer=ben)
    assert ([one.name for one in page.drawn_on], page.hidden_count) == (["Secret machine"], 1)


def test_a_panel_takes_at_most_two_statements(world):
    platform = programme.add_platform(name="Imaging", by=BY)
    programme.edit_unit(uid=world["shown"], platform=platform, by=BY)
    share("platform", platform)
    ben = cast.seen_by("Ben", Role.READER)
    makers = ((panels.of_unit, "shown"), (panels.of_instrument, "confocal"))
    for viewer in (PUBLIC, ben):
        for maker, name in makers:
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert maker(ids=[str(world[name])], viewer=viewer)
            assert len(caught) <= 2
        with CaptureQueriesContext(connection) as caught:
            panel = panels.of_platform(ids=[str(platform)], viewer=viewer)
        assert [row.name for row in panel.context["services"]][-1] == "Whole"
        assert len(caught) <= 2


LINES = (
    {"id": "1", **OLD},
    {"id": "2", **NOW},
    {"id": "3", **NOW, "category": "industry", "amount": 90_000, "label": "With operator"},
    {
        "id": "4",
        "unit": "run",
        "amount": 100,
        "currency": "EUR",
        "category": "industry",
        "valid_from": "2099-01-01",
    },
)


def test_prices_stand_by_category_with_the_past_folded():
    everybody, industry = price_groups(LINES, today="2026-11-23")
    assert (everybody.label, [row.id for row in everybody.rows], [row.id for row in everybody.past]) == (
        "Everybody",
        ["2"],
        ["1"],
    )
    assert [(row.id, row.is_coming) for row in industry.rows] == [("3", False), ("4", True)]
    assert industry.rows[0].price == "SEK\u00a0900"
    assert industry.rows[0].vat == "without VAT"


def test_the_lowest_price_of_today_stands_in_the_list():
    assert from_price(LINES, "2026-11-23") == "from SEK\u00a0450 per hour"
    assert from_price(LINES, "2019-06-01") == "SEK\u00a0400 per hour"
    assert from_price(LINES[1:], "2019-06-01") == from_price(None, "2026-01-01") == ""
