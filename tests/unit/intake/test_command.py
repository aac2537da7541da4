"""The command line: exit codes, JSON, map files, undo, resume."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from parkbench.instruments.models import Instrument
from parkbench.intake.models import Batch

pytestmark = pytest.mark.django_db

GOOD = "Name;Unit;Model;Inventory number\nScope;Flow;LSM;1\nSorter;Flow;Aria;2\n"
BAD = GOOD + "Third;Flow;;3\n"


def run(*arguments: Any) -> tuple[int, dict[str, Any]]:
    """Run the import command with --json; return its exit code and report."""
    out, code = StringIO(), 0
    try:
        call_command("import", "instruments", *map(str, arguments), "--json", stdout=out)
    except SystemExit as error:
        code = int(error.code or 0)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def test_it_reports_what_was_done(sheets):
    code, report = run(sheets.path(GOOD), "--source", "inventory")
    numbers = {name: report[name] for name in ("rows", "new", "changed", "unchanged", "missing", "skipped")}
    assert code == 0
    assert numbers == {"rows": 2, "new": 2, "changed": 0, "unchanged": 0, "missing": 0, "skipped": 0}
    assert report["refused"] == []
    assert report["made"]["unit"] == ["Flow"]
    assert report["batch"] == str(Batch.objects.get().pk)


@pytest.mark.parametrize("more", [["--dry-run"], []])
def test_it_says_which_columns_it_does_not_import(sheets, more):
    path = sheets.path("Name;Unit;Model;Colour;Inventory number\nScope;Flow;LSM;blue;1\n")
    _code, report = run(path, *more)
    assert report["columns_not_imported"] == ["Colour"]


def test_it_leaves_with_1_when_rows_are_refused_and_imports_the_rest(sheets):
    code, report = run(sheets.path(BAD))
    assert code == 1
    assert [(one["row"], one["column"], one["value"]) for one in report["refused"]] == [(4, "Model", None)]
    assert Instrument.objects.count() == 2
    assert report["source"] == "list"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.csv"],
        ["--resume"],
        [],
        ["--undo", "00000000-0000-4000-8000-000000000000"],
    ],
)
def test_it_leaves_with_2_and_a_sentence_when_nothing_can_be_done(arguments):
    code, report = run(*arguments)
    assert code == 2
    assert report["error"]


def test_a_dry_run_writes_nothing_at_all(sheets):
    code, report = run(sheets.path(GOOD), "--dry-run")
    assert (code, report["new"], report["batch"]) == (0, 2, None)
    assert not Batch.objects.exists()
    assert not Instrument.objects.exists()
    assert not (sheets.folder / "node").exists()


def test_a_value_is_set_by_name_or_label(sheets):
    text = "Name;Model\nScope;LSM\n"
    assert run(sheets.path(text), "--set", "UNIT=Imaging", "--set", "Year of purchase=2019")[0] == 0
    row = Instrument.objects.get()
    assert (row.unit.name, row.purchase_year) == ("Imaging", 2019)


def test_an_unknown_field_is_refused_with_the_fields_there_are(sheets):
    code, report = run(sheets.path(GOOD), "--set", "colour=red")
    assert code == 2
    assert "colour" in report["error"]
    assert "inventory_number" in report["error"]


def test_a_constant_that_cannot_be_read_is_refused(sheets):
    code, report = run(sheets.path(GOOD), "--set", "criticality=very")
    assert code == 2
    assert "very" in report["error"]


def test_a_map_says_which_column_is_which(sheets):
    text = "What;Who made it;Box\nLSM 980;Zeiss;7\n"
    said = """
key = ["box"]
decimal = ","
[columns]
name = "What"
model_text = "what"
"Maker as written" = "Who made it"
inventory_number = "Box"
[set]
unit = "Imaging"
"""
    code, _report = run(sheets.path(text), "--map", sheets.path(said, "map.toml"))
    assert code == 0
    row = Instrument.objects.get()
    assert (row.name, row.model_text, row.maker_text, row.inventory_number) == (
        "LSM 980",
        "LSM 980",
        "Zeiss",
        "7",
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('[columns]\nname = "Nope"\n', "There is no column “Nope”"),
        ('[columns]\ncolour = "Name"\n', "There is no field “colour”"),
        ("colums = 1\n", "“colums”"),
        ("[columns\n", "no valid TOML"),
        ('decimal = ";"\n', "decimal"),
        ('key = "Nope"\n', "“Nope”"),
    ],
)
def test_a_wrong_map_is_refused_in_words(sheets, said, words):
    code, report = run(sheets.path(GOOD), "--map", sheets.path(said, "map.toml"))
    assert code == 2
    assert words in report["error"]


def test_a_key_may_be_chosen(sheets):
    run(sheets.path(GOOD), "--key", "Name")
    code, report = run(sheets.path(GOOD.replace("Scope;Flow;LSM;1", "Scope;Flow;LSM;9")))
    assert (code, report["changed"], report["new"]) == (0, 1, 0)


def test_it_undoes(sheets):
    _code, report = run(sheets.path(GOOD))
    code, undone = run("--undo", report["batch"])
    assert (code, undone["deleted"], undone["kept"]) == (0, 2, [])
    assert not Instrument.objects.filter(deleted_at=None).exists()


def test_it_goes_on_with_what_was_interrupted(sheets):
    _code, report = run(sheets.path(GOOD))
    Batch.objects.filter(pk=report["batch"]).update(state="accepting", done=0, result={})
    code, resumed = run("--resume")
    assert (code, resumed["unchanged"]) == (0, 2)
    assert Batch.objects.get().state == "accepted"


def test_it_shows_tables_to_people(sheets):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("import", "instruments", str(sheets.path(BAD)), stdout=out)
    assert "Refused: 1" in out.getvalue()


def test_a_source_brings_one_kind_of_record(sheets):
    from parkbench.intake.models import Source

    Source.objects.create(name="other", target="samples")
    code, report = run(sheets.path(GOOD), "--source", "Other")
    assert code == 2
    assert "samples" in report["error"]
