"""Pages of service events: the list, the form on a phone, one tap to be up again, figures, who sees what."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.records import rules
from parkbench.records.services import share_record
from parkbench.servicing import services
from parkbench.servicing.models import ServiceEvent

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture
def unit():
    return cast.unit("Imaging")


@pytest.fixture
def scope(unit):
    return cast.instrument("Scope", unit)


@pytest.fixture
def robot():
    return cast.instrument("Robot", cast.unit("Robots"))


def note(instrument, **values):
    usual = {"happened_on": "2025-03-04", "event_kind": "failure"}
    if "cost" in values:
        values.setdefault("currency", "SEK")
    return services.add(instrument=instrument, values={**usual, **values}, by=BY)


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def text(response) -> str:
    return response.content.decode()


def form_of(client, url) -> dict[str, str]:
    """Return what the form at this address would send."""
    form = client.get(url).context["form"]
    return sent({field.html_name: field.value() for field in form})


def sent(values) -> dict[str, str]:
    """Leave out what a browser would not send: boxes that are not ticked."""
    return {name: value for name, value in values.items() if value is not None and value is not False}


def test_a_failure_is_noted_from_the_instruments_page(client, unit, scope):
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    url = reverse("servicing:event-add", args=[scope])
    assert text(client.get(f"/instruments/{scope}/")).count(url) == 2  # above the page, and in its panel
    given = form_of(client, url)
    assert (given["event_kind"], given["happened_on"]) == ("failure", timezone.localdate().isoformat())
    given |= {"still_down": "on", "cost": "12 500 SEK", "supplier": "Zeiss", "note": "Called"}
    response = client.post(url, given)
    assert response["Location"] == f"/instruments/{scope}/"
    row = ServiceEvent.objects.get()
    assert (row.still_down, row.cost, row.currency, row.supplier, row.note) == (
        *(True, 1_250_000, "SEK"),
        *("Zeiss", "Called"),
    )
    page = text(client.get(f"/instruments/{scope}/"))
    assert "Down since" in page
    assert "cost so far SEK\xa012\xa0500" in page


def test_one_tap_and_it_is_up_again(client, unit, scope):
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    uid = note(scope, still_down=True)
    url = reverse("servicing:event-up-again", args=[uid])
    assert url in text(client.get(f"/instruments/{scope}/"))
    response = client.post(url, {"next": f"/instruments/{scope}/"}, follow=True)
    assert "Scope is up again since today." in text(response)
    assert ServiceEvent.objects.get().ended_on == timezone.localdate()
    assert client.post(url, {"next": "https://elsewhere.example/"}).status_code == 400


def test_going_on_never_leaves_this_node(client, unit, scope):
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    uid = note(scope, still_down=True)
    response = client.post(
        reverse("servicing:event-up-again", args=[uid]), {"next": "https://elsewhere.example/"}
    )
    assert response["Location"] == f"/service-events/{uid}/"


def test_the_form_asks_only_for_what_its_editor_may_see(client, unit, scope):
    sign_in(client, "Edda", (Role.EDITOR, str(unit)))
    given = form_of(client, reverse("servicing:event-add", args=[scope]))
    names = client.get(reverse("servicing:event-add", args=[scope])).context["form"].fields
    assert "note" in names
    assert not {"cost", "vat", "supplier"} & set(names)
    client.post(reverse("servicing:event-add", args=[scope]), {**given, "cost": "5 SEK", "days_down": "0,5"})
    row = ServiceEvent.objects.get()
    assert (row.cost, row.days_down) == (None, 5)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"days_down": "long"}, "days_down"),
        ({"days_down": "-1"}, "days_down"),
        ({"cost": "much"}, "cost"),
        ({"cost": "-5 SEK"}, "cost"),
        ({"happened_on": ""}, "happened_on"),
        ({"event_kind": "party"}, "event_kind"),
        ({"still_down": "on", "days_down": "2"}, "still_down"),
        ({"ended_on": "2001-01-01"}, "ended_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, scope, more, field):
    sign_in(client, "Mona", Role.MANAGER)
    url = reverse("servicing:event-add", args=[scope])
    response = client.post(url, {**form_of(client, url), "note": "Typed", **more})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert "Typed" in text(response)
    assert not ServiceEvent.objects.exists()


def test_two_editors_see_each_others_values(client, scope):
    sign_in(client, "Mona", Role.MANAGER)
    uid = note(scope, name="Laser", cost=500)
    url = reverse("servicing:event-edit", args=[uid])
    mine = form_of(client, url)
    services.edit(uid=uid, values={"name": "Laser 561"}, by=BY)
    response = client.post(url, {**mine, "name": "Laser 640"})
    assert response.status_code == 422
    assert "Laser 561" in text(response)
    again = {field.html_name: field.value() for field in response.context["form"]}
    response = client.post(url, sent(again))
    assert response.status_code == 302, response.context["form"].errors
    row = ServiceEvent.objects.get()
    assert (row.name, row.cost) == ("Laser 640", 500)


def test_an_event_page_shows_each_part_to_whom_it_is_for(client, unit, scope):
    uid = note(scope, cost=12_300, supplier="Zeiss", note="Ours alone", down_tenths=5)
    for name, role, shown, hidden in (
        ("Mona", Role.MANAGER, ("SEK\xa0123", "Zeiss", "Ours alone", "0.5 days"), ("not shared",)),
        ("Edda", (Role.EDITOR, str(unit)), ("Ours alone", "not shared"), ("Zeiss", "SEK\xa0123")),
        ("Ben", Role.READER, ("0.5 days", "not shared"), ("Zeiss", "Ours alone", "SEK\xa0123")),
    ):
        sign_in(client, name, role)
        page = text(client.get(f"/service-events/{uid}/"))
        assert all(one in page for one in shown), name
        assert not [one for one in hidden if one in page], name


def test_visitors_see_a_public_event_and_of_its_instrument_only_what_is_public(client, scope):
    uid = note(scope, cost=12_300, name="Laser replaced")
    assert client.get(f"/service-events/{uid}/").status_code == 404
    share_record(kind="service-event", uid=uid, masks={"basics": rules.PUBLIC}, share_from=None, by=BY)
    page = text(client.get(f"/service-events/{uid}/"))
    assert "Laser replaced" in page
    assert "Scope" not in page
    assert "Economics" not in page
    listed = text(client.get("/service-events/"))
    assert "Laser replaced" in listed
    assert "Scope" not in listed
    assert "SEK" not in listed


def test_the_list_of_what_is_down(client, scope, robot):
    sign_in(client, "Mona", Role.MANAGER)
    note(scope, still_down=True, name="Laser")
    note(robot, name="Arm")
    page = text(client.get("/service-events/?open=1"))
    assert "Laser" in page
    assert "Arm" not in page
    assert "so far" in page


@pytest.mark.parametrize(
    "query",
    [
        "year=never",
        "unit=x",
        "sort=--date",
        "sort=shoe",
        "page=99999",
        "page=-1",
        "kind=party",
        "q=%00",
        "by=x",
    ],
)
def test_an_address_made_up_narrows_nothing(client, scope, query):
    sign_in(client, "Mona", Role.MANAGER)
    note(scope, name="Laser")
    assert "Laser" in text(client.get(f"/service-events/?{query}"))
    assert "Scope" in text(client.get(f"/service-events/figures/?{query}"))


def test_exports_hold_the_rows_of_the_list_and_only_the_columns_one_may_see(client, unit, scope, robot):
    note(scope, cost=5, note="Ours")
    note(robot, cost=7, name="=SUM(A1)")
    sign_in(client, "Ben", Role.READER)
    rows = _csv(client, "/service-events/export.csv")
    assert len(rows) == 2
    assert not {"Cost", "Supplier", "Note"} & set(rows[0])
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    costs = {
        row["Instrument"]: (row["Cost"], row["Note"]) for row in _csv(client, "/service-events/export.csv")
    }
    assert costs == {"Scope": ("0.05", "Ours"), "Robot": ("", "")}
    assert len(_csv(client, "/service-events/export.csv?q=scope")) == 1
    workbook = b"".join(client.get("/service-events/export.xlsx").streaming_content)
    assert zipfile.ZipFile(io.BytesIO(workbook)).namelist()
    assert client.get("/service-events/export.pdf").status_code == 404


def _csv(client, url):
    response = client.get(url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_figures_name_currency_vat_and_what_has_no_cost(client, scope, robot):
    sign_in(client, "Mona", Role.MANAGER)
    note(scope, cost=100_000, vat="excluded", down_tenths=20)
    note(scope, cost=300_000, currency="EUR")
    note(scope)
    page = text(client.get("/service-events/figures/"))
    assert "EUR\xa03\xa0000 VAT not said; SEK\xa01\xa0000 without VAT" in page
    assert "1 event without a cost" in page
    assert "not known for 2 of 3 events" in page
    (row,) = _csv(client, "/service-events/figures/export.csv?by=year")
    assert (row["Year"], row["Events"], row["Days down"], row["Days not known"]) == ("2025", "3", "2", "2")
    assert (row["Cost SEK without VAT"], row["Cost EUR VAT not said"]) == ("1000.00", "3000.00")
    assert row["Without a cost"] == "1"


def test_figures_of_what_one_may_not_see_say_so(client, unit, scope, robot):
    note(scope, cost=100_000)
    note(robot, cost=700_000)
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    page = text(client.get("/service-events/figures/?by=unit"))
    assert "SEK\xa01\xa0000" in page
    assert "of 1 not shared with you" in page
    assert "7\xa0000" not in page
    sign_in(client, "Ben", Role.READER)
    assert "Cost:" not in text(client.get("/service-events/figures/?by=unit"))


@pytest.mark.parametrize("sort", ["", "label", "-label", "events", "-failures", "days", "-cost", "unpriced"])
@pytest.mark.parametrize("by", ["instrument", "model", "unit", "year"])
def test_figures_sort_by_every_column(client, scope, robot, by, sort):
    sign_in(client, "Mona", Role.MANAGER)
    note(scope, cost=5)
    note(robot, cost=5, currency="EUR", happened_on="2024-01-02")
    assert client.get(f"/service-events/figures/?by={by}&sort={sort}").status_code == 200


def test_deleting_asks_and_undoing_brings_it_back(client, scope):
    sign_in(client, "Mona", Role.MANAGER)
    uid = note(scope, name="Laser")
    url = reverse("servicing:event-delete", args=[uid])
    assert "Delete Laser?" in text(client.get(url))
    assert "can be restored" in text(client.post(url, follow=True))
    assert client.get(f"/service-events/{uid}/").status_code == 404
    client.post(reverse("servicing:event-restore", args=[uid]))
    assert client.get(f"/service-events/{uid}/").status_code == 200


def test_its_history_and_sharing_are_those_of_every_record(client, scope):
    sign_in(client, "Mona", Role.MANAGER)
    uid = note(scope, name="Laser", cost=12_300)
    page = text(client.get(f"/service-events/{uid}/"))
    for name in ("history", "sharing"):
        url = reverse(f"records:{name}", args=["service-event", uid])
        assert url in page
        assert client.get(url).status_code == 200
    services.edit(uid=uid, values={"cost": 45_600}, by=BY)
    history = text(client.get(reverse("records:history", args=["service-event", uid])))
    assert "SEK 123" in history
    assert "SEK 456" in history
    assert client.get(f"/id/service-event/{uid}").status_code in (200, 301, 302)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.READER, None])
def test_pages_take_a_fixed_number_of_queries(client, unit, scope, robot, role):
    uid = note(scope, cost=5, still_down=True)
    share_record(kind="service-event", uid=uid, masks={"basics": rules.PUBLIC}, share_from=None, by=BY)
    if role:
        sign_in(client, "Ada", role)
    budgets = {
        "/service-events/": 16,
        f"/service-events/?unit={unit}": 17,
        "/service-events/figures/": 13,
        f"/service-events/{uid}/": 12,
        "/service-events/export.csv": 5,
    }
    counts = []
    for _turn in range(2):
        for url, most in budgets.items():
            client.get(url)
            with CaptureQueriesContext(connection) as context:
                response = client.get(url)
                if response.streaming:
                    b"".join(response.streaming_content)
            counts.append((url, len(context)))
            assert len(context) <= most, (url, len(context))
        for number in range(20):
            note((scope, robot)[number % 2], cost=number, note="x", still_down=number % 3 == 0)
    assert counts[: len(budgets)] == counts[len(budgets) :]


def test_an_empty_list_says_what_to_do(client, unit):
    sign_in(client, "Mona", Role.MANAGER)
    assert "No service events yet" in text(client.get("/service-events/"))
    assert "nothing to add up" in text(client.get("/service-events/figures/"))
    client.logout()
    assert "No service events to show" in text(client.get("/service-events/"))


def test_costs_per_year_are_drawn_for_each_currency_and_vat_apart(client, unit, scope):
    for year, cost, vat in (
        (2023, 12_345_678, "excluded"),
        (2024, 2_000_000, "excluded"),
        (2024, 500, "included"),
    ):
        note(scope, happened_on=f"{year}-05-06", cost=cost, vat=vat)
    note(scope, happened_on="2025-05-06", cost=70_000, currency="EUR")
    note(scope, happened_on="2025-05-07")
    sign_in(client, "Mona", Role.MANAGER)
    for url in ("/service-events/figures/", f"/instruments/{scope}/", f"/units/{unit}/"):
        page = text(client.get(url))
        titles = re.findall(r"<figcaption>(Costs per year[^<]*?)(?: <small|</figcaption)", page)
        assert titles == [
            "Costs per year in EUR, VAT not said",
            "Costs per year in SEK, without VAT",
            "Costs per year in SEK, with VAT",
        ], url
        assert len(titles) == 3
        assert "SEK\xa0123\xa0456.78" in page
        assert "123.5" in page
        assert "1 event without a cost" in page
    year = "/service-events/figures/?year=2024"
    assert "Costs per year" not in text(client.get(year))
    sign_in(client, "Ben", Role.READER)
    assert "Costs per year" not in text(client.get("/service-events/figures/"))
    assert "Costs per year" not in text(client.get(f"/instruments/{scope}/"))
