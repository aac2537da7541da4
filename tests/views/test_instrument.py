"""Pages of one instrument: who sees what, the form, conflicts, steps, files through the gate."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

import cast
from parkbench.accounts.rules import Role
from parkbench.catalogue.models import DeviceModel
from parkbench.catalogue.services import MakerFields, ModelFields, add_maker, add_model
from parkbench.instruments import services
from parkbench.instruments.models import Instrument
from parkbench.intake.models import Batch, Source
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.models import Section
from parkbench.records.services import set_policy, set_stewardship, widen

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a quote"
CANARIES = {
    "description": "CANARY-BASICS",
    "configuration": "CANARY-CAPACITY",
    "legal_owner": "CANARY-ECONOMICS",
    "mailbox": "canary-contact@alpha.example",
    "room": "CANARY-INTERNAL",
}
BASICS, CAPACITY, ECONOMICS, CONTACT, INTERNAL = CANARIES.values()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def unit():
    return cast.unit()


@pytest.fixture
def uid(unit):
    return cast.instrument(
        "Confocal 3",
        unit,
        status="in-service",
        purchase_price=642_000_000,
        depreciation_years=10,
        depreciation_start_on="2019-03-31",
        funding=[{"funder": "Example Council", "amount": 100, "currency": "SEK"}],
        **CANARIES,
    )


def share(section="basics", mask=rules.PUBLIC, kind="instrument"):
    set_policy(kind=kind, section=section, mask=mask, by=cast.OPERATOR)
    widen(kind=kind)


def sign_in(client, name, *roles):
    somebody = cast.person(name, *roles)
    client.force_login(somebody)
    return somebody


def text(response) -> str:
    return response.content.decode()


def page(client, uid, tail="", status=200) -> str:
    response = client.get(f"/instruments/{uid}/{tail}")
    assert response.status_code == status
    return text(response)


def row(uid):
    return Instrument.objects.get(uid=uid)


def sent(client, url) -> dict[str, object]:
    """Return what the form at this address would send."""
    form = client.get(url).context["form"]
    fields = [*form, *(form.funding.management_form if form.funding else ())]
    fields += [field for one in form.funding or () for field in one]
    return {field.html_name: field.value() for field in fields if field.value() is not None}


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ((Role.MANAGER,), {BASICS, CAPACITY, ECONOMICS, CONTACT, INTERNAL}),
        (("head",), {BASICS, CAPACITY, ECONOMICS, CONTACT, INTERNAL}),
        (("editor",), {BASICS, CAPACITY, CONTACT, INTERNAL}),
        (("other head",), {BASICS, CAPACITY, CONTACT}),
        ((Role.READER,), {BASICS, CAPACITY, CONTACT}),
    ],
)
def test_inside_everybody_sees_the_sections_of_their_role(client, unit, uid, roles, seen):
    other = cast.unit("Proteomics")
    scoped = {
        "head": (Role.HEAD, str(unit)),
        "editor": (Role.EDITOR, str(unit)),
        "other head": (Role.HEAD, str(other)),
    }
    sign_in(client, "Ada", *(scoped.get(role, role) for role in roles))
    html = page(client, uid)
    for canary in CANARIES.values():
        assert (canary in html) == (canary in seen), canary
    assert ("6\u00a0420\u00a0000" in html) == (ECONOMICS in seen)
    assert ("Example Council" in html) == (ECONOMICS in seen)
    assert ("Status history" in html) == (INTERNAL in seen)
    assert (f"/instruments/{uid}/edit/" in html) == (INTERNAL in seen)
    assert ("View as the public" in html) == (roles in ((Role.MANAGER,), ("head",)))


def test_visitors_see_what_is_public_and_never_that_there_is_more(client, uid):
    page(client, uid, status=404)
    share()
    html = page(client, uid)
    assert BASICS in html
    for canary in (
        CAPACITY,
        ECONOMICS,
        CONTACT,
        INTERNAL,
        "not shared",
        "Economics",
        "Who sees it",
        ">History<",
    ):
        assert canary not in html
    share("capacity")
    assert CAPACITY in page(client, uid)


def test_a_partner_is_told_that_something_is_not_shared(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    share(mask=rules.PARTNERS)
    share("capacity", rules.PARTNERS)
    client.post("/view-as/", {"audience": "partners", "next": "/"})
    html = page(client, uid)
    assert BASICS in html
    assert CAPACITY in html
    assert "not shared" in html
    for canary in (ECONOMICS, CONTACT, INTERNAL, "Internal"):
        assert canary not in html
    client.post("/view-as/", {"audience": "public", "next": "/"})
    page(client, uid, status=404)


def test_what_an_instrument_refers_to_shows_only_to_those_who_may_know_of_it(client, unit):
    site = programme.add_site(name="SECRET CAMPUS", by=cast.OPERATOR)
    whole = cast.instrument("SECRET WHOLE", unit)
    uid = cast.instrument(
        "Confocal",
        unit,
        site_ref=cast.unit_ref(site).replace("/unit/", "/site/"),
        parent_ref=cast.unit_ref(whole).replace("/unit/", "/instrument/"),
    )
    share()
    services.edit(uid=whole, values={"description": "x"}, by=cast.OPERATOR)
    html = page(client, uid)
    assert "Light microscopy" not in html
    assert "SECRET CAMPUS" not in html
    assert "SECRET WHOLE" in html  # its basics are public as well
    share(kind="unit")
    assert "Light microscopy" in page(client, uid)


def test_members_see_which_import_wrote_a_section(client, uid):
    source = Source.objects.create(name="Asset list", target="instruments")
    batch = Batch.objects.create(source=source, file_name="a.csv", sha256="0" * 64)
    services.edit(uid=uid, values={"pid": "10.1/x"}, batch=batch.pk, by=cast.OPERATOR)
    share()
    assert "Asset list" not in page(client, uid)
    sign_in(client, "Ben", Role.READER)
    html = page(client, uid)
    assert "Asset list" in html
    assert f"/import/{batch.pk}/" in html
    services.edit(uid=uid, values={"pid": "10.1/y"}, by=cast.OPERATOR)
    assert "Asset list" not in page(client, uid)


def test_a_page_takes_the_same_few_queries_whatever_it_holds(client, unit, uid):
    bare = cast.instrument("Bare", unit)
    for number in range(20):
        part = cast.instrument(f"Part {number}", unit)
        parent = cast.unit_ref(uid).replace("/unit/", "/instrument/")
        services.edit(uid=part, values={"parent_ref": parent}, by=cast.OPERATOR)
    sign_in(client, "Ada", Role.MANAGER)
    page(client, uid)
    counts = []
    for one in (bare, uid):
        with CaptureQueriesContext(connection) as context:
            page(client, one)
        counts.append(len(context))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_whoever_has_not_signed_in_is_asked_to(client, uid):
    share()
    for tail in ("edit/", "status/", "link/", "delete/"):
        assert client.get(f"/instruments/{uid}/{tail}").url.startswith("/sign-in/")
    assert client.get("/instruments/new/").url.startswith("/sign-in/")


def test_readers_change_nothing(client, uid):
    sign_in(client, "Ben", Role.READER)
    for tail in ("edit/", "status/", "link/", "delete/"):
        page(client, uid, tail, status=403)
        assert client.post(f"/instruments/{uid}/{tail}").status_code == 403
    assert client.get("/instruments/new/").status_code == 403
    assert client.post(f"/instruments/{uid}/files/capacity/").status_code == 403
    page(client, uuid4(), "edit/", status=404)


def test_an_instrument_is_added_with_three_values(client, unit):
    sign_in(client, "Ada", (Role.HEAD, str(unit)))
    given = {**sent(client, "/instruments/new/"), "name": "Confocal", "model_text": "Home-built"}
    assert given["unit"] == "Light microscopy"  # the only one there is
    response = client.post("/instruments/new/", given, follow=True)
    assert "Added." in text(response)
    assert Instrument.objects.get(name="Confocal").unit.uid == unit


def test_the_form_forgives_how_things_are_written(client, unit):
    sign_in(client, "Ada", Role.MANAGER)
    site = programme.add_site(name="North campus", by=cast.OPERATOR)
    given = {
        **sent(client, "/instruments/new/"),
        "name": "Confocal",
        "unit": "light  MICRO",
        "site": str(site),
        "model_text": "Home-built",
        "status": "in-service",
        "commissioned_on": "31.3.2019",
        "end_of_support_on": "March 2029",
        "purchase_price": "1,2 MSEK",
        "replacement_price": "1.234,50",
        "running_cost": "0",
        "purchase_year": "2018",
        "depreciation_years": "10 years",
        "funding-0-funder": "Example Council",
        "funding-0-amount": "450 kEUR",
        "funding-2-funder": "Example Foundation",
    }
    response = client.post("/instruments/new/", given)
    assert response.status_code == 302, response.context["form"].errors
    made = Instrument.objects.get(name="Confocal")
    assert (made.commissioned_on, made.end_of_support_on) == (date(2019, 3, 31), date(2029, 3, 1))
    assert (made.purchase_price, made.purchase_currency) == (120_000_000, "SEK")
    assert (made.replacement_price, made.replacement_currency) == (123_450, "EUR")
    assert (made.running_cost, made.running_currency, made.depreciation_years) == (0, "EUR", 10)
    assert made.site.name == "North campus"
    assert made.funding == [
        {"funder": "Example Council", "amount": 45_000_000, "currency": "EUR"},
        {"funder": "Example Foundation"},
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("unit", ""),
        ("unit", "Proteomics"),
        ("model_text", ""),
        ("site", "Nowhere"),
        ("parent", "Nothing"),
        ("commissioned_on", "soon"),
        ("commissioned_on", "03/04/2019"),
        ("purchase_price", "a lot"),
        ("purchase_price", "-5 SEK"),
        ("purchase_year", "1066"),
        ("criticality", "6"),
        ("criticality", "2.5"),
        ("mailbox", "nobody"),
        ("contact_url", "ftp://x"),
        ("funding-0-grant", "without a funder"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field_and_kept(client, unit, field, value):
    sign_in(client, "Ada", Role.MANAGER)
    given = {
        **sent(client, "/instruments/new/"),
        "name": "Kept name",
        "unit": "Light microscopy",
        "model_text": "M",
    }
    response = client.post("/instruments/new/", {**given, field: value})
    assert response.status_code == 422
    html = text(response)
    marked = "funding-0-funder" if field.startswith("funding") else field
    assert f'id="id_{marked}_error"' in html
    assert value in html
    assert (value == "" and field == "name") or "Kept name" in html
    assert not Instrument.objects.exists()


def test_without_a_unit_the_form_says_what_to_do_first(client):
    sign_in(client, "Ada", Role.MANAGER)
    html = text(client.get("/instruments/new/"))
    assert "There is no unit yet" in html
    assert "/units/new/" in html


def test_a_form_sent_back_untouched_writes_nothing(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    before = Section.objects.count()
    url = f"/instruments/{uid}/edit/"
    assert client.post(url, sent(client, url)).status_code == 302
    assert Section.objects.count() == before


def test_an_editor_does_not_get_the_fields_of_what_they_do_not_see(client, unit, uid):
    sign_in(client, "Eve", (Role.EDITOR, str(unit)))
    url = f"/instruments/{uid}/edit/"
    html = text(client.get(url))
    for name in ("purchase_price", "legal_owner", "revision_economics", "funding-0-funder"):
        assert f'name="{name}"' not in html
    assert ECONOMICS not in html
    given = {**sent(client, url), "description": "New words", "legal_owner": "Smuggled"}
    assert client.post(url, given).status_code == 302
    assert (row(uid).description, row(uid).legal_owner) == ("New words", ECONOMICS)


def test_a_steward_edits_without_choosing_the_next_one(client, uid):
    ada = sign_in(client, "Ada", Role.READER)
    set_stewardship(kind="instrument", uid=uid, steward=ada, review_due_on=date(2020, 1, 1), by=cast.OPERATOR)
    html = page(client, uid)
    assert "overdue" in html
    url = f"/instruments/{uid}/edit/"
    given = sent(client, url)
    assert "steward" not in given
    assert client.post(url, {**given, "description": "By its steward"}).status_code == 302
    assert row(uid).description == "By its steward"
    assert row(uid).steward == ada


def test_who_answers_for_the_content_is_chosen_in_the_form(client, uid):
    ada = sign_in(client, "Ada", Role.MANAGER)
    url = f"/instruments/{uid}/edit/"
    given = {**sent(client, url), "steward": str(ada.uid), "review_due_on": "1 May 2031"}
    client.post(url, given)
    assert (row(uid).steward, row(uid).review_due_on) == (ada, date(2031, 5, 1))
    client.post(url, {**sent(client, url), "steward": ""})
    assert (row(uid).steward, row(uid).review_due_on) == (None, date(2031, 5, 1))


def test_a_conflict_shows_theirs_beside_mine_and_loses_neither(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    url = f"/instruments/{uid}/edit/"
    given = {**sent(client, url), "name": "MY NAME", "pid": "MY-PID"}
    services.edit(uid=uid, values={"name": "THEIR NAME", "description": "THEIR WORDS"}, by=cast.OPERATOR)
    response = client.post(url, given)
    assert response.status_code == 409
    html = text(response)
    assert row(uid).name == "THEIR NAME"
    assert re.search(r"<td>THEIR NAME</td><td>MY NAME</td>", html)
    form = response.context["form"]
    assert (form["name"].value(), form["pid"].value()) == ("MY NAME", "MY-PID")
    assert form["description"].value() == "THEIR WORDS"
    again = {field.html_name: field.value() for field in form if field.value() is not None}
    management = {field.html_name: field.value() for field in form.funding.management_form}
    rows = {field.html_name: field.value() or "" for one in form.funding for field in one}
    assert client.post(url, {**again, **management, **rows}).status_code == 302
    assert (row(uid).name, row(uid).pid, row(uid).description) == ("MY NAME", "MY-PID", "THEIR WORDS")
    assert row(uid).funding == [{"funder": "Example Council", "amount": 100, "currency": "SEK"}]


def test_two_who_edit_different_sections_do_not_meet(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    url = f"/instruments/{uid}/edit/"
    given = {**sent(client, url), "name": "MY NAME"}
    services.edit(uid=uid, values={"notes": "THEIRS"}, by=cast.OPERATOR)
    assert client.post(url, given).status_code == 302
    assert (row(uid).name, row(uid).notes) == ("MY NAME", "THEIRS")


def test_funding_lines_come_and_go(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    url = f"/instruments/{uid}/edit/"
    given = sent(client, url)
    assert given["funding-0-funder"] == "Example Council"
    client.post(url, {**given, "funding-0-funder": "", "funding-0-amount": "", "funding-3-funder": "Another"})
    assert row(uid).funding == [{"funder": "Another"}]
    client.post(url, {**sent(client, url), "funding-0-funder": ""})
    assert row(uid).funding is None


def test_the_form_suggests(client, uid):
    assert client.get("/instruments/suggest/parent/?parent=conf").status_code == 302
    sign_in(client, "Ben", Role.READER)
    add_maker(fields=MakerFields(name="Zeiss"), by=cast.OPERATOR)
    add_model(fields=ModelFields(designation="LSM 980", maker="Zeiss"), by=cast.OPERATOR)
    assert "Confocal 3 · Light microscopy" in text(client.get("/instruments/suggest/parent/?parent=conf"))
    assert "Zeiss LSM 980" in text(client.get("/instruments/suggest/model_text/?model_text=lsm"))
    assert "Zeiss" in text(client.get("/instruments/suggest/maker_text/?maker_text=zei"))
    assert client.get("/instruments/suggest/room/?room=b").status_code == 404


def test_only_allowed_steps_can_be_chosen(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    html = page(client, uid, "status/")
    assert 'value="limited"' in html
    assert 'value="planned"' not in html
    url = f"/instruments/{uid}/status/"
    assert client.post(url, {"status": "planned"}).status_code == 422
    assert client.post(url, {"status": "limited", "on": "whenever"}).status_code == 422
    response = client.post(
        url, {"status": "limited", "on": "1.5.2024", "reason": "One laser is out"}, follow=True
    )
    assert "One laser is out" in text(response)
    assert (row(uid).status, row(uid).status_on) == ("limited", date(2024, 5, 1))


def test_a_make_and_model_is_chosen_by_hand(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    add_maker(fields=MakerFields(name="Zeiss"), by=cast.OPERATOR)
    model = add_model(fields=ModelFields(designation="LSM 980", maker="Zeiss"), by=cast.OPERATOR)
    url = f"/instruments/{uid}/link/"
    assert str(model) in text(client.get(f"{url}?q=lsm"))
    assert client.post(url, {"model": "nonsense"}).status_code == 400
    assert client.post(url, {"model": str(uuid4())}).status_code == 404
    assert f"/models/{model}/" in text(client.post(url, {"model": str(model)}, follow=True))
    assert "Confocal 3" in text(client.get(f"/models/{model}/"))
    client.post(url, {"model": ""})
    assert row(uid).linked_model is None


def test_deleting_asks_first_and_can_be_undone(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    assert "30 days" in page(client, uid, "delete/")
    html = text(client.post(f"/instruments/{uid}/delete/", follow=True))
    assert f'action="/instruments/{uid}/restore/"' in html
    page(client, uid, status=404)
    assert "The instrument is back" in text(client.post(f"/instruments/{uid}/restore/", follow=True))
    page(client, uid)


def test_a_name_is_never_taken_for_markup(client, unit):
    uid = cast.instrument("<b>Bold</b>", unit)
    sign_in(client, "Ada", Role.MANAGER)
    assert "<b>Bold" not in page(client, uid)
    assert "<b>Bold" not in text(client.post(f"/instruments/{uid}/delete/", follow=True))


def attach(uid, place="capacity", content=PDF, name="quote.pdf"):
    upload = ContentFile(content, name)
    return services.attach(uid=uid, place=place, upload=upload, by=cast.OPERATOR)


def test_files_go_only_to_those_who_see_their_section(client, unit, uid):
    urls = {
        place: f"/files/{uid}/{place}/{attach(uid, place, b'%PDF-' + place.encode())}/"
        for place in ("capacity", "economics", "internal")
    }

    def served():
        found = {place: client.get(url) for place, url in urls.items()}
        for place, response in found.items():
            if response.status_code == 200:
                assert b"".join(response.streaming_content) == b"%PDF-" + place.encode()
        return {place for place, response in found.items() if response.status_code == 200}

    assert served() == set()
    share()
    assert served() == set()
    share("capacity")
    assert served() == {"capacity"}
    sign_in(client, "Ben", Role.READER)
    assert served() == {"capacity"}
    sign_in(client, "Eve", (Role.EDITOR, str(unit)))
    assert served() == {"capacity", "internal"}
    sign_in(client, "Ada", Role.MANAGER)
    assert served() == set(urls)
    digest = urls["economics"].split("/")[-2]
    for wrong in (
        f"/files/{uid}/capacity/{digest}/",
        f"/files/{uid}/basics/{digest}/",
        f"/files/{uid}/x/{digest}/",
    ):
        assert client.get(wrong).status_code == 404
    services.detach(uid=uid, place="economics", digest=digest, by=cast.OPERATOR)
    assert client.get(urls["economics"]).status_code == 404


def test_a_document_is_never_run_by_the_browser(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    digest = attach(uid, content=b"<script>alert(1)</script>", name="a.html")
    response = client.get(f"/files/{uid}/capacity/{digest}/")
    assert response.headers["Content-Type"] == "text/plain"
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    again = client.get(f"/files/{uid}/capacity/{digest}/", headers={"If-None-Match": f'"{digest}"'})
    assert again.status_code == 304


def test_a_picture_is_attached_shown_and_taken_off(client, uid, tmp_path):
    sign_in(client, "Ada", Role.MANAGER)
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    upload = SimpleUploadedFile("a.png", (tmp_path / "a.png").read_bytes())
    url = f"/instruments/{uid}/files/picture/"
    html = text(client.post(url, {"upload": upload, "title": "In its room"}, follow=True))
    assert 'alt="In its room"' in html
    digest = row(uid).picture["digest"]
    shown = client.get(f"/files/{uid}/basics/{digest}/")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"
    client.post(f"/instruments/{uid}/files/picture/{digest}/")
    assert row(uid).picture is None


def test_a_file_that_cannot_be_kept_is_refused_on_the_page(client, uid):
    sign_in(client, "Ada", Role.MANAGER)
    url = f"/instruments/{uid}/files/capacity/"
    upload = SimpleUploadedFile("a.exe", b"MZ\x90\x00")
    assert "This type of file cannot be kept" in text(client.post(url, {"upload": upload}, follow=True))
    assert "Choose a file first" in text(client.post(url, follow=True))
    wrong = f"/instruments/{uid}/files/nowhere/"
    assert client.post(wrong, {"upload": SimpleUploadedFile("a", b"x")}).status_code == 404


def test_a_file_that_is_gone_is_said_in_words(client, uid, folder):
    sign_in(client, "Ada", Role.MANAGER)
    digest = attach(uid)
    (folder / digest).unlink()
    assert client.get(f"/files/{uid}/capacity/{digest}/").status_code == 404


def test_units_platforms_and_models_tell_of_their_instruments(client, unit, uid):
    platform = programme.add_platform(name="Imaging", by=cast.OPERATOR)
    programme.edit_unit(uid=unit, name="Light microscopy", platform=platform, by=cast.OPERATOR)
    add_maker(fields=MakerFields(name="Zeiss"), by=cast.OPERATOR)
    model = add_model(fields=ModelFields(designation="LSM 980", maker="Zeiss"), by=cast.OPERATOR)
    services.link_model(uid=uid, model=DeviceModel.objects.get(uid=model), by=cast.OPERATOR)
    for kind in ("unit", "platform", "model", "maker"):
        share(kind=kind)
    places = (f"/units/{unit}/", f"/platforms/{platform}/", f"/models/{model}/")
    for url in places:
        assert "Confocal 3" not in text(client.get(url))
    sign_in(client, "Ben", Role.READER)
    for url in places:
        assert "Confocal 3" in text(client.get(url))
