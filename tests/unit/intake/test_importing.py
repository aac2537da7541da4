"""A messy sheet goes in: dry run, accept, again, corrections by hand, undo."""

from __future__ import annotations

from typing import Any

import pytest
import xlsxwriter

import cast
from parkbench.accounts.rules import Role
from parkbench.catalogue.models import Maker
from parkbench.instruments.models import Instrument
from parkbench.intake import queries, services
from parkbench.intake.models import Batch, SourceRow
from parkbench.intake.queries.files import plan_path
from parkbench.intake.rules import BatchState
from parkbench.intake.services import accepting
from parkbench.intake.services.planning import lines_of
from parkbench.lib.errors import NotFound, Refused
from parkbench.programme.models import Site, Unit
from parkbench.records.models import JournalEntry, Section
from parkbench.records.queries import heads
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, delete, publish

pytestmark = pytest.mark.django_db

SHEET = """Inventory list 2026;;;;;;
Inventory number;Instrument;Manufacturer;Model;Core facility;Price (kEUR);Commissioned
A-1;Confocal;Zeiss;LSM 980;Light microscopy;650,5;31.03.2019
A-2;Sorter;BD;FACSAria Fusion;Flow;400;1.4.2020
;Bench centrifuge;Eppendorf;5430;Flow;;
;Bench centrifuge;Eppendorf;5430;Flow;;
Total;;;;;1050,5;
"""
HEAD = "Inventory number;Instrument;Model;Unit;Room\n"


def numbers(batch: Batch) -> dict[str, int]:
    return {
        name: batch.counts[name] for name in ("new", "changed", "unchanged", "missing", "skipped", "refused")
    }


def instrument(number: str) -> Instrument:
    return Instrument.objects.get(inventory_number=number, deleted_at=None)


def correct(row: Instrument, section: str, **values: Any) -> None:
    kind = kind_of("instrument")
    _revision, body = heads(kind=kind, row=row, viewer=cast.OPERATOR)[section]
    body = {name: value for name, value in {**body, **values}.items() if value is not None}
    publish(kind="instrument", drafts=[Draft(uid=row.uid, sections={section: body})], by=cast.OPERATOR)


def everything() -> list[tuple[Any, ...]]:
    rows = Instrument.objects.filter(deleted_at=None).order_by("uid")
    return [tuple(rows.values_list("uid", flat=True))] + [
        tuple(sorted(Section.objects.filter(uid=row.uid, is_current=True).values_list("section", "digest")))
        for row in rows
    ]


def refused(batch: Batch) -> list[dict[str, Any]]:
    return queries.refused_of(plan=plan_path(batch.pk), late=batch.result.get("late", []))


def test_a_messy_sheet_goes_in(sheets):
    batch = sheets.bring(SHEET)
    assert numbers(batch) == {
        "new": 4,
        "changed": 0,
        "unchanged": 0,
        "missing": 0,
        "skipped": 1,
        "refused": 0,
    }
    row = instrument("A-1")
    assert (row.name, row.unit.name, row.purchase_price, row.purchase_currency) == (
        "Confocal",
        "Light microscopy",
        65_050_000,
        "EUR",
    )
    assert str(row.commissioned_on) == "2019-03-31"
    assert set(batch.made) >= {"unit"}
    assert batch.state == BatchState.ACCEPTED


def test_two_equal_lines_are_two_instruments(sheets):
    sheets.bring(SHEET)
    assert Instrument.objects.filter(name="Bench centrifuge").count() == 2


def test_running_again_changes_nothing(sheets):
    sheets.bring(SHEET)
    before = everything(), Section.objects.count(), SourceRow.objects.count(), Unit.objects.count()
    batch = sheets.bring(SHEET)
    assert numbers(batch)["unchanged"] == 4
    assert (everything(), Section.objects.count(), SourceRow.objects.count(), Unit.objects.count()) == before


def test_the_dry_run_writes_nothing(sheets):
    counts = sheets.dry(SHEET)
    assert counts["made"]["unit"] == ["Flow", "Light microscopy"]
    assert counts["new"] == 4
    assert not Batch.objects.exists()
    assert not Section.objects.filter(kind__in=["instrument", "unit"]).exists()


def test_a_changed_cell_changes_one_field(sheets):
    sheets.bring(SHEET)
    batch = sheets.bring(SHEET.replace("LSM 980;", "LSM 900;"))
    assert (batch.counts["changed"], batch.counts["unchanged"]) == (1, 3)
    page = queries.plan_page(batch=batch, state="changed", page=1, viewer=cast.OPERATOR)
    change = next(change for change in page.lines[0].changes if "model" in change.label.lower())
    assert (change.old, change.new) == ("LSM 980", "LSM 900")
    assert instrument("A-1").model_text == "LSM 900"


def test_a_correction_by_hand_survives_and_is_shown(sheets):
    sheets.bring(SHEET)
    correct(instrument("A-1"), "basics", name="Confocal of the 2nd floor")
    batch = sheets.bring(SHEET.replace("A-1;Confocal", "A-1;Confocal (old)"))
    assert instrument("A-1").name == "Confocal of the 2nd floor"
    assert batch.counts["kept"] == 1
    kept = queries.plan_page(batch=batch, state="kept", page=1, viewer=cast.OPERATOR).lines[0].kept
    assert [(one.old, one.new) for one in kept] == [("Confocal of the 2nd floor", "Confocal (old)")]


def test_a_row_may_be_taken_over_a_correction_by_hand(sheets):
    sheets.bring(SHEET)
    correct(instrument("A-1"), "basics", name="By hand")
    path = sheets.path(SHEET)
    batch = services.begin(
        source="inventory",
        target="instruments",
        file_name="list.csv",
        pieces=services.pieces_of(path),
        by=cast.OPERATOR,
    )
    services.check(batch_id=batch.pk, by=cast.OPERATOR)
    services.choose_rows(batch_id=batch.pk, shown=[3], chosen=[3], is_kept_list=True, by=cast.OPERATOR)
    services.accept(batch_id=batch.pk, by=cast.OPERATOR)
    assert instrument("A-1").name == "Confocal"


def test_a_row_may_be_left_out(sheets):
    path = sheets.path(SHEET)
    pieces = services.pieces_of(path)
    batch = services.begin(
        source="inventory", target="instruments", file_name="list.csv", pieces=pieces, by=cast.OPERATOR
    )
    services.check(batch_id=batch.pk, by=cast.OPERATOR)
    services.choose_rows(batch_id=batch.pk, shown=[3, 4], chosen=[4], is_kept_list=False, by=cast.OPERATOR)
    batch = services.accept(batch_id=batch.pk, by=cast.OPERATOR)
    assert not Instrument.objects.filter(inventory_number="A-1").exists()
    assert (batch.result["new"], batch.result["left_out"]) == (3, 1)
    assert not Unit.objects.filter(name="Light microscopy").exists()


def test_a_missing_row_is_flagged_and_never_deleted(sheets):
    sheets.bring(SHEET)
    batch = sheets.bring("\n".join(line for line in SHEET.splitlines() if not line.startswith("A-2")))
    assert numbers(batch)["missing"] == 1
    assert instrument("A-2").deleted_at is None
    assert SourceRow.objects.get(key="k:a-2").missing_batch == batch.pk
    sheets.bring(SHEET)
    assert SourceRow.objects.get(key="k:a-2", is_current=True).missing_batch is None


def test_an_empty_cell_empties_only_what_the_source_wrote(sheets):
    sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n2;Sorter;Aria;Flow;\n")
    correct(instrument("2"), "internal", room="C7")
    sheets.bring(HEAD + "1;Scope;LSM;Flow;\n2;Sorter;Aria;Flow;\n")
    assert instrument("1").room is None
    assert instrument("2").room == "C7"


def test_a_column_that_is_not_there_says_nothing(sheets):
    sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n")
    sheets.bring("Inventory number;Instrument;Model;Unit\n1;Scope 2;LSM;Flow\n")
    assert (instrument("1").name, instrument("1").room) == ("Scope 2", "B1")
    batch = sheets.bring(HEAD + "1;Scope 2;LSM;Flow;B2\n")
    assert batch.counts["changed"] == 1
    assert instrument("1").room == "B2"


def test_a_key_twice_refuses_all_its_rows(sheets):
    batch = sheets.bring(HEAD + "1;Scope;LSM;Flow;\n7;One;A;Flow;\n7;Two;B;Flow;\n")
    found = refused(batch)
    assert [(problem["row"], problem["column"], problem["value"]) for problem in found] == [
        (3, "Inventory number", "7"),
        (4, "Inventory number", "7"),
    ]
    assert "row 4" in found[0]["expected"]
    assert Instrument.objects.count() == 1


def test_every_list_keeps_the_order_of_the_sheet(sheets):
    twice = "7;One;A;Flow;\n8;Sorter;;Flow;\n9;Scope;B;Flow;\n7;Two;B;Flow;\n"
    batch = sheets.bring(HEAD + twice + "10;Laser;C;Flow;\n;;;;\n7;Three;C;Flow;\n")
    told = lines_of(plan_path(batch.pk))
    assert [line.row for line in told] == sorted(line.row for line in lines_of(plan_path(batch.pk)))
    page = queries.plan_page(batch=batch, state="refused", page=1, viewer=cast.OPERATOR)
    assert [line.row for line in page.lines] == [2, 3, 5, 8]


def test_a_refused_row_says_row_column_value_and_expected(sheets):
    batch = sheets.bring(
        "Name;Unit;Model;Commissioned\nScope;Flow;LSM;31.13.2019\nSorter;Flow;Aria;1.2.2020\n"
    )
    assert refused(batch)[0] == {
        "row": 2,
        "column": "Commissioned",
        "value": "31.13.2019",
        "expected": refused(batch)[0]["expected"],
    }
    assert list(Instrument.objects.values_list("name", flat=True)) == ["Sorter"]


def test_a_required_cell_must_not_be_empty(sheets):
    batch = sheets.bring("Name;Unit;Model\n;Flow;LSM\n")
    assert refused(batch)[0]["column"] == "Name"
    assert not Unit.objects.filter(name="Flow").exists()


def test_refused_rows_come_back_as_a_sheet_that_can_be_imported(sheets):
    batch = sheets.bring(
        "Name;Unit;Model;Commissioned\nScope;Flow;LSM;31.13.2019\nSorter;Flow;Aria;1.2.2020\n"
    )
    lines = list(queries.refused_rows(batch=batch))
    assert lines[0] == ["Name", "Unit", "Model", "Commissioned", "Row", "What is wrong"]
    assert lines[1][:5] == ["Scope", "Flow", "LSM", "31.13.2019", 2]
    mended = "\n".join(";".join(str(cell).replace(";", ",") for cell in line) for line in lines)
    again = sheets.bring(mended.replace("31.13.2019", "31.12.2019", 1))
    assert (again.counts["new"], again.counts["missing"]) == (1, 0)


def test_a_value_is_given_once_for_the_source(sheets):
    cast.unit("Light microscopy")
    sheets.bring("Name;Model\nScope;LSM\n", constants={"unit": "light microscopy"})
    assert Instrument.objects.get().unit.name == "Light microscopy"
    assert sheets.bring("Name;Model\nScope;LSM\n").counts["unchanged"] == 1


def test_a_currency_given_once_for_the_source_is_that_of_its_signs(sheets, settings):
    settings.DEFAULT_CURRENCY = "EUR"
    sheet = "Name;Model;Unit;Price\nScope;LSM;Flow;4,98 Mkr\n"
    assert sheets.bring(sheet).counts["refused"] == 1
    sheets.bring(sheet, constants={"purchase_currency": "sek"})
    row = Instrument.objects.get()
    assert (row.purchase_price, row.purchase_currency) == (498_000_000, "SEK")


def test_a_renamed_unit_is_still_the_same(sheets):
    sheets.bring(HEAD + "1;Scope;LSM;Flow;\n")
    unit = Unit.objects.get(name="Flow")
    publish(
        kind="unit",
        drafts=[Draft(uid=unit.uid, sections={"basics": {"name": "Cytometry"}})],
        by=cast.OPERATOR,
    )
    batch = sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n")
    assert instrument("1").unit_id == unit.pk
    assert batch.made == {}


def test_a_row_with_the_number_of_a_record_here_is_linked_to_it(sheets):
    sheets.bring(HEAD + "1;Scope;LSM;Flow;\n", source="first")
    batch = sheets.bring(HEAD + "1;Scope;LSM;Flow;B9\n", source="second")
    assert Instrument.objects.count() == 1
    assert (batch.counts["new"], batch.counts["changed"]) == (0, 1)
    assert instrument("1").room == "B9"


def test_a_record_deleted_here_stays_deleted(sheets):
    sheets.bring(SHEET)
    delete(kind="instrument", uids=[instrument("A-1").uid], by=cast.OPERATOR)
    batch = sheets.bring(SHEET)
    assert batch.counts["skipped"] == 2
    assert not Instrument.objects.filter(inventory_number="A-1", deleted_at=None).exists()


def test_a_file_without_known_columns_is_refused_in_words(sheets):
    with pytest.raises(Refused, match="None of the columns is understood: Foo, Bar"):
        sheets.bring("Foo;Bar\n1;2\n")
    assert not Batch.objects.exists()


def test_of_a_workbook_the_first_sheet_with_a_known_column_is_taken(sheets, folder):
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Read me").write_column(0, 0, ["All instruments of the platform", "Ask Anna"])
        page = book.add_worksheet("List")
        for row, line in enumerate((HEAD + "A-1;Scope;LSM 980;Flow;B9").splitlines()):
            page.write_row(row, 0, line.split(";"))
    recipe = sheets.recipe("inventory")
    batch = services.run(path=path, target="instruments", source="inventory", recipe=recipe, by=cast.OPERATOR)
    assert batch.recipe["sheet"] == "List"
    assert instrument("A-1").room == "B9"


def test_undo_is_the_identity(sheets):
    sheets.bring(SHEET, source="first")
    before = everything(), set(JournalEntry.objects.values_list("uid", "digest"))
    batch = sheets.bring(
        SHEET.replace("LSM 980", "LSM 900").replace("Flow", "Cytometry") + "A-9;More;Leica;SP8;Other;;\n",
        source="first",
    )
    assert everything() != before[0]
    services.undo(batch_id=batch.pk, by=cast.OPERATOR)
    assert (everything(), set(JournalEntry.objects.values_list("uid", "digest"))) == before
    assert not Unit.objects.filter(name__in=["Cytometry", "Other"], deleted_at=None).exists()


def test_import_again_after_undo_works(sheets):
    batch = sheets.bring(SHEET)
    services.undo(batch_id=batch.pk, by=cast.OPERATOR)
    assert not Instrument.objects.filter(deleted_at=None).exists()
    assert not SourceRow.objects.exists()
    assert not Maker.objects.filter(home_id=1, deleted_at=None).exists()
    assert not Site.objects.exists()
    assert sheets.bring(SHEET).counts["new"] == 4


def test_undo_keeps_what_was_changed_since_and_lists_it(sheets):
    sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n")
    batch = sheets.bring(HEAD + "1;Scope 2;LSM 2;Flow;B2\n")
    correct(instrument("1"), "basics", name="By hand")
    batch = services.undo(batch_id=batch.pk, by=cast.OPERATOR)
    row = instrument("1")
    assert (row.name, row.model_text, row.room) == ("By hand", "LSM", "B1")
    assert [(one["field"], one["value"]) for one in batch.result["undo"]["kept"]] == [("Name", "By hand")]


def test_undo_of_a_made_and_edited_record_keeps_what_is_required(sheets):
    batch = sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n")
    correct(instrument("1"), "basics", description="Ours")
    batch = services.undo(batch_id=batch.pk, by=cast.OPERATOR)
    row = Instrument.objects.get(deleted_at=None)
    assert (row.name, row.description, row.room, row.inventory_number) == ("Scope", "Ours", None, None)
    assert {one["field"] for one in batch.result["undo"]["kept"]} >= {"Name", "Unit"}
    assert Unit.objects.filter(name="Flow", deleted_at=None).exists()


def test_the_later_import_is_undone_first(sheets):
    first = sheets.bring(HEAD + "1;Scope;LSM;Flow;B1\n")
    second = sheets.bring(HEAD + "1;Scope;LSM;Flow;B2\n")
    with pytest.raises(Refused, match="Undo that import first"):
        services.undo(batch_id=first.pk, by=cast.OPERATOR)
    services.undo(batch_id=second.pk, by=cast.OPERATOR)
    services.undo(batch_id=first.pk, by=cast.OPERATOR)
    assert not Instrument.objects.filter(deleted_at=None).exists()


def test_a_killed_accept_is_resumed_and_every_chunk_is_all_or_nothing(sheets, monkeypatch):
    monkeypatch.setattr(accepting.bulk, "CHUNK", 10)
    text = HEAD + "".join(f"N{row};Scope {row};LSM;Flow;\n" for row in range(25))
    keep = accepting._keep_said
    calls = []

    def killed(run: Any, lines: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        keep(run, lines)

    monkeypatch.setattr(accepting, "_keep_said", killed)
    with pytest.raises(KeyboardInterrupt):
        sheets.bring(text)
    batch = Batch.objects.get()
    assert (batch.state, batch.done, Instrument.objects.count()) == (BatchState.ACCEPTING, 10, 10)
    batch = services.accept(batch_id=batch.pk, by=cast.OPERATOR)
    assert (batch.state, Instrument.objects.count(), batch.result["new"]) == (BatchState.ACCEPTED, 25, 25)
    assert Unit.objects.filter(name="Flow").count() == 1


def test_an_editor_imports_into_their_own_unit_only(sheets):
    flow, _other = cast.unit("Flow"), cast.unit("Other")
    ada = cast.seen_by("Ada", (Role.EDITOR, str(flow)))
    batch = sheets.bring(HEAD + "1;Scope;LSM;Flow;\n2;Sorter;Aria;Other;\n3;New;X;Nowhere;\n", by=ada)
    assert list(Instrument.objects.values_list("name", flat=True)) == ["Scope"]
    assert [problem["row"] for problem in refused(batch)] == [3, 4]
    assert "may" in refused(batch)[0]["expected"]


def test_an_editor_does_not_learn_of_economics_by_importing(sheets):
    text = "Inventory number;Name;Model;Unit;Price (EUR)\n1;Scope;LSM;Flow;1000\n"
    sheets.bring(text)
    ada = cast.seen_by("Ada", (Role.EDITOR, str(Unit.objects.get(name="Flow").uid)))
    batch = sheets.bring(text.replace("1000", "2000"), by=ada)
    assert batch.counts["refused"] == 1
    assert instrument("1").purchase_price == 100_000
    plan = plan_path(batch.pk).read_text(encoding="utf-8")
    assert "100000" not in plan


def test_somebody_elses_import_is_not_there(sheets):
    ada = cast.seen_by("Ada", (Role.EDITOR, str(cast.unit("Flow"))))
    batch = sheets.bring(SHEET)
    with pytest.raises(NotFound):
        queries.batch_of(pk=batch.pk, viewer=ada)
    with pytest.raises(NotFound):
        services.undo(batch_id=batch.pk, by=ada)


def test_a_reader_may_not_import(sheets):
    with pytest.raises(Refused, match="You may not import"):
        sheets.bring(SHEET, by=cast.seen_by("Ben", Role.READER))


def test_a_section_line_may_name_the_unit(sheets):
    text = "Name;Model;Room\nFlow;;\nSorter;Aria;\nImaging;;\nScope;LSM;B1\n"
    batch = sheets.bring(text, section_field="unit")
    assert batch.counts["skipped"] == 2
    assert dict(Instrument.objects.values_list("name", "unit__name")) == {
        "Sorter": "Flow",
        "Scope": "Imaging",
    }


def test_an_address_that_is_none_is_refused_by_the_dry_run(sheets):
    counts = sheets.dry("Name;Unit;Model;E-mail\nScope;Flow;LSM;nobody\n")
    assert counts["refused"] == 1
    assert "e-mail" in queries.refused_of(plan=sheets.folder / "plan.jsonl")[0]["expected"]


def test_old_files_are_purged(sheets):
    from datetime import timedelta

    from django.utils import timezone

    batch = sheets.bring(SHEET)
    assert services.purge() == 0
    assert services.purge(now=timezone.now() + timedelta(days=91)) == 2
    with pytest.raises(NotFound, match="no longer kept"):
        queries.plan_page(batch=batch, state="new", page=1, viewer=cast.OPERATOR)


def test_a_record_id_finds_its_record_whatever_source_it_comes_from(sheets):
    uid = cast.instrument("Scope", cast.unit("Flow"), "LSM")
    batch = sheets.bring(f"Record id;Name;Unit;Model\n{uid};Scope;Flow;LSM\n", source="export")
    assert (batch.counts["new"], batch.counts["unchanged"]) == (0, 1)
