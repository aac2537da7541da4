"""An own register sheet as makes and models: messy headings, shipped models, refusals in words, undo."""

from __future__ import annotations

from typing import Any

import pytest

from cast import OPERATOR, seen_by
from parkbench.accounts.rules import Role
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.intake import services as intake
from parkbench.intake.models import Batch
from parkbench.intake.queries.files import plan_path
from parkbench.intake.services.planning import lines_of
from parkbench.lib.urn import record_id, register_uid
from parkbench.records.models import OWN, REGISTER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register(settings: Any, tmp_path: Any) -> None:
    """One shipped maker with two models, one technique; loading the whole register is slow."""
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    (tmp_path / "imports").mkdir()
    zeiss = Maker.objects.create(
        home_id=REGISTER,
        uid=register_uid("maker", "zeiss"),
        key="zeiss",
        name="ZEISS",
        aliases=["Carl Zeiss"],
    )
    Technique.objects.create(
        home_id=REGISTER,
        uid=register_uid("technique", "confocal-microscopy"),
        key="confocal-microscopy",
        name="Confocal microscopy",
        aliases=["LSCM"],
        folded="|confocalmicroscopy|lscm|",
    )
    for designation, aliases in (("LSM 980", ["LSM980"]), ("LSM 880", [])):
        key = f"zeiss/{designation.lower().replace(' ', '-')}"
        DeviceModel.objects.create(
            home_id=REGISTER,
            uid=register_uid("model", key),
            key=key,
            designation=designation,
            aliases=aliases,
            family="LSM",
            maker=zeiss,
            maker_ref=record_id(node="https://register.invalid", kind="maker", uid=zeiss.uid),
            techniques="|confocal-microscopy|",
            psi_ms="MS:1000001",
            source="public knowledge",
            licence="facts",
        )


def checked(sheet: str, source: str = "our register", by: Any = OPERATOR) -> Batch:
    begun = intake.begin(
        source=source, target="models", file_name="models.csv", pieces=[sheet.encode()], by=by
    )
    return intake.check(batch_id=begun.pk, by=by)


def accepted(sheet: str, **more: Any) -> Batch:
    return intake.accept(batch_id=checked(sheet, **more).pk, by=OPERATOR)


def refusals(batch: Batch) -> list[str]:
    return [str(problem["expected"]) for line in lines_of(plan_path(batch.pk)) for problem in line.problems]


def states(batch: Batch) -> dict[str, int]:
    return {name: batch.counts[name] for name in ("new", "changed", "unchanged", "refused")}


SHEET = """Hersteller;Bezeichnung;Serie;Andere Namen;Technik;Verkaufsende;Serviceende;Nutzungsdauer
Örebro Optik AB;Mik 1;Mik;Mikky;LSCM;2025-12-31;31.12.2032;9
Carl Zeiss AG;LSM 980;;;;;2034-06-30;
"""


def test_a_german_sheet_is_checked_accepted_and_undone() -> None:
    batch = checked(SHEET)
    assert states(batch) == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert not DeviceModel.objects.own().exists()
    intake.accept(batch_id=batch.pk, by=OPERATOR)
    ours = DeviceModel.objects.own().get(designation="Mik 1")
    assert (ours.key, ours.maker.name, ours.family) == ("orebro-optik/mik-1", "Örebro Optik AB", "Mik")
    assert (ours.aliases, ours.techniques) == (["Mikky"], "|confocal-microscopy|")
    assert ours.end_of_service_on.isoformat() == "2032-12-31"
    assert ours.typical_life_years == 9
    intake.undo(batch_id=batch.pk, by=OPERATOR)
    assert not DeviceModel.objects.own().live().exists()
    assert not Maker.objects.own().live().exists()


def test_a_row_about_a_shipped_model_makes_an_own_entry_in_its_place() -> None:
    accepted(SHEET)
    ours = DeviceModel.objects.get(home_id=OWN, key="zeiss/lsm-980")
    shipped = DeviceModel.objects.get(home_id=REGISTER, key="zeiss/lsm-980")
    assert ours.end_of_service_on.isoformat() == "2034-06-30"
    assert shipped.end_of_service_on is None
    # What the sheet does not say stays as shipped; the shipped source does not vouch for it any more.
    assert (ours.family, ours.aliases, ours.psi_ms) == ("LSM", ["LSM980"], "MS:1000001")
    assert ours.techniques == "|confocal-microscopy|"
    assert (ours.source, ours.licence) == (None, None)
    assert ours.maker_ref == shipped.maker_ref


def test_the_same_sheet_again_changes_nothing_and_a_corrected_one_what_it_corrects() -> None:
    accepted(SHEET)
    assert states(checked(SHEET)) == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    accepted(SHEET.replace("2034-06-30", "2035-06-30").replace("Mikky", "Mikky, M1"))
    assert DeviceModel.objects.get(home_id=OWN, key="zeiss/lsm-980").end_of_service_on.year == 2035
    assert DeviceModel.objects.get(key="orebro-optik/mik-1").aliases == ["Mikky", "M1"]
    assert DeviceModel.objects.own().count() == 2


def test_another_source_finds_the_own_model_by_maker_and_designation() -> None:
    accepted(SHEET)
    english = "Manufacturer,Model,Family\nZeiss,LSM 980,LSM 9\nOrebro Optik,Mik 1,Mik\n"
    batch = checked(english, source="another")
    assert states(batch) == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    # What is here already is not overwritten by a source that never said it before.
    assert batch.counts["kept"] == 1
    intake.accept(batch_id=batch.pk, by=OPERATOR)
    assert DeviceModel.objects.own().count() == 2


def test_one_column_may_hold_maker_and_designation() -> None:
    accepted("Make and model;Stöd till\nCarl Zeiss LSM 880;2031-01-01\n")
    assert DeviceModel.objects.get(home_id=OWN).key == "zeiss/lsm-880"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Zeiss;New One;;LSM 980;;;;", "a name that no other model bears; zeiss/lsm-980 does"),
        ("Zeiss;New One;;;Witchcraft;;;", "techniques of the catalogue"),
        ("Zeiss;New One;;;;2030-01-01;2029-01-01;", "not before the end of sale"),
        ("Zeiss;New One;;;;;;99", "from 1 to 60"),
        ("Zeiss;;F;;;;2030-01-01;", "it is required"),
        (";New One;F;;;;2030-01-01;", "it is required"),
        (f"Zeiss;New One;{'x' * 101};;;;;", "at most 100 characters"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_dry_run(row: str, words: str) -> None:
    heading = SHEET.splitlines()[0]
    batch = checked(f"{heading}\n{row}\n")
    assert batch.counts["refused"] == 1
    assert any(words in sentence for sentence in refusals(batch)), refusals(batch)


def test_two_rows_of_one_name_are_told_apart_when_they_are_written() -> None:
    heading = SHEET.splitlines()[0]
    batch = accepted(f"{heading}\nOptik;One;;Same;;;;\nOptik;Two;;Same;;;;\n")
    assert batch.result["refused"] == 1
    assert "already" in batch.result["late"][0]["expected"]
    assert DeviceModel.objects.own().count() == 1


def test_only_those_who_may_change_the_catalogue_import_into_it() -> None:
    ben = seen_by("Ben", (Role.HEAD, "x"))
    batch = checked(SHEET, by=ben)
    assert batch.counts["refused"] == 2
    assert "You may not change the catalogue" in refusals(batch)[0]


def test_what_was_exported_comes_back_unchanged(tmp_path: Any) -> None:
    from io import BytesIO

    from parkbench.catalogue import tables

    accepted(SHEET)
    kept = BytesIO()
    assert tables.write("models", "csv", kept, viewer=OPERATOR) == 3
    lines = kept.getvalue().decode("utf-8-sig").splitlines()
    own = [line for line in lines[1:] if "LSM 880" not in line]
    batch = checked("\n".join([lines[0], *own]) + "\n", source="back")
    assert states(batch) == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}


def test_a_thousand_rows_take_few_queries(django_assert_max_num_queries: Any) -> None:
    rows = [
        (register_uid("model", f"x/{n}"), {"maker": "Optik", "designation": f"M {n}"}) for n in range(300)
    ]
    catalogue.make_missing_makers(names=["Optik"], by=OPERATOR)
    with django_assert_max_num_queries(40):
        catalogue.write_models(new=rows, changed=[], by=OPERATOR)
    changed = [(uid, {"family": "F"}) for uid, _values in rows]
    with django_assert_max_num_queries(40):
        catalogue.write_models(new=[], changed=changed, by=OPERATOR)
    assert DeviceModel.objects.own().filter(family="F").count() == 300
