"""The machine park as a list: what narrows it, in which order, and for whose eyes."""

from __future__ import annotations

import pytest
from django.http import QueryDict

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import filters
from parkbench.instruments.queries import park
from parkbench.instruments.queries.columns import BY_KEY
from parkbench.records import rules
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scopes():
    """Two units; three instruments with prices."""
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    return {
        "light": light,
        "mass": mass,
        "lsm": cast.instrument(
            "Confocal 1",
            light,
            "Zeiss LSM 980",
            replacement_price=500_000_00,
            status="in-service",
            commissioned_on="2019-05-01",
            serial_number="SN-1",
        ),
        "old": cast.instrument(
            "confocal 2",
            light,
            "Zeiss LSM 880",
            replacement_price=400_000_00,
            status="limited",
            commissioned_on="2012-01-01",
            user_categories=["internal", "industry"],
        ),
        "ms": cast.instrument(
            "Åsa", mass, "Orbitrap Astral", replacement_price=900_000_00, purchase_year=2024
        ),
    }


def listed(viewer, query="", **changes):
    wanted, problems = filters.wanted_of(QueryDict(query))
    assert problems == []
    found = park.park_page(viewer=viewer, wanted=wanted)
    return [row.values[0] for row in found.rows]


def test_it_sorts_by_name_whatever_the_capitals(scopes):
    assert listed(cast.OPERATOR) == ["Confocal 1", "confocal 2", "Åsa"]
    assert listed(cast.OPERATOR, "sort=-replacement_price") == ["Åsa", "Confocal 1", "confocal 2"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=limited", ["confocal 2"]),
        ("status=limited&status=in-service", ["Confocal 1", "confocal 2"]),
        ("status=-", ["Åsa"]),
        ("q=astral", ["Åsa"]),
        ("q=åSA", ["Åsa"]),
        ("q=limited", ["confocal 2"]),
        ("replacement_price.min=450 000", ["Confocal 1", "Åsa"]),
        ("year.min=2015&year.max=2020", ["Confocal 1"]),
        ("year.min=2024", ["Åsa"]),
        ("name.has=focal", ["Confocal 1", "confocal 2"]),
        ("purchase_year=2024", ["Åsa"]),
        ("commissioned_on=1 May 2019", ["Confocal 1"]),
        ("updated_at.max=2001-01-01", []),
        ("updated_at.min=2001-01-01&name.has=sa", ["Åsa"]),
        ("user_categories=industry", ["confocal 2"]),
        ("serial_number.empty=1", ["confocal 2", "Åsa"]),
        ("commissioned_on.max=31.12.2012", ["confocal 2"]),
    ],
)
def test_it_narrows(scopes, query, names):
    assert listed(cast.OPERATOR, query) == names


@pytest.mark.parametrize("operator", ["", ".min", ".max"])
@pytest.mark.parametrize(
    "column", ["replacement_price", "criticality", "commissioned_on", "updated_at", "purchase_year"]
)
def test_it_says_which_condition_it_cannot_read(column, operator):
    wanted, problems = filters.wanted_of(QueryDict(f"{column}{operator}=Zebra"))
    assert str(BY_KEY[column].label) in problems[0]
    assert wanted.conditions == ()


def test_a_reader_cannot_find_sort_or_filter_by_price(scopes):
    reader = cast.seen_by("Ben", Role.READER)
    assert listed(reader, "sort=-replacement_price&columns=replacement_price") == listed(
        reader, "columns=name"
    )
    assert listed(reader, "replacement_price.min=1") == []
    assert listed(reader, "replacement_price.empty=1") == ["Confocal 1", "confocal 2", "Åsa"]
    assert listed(reader, "year.min=2024") == []
    assert listed(reader, "q=SN-1&columns=serial_number") == []


def test_a_head_sees_prices_of_the_own_unit_only(scopes):
    head = cast.seen_by("Ada", (Role.HEAD, str(scopes["light"])))
    assert listed(head, "replacement_price.min=1") == ["Confocal 1", "confocal 2"]
    assert listed(head, "sort=-replacement_price") == ["Confocal 1", "confocal 2", "Åsa"]


def test_the_public_sees_what_is_public_and_units_only_when_public(scopes):
    assert listed(Viewer.public()) == []
    share_record(kind="instrument", uid=scopes["lsm"], masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    assert listed(Viewer.public()) == ["Confocal 1"]
    found = park.facets(viewer=Viewer.public(), wanted=filters.wanted_of(QueryDict(""))[0])
    assert found["unit"] == []
    assert [option.value for option in found["status"]] == ["in-service"]
    assert listed(Viewer.public(), f"unit={scopes['light']}") == []


def test_facets_count_under_the_other_conditions(scopes):
    wanted, _problems = filters.wanted_of(QueryDict(f"unit={scopes['light']}&status=limited"))
    found = park.facets(viewer=cast.OPERATOR, wanted=wanted)
    assert {option.value: option.count for option in found["status"]} == {"in-service": 1, "limited": 1}
    assert {option.label: option.count for option in found["unit"]} == {"Light microscopy": 1}


def test_the_query_string_survives_the_round_trip(scopes):
    query = (
        "q=zeiss&status=limited&status=-&replacement_price.min=1000.00&sort=-name&columns=name&columns=room"
    )
    wanted, _problems = filters.wanted_of(QueryDict(query))
    again, _problems = filters.wanted_of(QueryDict(filters.query_of(wanted)))
    assert again == wanted


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (("name", "has", " confocal "), ["Confocal 1", "confocal 2"]),
        (("replacement_price", "min", "500000"), ["Confocal 1", "Åsa"]),
        (("commissioned_on", "max", "31.12.2015"), ["confocal 2"]),
        (("serial_number", "given", ""), ["Confocal 1"]),
        (("serial_number", "missing", "x"), ["confocal 2", "Åsa"]),
        (("name", "has", ""), ["Confocal 1", "confocal 2", "Åsa"]),
        (("no such column", "has", "x"), ["Confocal 1", "confocal 2", "Åsa"]),
        (("name", "no such way", "x"), ["Confocal 1", "confocal 2", "Åsa"]),
    ],
)
def test_a_condition_is_added_to_what_the_address_says(scopes, given, asked):
    column, how, value = given
    query = filters.with_condition("sort=name&page=3", column=column, how=how, value=value)
    assert "page" not in query
    assert listed(cast.OPERATOR, query) == asked
    assert filters.with_condition(query, column=column, how=how, value=value) == query


@pytest.mark.parametrize("sort", ["name", "-name", "unit", "-replacement_price", "end_of_support_on"])
def test_pages_from_either_end_leave_nothing_out_and_show_nothing_twice(scopes, sort, monkeypatch):
    for number in range(8):
        cast.instrument(f"More {number % 3}", scopes["mass"], "Orbitrap Astral", replacement_price=number % 2)
    wanted, _problems = filters.wanted_of(QueryDict(f"sort={sort}"))
    whole = [row.uid for row in park.park_rows(viewer=cast.OPERATOR, wanted=wanted)[1]]
    monkeypatch.setattr(park, "PER_PAGE", 3)
    pages = [park.park_page(viewer=cast.OPERATOR, wanted=wanted, page=number) for number in range(1, 5)]
    assert [row.uid for page in pages for row in page.rows] == whole
    assert park.park_page(viewer=cast.OPERATOR, wanted=wanted, page=99) == pages[-1]


@pytest.mark.parametrize("count", [3, 40])
def test_the_list_takes_the_same_few_queries_at_any_size(count, django_assert_num_queries):
    unit = cast.unit("Light microscopy")
    for number in range(count):
        cast.instrument(f"Confocal {number}", unit, "Zeiss LSM 980")
    wanted, _problems = filters.wanted_of(QueryDict(""))
    with django_assert_num_queries(3):
        park.park_page(viewer=cast.OPERATOR, wanted=wanted)
