"""The pages of importing, as a manager, an editor, a reader and the public get them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import cast
from parkbench.accounts.rules import Role
from parkbench.figures.models import UseYear
from parkbench.instruments.models import Instrument
from parkbench.intake.models import Batch
from parkbench.lib.tabular import open_table

pytestmark = pytest.mark.django_db

SHEET = """Inventory number;Instrument;Manufacturer;Model;Core facility;Price;Commissioned
A-1;Confocal;Zeiss;LSM 980;Light microscopy;650 kEUR;31.03.2019
A-2;Sorter;BD;FACSAria Fusion;Flow;400 kEUR;31.13.2020
A-3;<b>Bold</b>;BD;FACSAria Fusion;Flow;;
Total;;;;;1050;
"""


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "node" / "files"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(cast.person("Ada", Role.MANAGER))
    return client


def upload(client: Client, text: str = SHEET, source: str = "inventory", name: str = "list.csv") -> Any:
    found = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
    data = {"file": found, "source": source, "target": "instruments"}
    return client.post(reverse("intake:sources"), data)


def mapped(client: Client, batch: Batch, **changes: Any) -> Any:
    url = reverse("intake:columns", args=[batch.pk])
    form = client.get(url).context["form"]
    data = {name: value for name, value in form.initial.items() if value}
    return client.post(url, {**data, **changes})


def checked(client: Client, text: str = SHEET, **changes: Any) -> Batch:
    upload(client, text)
    batch = Batch.objects.order_by("-at")[0]
    mapped(client, batch, **changes)
    batch.refresh_from_db()
    return batch


def accepted(client: Client, django_capture: Any, text: str = SHEET) -> Batch:
    batch = checked(client, text)
    with django_capture(execute=True):
        client.post(reverse("intake:accept", args=[batch.pk]))
    batch.refresh_from_db()
    return batch


def test_a_first_import_from_upload_to_undo(manager, django_capture_on_commit_callbacks):
    answer = upload(manager)
    batch = Batch.objects.get()
    assert answer.url == reverse("intake:columns", args=[batch.pk])
    page = manager.get(answer.url).content.decode()
    assert "Confocal · Sorter" in page
    answer = mapped(manager, batch)
    assert answer.url == reverse("intake:batch", args=[batch.pk])
    page = manager.get(answer.url).content.decode()
    assert "Nothing is written yet" in page
    assert "Light microscopy" in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert not Instrument.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(reverse("intake:accept", args=[batch.pk]))
    assert Instrument.objects.count() == 2
    page = manager.get(answer.url).content.decode()
    assert "Undo this import" in page
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(reverse("intake:undo", args=[batch.pk]))
    assert not Instrument.objects.filter(deleted_at=None).exists()
    assert "What undoing did" in manager.get(answer.url).content.decode()


@pytest.mark.parametrize("tab", ["new", "changed", "kept", "unchanged", "missing", "skipped", "refused"])
def test_every_list_of_a_dry_run_opens(manager, tab):
    batch = checked(manager)
    assert manager.get(batch.get_absolute_url(), {"list": tab}).status_code == 200


def test_a_list_that_is_none_is_not_there(manager):
    batch = checked(manager)
    assert manager.get(batch.get_absolute_url(), {"list": "nothing"}).status_code == 404


def test_the_changes_are_shown_old_and_new(manager, django_capture_on_commit_callbacks):
    accepted(manager, django_capture_on_commit_callbacks)
    batch = checked(manager, SHEET.replace("650 kEUR", "700 kEUR"))
    page = manager.get(batch.get_absolute_url(), {"list": "changed"}).content.decode()
    assert "<del>EUR\u00a0650\u00a0000</del>" in page
    assert "<ins>EUR\u00a0700\u00a0000</ins>" in page


def test_a_row_can_be_left_out(manager, django_capture_on_commit_callbacks):
    batch = checked(manager)
    url = reverse("intake:rows", args=[batch.pk])
    manager.post(url, {"list": "new", "page": "1", "shown": ["2", "4"], "row": ["4"]})
    assert "left out by you" in manager.get(batch.get_absolute_url()).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(reverse("intake:accept", args=[batch.pk]))
    assert list(Instrument.objects.values_list("inventory_number", flat=True)) == ["A-3"]


def test_the_person_corrects_a_column(manager):
    batch = checked(manager, **{"column-name": "Model", "constant-room": "B1"})
    page = manager.get(batch.get_absolute_url(), {"list": "new"}).content.decode()
    assert batch.recipe["columns"]["name"] == "Model"
    assert "B1" in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_refused_rows_come_as_a_sheet(manager, form):
    batch = checked(manager)
    answer = manager.get(reverse("intake:refused", args=[batch.pk, form]))
    assert "attachment" in answer["Content-Disposition"]
    with open_table(BytesIO(b"".join(answer)).getvalue(), name=f"refused.{form}") as table:
        rows = list(table.rows)
    assert table.headers[-2:] == ["Row", "What is wrong"]
    assert rows[0].cells[0] == "A-2"
    assert "31.13.2020" in str(rows[0].cells[-1])


def test_a_broken_file_is_refused_at_the_field(manager):
    answer = upload(manager, "%PDF-1.4 nothing", name="list.pdf")
    assert answer.status_code == 422
    assert "PDF" in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_file_without_known_columns_is_refused_in_words(manager):
    answer = upload(manager, "Foo;Bar\n1;2\n")
    assert answer.status_code == 422
    assert "None of the columns is understood" in answer.content.decode()


def test_the_sources_are_listed_with_their_last_import(manager, django_assert_num_queries):
    checked(manager)
    page = manager.get(reverse("intake:sources")).content.decode()
    assert "inventory" in page
    assert "list.csv" in page
    source = Batch.objects.get().source_id
    assert manager.get(reverse("intake:source", args=[source])).status_code == 200


def test_a_running_import_shows_its_progress(manager):
    batch = checked(manager)
    Batch.objects.filter(pk=batch.pk).update(state="accepting", done=1)
    page = manager.get(batch.get_absolute_url()).content.decode()
    assert "Writing the rows" in page
    part = manager.get(reverse("intake:progress", args=[batch.pk])).content.decode()
    assert "hx-get" in part


def test_a_stopped_import_says_why(manager):
    batch = checked(manager)
    Batch.objects.filter(pk=batch.pk).update(state="stopped", note="Row 7 is damaged.")
    assert "Row 7 is damaged." in manager.get(batch.get_absolute_url()).content.decode()


def test_an_editor_sees_their_own_imports_only(manager, client):
    batch = checked(manager)
    client.force_login(cast.person("Ben", (Role.EDITOR, str(cast.unit("Own unit")))))
    assert client.get(reverse("intake:sources")).status_code == 200
    assert client.get(batch.get_absolute_url()).status_code == 404
    assert client.post(reverse("intake:accept", args=[batch.pk])).status_code == 404


def test_a_dry_run_says_in_which_currency_bare_amounts_are_read(manager, settings):
    settings.DEFAULT_CURRENCY = "EUR"
    text = "Name;Model;Unit;Price\nScope;LSM;Flow;6 450 000\n"
    said = "Amounts that name no currency are read as EUR"
    assert said in manager.get(checked(manager, text).get_absolute_url()).content.decode()
    told = checked(manager, text, **{"constant-purchase_currency": "SEK"})
    assert said not in manager.get(told.get_absolute_url()).content.decode()


def test_a_reader_may_not_import(client):
    client.force_login(cast.person("Ben", Role.READER))
    assert client.get(reverse("intake:sources")).status_code == 403
    assert upload(client).status_code == 403


@pytest.mark.parametrize("name", ["batch", "columns", "progress", "accept", "undo", "rows"])
def test_the_public_is_asked_to_sign_in(manager, name):
    batch = checked(manager)
    manager.logout()
    url = reverse(f"intake:{name}", args=[batch.pk])
    for answer in (manager.get(url), manager.post(url)):
        assert answer.status_code == 302
        assert "/sign-in/" in answer.url


BOOKINGS = "Resource;Start;End;User;Price type\n" + "".join(
    f"INV-1;2025-03-{day:02} 09:00;2025-03-{day:02} 10:00;Zebulon;{price}\n"
    for day, price in enumerate(["Tier 9"] * 6 + ["Quastenflosser"] * 2 + ["Internal"], start=1)
)


def begun_bookings(client: Client) -> Any:
    found = SimpleUploadedFile("bookings.csv", BOOKINGS.encode(), content_type="text/csv")
    data = {"file": found, "source": "calendar", "target": "bookings"}
    return client.post(reverse("intake:sources"), data)


def test_price_types_are_explained_on_the_page_and_remembered(manager, django_capture_on_commit_callbacks):
    uid = cast.instrument("Scope", cast.unit(), inventory_number="INV-1")
    answer = begun_bookings(manager)
    batch = Batch.objects.get()
    page = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert page.index("Tier 9") < page.index("Quastenflosser")
    assert "Zebulon" not in page
    later = manager.get(reverse("intake:columns", args=[batch.pk])).content.decode()
    assert "Quastenflosser" not in later
    assert "1 more word in 2 rows is not kept" in later
    form = answer.context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value()}
    named = {line.text: line.meaning.html_name for line in form.words.lines()}
    url = reverse("intake:columns", args=[batch.pk])
    manager.post(url, data)
    dry_run = manager.get(batch.get_absolute_url()).content.decode()
    assert "Not known yet: Price types" in dry_run
    assert "Quastenflosser" not in dry_run
    data |= {named["Tier 9"]: "academic", named["Quastenflosser"]: "industry"}
    manager.post(url, data)
    dry_run = manager.get(batch.get_absolute_url()).content.decode()
    assert "Not known yet" not in dry_run
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(reverse("intake:accept", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.source.recipe["meanings"]["tier 9"] == "academic"
    assert "Hours used" in manager.get(f"/instruments/{uid}/").content.decode()
    assert UseYear.objects.get().used == 9 * 60
    months = UseYear.objects.get().months
    assert {name: series[2] for name, series in months["used"].items()} == {
        "academic": 360, "industry": 120, "internal": 60,
    }  # fmt: skip
    again = begun_bookings(manager)
    assert again.status_code == 302
    page = manager.get(again.url).content.decode()
    assert "Quastenflosser" in page
    assert "not known yet</span>" not in page


def test_the_columns_of_bookings_are_those_of_the_persons_file_and_not_of_the_kept_part(manager):
    cast.instrument("Scope", cast.unit(), inventory_number="INV-1")
    begun_bookings(manager)
    batch = Batch.objects.get()
    answer = manager.get(reverse("intake:columns", args=[batch.pk]))
    page, form = answer.content.decode(), answer.context["form"]
    found = [
        ("Resource of the booking", "Resource"),
        ("Start", "Start"),
        ("End", "End"),
        ("Price type", "Price type"),
    ]
    assert [(str(row.label), row.value()) for row in form.given.rows() if row.value()] == found
    for internal in ("Used (min)", "Sessions", "Zebulon"):
        assert internal not in page
    assert "instrument" not in {row.constant.name.removeprefix("constant-") for row in form.rows()}
    before = batch.recipe["columns"]
    mapped(manager, batch)
    batch.refresh_from_db()
    assert (batch.recipe["columns"], batch.counts["new"]) == (before, 1)


def test_a_dry_run_of_bookings_tells_instruments_months_and_hours_and_never_how_few_groups(manager):
    uid = cast.instrument("Scope", cast.unit(), inventory_number="INV-1")
    lines = [
        f"INV-1;2025-03-{day:02} 09:00;2025-03-{day:02} 10:30;Lab {day};Internal\n" for day in range(1, 4)
    ]
    lines += [
        f"INV-1;2025-04-{day:02} 09:00;2025-04-{day:02} 10:00;Lab {day};Internal\n" for day in range(1, 8)
    ]
    text = "Resource;Start;End;Group;Price type\n" + "".join(lines)
    found = SimpleUploadedFile("bookings.csv", text.encode(), content_type="text/csv")
    manager.post(reverse("intake:sources"), {"file": found, "source": "calendar", "target": "bookings"})
    batch = Batch.objects.get()
    mapped(manager, batch)
    (line,) = manager.get(batch.get_absolute_url()).context["plan"].lines
    told = {change.label: change.new for change in line.changes}
    assert told == {
        "Year of use": "Scope 2025",
        "Instrument": "Scope",
        "March: Booked": "4.5 h",
        "March: Used, own organisation": "4.5 h",
        "March: Sessions, own organisation": "3",
        "March: Distinct groups, own organisation": "fewer than 5",
        "April: Booked": "7 h",
        "April: Used, own organisation": "7 h",
        "April: Sessions, own organisation": "7",
        "April: Distinct groups, own organisation": "7",
    }
    assert str(uid) not in str(line.changes)


LIST = "What;Begun at;Finished at;User;Team;Paid as\n" + "".join(
    f"INV-1;2025-03-{day:02} 09:00;2025-03-{day:02} 10:00;Zebulon;T{day};Internal\n" for day in range(1, 8)
)
CHOSEN = {
    "given-booking_resource": "What",
    "given-booking_start": "Begun at",
    "given-booking_end": "Finished at",
    "given-booking_category": "Paid as",
}


def sent(client: Client, url: str, name: str, **data: Any) -> Any:
    return client.post(url, {name: SimpleUploadedFile("list.csv", LIST.encode()), **data})


def test_columns_of_bookings_are_said_on_the_page_before_anything_is_kept_and_remembered(
    manager, django_capture_on_commit_callbacks
):
    cast.instrument("Scope", cast.unit(), inventory_number="INV-1")
    begun = {"source": "calendar", "target": "bookings"}
    asked = sent(manager, reverse("intake:sources"), "file", **begun)
    assert (asked.status_code, Batch.objects.count()) == (422, 0)
    form = asked.context["form"]
    headings = form["heading"].value()
    assert headings == ["What", "Begun at", "Finished at", "Team", "Paid as"]
    assert "User" not in dict(form.fields["given-booking_group"].choices)
    refused = sent(
        manager,
        reverse("intake:sources"),
        "file",
        **begun,
        heading=[*headings, "User"],
        **{**CHOSEN, "given-booking_group": "User"},
    )
    assert "names or describes persons" in refused.content.decode()
    sent(manager, reverse("intake:sources"), "file", **begun, heading=headings, **CHOSEN)
    batch = Batch.objects.get()
    mapped(manager, batch)
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(reverse("intake:accept", args=[batch.pk]))
    assert UseYear.objects.get().used == 7 * 60
    again = sent(manager, reverse("intake:sources"), "file", **begun)
    assert again.status_code == 302
    assert "Zebulon" not in asked.content.decode() + manager.get(again.url).content.decode()


def test_the_columns_of_bookings_are_the_persons_own_and_another_one_needs_the_file_again(manager):
    cast.instrument("Scope", cast.unit(), inventory_number="INV-1")
    begun_bookings(manager)
    batch = Batch.objects.get()
    url = reverse("intake:columns", args=[batch.pk])
    page = manager.get(url).content.decode()
    assert "Used (min)" not in page
    form = manager.get(url).context["form"]
    assert form["given-booking_start"].value() == "Start"
    choices = [name for name, _label in form.fields["given-booking_group"].choices]
    assert choices == ["", "Resource", "Start", "End", "Price type"]
    assert (form.given.before["booking_category"], form.given.before["booking_group"]) == ("Price type", "")
    data = {bound.html_name: bound.value() for bound in form if bound.value()}
    without = {**data, "given-booking_category": ""}
    refused = manager.post(url, without)
    assert refused.status_code == 422
    assert "Choose the file again" in refused.content.decode()
    manager.post(url, {**without, "again": SimpleUploadedFile("bookings.csv", BOOKINGS.encode())})
    batch.refresh_from_db()
    assert (batch.state, batch.recipe["original"]["booking_category"]) == ("checked", "")
    assert batch.facts["words"] == []


def test_words_for_user_categories_of_monthly_sums_are_explained_on_the_page(manager):
    cast.instrument("Scope", cast.unit())
    text = "Instrument;Month;Category;Used\nScope;2025-03;Tier 9;11\nScope;2025-04;Intern;11\n"
    found = SimpleUploadedFile("use.csv", text.encode(), content_type="text/csv")
    manager.post(reverse("intake:sources"), {"file": found, "source": "sums", "target": "use"})
    batch = Batch.objects.get()
    mapped(manager, batch)
    batch.refresh_from_db()
    assert batch.counts["refused"] == 1
    assert "Say what they mean" in manager.get(batch.get_absolute_url()).content.decode()
    mapped(manager, batch, **{"meaning-0": "industry"})
    batch.refresh_from_db()
    assert (batch.counts["refused"], batch.recipe["meanings"]) == (0, {"tier 9": "industry"})
    refused = mapped(manager, batch, **{"meaning-0": "friends"})
    assert refused.status_code == 422


def two_sheets() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Old"
    book.active.append(["Instrument", "Core facility"])
    book.active.append(["Sorter", "Flow"])
    listed = book.create_sheet("Instruments")
    listed.append(["Inventory number", "Instrument", "Core facility"])
    listed.append(["A-1", "Confocal", "Light microscopy"])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_the_choice_of_a_sheet_stands_above_the_columns_and_once(manager: Client) -> None:
    found = SimpleUploadedFile("list.xlsx", two_sheets())
    data = {"file": found, "source": "inventory", "target": "instruments"}
    answer = manager.post(reverse("intake:sources"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    address = answer.url
    page = manager.get(address).content.decode()
    assert page.count('name="sheet"') == 1
    assert page.index('name="sheet"') < page.index('name="column-name"')
    assert 'value="Old" selected' in page
    answer = manager.post(address, {"sheet": "Instruments"})
    assert answer.url == address
    page = manager.get(address).content.decode()
    assert 'value="Instruments" selected' in page
    assert "Inventory number" in page


def test_a_file_of_one_sheet_offers_no_choice_of_sheets(manager: Client) -> None:
    address = upload(manager).url
    assert 'name="sheet"' not in manager.get(address).content.decode()


@pytest.mark.parametrize(("role", "is_there"), [(Role.HEAD, True), (Role.EDITOR, True), (Role.READER, False)])
def test_whoever_may_import_somewhere_has_import_in_the_menu(client, role, is_there):
    unit = str(cast.unit())
    client.force_login(cast.person("Hedda", role if role == Role.READER else (role, unit)))
    menu = client.get("/units/").content.decode()
    assert (f'href="{reverse("intake:sources")}"' in menu) is is_there
