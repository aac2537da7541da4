"""Monthly sums and lists of bookings as they come, in three languages; of persons nothing is kept."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

import cast
from parkbench.figures.importers.moments import by_month
from parkbench.figures.importers.months import read_month
from parkbench.figures.importers.persons import is_about_persons
from parkbench.figures.importers.target import value_in_words
from parkbench.figures.models import UnitMonth, UseYear
from parkbench.figures.queries import use_of_instrument
from parkbench.figures.rules import month_number
from parkbench.figures.services import enter_month
from parkbench.intake import queries as intake
from parkbench.intake.models import Batch
from parkbench.intake.services import begin, start_check

pytestmark = pytest.mark.django_db
CANARIES = ("Zebulon", "Quastenflosser", "zebulon.q@alpha.example", "Prof. Xanthippe")
PERSON = (CANARIES[0], CANARIES[2], CANARIES[3])


def booking(resource, start, end, *, group="G1", price="Internal", status="ok", note=CANARIES[1]):
    """Return one row as a booking system exports it, with names of persons between the rest."""
    return (resource, start, end, *PERSON, group, price, status, note)


BOOKINGS = (
    ("Resource", "Start", "End", "User", "E-mail", "PI", "Group", "Price type", "Status", "Comment"),
    booking("INV-1", "2025-03-03 09:00", "2025-03-03 11:30"),
    booking("INV-1", "2025-03-04 09:00", "2025-03-04 10:00", group="G2", price="Tier 9"),
    booking("INV-1", "2025-03-31 23:00", "2025-04-01 02:00"),
    booking("INV-1", "2025-03-05 09:00", "2025-03-05 10:00", status="Cancelled"),
    booking("INV-1", "2025-03-06 09:00", "2025-03-05 10:00"),
    booking("INV-1", CANARIES[0], "2025-03-05 10:00"),
    booking("Nobody", "2025-03-07 09:00", "2025-03-07 10:00"),
    (*booking("INV-1", "2025-03-08 09:00", "2025-03-08 10:00"), CANARIES[1]),
)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "node" / "files"


@pytest.fixture
def scope():
    return cast.instrument("Scope", cast.unit(), inventory_number="INV-1")


def sheet(folder: Path, rows: Sequence[Sequence[str]], delimiter: str = ";", name: str = "list.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def run(target, path, *options):
    out = io.StringIO()
    with suppress(SystemExit):  # left with 1 when rows were refused
        call_command("import", target, str(path), *options, "--json", stdout=out)
    return json.loads(out.getvalue())


def used(uid, month):
    since = month_number(2025, 1)
    use = use_of_instrument(viewer=cast.OPERATOR, uid=uid, since=since, until=since + 11)
    return use.months[month - 1]


@pytest.mark.parametrize(
    "text",
    [
        "2025-03",
        "03.2025",
        "3/2025",
        "Mar 2025",
        "März 2025",
        "mars 2025",
        "202503",
        "2025-03-17",
        "maart 2025",
    ],
)
def test_months_are_read_as_lists_write_them(text):
    assert read_month(text, None) == (2025, 3)


def test_a_month_may_stand_beside_its_year():
    assert read_month("3", 2025) == read_month("Mars", 2025) == (2025, 3)
    assert read_month("3", None) is None
    assert read_month("soon", 2025) is None


@pytest.mark.parametrize(
    "headings",
    [
        ("Instrument", "Month", "User category", "Used hours", "Available hours", "Downtime"),
        ("Gerät", "Monat", "Nutzerkategorie", "Genutzte Stunden", "Verfügbar", "Ausfall"),
        ("Instrumentnamn", "Månad", "Användarkategori", "Använda timmar", "Tillgänglig tid", "Driftstopp"),
    ],
)
def test_monthly_sums_come_in_with_the_headings_people_use(tmp_path, scope, headings):
    rows = [
        headings,
        ("Scope", "2025-03", "intern", "10,5", "100", "2"),
        ("scope", "2025-03", "industri", "1:30", "100", ""),
    ]
    report = run("use", sheet(tmp_path, rows))
    assert (report["new"], report["refused"]) == (1, [])
    month = used(scope, 3)
    assert month.used == {"internal": 630, "industry": 90}
    assert (month.available, month.down, month.booked) == (6000, 120, None)


def test_a_column_per_category_is_understood(tmp_path, scope):
    rows = [("Instrument", "Month", "Used internal", "Used industry"), ("Scope", "2025-03", "10", "2")]
    run("use", sheet(tmp_path, rows))
    assert used(scope, 3).used == {"internal": 600, "industry": 120}


def test_the_same_list_again_changes_nothing_and_undo_takes_it_back(tmp_path, scope):
    path = sheet(tmp_path, [("Instrument", "Month", "Used"), ("Scope", "2025-03", "10")])
    batch = run("use", path)["batch"]
    assert run("use", path)["unchanged"] == 1
    later = Batch.objects.exclude(pk=batch).get()
    call_command("import", "use", "--undo", str(later.pk), stdout=io.StringIO())
    assert UseYear.objects.live().count() == 1
    call_command("import", "use", "--undo", batch, stdout=io.StringIO())
    assert UseYear.objects.live().count() == 0
    assert not UnitMonth.objects.exists()


def test_the_next_month_is_added_to_the_year(tmp_path, scope):
    head = ("Instrument", "Month", "Used")
    run("use", sheet(tmp_path, [head, ("Scope", "2025-03", "10")]))
    second = run("use", sheet(tmp_path, [head, ("Scope", "2025-04", "5")]))
    assert (second["changed"], second["missing"]) == (1, 0)
    assert used(scope, 3).used_total == 600
    run(
        "use",
        sheet(tmp_path, [head, ("Scope", "2025-05", "5")]),
        "--undo",
        str(Batch.objects.order_by("-at")[0].pk),
    )
    assert (used(scope, 3).used_total, used(scope, 4).used_total) == (600, None)


def test_rows_that_break_a_rule_are_refused_and_their_month_stays_out(tmp_path, scope):
    rows = [
        ("Instrument", "Month", "Category", "Used", "Available"),
        ("Scope", "2025-03", "intern", "101", "100"),
        ("Scope", "2025-04", "intern", "10", "100"),
        ("Scope", "2025-04", "intern", "11", "100"),
        ("Unheard of", "2025-04", "intern", "11", ""),
        ("Scope", "2025-05", "Tier 9", "11", ""),
    ]
    report = run("use", sheet(tmp_path, rows))
    assert [(one["row"], one["column"]) for one in report["refused"]] == [
        (2, "Used"), (4, "Used"), (5, "Instrument"), (6, "Category"),
    ]  # fmt: skip
    assert (used(scope, 3).used_total, used(scope, 4).used_total) == (None, 600)


def test_a_meaning_said_once_is_remembered_of_the_source(tmp_path, scope):
    rows = [("Instrument", "Month", "Category", "Used"), ("Scope", "2025-03", "Tier 9", "11")]
    run("use", sheet(tmp_path, rows), "--source", "s", "--category", "Tier 9=industry")
    assert run("use", sheet(tmp_path, rows), "--source", "s")["unchanged"] == 1
    with pytest.raises(CommandError, match="cannot mean"):
        call_command("import", "use", str(tmp_path / "list.csv"), "--category", "Tier 9=friends")


def test_bookings_are_summed_per_month_and_split_at_its_end(tmp_path, scope):
    report = run("bookings", sheet(tmp_path, BOOKINGS), "--category", "Tier 9=academic")
    march, april = used(scope, 3), used(scope, 4)
    assert march.used == {"internal": 150 + 60, "academic": 60}
    assert april.used == {"internal": 120}
    assert (march.sessions, march.booked) == (3, 270)
    assert march.groups == {"internal": 1, "academic": 1}
    assert report["skipped"] == 1
    assert {(one["row"], one["column"]) for one in report["refused"]} == {
        (6, "End"), (7, "Start"), (8, "Instrument"), (9, ""),
    }  # fmt: skip


def test_nothing_of_persons_is_kept_or_said(tmp_path, scope, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    source = tmp_path / "given"
    source.mkdir()
    path = sheet(source, BOOKINGS)
    said = json.dumps(run("bookings", path, "--dry-run"), ensure_ascii=False)
    report = run("bookings", path)
    said += json.dumps(report, ensure_ascii=False)
    with path.open("rb") as pieces:
        batch = begin(
            source="web", target="bookings", file_name="list.csv", pieces=[pieces.read()], by=cast.OPERATOR
        )
    start_check(batch_id=batch.pk, by=cast.OPERATOR)
    batch.refresh_from_db()
    for found in Batch.objects.all():
        said += "".join(map(str, intake.refused_rows(batch=found)))
    call_command("import", "bookings", "--undo", report["batch"], stdout=io.StringIO())
    kept = [file.read_bytes() for file in intake_folder().rglob("*") if file.is_file()]
    assert kept
    texts = [said, caplog.text, *capfd.readouterr(), dump(), *(file.decode() for file in kept)]
    for canary in CANARIES:
        assert not [text for text in texts if canary.casefold() in text.casefold()], canary


def intake_folder() -> Path:
    from parkbench.intake.queries.files import folder

    return folder()


def dump() -> str:
    """Return every row of every table as text; the search index holds words of other tables only."""
    tables = [model._meta.db_table for model in apps.get_models()]
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found.extend(str(row) for row in cursor.fetchall())
    return "\n".join(found)


@pytest.mark.parametrize(
    "heading",
    ["User", "User name", "Användare", "E-mail", "PI", "Nutzer", "Booked by user", "Comments", "Vorname"],
)
def test_columns_of_persons_are_known_by_their_headings(heading):
    assert is_about_persons(heading)


@pytest.mark.parametrize(
    "heading", ["User group", "User category", "Resource name", "Start", "Instrument name"]
)
def test_columns_of_things_are_not_taken_for_persons(heading):
    assert not is_about_persons(heading)


def test_a_column_of_persons_cannot_be_asked_for(tmp_path, scope):
    chosen = tmp_path / "map.toml"
    chosen.write_text('[columns]\nbooking_group = "User"\n', encoding="utf-8")
    with pytest.raises(CommandError, match="names or describes persons"):
        call_command("import", "bookings", str(sheet(tmp_path, BOOKINGS)), "--map", str(chosen))


def test_german_bookings_with_durations_and_quotes_come_in(tmp_path, scope):
    rows = [
        ("Ressource", "Buchungsbeginn", "Dauer", "Nutzer", "Preiskategorie"),
        ("Scope", "03.03.2025 09:00", "1,5", 'Zebulon; "Z"', "Intern"),
        ("Scope", "04.03.2025 9:00", "2:00", "Zebulon", "Extern akademisch"),
    ]
    run("bookings", sheet(tmp_path, rows))
    assert used(scope, 3).used == {"internal": 90, "academic": 120}


def test_maintenance_and_training_are_told_from_use(tmp_path, scope):
    rows = [
        ("Resurs", "Starttid", "Sluttid", "Användare", "Bokningstyp"),
        ("Scope", "2025-03-03 09:00", "2025-03-03 10:00", "Zebulon", "Utbildning"),
        ("Scope", "2025-03-04 09:00", "2025-03-04 12:00", "Zebulon", "Underhåll"),
    ]
    run("bookings", sheet(tmp_path, rows))
    month = used(scope, 3)
    assert (month.used_total, month.training, month.maintenance, month.booked) == (60, 60, 180, 60)


def test_the_night_of_the_clock_change_lasts_as_long_as_it_does():
    zone = ZoneInfo("Europe/Stockholm")
    long = (datetime(2025, 1, 31, 22), datetime(2025, 3, 1, 1))
    night = (datetime(2025, 3, 29, 22), datetime(2025, 3, 30, 6))
    assert [minutes for _day, minutes in by_month(*night, zone)] == [7 * 60]
    assert [minutes for _day, minutes in by_month(*long, zone)] == [
        120, 28 * 1440, 60,
    ]  # fmt: skip


def test_a_row_with_fewer_or_more_cells_than_the_headings_is_refused_and_nothing_of_it_kept(tmp_path, scope):
    whole = booking("INV-1", "2025-03-03 09:00", "2025-03-03 11:30")
    shifted = (*whole[:6], *whole[7:])
    longer = (*whole, CANARIES[1], CANARIES[1])
    report = run("bookings", sheet(tmp_path, [BOOKINGS[0], whole, shifted, longer, (*whole, "")]))
    assert [(one["row"], one["value"], one["expected"]) for one in report["refused"]] == [
        (3, "9 cells", "10 cells, as many as there are column names (a missing cell?)"),
        (4, "12 cells", "10 cells, as many as there are column names (a stray separator?)"),
    ]
    assert used(scope, 3).used == {"internal": 300}
    sheet_of_refused = list(intake.refused_rows(batch=Batch.objects.get()))
    assert "found “9 cells”, expected 10 cells" in sheet_of_refused[1][-1]
    assert CANARIES[1] not in dump()


def test_short_rows_are_refused_in_long_lists_and_in_escaped_ones_alike(tmp_path, scope):
    whole = booking("INV-1", "2025-03-03 09:00", "2025-03-03 11:30", note="'-none")
    rows = [BOOKINGS[0], *[whole] * 600, whole[:-1], *[whole] * 3]
    for name, note in (("plain.csv", "none"), ("escaped.csv", "'-none")):
        given = [(*row[:-1], note) if len(row) == 10 and row[0] == "INV-1" else row for row in rows]
        report = run("bookings", sheet(tmp_path, given, name=name), "--dry-run")
        assert [one["row"] for one in report["refused"]] == [602], name


def test_separators_behind_the_last_heading_refuse_nothing(tmp_path, scope):
    rows = [("Resource", "Start", "End", ""), ("INV-1", "2025-03-03 09:00", "2025-03-03 10:00", "")]
    assert run("bookings", sheet(tmp_path, [*rows, rows[1][:3]]))["refused"] == []
    assert used(scope, 3).used == {"unknown": 120}


def prices(*counted):
    """Return a list of bookings in which each price type stands as often as said."""
    rows = [
        booking(
            "INV-1", f"2025-03-{1 + place % 28:02} 09:00", f"2025-03-{1 + place % 28:02} 10:00", price=price
        )
        for price, count in counted
        for place in range(count)
    ]
    return [BOOKINGS[0], *rows]


def test_the_dry_run_lists_price_types_that_nobody_explained(tmp_path, scope):
    rows = prices(("Internal", 2), ("Tier 9", 6), ("Guest", 2), ("a@b.example", 7), ("Prof. X", 8))
    report = run("bookings", sheet(tmp_path, rows), "--dry-run")
    assert report["unmapped"] == [
        {"word": None, "rows": 8, "hours": 8.0},
        {"word": None, "rows": 7, "hours": 7.0},
        {"word": "Tier 9", "rows": 6, "hours": 6.0},
        {"word": "Guest", "rows": 2, "hours": 2.0},
    ]
    assert run("bookings", tmp_path / "list.csv")["words_not_known"] == 4


def test_an_unknown_price_type_of_few_rows_is_kept_nowhere(tmp_path, scope, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    source = tmp_path / "given"
    source.mkdir()
    path = sheet(source, prices(("Tier 9", 5), (CANARIES[0], 4), (CANARIES[2], 9), (CANARIES[3], 9)))
    report = run("bookings", path)
    heard = {}
    with path.open("rb") as pieces:
        batch = begin(
            source="web",
            target="bookings",
            file_name="list.csv",
            pieces=[pieces.read()],
            by=cast.OPERATOR,
            hear=heard.update,
        )
    assert list(heard.values()) == [CANARIES[0]]
    start_check(batch_id=batch.pk, by=cast.OPERATOR)
    call_command("import", "bookings", "--undo", report["batch"], stdout=io.StringIO())
    kept = [file.read_text(encoding="utf-8") for file in intake_folder().rglob("*") if file.is_file()]
    texts = [json.dumps(report), caplog.text, *capfd.readouterr(), dump(), *kept]
    assert [text for text in texts if "Tier 9" in text]
    for canary in CANARIES:
        assert not [text for text in texts if canary.casefold() in text.casefold()], canary


def test_a_column_of_remarks_in_the_place_of_kinds_keeps_nothing_apart(tmp_path, scope):
    rows = [
        ("Resource", "Start", "End", "Purpose"),
        *(
            ("INV-1", f"2025-03-{day:02} 09:00", f"2025-03-{day:02} 10:00", f"{CANARIES[1]} {day}")
            for day in range(1, 9)
        ),
    ]
    run("bookings", sheet(tmp_path / "..", rows, name="given.csv"))
    kept = [file.read_text(encoding="utf-8") for file in intake_folder().rglob("*") if file.is_file()]
    assert not [text for text in [*kept, dump()] if CANARIES[1] in text]
    assert used(scope, 3).used == {"unknown": 480}


@pytest.mark.parametrize(
    "months",
    [
        ("Jan", "Feb", "Mar", "Apr", "May", "Dec"),
        ("Januari", "Februari", "Mars", "April", "Maj", "December"),
        ("Januar", "Februar", "März", "April", "Mai", "Dezember"),
        ("januari", "februari", "maart", "april", "mei", "december"),
        ("Jan 2025", "feb-25", "Mar 25", "2025 April", "May (h)", "Dec 2025 (h)"),
        ("2025-01", "2025/02", "03.2025", "202504", "5/2025", "2025-12"),
        ("2025-01-01 00:00:00", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01", "2025-12-01"),
        ("Hours Jan", "Hours Feb", "Hours Mar", "Timmar april", "Stunden Mai", "Used Dec"),
    ],
)
def test_a_sheet_with_one_column_per_month_is_read(tmp_path, scope, months):
    rows = [
        ("Instrument", "User category", "Year", *months, "Total"),
        ("Scope", "intern", "2025", "10", "1:30", "", "2,5", "0", "7", "21"),
        ("Scope", "industri", "2025", "", "", "4", "", "", "", "4"),
    ]
    report = run("use", sheet(tmp_path, rows))
    assert (report["new"], report["rows"], report["refused"]) == (1, 2, [])
    found = {month: used(scope, month).used for month in (1, 2, 3, 4, 5, 12)}
    assert found == {
        1: {"internal": 600},
        2: {"internal": 90},
        3: {"industry": 240},
        4: {"internal": 150},
        5: {"internal": 0},
        12: {"internal": 420},
    }


def test_columns_of_months_may_span_years_and_need_a_year(tmp_path, scope):
    head = ("Instrument", "Dec 2024", "Jan 2025", "Dec 2025")
    report = run("use", sheet(tmp_path, [head, ("Scope", "1", "2", "3")]))
    assert (report["new"], report["rows"]) == (2, 1)
    assert (used(scope, 1).used_total, used(scope, 12).used_total) == (120, 180)
    assert UseYear.objects.get(year=2024).used == 60
    path = sheet(tmp_path, [("Instrument", "Jan", "Feb"), ("Scope", "1", "2")], name="bare.csv")
    assert [one["column"] for one in run("use", path)["refused"]] == ["Year"]
    assert run("use", path, "--set", "year=2023")["new"] == 1


def test_a_month_that_breaks_a_rule_is_told_by_its_own_column(tmp_path, scope):
    run("use", sheet(tmp_path, [("Instrument", "Month", "Available"), ("Scope", "2025-02", "5")]))
    rows = [("Instrument", "Jan 2025", "Feb 2025"), ("Scope", "10", "abc"), ("Scope", "11", "1")]
    beyond = run("use", sheet(tmp_path, [rows[0], ("Scope", "10", "800")], name="beyond.csv"), "--dry-run")
    assert ["at most the 5 h" in one["expected"] for one in beyond["refused"]] == [True]
    report = run("use", sheet(tmp_path, rows, name="wide.csv"))
    assert [(one["row"], one["column"], one["value"]) for one in report["refused"]] == [
        (2, "Feb 2025", "abc")
    ]
    twice = [rows[0], ("Scope", "10", "1"), ("Scope", "11", "")]
    report = run("use", sheet(tmp_path, twice, name="twice.csv"), "--dry-run")
    assert [(one["row"], one["column"]) for one in report["refused"]] == [(3, "Jan 2025")]


def test_the_months_of_the_next_year_are_read_of_the_same_source(tmp_path, scope):
    def bring(*cells):
        path = sheet(
            tmp_path, [("Instrument", *(head for head, _cell in cells)), ("Scope", *dict(cells).values())]
        )
        return run("use", path, "--source", "sums")

    first = (("Jan 2025", "1"), ("Feb 2025", "2"))
    assert bring(*first)["new"] == 1
    assert bring(*first, ("Mar 2025", "3"))["changed"] == 1
    assert bring(("Jan 2026", "4"), ("Feb 2026", "5"))["new"] == 1
    assert bring(*first, ("Mar 2025", "9"))["changed"] == 1
    assert [used(scope, month).used_total for month in (1, 2, 3)] == [60, 120, 540]


def test_a_correction_by_hand_of_few_groups_is_told_as_few(tmp_path, scope):
    path = sheet(tmp_path, BOOKINGS[:4])
    run("bookings", path, "--category", "Tier 9=internal")
    values = {"m03_groups_internal": 4, "m03_booked": 600}
    enter_month(instrument=scope, year=2025, month=3, values=values, by=cast.OPERATOR)
    told = {one["field"]: (one["here"], one["source"]) for one in run("bookings", path, "--dry-run")["kept"]}
    assert told == {
        "March: Distinct groups, own organisation": ("fewer than 5", "fewer than 5"),
        "March: Booked": (600, 270),
    }


@pytest.mark.parametrize(("count", "told"), [(0, "0"), (4, "fewer than 5"), (5, "5")])
def test_a_refused_count_of_few_groups_is_told_as_few(count, told):
    assert value_in_words("m03_groups_internal", count) == told
    assert value_in_words("m03_sessions_internal", count) == str(count)
