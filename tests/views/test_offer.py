"""Pages of services, prices and capabilities: what is shown to whom, forms, the price editor, exports."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.forms import MultipleChoiceField
from django.test.utils import CaptureQueriesContext

import cast
import offers
from offers import NOW, OLD
from parkbench.accounts.rules import Role
from parkbench.offer.models import Capability, Service
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import share_record

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture
def platform():
    return programme.add_platform(name="Imaging platform", by=BY)


@pytest.fixture
def unit(platform):
    return programme.add_unit(name="Light microscopy", platform=platform, by=BY)


@pytest.fixture
def confocal(unit):
    return cast.instrument("Confocal 3", unit)


@pytest.fixture
def imaging(unit, confocal):
    uid = offers.service(
        "Tissue imaging",
        unit,
        confocal,
        description="Pictures of cleared tissue.",
        status="offered",
        access_modes=["service", "self-use"],
        user_categories=["academic", "industry"],
        lead_time_days=14,
        throughput="20 samples per week",
        sample_types=["tissue"],
        biosafety_class=2,
        mailbox="imaging@alpha.example",
        contact_url="https://alpha.example/ask",
    )
    offers.prices(uid, OLD, NOW, {**NOW, "category": "industry", "amount": 90_000})
    return uid


def share(kind, uid, *sections):
    share_record(
        kind=kind, uid=uid, masks=dict.fromkeys(("basics", *sections), rules.PUBLIC), share_from=None, by=BY
    )


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def text(response):
    return response.content.decode()


def form_of(client, url):
    """Return what the form at this address would send."""
    form = client.get(url).context["form"]
    boxes = {field.html_name for field in form if isinstance(field.field, MultipleChoiceField)}
    return {
        field.html_name: ([] if field.html_name in boxes else "") if field.value() is None else field.value()
        for field in form
    }


def typed(*rows, **more):
    """Return a price list as its form sends it."""
    data = {"prices-TOTAL_FORMS": str(len(rows)), "prices-INITIAL_FORMS": "0", "revision": "0", **more}
    for place, row in enumerate(rows):
        data |= {f"prices-{place}-{name}": value for name, value in row.items()}
    return data


def test_a_visitor_learns_how_to_ask_what_it_costs_and_how_long_it_takes(client, imaging, unit):
    assert client.get(f"/services/{imaging}/").status_code == 404
    assert "Tissue imaging" not in text(client.get("/services/"))
    share("service", imaging, "capacity", "contact", "prices")
    page = text(client.get(f"/services/{imaging}/"))
    for shown in (
        "https://alpha.example/ask",
        "mailto:imaging@alpha.example",
        "14 days",
        "SEK\u00a0450",
        "SEK\u00a0900",
        "1 past price",
        "Biosafety class",
        "1 not shared",
    ):
        assert shown in page
    for hidden in ("Confocal 3", "Light microscopy", ">Edit<", "Edit prices", ">History<", "Visible to"):
        assert hidden not in page
    listed = text(client.get("/services/"))
    for shown in (
        "Tissue imaging",
        "from SEK\u00a0450 per hour",
        "14",
        "https://alpha.example/ask",
        "offered",
    ):
        assert shown in listed


def test_hidden_parts_are_not_shown_searched_or_exported(client, imaging):
    share("service", imaging)
    page = text(client.get(f"/services/{imaging}/"))
    for hidden in ("alpha.example/ask", "imaging@alpha", "14 days", "450", "20 samples"):
        assert hidden not in page
    assert "No prices are shown here" in page
    for where in ("/services/", "/services/export.csv", "/services/?sort=lead_time"):
        answer = text(client.get(where))
        assert "Tissue imaging" in answer
        assert "imaging@alpha" not in answer
        assert "450" not in answer
    assert "Tissue imaging" not in text(client.get("/services/?q=20+samples"))


def test_the_list_is_narrowed_by_facets_and_lifted_by_chips(client, imaging, unit):
    offers.service("Consultation", unit)
    sign_in(client, "Ben", Role.READER)
    page = text(client.get(f"/services/?unit={unit}&status=offered&for=industry&access=self-use&q=tissue"))
    assert "Tissue imaging" in page
    assert "Consultation" not in page
    assert "Status: offered" in page
    for query, chip in (
        ("technique=nonsense", "Technique: nothing of that name"),
        ("status=ended", "Status: ended"),
    ):
        page = text(client.get(f"/services/?{query}"))
        assert "Nothing matches" in page
        assert chip in page


def test_an_empty_list_says_what_to_do(client):
    assert "A service is what a unit does for others" in text(client.get("/services/"))
    sign_in(client, "Max", Role.MANAGER)
    assert "/capabilities/new/" in text(client.get("/capabilities/"))


def test_a_head_adds_and_edits_a_service_of_their_unit(client, unit, confocal):
    sign_in(client, "Hana", (Role.HEAD, str(unit)))
    given = form_of(client, "/services/new/")
    assert given["unit"] == str(unit)
    assert "Confocal 3" in text(client.get("/services/new/"))
    given |= {
        "name": "Imaging",
        "instruments": [str(confocal)],
        "sample_types": "plasma; tissue",
        "status": "planned",
    }
    added = client.post("/services/new/", given)
    assert added.status_code == 302
    page = text(client.get(added.url))
    assert "Confocal 3" in page
    assert "plasma, tissue" in page
    given = form_of(client, f"{added.url}edit/")
    assert given["instruments"] == [str(confocal)]
    refused = client.post(f"{added.url}edit/", given | {"status": "paused"})
    assert refused.status_code == 422
    assert (
        client.post(f"{added.url}edit/", given | {"status": "offered", "lead_time_days": "3"}).status_code
        == 302
    )
    assert Service.objects.get().lead_time_days == 3
    assert Service.objects.get().instrument_links.count() == 1


def test_a_form_names_instruments_of_other_units_line_by_line(client, unit, confocal):
    far = cast.instrument("Far machine", cast.unit("Flow"))
    uid = offers.service("Imaging", unit, confocal)
    sign_in(client, "Max", Role.MANAGER)
    given = form_of(client, f"/services/{uid}/edit/")
    wrong = client.post(f"/services/{uid}/edit/", given | {"others": "Nowhere machine"})
    assert wrong.status_code == 422
    assert "There is no instrument “Nowhere machine” here" in text(wrong)
    assert client.post(f"/services/{uid}/edit/", given | {"others": "far machine"}).status_code == 302
    links = Service.objects.get().instrument_links.order_by("place")
    assert [link.instrument.uid for link in links] == [confocal, far]
    given = form_of(client, f"/services/{uid}/edit/")
    assert set(given["instruments"]) == {str(confocal), str(far)}
    assert client.post(f"/services/{uid}/edit/", given | {"instruments": [str(far)]}).status_code == 302
    assert [link.instrument.uid for link in links.all()] == [far]


def test_who_was_overtaken_sees_both_values(client, imaging):
    sign_in(client, "Max", Role.MANAGER)
    given = form_of(client, f"/services/{imaging}/edit/")
    from parkbench.offer import services

    services.edit(kind="service", uid=imaging, values={"description": "theirs"}, by=BY)
    answer = client.post(f"/services/{imaging}/edit/", given | {"description": "mine"})
    assert answer.status_code == 422
    assert "theirs" in text(answer)
    assert "Somebody else saved meanwhile" in text(answer)


def test_prices_are_edited_line_by_line(client, imaging):
    sign_in(client, "Max", Role.MANAGER)
    url = f"/services/{imaging}/prices/"
    page = client.get(url)
    assert len(page.context["form"].rows) == 5
    held = [form.initial["id"] for form in page.context["form"].rows[:3]]
    rows = [
        {"id": held[1], "amount": "460 SEK", "unit": "hour", "valid_from": "1.1.2020"},
        {
            "category": "academic",
            "label": "With operator",
            "amount": "1,2 kSEK",
            "unit": "run",
            "vat": "included",
        },
        {"amount": "", "unit": ""},
    ]
    saved = client.post(url, typed(*rows, revision=page.context["form"].revision))
    assert saved.url == f"/services/{imaging}/#prices"
    kept = Service.objects.get(uid=imaging).prices
    assert [(line["amount"], line.get("category")) for line in kept] == [
        (46_000, None),
        (120_000, "academic"),
    ]
    assert kept[0]["id"] == held[1]
    assert client.get(f"/prices/{held[1]}/").url == f"/services/{imaging}/#prices"
    assert client.get(f"/prices/{held[0]}/").status_code == 404


def test_another_line_comes_without_saving(client, imaging):
    sign_in(client, "Max", Role.MANAGER)
    answer = client.post(f"/services/{imaging}/prices/", typed({"label": "half typed"}, another="1"))
    assert answer.status_code == 200
    assert "half typed" in text(answer)
    assert len(answer.context["form"].rows) == 3
    assert "Not saved" not in text(answer)
    assert len(Service.objects.get(uid=imaging).prices) == 3


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"unit": "hour"}], "Give the price"),
        ([{"amount": "12 SEK"}], "Say what one pays for"),
        ([{"amount": "plenty", "unit": "hour"}], "Expected"),
        ([{"amount": "-5 SEK", "unit": "hour"}], "not negative"),
        (
            [{"amount": "5 SEK", "unit": "h", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}],
            "before",
        ),
        ([{"amount": "5 SEK", "unit": "h"}, {"amount": "6 SEK", "unit": "h"}], "hold at the same time"),
    ],
)
def test_prices_that_make_no_sense_stay_in_the_form(client, imaging, rows, sentence):
    sign_in(client, "Max", Role.MANAGER)
    answer = client.post(f"/services/{imaging}/prices/", typed(*rows, revision=1))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert len(Service.objects.get(uid=imaging).prices) == 3


def test_prices_of_others_are_not_for_everybody(client, imaging):
    url = f"/services/{imaging}/prices/"
    assert "/sign-in/" in client.get(url).url
    sign_in(client, "Ben", Role.READER)
    assert client.get(url).status_code == 403
    assert "SEK\u00a0450" in text(client.get(f"/services/{imaging}/"))


def test_history_tells_prices_and_instruments_in_words(client, imaging):
    sign_in(client, "Max", Role.MANAGER)
    page = text(client.get(f"/history/service/{imaging}/"))
    assert "Confocal 3" in page
    assert "hour, SEK 400" in page
    assert "/id/instrument/" not in page


def test_a_capability_shows_its_services_with_unit_lead_time_and_how_to_ask(client, imaging, platform):
    other = offers.service("Sequencing", cast.unit("Genomics"), lead_time_days=30)
    sign_in(client, "Max", Role.MANAGER)
    given = form_of(client, f"/capabilities/new/?platform={platform}")
    assert given["platform"] == str(platform)
    given |= {
        "name": "Spatial biology",
        "services": [str(imaging), str(other)],
        "mailbox": "spatial@alpha.example",
    }
    url = client.post("/capabilities/new/", given).url
    page = text(client.get(url))
    for shown in (
        "Light microscopy",
        "Genomics",
        "14",
        "30",
        "https://alpha.example/ask",
        "spatial@alpha.example",
    ):
        assert shown in page
    listed = text(client.get("/capabilities/"))
    assert "Light microscopy, Genomics" in listed
    again = form_of(client, f"{url}edit/")
    assert client.post(f"{url}edit/", again | {"services": [str(other)]}).url == url
    assert Capability.objects.get().service_links.count() == 1
    assert "Spatial biology" in text(client.get(f"/platforms/{platform}/"))
    twin = client.post("/capabilities/new/", given)
    assert twin.status_code == 422
    assert "is here already" in text(twin)


def test_it_stands_on_the_pages_of_unit_platform_and_instrument(client, imaging, unit, platform, confocal):
    sign_in(client, "Ben", Role.READER)
    for url in (f"/units/{unit}/", f"/platforms/{platform}/", f"/instruments/{confocal}/"):
        assert "Tissue imaging" in text(client.get(url))
    assert "Services that use it" in text(client.get(f"/instruments/{confocal}/"))


def test_delete_and_bring_back(client, imaging):
    sign_in(client, "Max", Role.MANAGER)
    assert client.post(f"/services/{imaging}/delete/").url == "/services/"
    assert client.get(f"/services/{imaging}/").status_code == 404
    assert "Tissue imaging" in text(client.get("/history/deleted/?kind=service"))
    client.post("/history/deleted/service/", {"uid": str(imaging)})
    assert "Confocal 3" in text(client.get(f"/services/{imaging}/"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["services", "capabilities"])
def test_lists_are_exported(client, imaging, what, form):
    offers.capability("Spatial biology", imaging)
    sign_in(client, "Ben", Role.READER)
    answer = client.get(f"/{what}/export.{form}?q=i")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{what}.{form}"'
    if form == "csv":
        assert "Tissue imaging" in text(answer)
        assert text(answer).count("\n") == 2


def test_search_finds_services(client, imaging):
    sign_in(client, "Ben", Role.READER)
    for word in ("Tissue", "cleared", "throughput"):
        found = text(client.get(f"/search/?q={word}"))
        assert ("Tissue imaging" in found) is (word != "throughput")


ROLES = {"manager": Role.MANAGER, "reader": Role.READER}


@pytest.mark.parametrize("who", ["manager", "head", "reader", "public"])
def test_pages_take_few_statements_whatever_their_size(client, unit, imaging, who):
    for place in range(8):
        uid = offers.service(f"Service {place}", unit, techniques=["flim"], lead_time_days=place)
        share("service", uid, "capacity", "contact")
    share("service", imaging, "capacity", "contact", "prices")
    cap = offers.capability("Spatial biology", imaging, uid)
    share("capability", cap)
    if who == "head":
        sign_in(client, "Hana", (Role.HEAD, str(unit)))
    elif who != "public":
        sign_in(client, "Max", ROLES[who])
    urls = ("/services/", "/capabilities/", f"/services/{imaging}/", f"/capabilities/{cap}/")
    budgets = (12, 10, 16, 16)
    for url, budget in zip(urls, budgets, strict=True):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        assert len(caught) <= budget, (
            url,
            len(caught),
            json.dumps([one["sql"][:150] for one in caught], indent=1),
        )
