"""Pages of stewardship: reviews, completeness, handing over, one's mail and one's calendars."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.programme import services as programme
from parkbench.records.services import set_stewardship
from parkbench.stewardship.models import Feed

pytestmark = pytest.mark.django_db


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def text(response) -> str:
    return unescape(response.content.decode())


def answers(uid, person, days: int | None = -3, kind: str = "instrument") -> None:
    on = None if days is None else timezone.localdate() + timedelta(days=days)
    set_stewardship(kind=kind, uid=uid, steward=person, review_due_on=on, by=cast.OPERATOR)


@pytest.fixture
def park(client):
    """Ada, a reader, is signed in and answers for an instrument whose review is overdue."""
    ada = sign_in(client, "Ada", Role.READER)
    unit = cast.unit()
    uid = cast.instrument("Confocal", unit, replacement_price=100, insured_until_on="2027-01-01")
    answers(uid, ada)
    return {"ada": ada, "unit": unit, "uid": uid}


def test_my_reviews_are_confirmed_with_one_click(client, park):
    page = client.get("/stewardship/")
    assert page.context["page"].pager.total == 1
    assert "Everything" not in text(page)
    answer = client.post(
        "/stewardship/still-right/", {"uid": f"instrument:{park['uid']}", "next": "/stewardship/?kind=unit"}
    )
    assert answer["Location"] == "/stewardship/?kind=unit"
    assert Instrument.objects.get().review_due_on > timezone.localdate()
    history = text(client.get(f"/history/instrument/{park['uid']}/"))
    assert "Looked through: still right" in history
    assert "Ada" in history


def test_still_right_goes_back_to_this_node_only_and_says_what_is_wrong(client, park):
    answer = client.post("/stewardship/still-right/", {"next": "https://evil.example/"}, follow=True)
    assert answer.redirect_chain[0][0] == "/stewardship/"
    assert "Tick at least one record first" in text(answer)
    assert client.post("/stewardship/still-right/", {"uid": "nonsense"}).status_code == 404
    assert client.post("/stewardship/still-right/", {"uid": f"spaceship:{uuid4()}"}).status_code == 404


def test_a_record_page_shows_its_level_and_the_button(client, park):
    page = text(client.get(f"/instruments/{park['uid']}/"))
    assert "not yet bronze" in page
    assert "Still right" in page
    assert "replacement price" not in page
    assert f'value="instrument:{park["uid"]}"' in page
    unit = text(client.get(f"/units/{park['unit']}/"))
    assert "Completeness" in unit
    assert "Still right" not in unit
    client.logout()
    assert "Completeness" not in text(client.get("/units/"))


def test_a_list_is_narrowed_searched_sorted_and_exported(client, park):
    client.force_login(cast.person("Mona", Role.MANAGER))
    page = client.get("/stewardship/?who=everything&when=overdue&kind=instrument&q=conf&sort=-name")
    assert page.context["page"].pager.total == 1
    assert [chip.label for chip in page.context["page"].chips] == ["Everything", "Overdue", "Instruments"]
    for facet in page.context["page"].facets:
        for option in facet.options:
            assert client.get(option.url).status_code == 200
    for column in page.context["page"].columns:
        if column.sort_url:
            assert client.get(column.sort_url).status_code == 200
    assert [column.key for column in page.context["page"].columns if not column.sort_url] == ["steward"]
    csv = client.get(page.context["page"].exports["CSV"]).content.decode("utf-8-sig")
    assert csv.splitlines()[1].endswith('"instrument","Light microscopy","Ada"')
    assert client.get(page.context["page"].exports["XLSX"]).content.startswith(b"PK")
    assert client.get("/stewardship/export.pdf").status_code == 404


def test_pages_of_the_list_follow_each_other(client, park):
    for number in range(60):
        answers(cast.instrument(f"More {number:02}", park["unit"]), park["ada"], number)
    page = client.get("/stewardship/?page=2").context["page"]
    assert (page.pager.page, page.pager.total, len(page.rows)) == (2, 61, 11)
    assert client.get(page.pager.prev_url).context["page"].rows[0].cells[0].text == "Confocal"


@pytest.mark.parametrize(
    ("role", "budget"), [(Role.MANAGER, 10), (Role.READER, 10), ("head", 10), (Role.ADMINISTRATOR, 10)]
)
def test_the_list_takes_the_same_few_queries_at_any_size(client, park, role, budget):
    role = (Role.HEAD, str(park["unit"])) if role == "head" else role
    client.force_login(cast.person("Dana", role))
    counts = []
    for more in (0, 120):
        values = {"unit_ref": cast.unit_ref(park["unit"]), "model_text": "LSM 980"}
        new = [(uuid4(), {**values, "name": f"More {number}"}, {}) for number in range(more)]
        instruments.write(new=new, by=cast.OPERATOR)
        with CaptureQueriesContext(connection) as asked:
            client.get("/stewardship/?who=everything")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= budget


def test_a_manager_sets_periods_and_dates_old_records(client, park):
    client.force_login(cast.person("Mona", Role.MANAGER))
    Instrument.objects.update(review_due_on=None)
    page = client.get("/stewardship/periods/")
    assert "1 instrument" in text(page)
    client.post("/stewardship/periods/dates/")
    assert Instrument.objects.get().review_due_on is not None
    values = {
        name: field.initial if field.initial else "" for name, field in page.context["form"].fields.items()
    }
    assert client.post("/stewardship/periods/", {**values, "instrument": "18"}).status_code == 302
    assert client.get("/stewardship/periods/").context["form"].fields["instrument"].initial == 18
    wrong = client.post("/stewardship/periods/", {**values, "instrument": "999"})
    assert wrong.status_code == 422


def test_completeness_names_what_is_to_be_gained_and_leads_to_exactly_that_list(client, park):
    cast.instrument("Spinning disc", park["unit"])
    client.force_login(cast.person("Mona", Role.MANAGER))
    page = client.get("/stewardship/completeness/")
    shown = text(page)
    assert "Add “replacement price”: 1 instrument is missing from the ten-year view." in shown
    assert "Add “status”: 2 instruments are missing from the count of what stands." in shown
    for block in page.context["blocks"]:
        assert block.total
        for field in block.fields:
            if field.url:
                assert client.get(field.url).context["page"].pager.total == field.count
        for stat in block.stats:
            assert not stat.url or str(client.get(stat.url).context["page"].pager.total) == stat.value
        for unit in block.units:
            for number, url in unit.counts:
                assert client.get(url).context["page"].pager.total == number


def test_a_reader_hears_nothing_of_fields_they_may_not_see(client, park):
    shown = text(client.get("/stewardship/completeness/"))
    assert "status" in shown
    assert "replacement price" not in shown
    assert "By unit" not in shown
    page = client.get("/stewardship/completeness/list/?kind=instrument&missing=replacement_price")
    assert page.context["page"].chips == []
    assert "replacement price" not in text(page)


def test_the_list_of_what_is_missing_is_searched_narrowed_and_exported(client, park):
    page = client.get(f"/stewardship/completeness/list/?kind=instrument&q=conf&unit={park['unit']}")
    assert page.context["page"].pager.total == 1
    for facet in page.context["page"].facets:
        for option in facet.options:
            assert client.get(option.url).status_code == 200
    csv = client.get(page.context["page"].exports["CSV"]).content.decode("utf-8-sig")
    assert "not yet bronze" in csv.splitlines()[1]
    assert client.get(page.context["page"].exports["XLSX"]).content.startswith(b"PK")
    for wrong in ("list/?kind=spaceship", "list/", "list/?kind=maker", "export.pdf?kind=instrument"):
        assert client.get(f"/stewardship/completeness/{wrong}").status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.READER, "head"])
def test_completeness_takes_the_same_few_queries_at_any_size(client, park, role):
    role = (Role.HEAD, str(park["unit"])) if role == "head" else role
    client.force_login(cast.person("Dana", role))
    counts = []
    for more in (0, 120):
        values = {"unit_ref": cast.unit_ref(park["unit"]), "model_text": "LSM 980"}
        new = [(uuid4(), {**values, "name": f"More {number}"}, {}) for number in range(more)]
        instruments.write(new=new, by=cast.OPERATOR)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/stewardship/completeness/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_an_empty_node_says_so(client):
    sign_in(client, "Ada", Role.MANAGER)
    assert "Nothing to complete yet" in text(client.get("/stewardship/completeness/"))
    assert "You answer for no record yet" in text(client.get("/stewardship/"))
    assert client.get("/stewardship/?who=everything").status_code == 200


def test_deactivating_a_person_leads_to_the_handover(client, park):
    client.force_login(cast.person("Root", Role.ADMINISTRATOR))
    page = f"/people/{park['ada'].uid}/"
    assert "Hand over their records" in text(client.get(page))
    answer = client.post(page, {"name": "Ada", "orcid": ""})
    assert answer["Location"] == f"/stewardship/handover/?person={park['ada'].uid}"
    shown = text(client.get(answer["Location"]))
    assert "Ada may not sign in any more." in shown
    assert "Confocal" in shown


def test_records_are_handed_over_and_back(client, park):
    ben = cast.person("Ben", Role.READER)
    client.force_login(cast.person("Mona", Role.MANAGER))
    url = f"/stewardship/handover/?person={park['ada'].uid}"
    refused = client.post(url, {"taker": ben.uid, "which": "ticked"})
    assert refused.status_code == 422
    assert "Tick at least one record first" in text(refused)
    assert client.post(url, {"taker": "nobody", "which": "all"}).status_code == 422
    done = client.post(
        url, {"taker": ben.uid, "which": "ticked", "uid": f"instrument:{park['uid']}"}, follow=True
    )
    assert "1 record handed over" in text(done)
    assert "1 record from Ada to Ben" in text(done)
    assert Instrument.objects.get().steward == ben
    undo = re.search(r"/stewardship/handover/\d+/undo/", done.content.decode())
    assert undo
    assert "went back" in text(client.post(undo[0], follow=True))
    assert Instrument.objects.get().steward == park["ada"]


def test_what_nobody_answers_for_is_handed_over_at_once(client, park):
    ben = cast.person("Ben", Role.READER)
    client.force_login(cast.person("Hana", (Role.HEAD, str(park["unit"]))))
    answers(park["uid"], None)
    page = client.get("/stewardship/handover/?person=nobody")
    assert [line.name for line in page.context["held"].lines] == ["Confocal", "Light microscopy"]
    client.post("/stewardship/handover/?person=nobody", {"taker": ben.uid, "which": "all"})
    assert Instrument.objects.get().steward == ben
    assert client.get(f"/stewardship/handover/?person={uuid4()}").status_code == 404
    assert client.get("/stewardship/handover/?person=x").status_code == 404
    assert "Nothing that you may hand over" in text(client.get("/stewardship/handover/?person=nobody"))


def test_readers_hand_nothing_over(client, park):
    assert client.get("/stewardship/handover/").status_code == 403


def test_my_mail_stands_on_a_page_and_can_be_switched_off(client, park, settings):
    settings.HAS_MAIL = False
    shown = text(client.get("/stewardship/mail/"))
    assert "This node sends no mail" in shown
    assert "Confocal" in shown
    assert "overdue" in shown
    settings.HAS_MAIL = True
    assert "This node sends no mail" not in text(client.get("/stewardship/mail/"))
    client.post("/stewardship/mail/", {})
    assert "checked" not in text(client.get("/stewardship/mail/")).split("wants_digest")[1][:120]


def test_my_account_leads_to_all_of_it(client, park):
    shown = text(client.get("/me/"))
    for url in ("/stewardship/", "/stewardship/mail/", "/stewardship/calendars/"):
        assert f'href="{url}"' in shown
        assert client.get(url).status_code == 200


def made(client, about: str) -> str:
    """Make a calendar on the page and return its address on this node."""
    page = client.post("/stewardship/calendars/", {"about": about})
    assert page["Cache-Control"].startswith("max-age=0")
    return re.sub(r"^https?://[^/]+", "", page.context["made_url"])


def test_a_calendar_is_made_shown_once_fetched_without_an_account_and_revoked(client, park):
    address = made(client, "mine")
    assert re.fullmatch(r"/calendar/[\w-]{43}\.ics", address)
    assert address not in text(client.get("/stewardship/calendars/"))
    stranger = Client()
    answer = stranger.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["summary"] == "Review due: Confocal"
    assert event.decoded("dtstart") == timezone.localdate() - timedelta(days=3)
    client.post(f"/stewardship/calendars/{Feed.objects.get().pk}/revoke/")
    assert stranger.get(address).status_code == 404
    assert stranger.post(address).status_code == 405


def test_a_calendar_that_did_not_change_is_not_sent_again(client, park):
    address = made(client, str(park["unit"]))
    first = client.get(address)
    same = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert client.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    instruments.edit(
        uid=park["uid"],
        values={"end_of_support_on": (date.today() + timedelta(days=40)).isoformat()},
        by=cast.OPERATOR,
    )
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_calendar_needs_something_to_be_about(client, park):
    assert client.post("/stewardship/calendars/", {"about": str(uuid4())}).status_code == 422
    assert client.post("/stewardship/calendars/", {}).status_code == 422


def test_nobody_revokes_the_calendar_of_somebody_else(client, park):
    made(client, "organisation")
    other = Client()
    other.force_login(cast.person("Root", Role.ADMINISTRATOR))
    pk = Feed.objects.get().pk
    assert other.post(f"/stewardship/calendars/{pk}/revoke/").status_code == 404
    assert Feed.objects.exists()


def test_the_command_line_exports_reviews_and_completeness(park, tmp_path):
    for what in ("reviews", "completeness"):
        file = tmp_path / f"{what}.csv"
        call_command("export", what, "--out", str(file), stdout=io.StringIO())
        assert "Confocal" in file.read_text(encoding="utf-8-sig")


def test_the_eyes_of_an_audience_see_none_of_it(client, park):
    programme.set_organisation(name="Alpha", by=cast.OPERATOR)
    client.force_login(cast.person("Root", Role.ADMINISTRATOR))
    client.post("/view-as/", {"audience": "public"})
    for url in ("/stewardship/", "/stewardship/completeness/", "/stewardship/calendars/"):
        assert client.get(url).status_code == 403
