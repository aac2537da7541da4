"""The first page: each figure leads to its list, each viewer gets their own page, always few queries."""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import set_policy, set_stewardship, share_record

pytestmark = pytest.mark.django_db


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def text(response) -> str:
    return unescape(response.content.decode())


def filled(count: int) -> None:
    """Add so many instruments in three units, with everything that the figures read."""
    platform = programme.add_platform(name="Imaging", by=cast.OPERATOR)
    units = [
        programme.add_unit(name=f"Unit {number}", platform=platform, by=cast.OPERATOR) for number in range(3)
    ]
    statuses = ("in-service", "limited", None, "planned", "decommissioned")
    for number in range(count):
        uid = cast.instrument(
            f"Confocal {number}",
            units[number % 3],
            status=statuses[number % 5],
            replacement_price=1_000_00 * number if number % 4 else None,
            commissioned_on=f"20{10 + number % 17}-05-01" if number % 6 else None,
            end_of_support_on="2020-01-31" if number % 7 else None,
        )
        if number % 9 == 0:
            set_stewardship(
                kind="instrument", uid=uid, steward=None, review_due_on="2020-01-31", by=cast.OPERATOR
            )


def stats_of(response):
    return {stat.label: stat for stat in response.context["stats"]}


@pytest.mark.parametrize("roles", [(Role.MANAGER,), (Role.READER,)])
def test_each_figure_and_each_bar_equals_the_list_it_leads_to(client, roles):
    filled(40)
    sign_in(client, "Dana", *roles)
    response = client.get("/")
    wanted = {stat.url: stat.value for stat in response.context["stats"] if "value" not in stat.label}
    for chart in response.context["figures"]:
        wanted |= {row.url: row.value for row in chart.rows}
    for block in response.context["platforms"]:
        wanted |= {unit.list_url: str(unit.count) for unit in block.units}
        wanted[block.list_url] = str(block.count)
    assert len(wanted) > 12
    for url, value in wanted.items():
        assert (url, str(client.get(url).context["page"].pager.total)) == (url, value)


def test_a_manager_gets_four_figures(client):
    filled(10)
    sign_in(client, "Dana", Role.MANAGER)
    stats = stats_of(client.get("/"))
    assert list(stats) == ["Instruments", "Replacement value", "Support ends within 12 months", "Reviews due"]
    assert "6 of" not in stats["Replacement value"].note
    assert "3 of 6 have no price" not in stats["Replacement value"].note
    assert "of 6 have no price" in stats["Replacement value"].note
    listed = client.get(stats["Replacement value"].url).context["page"]
    assert [column.key for column in listed.columns] == ["name", "unit", "replacement_price"]


def test_a_reader_gets_no_value_and_a_head_that_of_the_own_unit(client):
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    cast.instrument("Confocal", light, status="in-service", replacement_price=2_500_000_00)
    cast.instrument("Orbitrap", mass, status="in-service", replacement_price=1_111_000_00)
    sign_in(client, "Ben", Role.READER)
    page = client.get("/")
    assert list(stats_of(page)) == ["Instruments", "Support ends within 12 months"]
    assert "SEK" not in text(page)
    sign_in(client, "Ada", (Role.HEAD, str(light)))
    stats = stats_of(client.get("/"))
    assert stats["Replacement value of your units"].value == "SEK 2.5 million"


def test_currencies_stand_side_by_side(client, settings):
    settings.DEFAULT_CURRENCY = "SEK"
    light = cast.unit("Light microscopy")
    for currency, price in (("EUR", 30_000_00), ("SEK", 20_000_00), ("CHF", 10_000_00)):
        cast.instrument(f"In {currency}", light, replacement_price=price, replacement_currency=currency)
    sign_in(client, "Dana", Role.MANAGER)
    stat = stats_of(client.get("/"))["Replacement value"]
    assert stat.value == "SEK\u00a020\u00a0000"
    assert stat.note == "and CHF\u00a010\u00a0000, EUR\u00a030\u00a0000"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MANAGER, Role.READER])
def test_it_takes_the_same_few_queries_at_any_size(client, role):
    filled(10)
    sign_in(client, "Dana", role)
    cast.person("Ben", Role.READER)
    counts = []
    for more in (0, 190):
        unit_ref = cast.unit_ref(cast.unit(f"Another {more}"))
        values = {"unit_ref": unit_ref, "model_text": "LSM 980", "status": "in-service"}
        new = [(uuid4(), {**values, "name": f"More {number}"}, {}) for number in range(more)]
        instruments.write(new=new, by=cast.OPERATOR)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


def test_an_administrator_of_an_empty_node_is_led_to_the_first_import(client):
    uid = programme.set_organisation(name="Alpha", by=cast.OPERATOR)
    sign_in(client, "Root", Role.ADMINISTRATOR)
    page = client.get("/")
    steps = page.context["steps"]
    assert [(step.is_done, step.is_current) for step in steps] == [
        (True, False), (False, True), (False, False), (False, False), (False, False),
    ]  # fmt: skip
    assert f'<a class="btn btn-quiet" href="/organisations/{uid}/edit/">Edit</a>' in text(page)
    assert 'aria-current="step"' in text(page)
    assert "Import a sheet" in text(page)
    assert "Replacement value" not in text(page)
    for step in steps:
        assert client.get(step.url).status_code == 200


def test_the_steps_shrink_with_instruments_and_vanish_with_a_second_person(client):
    cast.instrument("Confocal", cast.unit())
    sign_in(client, "Root", Role.ADMINISTRATOR)
    page = client.get("/")
    assert page.context["next_step"].title == "Look at it"
    assert "Next:" in text(page)
    assert "First steps" not in text(page)
    set_policy(kind="unit", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    assert client.get("/").context["next_step"].title == "Invite people"
    cast.person("Ben", Role.READER)
    assert client.get("/").context["steps"] == []


def test_an_empty_node_tells_who_may_import_and_who_may_not(client):
    unit = cast.unit()
    sign_in(client, "Ben", Role.READER)
    page = text(client.get("/"))
    assert "No instruments yet" in page
    assert "Import a sheet" not in page
    sign_in(client, "Ada", (Role.EDITOR, str(unit)))
    assert "Import a sheet" in text(client.get("/"))


def test_visitors_of_a_node_that_shares_nothing_get_a_calm_page(client):
    cast.instrument("Confocal", cast.unit("Light microscopy"), status="in-service")
    page = text(client.get("/"))
    assert "Nothing is public here yet" in page
    assert "Sign in" in page
    for hidden in ("Confocal", "Light microscopy", "Changed lately"):
        assert hidden not in page


def test_who_holds_no_role_is_told_whom_to_ask(client):
    sign_in(client, "Cleo")
    page = text(client.get("/"))
    assert "you hold no role here" in page


def test_visitors_see_mission_platforms_and_counts(client):
    programme.set_organisation(name="Alpha", description="We keep microscopes.", by=cast.OPERATOR)
    platform = programme.add_platform(name="Imaging", by=cast.OPERATOR)
    unit = programme.add_unit(name="Light microscopy", platform=platform, by=cast.OPERATOR)
    shown = cast.instrument("Confocal", unit, status="in-service", replacement_price=1_00)
    cast.instrument("Secret", unit)
    public = {"basics": rules.PUBLIC}
    share_record(kind="instrument", uid=shown, masks=public, by=cast.OPERATOR)
    share_record(kind="platform", uid=platform, masks=public, by=cast.OPERATOR)
    response = client.get("/")
    assert {label: stat.value for label, stat in stats_of(response).items()} == {
        "Platforms": "1", "Instruments": "1",
    }  # fmt: skip
    assert "We keep microscopes." not in text(response)
    organisation = programme.set_organisation(name="Alpha", by=cast.OPERATOR)
    share_record(kind="organisation", uid=organisation, masks=public, by=cast.OPERATOR)
    page = text(client.get("/"))
    assert "We keep microscopes." in page
    assert "Imaging" in page
    assert 'role="search"' in page
    for hidden in ("Light microscopy", "Secret", "SEK", "Changed lately"):
        assert hidden not in page
    for url in re.findall(r'class="stat-link" href="([^"]+)"', page):
        assert client.get(url).status_code == 200


def test_borrowed_eyes_see_the_visitors_page(client):
    cast.instrument("Confocal", cast.unit("Light microscopy"))
    sign_in(client, "Dana", Role.MANAGER)
    session = client.session
    session["view_as"] = rules.PUBLIC
    session.save()
    page = text(client.get("/"))
    assert "Nothing is public here yet" in page
    assert "Whoever looks with these eyes" in page
    assert "Confocal" not in page


def test_changes_and_imports_are_listed_with_who_and_when(client):
    sign_in(client, "Dana", Role.MANAGER)
    cast.instrument("Confocal", cast.unit("Light microscopy"))
    page = text(client.get("/"))
    assert "Changed lately" in page
    assert "the node itself" in page
    assert "added" in page
    assert "today" in page
