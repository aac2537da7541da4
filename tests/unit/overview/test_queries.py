"""The figures of the overview against figures worked out by hand, for each who looks."""

from __future__ import annotations

from datetime import date

import pytest

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.rules import STANDING
from parkbench.lib.errors import NotFound
from parkbench.overview import queries
from parkbench.overview.queries.park import End
from parkbench.overview.queries.part import ALL, MINE, WHOLE, parts
from parkbench.overview.queries.rooms import reviews_due
from parkbench.overview.rules import Start, Worth, assumed_price
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import set_policy, set_stewardship, share_record
from parkbench.records.visibility import Viewer
from parkbench.servicing import services as servicing
from parkbench.stewardship.queries.reviews import ReviewWish, lines_of, reviews

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
    assert (seen.ends["end_of_support_on"], seen.reviews_due) == (End(2, 1), 2)
    assert list(seen.ends) == list(queries.ENDS)
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
    assert (seen.standing, seen.ends) == (5, {"end_of_support_on": End(2, 1)})
    assert seen.years == {2024: 1, 2010: 1, None: 3}


def test_a_head_sees_value_and_reviews_of_the_own_unit_only(park):
    seen = figures(cast.seen_by("Ada", (Role.HEAD, str(park["light"]))))
    assert seen.worth == Worth(totals={"SEK": 750_000_00}, priced=2, countable=3, is_partial=True)
    assert seen.reviews_due == 1
    assert (seen.standing, seen.ends["end_of_support_on"].ending) == (5, 2)


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


def test_an_empty_node_has_no_figures():
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


def part_of(viewer, of=""):
    return parts(viewer=viewer, of=of).shown


def test_directors_and_readers_look_at_the_whole_organisation(park):
    for viewer in (cast.seen_by("Dana", Role.MANAGER), cast.seen_by("Ben", Role.READER), cast.OPERATOR):
        assert parts(viewer=viewer) == queries.Parts(WHOLE, None)


def test_heads_and_editors_look_at_their_own_part_first(park):
    platform = part_of(cast.seen_by("Ada", (Role.HEAD, str(park["platform"]))))
    assert (platform.of, platform.name, platform.uids) == (MINE, "Imaging", (park["light"],))
    assert platform.pairs == (("platform", str(park["platform"])),)
    editor = part_of(cast.seen_by("Edda", (Role.EDITOR, str(park["mass"]))))
    assert (editor.name, editor.pairs) == ("Proteomics", (("unit", str(park["mass"])),))
    both = cast.seen_by("Bo", (Role.HEAD, str(park["platform"])), (Role.EDITOR, str(park["mass"])))
    assert {value for key, value in part_of(both).pairs if key == "unit"} == {
        str(park["light"]), str(park["mass"]),
    }  # fmt: skip
    assert part_of(both, ALL) == WHOLE


def test_a_part_can_be_asked_for_by_id_and_a_stranger_to_the_node_is_not_found(park):
    dana = cast.seen_by("Dana", Role.MANAGER)
    assert part_of(dana, str(park["light"])).name == "Light microscopy"
    for asked in (str(park["lsm"]), "nonsense", str(park["light"])[:-1]):
        with pytest.raises(NotFound):
            part_of(dana, asked)


def test_figures_of_a_part_are_about_its_units_alone(park):
    ada = cast.seen_by("Ada", (Role.HEAD, str(park["light"])))
    seen = queries.park_figures(viewer=ada, part=part_of(ada), today=TODAY)
    assert (seen.standing, seen.total, seen.reviews_due) == (3, 3, 1)
    assert seen.ends["end_of_support_on"] == End(1, 1)
    assert seen.worth == Worth(totals={"SEK": 750_000_00}, priced=2, countable=3, is_partial=True)
    assert [unit.name for unit in seen.units] == ["Light microscopy"]
    assert seen.priced_part == seen.part


def test_who_sees_prices_of_some_units_is_led_to_these(park):
    both = cast.seen_by("Bo", (Role.HEAD, str(park["light"])), (Role.EDITOR, str(park["mass"])))
    seen = queries.park_figures(viewer=both, part=part_of(both), today=TODAY)
    assert seen.standing == 5
    assert seen.priced_part.pairs == (("unit", str(park["light"])),)
    other = queries.park_figures(viewer=both, part=part_of(both, str(park["mass"])), today=TODAY)
    assert other.worth is None


def test_a_platform_without_units_has_nothing(park):
    empty = programme.add_platform(name="Empty", by=cast.OPERATOR)
    ada = cast.seen_by("Ada", (Role.HEAD, str(empty)))
    seen = queries.overview(viewer=ada)
    assert (seen.figures.standing, seen.figures.units, seen.down.events) == (0, [], [])
    assert not seen.use.use.is_known


def test_prices_that_are_missing_are_assumed_from_purchase_price_and_year(park):
    bought = {"purchase_currency": "SEK", "status": "in-service"}
    cast.instrument("One", park["light"], purchase_price=100_000_00, purchase_year=2024, **bought)
    cast.instrument("Two", park["light"], purchase_price=50_000_00, purchase_year=2024, **bought)
    cast.instrument("Dollar", park["light"], purchase_price=10_00, purchase_year=2026,
                    purchase_currency="USD", status="limited")  # fmt: skip
    cast.instrument("Undated", park["light"], purchase_price=1_00, **bought)
    cast.instrument("Both", park["light"], purchase_price=9_00, purchase_year=2000,
                    replacement_price=1_000_00, **bought)  # fmt: skip
    worth = figures(cast.seen_by("Dana", Role.MANAGER)).worth
    guess = assumed_price(150_000_00, years=2)
    assert worth.assumed == {"SEK": guess, "USD": 10_00}
    assert worth.totals == {"SEK": 850_000_00 + 1_000_00 + guess, "EUR": 900_000_00, "USD": 10_00}
    assert (worth.priced, worth.guessed, worth.undated, worth.unpriced, worth.countable) == (5, 3, 1, 1, 10)


def test_funding_and_insurance_end_as_far_as_they_are_the_viewers_to_see(park):
    instruments.edit(
        uid=park["lsm"],
        values={
            "funding": [{"funder": "Fund", "grant": "1", "keep_until_on": "2027-01-31"}],
            "insured_until_on": "2026-11-22",
        },
        by=cast.OPERATOR,
    )
    manager = figures(cast.seen_by("Dana", Role.MANAGER)).ends
    assert (manager["keep_until_on"], manager["insured_until_on"]) == (End(1, 0), End(0, 1))
    stranger = figures(cast.seen_by("Hugo", (Role.HEAD, str(park["mass"])))).ends
    assert (stranger["keep_until_on"], stranger["insured_until_on"]) == (End(0, 0), End(0, 0))


def test_reviews_of_one_unit_are_those_of_every_kind_that_lies_in_it(park):
    """As the list of reviews of that unit tells them, for its head and for a manager."""
    past = "2020-01-01"
    event = {"event_kind": "failure", "happened_on": "2026-01-02"}
    record = servicing.add(instrument=park["lsm"], values=event, by=cast.OPERATOR)
    set_stewardship(kind="unit", uid=park["light"], steward=None, review_due_on=past, by=cast.OPERATOR)
    set_stewardship(kind="service-event", uid=record, steward=None, review_due_on=past, by=cast.OPERATOR)
    light, mass = str(park["light"]), str(park["mass"])
    seers = [
        (cast.seen_by("Dana", Role.MANAGER), "everything"),
        (cast.seen_by("Ada", (Role.HEAD, light)), "units"),
        (cast.seen_by("Pia", (Role.HEAD, str(park["platform"]))), "units"),
    ]
    for viewer, who in seers:
        seen = reviews_due(viewer=viewer, parts=parts(viewer=viewer, of=light), today=TODAY)
        assert (seen.who, seen.count, seen.place) == (who, 3, park["light"])
        wish = ReviewWish(who=who, when="overdue", place=park["light"])
        listed = lines_of(reviews(viewer=viewer, wish=wish, today=TODAY))
        assert {line.kind.name for line in listed} == {"unit", "service-event", "instrument"}
        assert len(listed) == 3
    dana, ada = seers[0][0], seers[1][0]
    assert reviews_due(viewer=dana, parts=parts(viewer=dana, of=mass), today=TODAY).count == 1
    # Not the head of that one: reviews of its other records are not listed for them.
    assert reviews_due(viewer=ada, parts=parts(viewer=ada, of=mass), today=TODAY) is None
