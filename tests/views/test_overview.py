"""The first page: each figure leads to its list, each viewer gets their own page, always few queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.lib.urn import record_id
from parkbench.overview.models import Visit
from parkbench.programme import services as programme
from parkbench.programme.models import Unit
from parkbench.records import rules
from parkbench.records.queries import own_address
from parkbench.records.services import set_policy, set_stewardship, share_record
from parkbench.servicing import services as servicing

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


ROLES = {
    "director": lambda world: (Role.MANAGER,),
    "administrator": lambda world: (Role.ADMINISTRATOR,),
    "reader": lambda world: (Role.READER,),
    "head of a unit": lambda world: ((Role.HEAD, world["unit"]),),
    "head of two units": lambda world: ((Role.HEAD, world["unit"]), (Role.HEAD, world["other"])),
    "platform head": lambda world: ((Role.HEAD, world["platform"]),),
    "editor": lambda world: ((Role.EDITOR, world["unit"]),),
    "head and editor": lambda world: ((Role.HEAD, world["unit"]), (Role.EDITOR, world["other"])),
}


@pytest.fixture
def world():
    """Two platforms with two units each; instruments with all that the figures count, and without."""
    uids = {}
    for place in range(2):
        platform = programme.add_platform(name=f"Platform {place}", by=cast.OPERATOR)
        for number in range(2):
            unit = programme.add_unit(name=f"Unit {place}{number}", platform=platform, by=cast.OPERATOR)
            filled_unit(unit)
            uids |= {"unit" if not number else "other": str(unit)} if not place else {}
        uids.setdefault("platform", str(platform))
    return uids


def filled_unit(unit):
    """Add twelve instruments with everything that figures read, in many combinations."""
    today = timezone.localdate()
    soon, past = (today + timedelta(days=40)).isoformat(), (today - timedelta(days=40)).isoformat()
    statuses = ("in-service", "limited", None, "planned", "decommissioned", "out-of-service")
    new, events = [], []
    for number in range(12):
        price = "replacement" if number % 3 else "purchase"
        values = {
            "name": f"Confocal {number}",
            "unit_ref": cast.unit_ref(unit),
            "model_text": "Zeiss LSM 980",
            "status": statuses[number % 6],
            "purchase_year": 2015 if number % 4 else None,
            "commissioned_on": f"20{10 + number}-05-01" if number % 5 else None,
            "end_of_support_on": (soon, past, None)[number % 3],
            "insured_until_on": (None, soon)[number % 2],
            "funding": [{"funder": "Fund", "keep_until_on": (past, soon)[number % 2]}],
            **({f"{price}_price": 1_000_00 * number, f"{price}_currency": "SEK"} if number % 7 else {}),
        }
        uid = uuid4()
        new.append((uid, {name: value for name, value in values.items() if value is not None}, {}))
        if number % 4 == 0:
            ref = record_id(node=own_address(), kind="instrument", uid=uid)
            down = {"instrument_ref": ref, "event_kind": "failure", "happened_on": past, "still_down": True}
            priced = {"cost": 500_00, "currency": "SEK", "vat": "excluded"} if number else {}
            events.append((uuid4(), {**down, **priced}))
    instruments.write(new=new, by=cast.OPERATOR)
    servicing.write(new=events, by=cast.OPERATOR)
    Instrument.objects.filter(uid__in=[uid for uid, *_rest in new[::4]]).update(review_due_on=past)


def counted(response):
    """Return address > number of every figure of a page that counts a list."""
    sums = ("value", "Hours")
    context = response.context
    found = {
        stat.url: stat.value
        for stat in context["stats"]
        if stat.url and not any(word in stat.label for word in sums)
    }
    found |= {fact.url: fact.value for fact in context["prices"]}
    found |= {fact.url: fact.value for fact in context["since_facts"]}
    for chart in context["figures"]:
        found |= {row.url: row.value for row in chart.rows}
    for block in context["platforms"]:
        found |= {unit.list_url: str(unit.count) for unit in block.units}
        found[block.list_url] = str(block.count)
    return found


WHOLE = ("head of a unit", "head and editor", "platform head")


@pytest.mark.parametrize(
    ("role", "of"), [*((role, "") for role in ROLES), *((role, "all") for role in WHOLE)]
)
def test_each_figure_equals_the_list_it_leads_to(client, world, role, of):
    sign_in(client, "Dana", *ROLES[role](world))
    response = client.get("/", {"of": of} if of else {})
    found = counted(response)
    assert len(found) > 15
    for url, value in found.items():
        if url.endswith("#down"):
            assert len(response.context["down"]) == int(value)
            continue
        assert (url, str(client.get(url).context["page"].pager.total)) == (url, value)


def test_a_page_about_one_unit_counts_that_unit(client, world):
    sign_in(client, "Dana", Role.MANAGER)
    response = client.get("/", {"of": world["unit"]})
    assert response.context["heading"] == "Unit 00"
    assert stats_of(response)["Instruments"].value == "8"
    for url, value in counted(response).items():
        assert (url, str(client.get(url).context["page"].pager.total)) == (url, value)
    assert client.get("/", {"of": str(uuid4())}).status_code == 404


def test_a_head_sees_the_own_part_first_and_may_switch(client, world):
    sign_in(client, "Ada", (Role.HEAD, world["platform"]))
    mine = client.get("/")
    assert mine.context["heading"] == "My platform"
    assert "Platform 0" in text(mine)
    assert "Platform 1" not in text(mine)
    assert [label for label, _url, _is_on in mine.context["switches"]] == [
        "My platform",
        "Whole organisation",
    ]
    assert stats_of(mine)["Instruments"].value == "16"
    whole = client.get(mine.context["switches"][1][1])
    assert whole.context["heading"] == "Overview"
    assert stats_of(whole)["Instruments"].value == "32"
    assert stats_of(whole)["Replacement value of your units"].url == stats_of(mine)["Replacement value"].url
    sign_in(client, "Bo", (Role.HEAD, world["unit"]))
    assert client.get("/").context["heading"] == "My unit"
    sign_in(client, "Cy", (Role.HEAD, world["unit"]), (Role.EDITOR, world["other"]))
    assert client.get("/").context["heading"] == "My units"
    sign_in(client, "Di", Role.READER)
    assert client.get("/").context["switches"] == []


def test_what_is_down_is_told_with_its_days_and_costs_as_far_as_they_may_be_seen(client, world):
    sign_in(client, "Ada", (Role.HEAD, world["unit"]))
    stat = stats_of(client.get("/"))["Down now"]
    assert stat.value == "3"
    assert stat.note.startswith("the longest since ")
    assert "40 days" in stat.note
    assert "so far SEK\u00a01\u00a0000 without VAT; no cost given for 1" in stat.note
    sign_in(client, "Ben", Role.READER)
    page = client.get("/")
    assert (stats_of(page)["Down now"].value, page.context["down_more"]) == ("12", 4)
    assert "SEK" not in text(page)


def test_the_value_says_how_much_of_it_is_assumed(client):
    unit = cast.unit()
    cast.instrument("One", unit, replacement_price=75_00)
    year = timezone.localdate().year
    cast.instrument("Two", unit, purchase_price=25_00, purchase_year=year)
    cast.instrument("Three", unit)
    sign_in(client, "Dana", Role.MANAGER)
    page = client.get("/")
    stat = stats_of(page)["Replacement value"]
    assert stat.value == "SEK\u00a0100"
    assert stat.note == "25 % of it assumed from purchase prices; 1 of 3 have no price at all"
    assert [fact.value for fact in page.context["prices"]] == ["1", "1", "1"]


def test_a_manager_gets_all_figures(client):
    filled(10)
    sign_in(client, "Dana", Role.MANAGER)
    stats = stats_of(client.get("/"))
    assert list(stats) == [
        "Instruments", "Replacement value", "Down now", "Support ends within 12 months",
        "Funders’ conditions end within 12 months", "Insurance ends within 12 months", "Reviews due",
        "Hours used in 24 months",
    ]  # fmt: skip
    assert "of 6 have no price" in stats["Replacement value"].note
    listed = client.get(stats["Replacement value"].url).context["page"]
    assert [column.key for column in listed.columns][:3] == ["name", "unit", "replacement_price"]


def test_a_reader_gets_no_value_and_a_head_that_of_the_own_unit(client):
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    cast.instrument("Confocal", light, status="in-service", replacement_price=2_500_000_00)
    cast.instrument("Orbitrap", mass, status="in-service", replacement_price=1_111_000_00)
    sign_in(client, "Ben", Role.READER)
    page = client.get("/")
    assert list(stats_of(page)) == [
        "Instruments", "Down now", "Support ends within 12 months", "Reviews due", "Hours used in 24 months",
    ]  # fmt: skip
    assert "SEK" not in text(page)
    sign_in(client, "Ada", (Role.HEAD, str(light)))
    stats = stats_of(client.get("/?of=all"))
    assert stats["Replacement value of your units"].value == "SEK 2.5 million"
    assert stats_of(client.get("/"))["Replacement value"].value == "SEK 2.5 million"


def test_currencies_stand_side_by_side(client, settings):
    settings.DEFAULT_CURRENCY = "SEK"
    light = cast.unit("Light microscopy")
    for currency, price in (("EUR", 30_000_00), ("SEK", 20_000_00), ("CHF", 10_000_00)):
        cast.instrument(f"In {currency}", light, replacement_price=price, replacement_currency=currency)
    sign_in(client, "Dana", Role.MANAGER)
    stat = stats_of(client.get("/"))["Replacement value"]
    assert stat.value == "SEK\u00a020\u00a0000"
    assert stat.note == "and CHF\u00a010\u00a0000, EUR\u00a030\u00a0000"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MANAGER, Role.READER, Role.HEAD])
def test_it_takes_the_same_few_queries_at_any_size(client, role):
    filled(10)
    scope = str(Unit.objects.get(name="Unit 1").uid) if role is Role.HEAD else ""
    sign_in(client, "Dana", (role, scope))
    cast.person("Ben", Role.READER)
    client.get("/")  # notes the visit
    counts = []
    for more in (0, 190):
        unit_ref = cast.unit_ref(cast.unit(f"Another {more}"))
        values = {"unit_ref": unit_ref, "model_text": "LSM 980", "status": "in-service"}
        new = [(uuid4(), {**values, "name": f"More {number}"}, {}) for number in range(more)]
        instruments.write(new=new, by=cast.OPERATOR)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 28


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
    assert "Whole organisation" in text(client.get("/"))


def test_visitors_of_a_node_that_shares_nothing_get_a_calm_page(client):
    cast.instrument("Confocal", cast.unit("Light microscopy"), status="in-service")
    page = text(client.get("/"))
    assert "Nothing is public here yet" in page
    assert "Sign in" in page
    for hidden in ("Confocal", "Light microscopy", "What changed"):
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
    for hidden in ("Light microscopy", "Secret", "SEK", "What changed"):
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


def test_changes_are_listed_with_who_and_when(client):
    sign_in(client, "Dana", Role.MANAGER)
    cast.instrument("Confocal", cast.unit("Light microscopy"))
    page = text(client.get("/"))
    assert "This is your first visit" in page
    for words in ("the node itself", "Added", "today", "Confocal"):
        assert words in page


def test_the_second_visit_tells_what_changed_since_the_first(client):
    dana = sign_in(client, "Dana", Role.MANAGER)
    unit = cast.unit("Light microscopy")
    client.get("/")
    Visit.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    cast.instrument("Between", unit)
    for _time in range(2):
        page = client.get("/")
        assert "Since your last visit" in text(page)
        assert [(fact.label, fact.value) for fact in page.context["since_facts"]] == [("Added", "2")]
    assert Visit.objects.get(person=dana).previous_at is not None
    listed = client.get("/changes/").context["page"]
    assert {row.cells[0].text for row in listed.rows} == {"Between", "Light microscopy"}


def test_neither_fragments_nor_borrowed_eyes_are_a_visit(client):
    sign_in(client, "Dana", Role.MANAGER)
    client.get("/", headers={"HX-Request": "true"})
    session = client.session
    session["view_as"] = rules.PUBLIC
    session.save()
    client.get("/")
    assert not Visit.objects.exists()
    assert client.get("/changes/").status_code == 404
    assert client.get("/brief.pdf").status_code == 404


def test_changes_are_paged_and_narrowed(client):
    sign_in(client, "Dana", Role.MANAGER)
    unit = cast.unit("Light microscopy")
    for number in range(60):
        cast.instrument(f"Confocal {number}", unit)
    first = client.get("/changes/?since=week&kind=instrument").context["page"]
    assert (first.pager.total, first.pager.pages, len(first.rows)) == (60, 2, 50)
    assert first.rows[0].cells[0].text == "Confocal 59"
    last = client.get(first.pager.next_url).context["page"]
    assert [row.cells[0].text for row in last.rows][-1] == "Confocal 0"
    assert client.get("/changes/?page=99&since=nonsense&kind=x&what=y&until=z").status_code == 200
    assert client.get("/changes/?what=deleted").context["page"].empty.title == "Nothing changed"
    older = client.get(f"/changes/?until={timezone.now().isoformat().replace('+', '%2B')}")
    assert older.context["page"].pager.total == 61


def test_changes_take_the_same_few_queries(client):
    sign_in(client, "Ben", Role.READER)
    counts = []
    for more in range(2):
        unit = cast.unit(f"Unit {more}")
        for number in range(1 + 30 * more):
            cast.instrument(f"Confocal {number}", unit)
        with CaptureQueriesContext(connection) as asked:
            client.get("/changes/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


def test_changes_and_briefs_are_for_members(client):
    for url in ("/changes/", "/brief.pdf"):
        assert client.get(url).url.startswith("/sign-in/")


def test_an_administrator_is_told_how_the_node_is(client):
    cast.instrument("Confocal", cast.unit())
    sign_in(client, "Root", Role.ADMINISTRATOR)
    page = text(client.get("/"))
    for words in ("This node</h2>", "No job failed within a day.", "No backup was made yet", "holds a role"):
        assert words in page
    cast.person("Cleo")
    assert "1 person may sign in and holds no role" in text(client.get("/"))
    sign_in(client, "Dana", Role.MANAGER)
    assert "This node</h2>" not in text(client.get("/"))


def test_units_and_platforms_lead_to_their_brief(client, world):
    sign_in(client, "Dana", Role.MANAGER)
    for kind in ("unit", "platform"):
        page = text(client.get(f"/{kind}s/{world[kind]}/"))
        assert f'href="/brief.pdf?of={world[kind]}"' in page
    client.logout()
    assert "brief.pdf" not in text(client.get(f"/units/{world['unit']}/"))


def test_the_brief_is_a_pdf_about_the_part_asked_for(client, world):
    sign_in(client, "Ada", (Role.HEAD, world["unit"]))
    for of in ("", "all", world["other"]):
        answer = client.get("/brief.pdf", {"of": of} if of else {})
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert client.get("/brief.pdf", {"of": str(uuid4())}).status_code == 404


def test_a_sentence_stands_for_the_picture_of_ages_that_nobody_knows(client):
    cast.instrument("Confocal", cast.unit(), status="in-service")
    sign_in(client, "Ben", Role.READER)
    for url in ("/", "/instruments/figures/"):
        page = text(client.get(url))
        assert "No instrument here has a year in service or of purchase yet" in page, url
        assert "1 without a known year are not drawn" not in page
        found = re.search(r'<a href="([^"]+)">Instruments without a year</a>', page)
        assert client.get(unescape(found[1])).context["page"].pager.total == 1, url
    cast.instrument("Sorter", cast.unit("Flow"), status="in-service", commissioned_on="2020-01-01")
    for url in ("/", "/instruments/figures/"):
        assert "No instrument here has a year" not in text(client.get(url)), url
