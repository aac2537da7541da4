"""Pages of the programme: what is shown to whom, forms, conflicts, delete and undo."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts import services as accounts
from parkbench.accounts.rules import Role
from parkbench.programme import services
from parkbench.programme.models import Unit
from parkbench.records import rules
from parkbench.records.queries import own_address
from parkbench.records.services import Draft, publish, set_policy, set_stewardship, widen

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture
def platform():
    return services.add_platform(name="Imaging", short_name="IMG", by=BY)


@pytest.fixture
def unit(platform):
    return services.add_unit(
        name="Light microscopy", platform=platform, contact={"mailbox": "lm@alpha.example"}, by=BY
    )


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def publish_basics(kind="unit"):
    set_policy(kind=kind, section="basics", mask=rules.PUBLIC, by=BY)
    widen(kind=kind)


def form_of(client, url) -> dict[str, str]:
    """Return what the form at this address would send."""
    form = client.get(url).context["form"]
    return {field.html_name: field.value() if field.value() is not None else "" for field in form}


def text(response) -> str:
    return response.content.decode()


def test_visitors_see_what_is_public_and_no_more(client, platform, unit):
    for url in (f"/units/{unit}/", f"/platforms/{platform}/"):
        assert client.get(url).status_code == 404
    assert "Light microscopy" not in text(client.get("/units/"))
    publish_basics()
    page = text(client.get(f"/units/{unit}/"))
    assert "Light microscopy" in page
    for hidden in ("lm@alpha.example", "Imaging", ">Edit<", ">History<", "Visible to"):
        assert hidden not in page
    assert "not shared" in page
    listed = text(client.get("/units/"))
    assert "Light microscopy" in listed
    assert "lm@alpha.example" not in listed
    assert "Imaging" not in listed


def test_hidden_values_cannot_be_searched_sorted_or_narrowed_for(client, unit):
    services.add_unit(name="Aardvark facility", contact={"mailbox": "zz@alpha.example"}, by=BY)
    publish_basics()
    assert "Light microscopy" not in text(client.get("/units/?q=lm@alpha"))
    assert "Light microscopy" not in text(client.get("/units/?platform=Imaging"))
    page = text(client.get("/units/?sort=-mailbox"))
    assert page.index("Aardvark") < page.index("Light microscopy")  # by name, as all contacts are hidden


def test_members_see_head_contact_and_who_sees_it(client, unit):
    ada = sign_in(client, "Ada", Role.READER)
    set_stewardship(kind="unit", uid=unit, steward=ada, review_due_on="2020-01-31", by=BY)
    page = text(client.get(f"/units/{unit}/"))
    for shown in ("Content responsible", "Ada", "Last updated", "our organisation only", "overdue"):
        assert shown in page
    assert "mailto:lm@alpha.example" in page
    assert "Imaging" in page


@pytest.mark.parametrize("kind", ["unit", "platform", "site"])
def test_add_edit_delete_and_undo(client, kind):
    sign_in(client, "Max", Role.MANAGER)
    added = client.post(f"/{kind}s/new/", {"name": "Flow"})
    assert added.status_code == 302
    assert "Flow" in text(client.get(added.url))
    given = form_of(client, f"{added.url}edit/") | {"name": "Flow cytometry"}
    assert client.post(f"{added.url}edit/", given).url == added.url
    assert "Flow cytometry" in text(client.get(f"/{kind}s/"))
    undo = client.post(f"{added.url}delete/").url
    assert client.get(added.url).status_code == 404
    assert "Restore it" in text(client.get(undo))
    assert client.post(undo).url == added.url
    assert "Flow cytometry" in text(client.get(added.url))
    assert client.get(undo).status_code == 404


def test_the_organisation_shows_its_parts_and_is_edited(client, unit, platform):
    uid = services.set_organisation(name="Alpha", by=BY)
    services.add_unit(name="Free unit", by=BY)
    services.add_site(name="North campus", by=BY)
    sign_in(client, "Max", Role.MANAGER)
    page = text(client.get(f"/organisations/{uid}/"))
    for shown in ("Imaging", "Free unit", "North campus"):
        assert shown in page
    assert "Light microscopy" not in page
    assert ">Delete<" not in page
    given = form_of(client, f"/organisations/{uid}/edit/") | {"ror": "nonsense"}
    refused = client.post(f"/organisations/{uid}/edit/", given)
    assert refused.status_code == 422
    assert "Expected a ROR id" in text(refused)
    assert 'value="nonsense"' in text(refused)
    assert client.post(f"/organisations/{uid}/edit/", given | {"ror": "048a87296"}).status_code == 302


def test_the_platform_shows_its_units(client, platform, unit):
    sign_in(client, "Ben", Role.READER)
    assert "Light microscopy" in text(client.get(f"/platforms/{platform}/"))


def test_an_overtaken_editor_sees_both_values_and_decides(client, unit):
    sign_in(client, "Max", Role.MANAGER)
    url = f"/units/{unit}/edit/"
    given = form_of(client, url) | {"short_name": "MINE"}
    services.edit_unit(uid=unit, short_name="THEIRS", by=BY)
    refused = client.post(url, given)
    page = text(refused)
    assert refused.status_code == 422
    assert "changed this while you were editing" in page
    assert re.search(r"<td>THEIRS</td><td>MINE</td>", page)
    assert 'name="revision_basics" value="2"' in page
    assert Unit.objects.get(uid=unit).short_name == "THEIRS"
    again = {name: field.value() or "" for name, field in ((f.html_name, f) for f in refused.context["form"])}
    assert client.post(url, again).status_code == 302
    assert Unit.objects.get(uid=unit).short_name == "MINE"


def test_a_form_without_revisions_is_not_taken(client, unit):
    sign_in(client, "Max", Role.MANAGER)
    assert client.post(f"/units/{unit}/edit/", {"name": "Blind"}).status_code == 422
    assert Unit.objects.get(uid=unit).name == "Light microscopy"


def test_refusals_stand_in_the_form(client, unit):
    sign_in(client, "Max", Role.MANAGER)
    taken = client.post("/units/new/", {"name": "LIGHT microscopy", "short_name": "kept"})
    assert taken.status_code == 422
    assert "is here already" in text(taken)
    assert 'value="kept"' in text(taken)
    given = form_of(client, f"/units/{unit}/edit/") | {"mailbox": "nonsense", "country": "x"}
    assert "Expected an e-mail address" in text(client.post(f"/units/{unit}/edit/", given))


def test_only_people_who_agreed_can_be_chosen_as_contact(client, unit):
    sign_in(client, "Max", Role.MANAGER)
    ben, ada = cast.person("Ben"), cast.person("Ada")
    accounts.change_person(person=ada, name="Ada", orcid="", is_active=True, is_named_outward=True)
    url = f"/units/{unit}/edit/"
    given = form_of(client, url)
    assert client.post(url, given | {"person": str(ben.uid)}).status_code == 422
    steward = {"steward": str(ben.uid), "review_due_on": "2027-01-31"}
    assert client.post(url, given | {"person": str(ada.uid)} | steward).status_code == 302
    row = Unit.objects.get(uid=unit)
    assert (row.person_name, row.steward.name, str(row.review_due_on)) == ("Ada", "Ben", "2027-01-31")
    assert form_of(client, url)["person"] == str(ada.uid)


def test_a_platform_with_units_is_not_deleted(client, platform, unit):
    sign_in(client, "Max", Role.MANAGER)
    answer = client.post(f"/platforms/{platform}/delete/")
    assert answer.status_code == 400
    assert "still has 1 unit" in text(answer)


def acts(unit, platform):
    return [
        ("get", "/units/new/"),
        ("post", "/units/new/"),
        ("get", f"/units/{unit}/edit/"),
        ("post", f"/units/{unit}/edit/"),
        ("post", f"/units/{unit}/delete/"),
        ("get", f"/platforms/{platform}/edit/"),
        ("post", f"/platforms/{platform}/delete/"),
        ("post", f"/units/{unit}/restore/"),
    ]


def test_readers_and_heads_of_other_units_change_nothing(client, unit, platform):
    other = services.add_unit(name="Other", by=BY)
    for name, role in (("Ben", Role.READER), ("Hedda", (Role.HEAD, str(other)))):
        sign_in(client, name, role)
        for method, url in acts(unit, platform):
            assert getattr(client, method)(url, {"name": "x"}).status_code == 403, url
        assert f"/units/{unit}/edit/" not in text(client.get(f"/units/{unit}/"))
    assert Unit.objects.live().count() == 2


def test_visitors_are_asked_to_sign_in_or_told_nothing(client, unit, platform):
    for method, url in acts(unit, platform):
        answer = getattr(client, method)(url, {"name": "x"})
        assert answer.status_code == 404 or answer.url.startswith("/sign-in/"), url
    assert Unit.objects.live().count() == 1


def test_a_head_edits_the_own_unit_but_does_not_move_it(client, unit, platform):
    sign_in(client, "Hedda", (Role.HEAD, str(unit)))
    url = f"/units/{unit}/edit/"
    given = form_of(client, url)
    assert "platform" not in given
    assert client.post(url, given | {"short_name": "LM", "platform": ""}).status_code == 302
    row = Unit.objects.get(uid=unit)
    assert (row.short_name, row.platform.uid) == ("LM", platform)


def test_a_steward_edits_but_does_not_hand_it_on(client, unit):
    ada = sign_in(client, "Ada", Role.READER)
    set_stewardship(kind="unit", uid=unit, steward=ada, review_due_on=None, by=BY)
    url = f"/units/{unit}/edit/"
    given = form_of(client, url)
    assert "steward" not in given
    assert client.post(url, given | {"short_name": "LM", "steward": ""}).status_code == 302
    assert Unit.objects.get(uid=unit).steward == ada


def test_sorting_searching_and_paging_the_list(client):
    sign_in(client, "Ben", Role.READER)
    services.make_missing(kind="unit", names=[f"Unit {number:03}" for number in range(120)], by=BY)
    first = text(client.get("/units/"))
    assert "1–50 of 120" in first
    assert "Unit 050" not in first
    assert "101–120 of 120" in text(client.get("/units/?page=3"))
    assert text(client.get("/units/?sort=-name")).index("Unit 119") > 0
    assert "1–1 of 1" in text(client.get("/units/?q=unit+077"))
    assert "Nothing matches" in text(client.get("/units/?q=nothing+such"))
    for odd in ("page=x", "page=-1", "sort=password", "sort=-", "platform=none"):
        assert client.get(f"/units/?{odd}").status_code == 200


def test_an_empty_list_says_what_to_do(client):
    assert "Nothing here yet" in text(client.get("/platforms/"))
    sign_in(client, "Max", Role.MANAGER)
    assert "Add a platform" in text(client.get("/platforms/"))


@pytest.mark.parametrize("role", [None, Role.READER, Role.MANAGER])
def test_pages_take_the_same_queries_at_10_and_200_units(client, platform, role):
    publish_basics()
    publish_basics("platform")
    if role:
        sign_in(client, "Ben", role)

    def counts(many):
        ref = f"https://node.invalid/id/platform/{platform}"
        drafts = [
            Draft(uuid4(), {"basics": {"name": f"Unit {number}", "platform_ref": ref}}, is_new=True)
            for number in range(Unit.objects.count(), many)
        ]
        publish(kind="unit", drafts=drafts, by=BY)
        found = []
        for url in ("/units/", f"/platforms/{platform}/", "/platforms/"):
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    few, many = counts(10), counts(200)
    assert few == many
    assert max(many) <= 22


def test_an_export_is_exactly_the_list(client, unit):
    services.add_unit(name="=1+1 facility", by=BY)
    services.add_unit(name="Flow", by=BY)
    assert client.get("/units/export.csv").content.decode("utf-8-sig").count("\n") == 1
    sign_in(client, "Ben", Role.READER)
    answer = client.get("/units/export.csv?sort=-name&q=facility")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="units.csv"'
    assert len(lines) == 2
    assert lines[1].startswith('"\'=1+1 facility"')
    assert client.get("/units/export.xlsx").content[:2] == b"PK"
    assert client.get("/units/export.exe").status_code == 404
    assert "/units/export.xlsx?q=facility" in text(client.get("/units/?q=facility"))


@pytest.mark.parametrize("kind", ["unit", "platform"])
def test_a_permalink_bears_the_address_of_the_node_whatever_name_it_is_reached_by(
    client, unit, platform, kind
):
    sign_in(client, "Ben", Role.READER)
    uid = {"unit": unit, "platform": platform}[kind]
    page = text(client.get(f"/{kind}s/{uid}/", headers={"host": "localhost"}))
    permalink = f"{own_address()}/id/{kind}/{uid}"
    assert f'<a href="{permalink}">' in page
    assert client.get(f"/id/{kind}/{uid}").url == f"/{kind}s/{uid}/"
    assert "http://localhost" not in page
