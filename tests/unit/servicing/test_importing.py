"""Service logs as people keep them: words of three languages, instruments by any name, money, undo."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

import cast
from cast import OPERATOR
from parkbench.accounts.rules import Role
from parkbench.intake import services as intake
from parkbench.intake.queries.files import plan_path
from parkbench.intake.queries.plans import refused_of
from parkbench.servicing import services, tables
from parkbench.servicing.importers.headings import HEADINGS, WORDS
from parkbench.servicing.importers.target import FIELDS
from parkbench.servicing.models import ServiceEvent
from parkbench.servicing.queries.listing import Wanted

pytestmark = pytest.mark.django_db

ENGLISH = (
    "Equipment;Date;Type;Downtime (days);Cost;Vendor;Description;Ticket\n"
    "Scope;2025-03-04;Repair;2.5;12 500 SEK;Zeiss;Laser replaced;T-1\n"
    "I-2;2025-05-06;PM visit;1;4000 EUR;BD;;T-2\n"
    "S-3;2025-06-07;moved;;;;To room 4;T-3\n"
)
GERMAN = (
    "Gerät;Datum;Art;Ausfalltage;Kosten;Währung;MwSt;Dienstleister;Störung;Auftragsnummer\n"
    "Scope;04.03.2025;Reparatur;2,5;1.250,00;EUR;netto;Zeiss GmbH;Laser defekt;A-1\n"
    "Sorter;06.05.2025;Wartung;0,5;;;;BD;;A-2\n"
    "Robot;07.06.2025;Kalibrierung;;99,50;EUR;brutto;Hamilton;;A-3\n"
)
SWEDISH = (
    "Inventarienummer;Från;Typ av service;Till;Kostnad;Leverantör;Ärendenummer;Anteckning\n"
    "I-1;2025-03-04;fel;2025-03-09;12 500 kr;Zeiss;Ä-1;Väntade på delar\n"
    "I-2;2025-05-06;underhåll;2025-05-06;4 000 kr;BD;Ä-2;\n"
    "I-3;2025-06-07;uppgradering;;;;Ä-3;\n"
)


def held() -> list[tuple[object, ...]]:
    """Return what is kept of every event, by day."""
    rows = ServiceEvent.objects.live().order_by("happened_on", "pk")
    return list(
        rows.values_list("instrument__name", "event_kind", "days_down", "cost", "currency", "vat", "supplier")
    )


def test_it_reads_an_english_log_whatever_an_instrument_is_called_in_it(park, sheets):
    batch = sheets.bring(ENGLISH)
    assert batch.counts["refused"] == 0
    assert held() == [
        ("Scope", "failure", 25, 1_250_000, "SEK", None, "Zeiss"),
        ("Sorter", "preventive", 10, 400_000, "EUR", None, "BD"),
        ("Robot", "move", None, None, None, None, None),
    ]
    names = ServiceEvent.objects.order_by("happened_on").values_list("name", "case_number")
    assert list(names) == [
        ("Laser replaced", "T-1"),
        ("Preventive, 2025-05-06", "T-2"),
        ("To room 4", "T-3"),
    ]


def test_it_reads_a_german_log(park, sheets):
    batch = sheets.bring(GERMAN)
    assert batch.counts["refused"] == 0
    assert held() == [
        ("Scope", "failure", 25, 125_000, "EUR", "excluded", "Zeiss GmbH"),
        ("Sorter", "preventive", 5, None, None, None, "BD"),
        ("Robot", "quality-check", None, 9_950, "EUR", "included", "Hamilton"),
    ]


def test_it_reads_a_swedish_log_and_counts_the_days_between(park, sheets, settings):
    settings.DEFAULT_CURRENCY = "SEK"
    batch = sheets.bring(SWEDISH)
    assert batch.counts["refused"] == 0
    assert held() == [
        ("Scope", "failure", 50, 1_250_000, "SEK", None, "Zeiss"),
        ("Sorter", "preventive", 0, 400_000, "SEK", None, "BD"),
        ("Robot", "upgrade", None, None, None, None, None),
    ]
    assert ServiceEvent.objects.filter(note="Väntade på delar").count() == 1


def test_the_same_log_again_changes_nothing(park, sheets):
    sheets.bring(ENGLISH)
    again = sheets.bring(ENGLISH)
    assert (again.counts["new"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 3)
    assert ServiceEvent.objects.count() == 3


def test_a_log_without_numbers_of_cases_can_come_again_too(park, sheets):
    log = "Device;Date;Kind;Days down\nScope;2025-03-04;service;1\nScope;2025-03-04;service;1\n"
    sheets.bring(log)
    assert sheets.bring(log).counts["unchanged"] == 2


def test_a_dry_run_writes_nothing(park, sheets):
    assert sheets.dry(ENGLISH)["new"] == 3
    assert not ServiceEvent.objects.exists()


def test_undoing_takes_back_what_came_and_what_changed(park, sheets):
    sheets.bring(ENGLISH)
    second = sheets.bring(ENGLISH.replace("2.5", "4").replace("12 500", "13 000"))
    assert second.counts["changed"] == 1
    assert held()[0][2:4] == (40, 1_300_000)
    intake.undo(batch_id=second.pk, by=OPERATOR)
    assert held()[0][2:4] == (25, 1_250_000)


def test_undoing_the_first_import_takes_its_events_away(park, sheets):
    batch = sheets.bring(ENGLISH)
    intake.undo(batch_id=batch.pk, by=OPERATOR)
    assert held() == []


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("Nobody's;2025-03-04;Repair;1;;", "Equipment", "of an instrument that is here"),
        ("Twin;2025-03-04;Repair;1;;", "Equipment", "only one instrument is called"),
        ("Scope;2025-03-04;Party;1;;", "Type", "one of: failure"),
        ("Scope;yesterday;Repair;1;;", "Date", "a date such as"),
        ("Scope;2025-03-04;Repair;long;;", "Days", "a number of days"),
        ("Scope;2025-03-04;Repair;;2025-03-01;", "Until", "not before it happened"),
        ("Scope;2025-03-04;Repair;;2025-03-09;open", "Status", "either “still down”"),
        (";2025-03-04;Repair;1;;", "Equipment", "required"),
        ("Scope;;Repair;1;;", "Date", "required"),
    ],
)
def test_what_it_cannot_take_is_refused_with_what_was_expected(park, sheets, row, column, expected):
    for _turn in range(2):
        cast.instrument("Twin", park.imaging)
    batch = sheets.bring(f"Equipment;Date;Type;Days;Until;Status\n{row}\n")
    assert batch.counts["refused"] == 1
    (problem,) = _refused(batch)
    assert problem["column"] == column
    assert expected in problem["expected"]


def _refused(batch):
    return refused_of(plan=plan_path(batch.pk))


def test_a_number_tells_apart_what_is_called_alike(park, sheets):
    twins = [cast.instrument("Twin", park.imaging, inventory_number=f"T-{n}") for n in range(2)]
    sheets.bring("Instrument;Inventory number;Date;Kind\nTwin;T-1;2025-03-04;Repair\n")
    assert ServiceEvent.objects.get().instrument.uid == twins[1]


def test_columns_that_mean_different_instruments_are_refused(park, sheets):
    batch = sheets.bring("Instrument;Serial number;Date;Kind\nScope;S-2;2025-03-04;Repair\n")
    assert [one["expected"] for one in _refused(batch)] == ["the same instrument in all columns of the row"]


def test_an_open_row_is_down_and_closed_by_the_next_log(park, sheets):
    log = "Device;Date;Kind;Ticket;Status;Closed on\nScope;2025-03-04;defekt;1;{}\n"
    sheets.bring(log.format("open;"))
    assert ServiceEvent.objects.get().still_down
    sheets.bring(log.format("closed;2025-03-08"))
    event = ServiceEvent.objects.get()
    assert (event.still_down, event.days_down) == (False, 40)


def test_what_was_closed_by_hand_stays_closed(park, sheets):
    log = "Device;Date;Kind;Ticket;Status\nScope;2025-03-04;defekt;1;open\n"
    sheets.bring(log)
    services.up_again(uid=ServiceEvent.objects.get().uid, by=OPERATOR)
    assert sheets.bring(log).counts["kept"] == 1
    assert not ServiceEvent.objects.get().still_down


def test_hours_are_read_as_parts_of_a_day(park, sheets):
    sheets.bring("Device;Date;Kind;Downtime\nScope;2025-03-04;repair;12 h\nSorter;2025-03-04;repair;2 Tage\n")
    assert list(ServiceEvent.objects.order_by("pk").values_list("days_down", flat=True)) == [5, 20]


def test_a_summary_too_long_stands_whole_in_the_note(park, sheets):
    text = "word " * 60
    sheets.bring(f"Device;Date;Kind;Problem;Note\nScope;2025-03-04;repair;{text};mine\n")
    event = ServiceEvent.objects.get()
    assert (len(event.name), event.name[-1]) == (200, "…")
    assert event.note == f"{text.strip()}\n\nmine"


def test_a_head_imports_into_their_own_unit_only(park, sheets):
    hana = cast.seen_by("Hana", (Role.HEAD, str(park.imaging)))
    batch = sheets.bring("Device;Date;Kind\nScope;2025-03-04;repair\nRobot;2025-03-04;repair\n", by=hana)
    assert (batch.counts["new"], batch.counts["refused"]) == (1, 1)
    assert held()[0][0] == "Scope"


def test_a_number_that_is_not_theirs_to_see_finds_nothing(park, sheets):
    hana = cast.seen_by("Hana", (Role.HEAD, str(park.imaging)))
    batch = sheets.bring("Device;Date;Kind\nI-3;2025-03-04;repair\n", by=hana)
    assert [one["column"] for one in _refused(batch)] == ["Device"]


def test_an_export_comes_back_and_changes_nothing(park, sheets):
    sheets.bring(ENGLISH)
    park.event("robot", still_down=True, note="Waiting", vat="excluded", cost=0)
    whole = b"".join(tables.csv_of(viewer=OPERATOR, wanted=Wanted()))
    batch = sheets.bring(whole.decode("utf-8-sig"), source="back")
    numbers = {name: batch.counts[name] for name in ("new", "changed", "unchanged", "refused")}
    assert numbers == {"new": 0, "changed": 0, "unchanged": 4, "refused": 0}


def test_the_command_line_imports_and_exports(park, sheets, capsys, tmp_path):
    call_command("import", "service-events", str(sheets.path(ENGLISH)), "--json", stdout=io.StringIO())
    out = tmp_path / "events.jsonl"
    call_command("export", "service-events", "--format", "jsonl", "--out", str(out))
    assert len(out.read_text().splitlines()) == 3


def test_no_heading_means_two_fields_and_every_word_one_value():
    said = [heading for headings in HEADINGS.values() for heading in headings]
    assert sorted(said) == sorted(set(said))
    for values in WORDS.values():
        words = [word for words in values.values() for word in words]
        assert sorted(words) == sorted(set(words))
    assert {spec.name for spec in FIELDS} == {*HEADINGS, "record_id"}
