"""Sheets of services and price lists go in: messy headings, again, refused rows, undo."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

import cast
import offers
from parkbench.accounts.rules import Role
from parkbench.intake import services as intake
from parkbench.intake.queries.files import plan_path
from parkbench.intake.queries.plans import refused_of
from parkbench.offer import tables
from parkbench.offer.models import Capability, Service
from parkbench.offer.services import bodies_of_prices, values_of
from parkbench.programme.models import Platform, Unit
from parkbench.programme.services import add_platform

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR

SHEETS = {
    "English": (
        "Service,Core facility,Access mode,User categories,Turnaround (days),BSL,Sample types,"
        "Equipment,Contact\n"
        "Imaging,Light microscopy,self use; done for you,academic; industry,5,2,tissue; cells,"
        "Confocal,lm@a.se\n"
    ),
    "Swedish": (
        "Tjänst;Enhet;Tillgång;Användarkategorier;Ledtid;Skyddsklass;Provtyper;Utrustning;E-post\n"
        "Imaging;Light microscopy;egen användning, uppdrag;akademisk, företag;5;2;tissue, cells;"
        "Confocal;lm@a.se\n"
    ),
    "German": (
        "Dienstleistung;Abteilung;Zugangsart;Nutzergruppen;Bearbeitungszeit;Sicherheitsstufe;"
        "Probenarten;Geräte;E-Mail\n"
        "Imaging;Light microscopy;Selbstnutzung, Auftrag;Hochschule, Firma;5;2;tissue, cells;"
        "Confocal;lm@a.se\n"
    ),
}
PRICES = (
    "Tjänst;Kundgrupp;Avser;Enhet;Pris;Valuta;Moms;Giltig från;Giltig till\n"
    "Imaging;akademisk;Med operatör;timme;450,50;SEK;exkl moms;2025-01-01;2025-12-31\n"
    "Imaging;akademisk;Med operatör;timme;480;SEK;exkl moms;2026-01-01;\n"
    "Imaging;företag;;timme;1 200;SEK;exkl moms;2026-01-01;\n"
)


@pytest.fixture
def unit():
    return cast.unit()


def numbers(batch):
    return {name: batch.counts[name] for name in ("new", "changed", "unchanged", "missing", "refused")}


def found(**more):
    return {**dict.fromkeys(("new", "changed", "unchanged", "missing", "refused"), 0), **more}


def refused(batch):
    return refused_of(plan=plan_path(batch.pk), late=batch.result.get("late", []))


def lines(uid):
    return sorted(bodies_of_prices([uid]).get(uid, []), key=lambda line: line["amount"])


@pytest.mark.parametrize("language", list(SHEETS))
def test_a_sheet_of_services_goes_in(bring, unit, language):
    confocal = cast.instrument("Confocal", unit)
    batch = bring(SHEETS[language])
    assert (numbers(batch), refused(batch)) == (found(new=1), [])
    row = Service.objects.get()
    assert values_of([row.uid])[row.uid] == {
        "name": "Imaging",
        "unit_ref": offers.ref("unit", unit),
        "access_modes": ["self-use", "service"],
        "user_categories": ["academic", "industry"],
        "sample_types": ["tissue", "cells"],
        "biosafety_class": 2,
        "instrument_refs": [offers.ref("instrument", confocal)],
        "lead_time_days": 5,
        "mailbox": "lm@a.se",
    }


def test_a_sheet_again_changes_only_what_it_says_anew_and_hands_stay(bring, unit):
    cast.instrument("Confocal", unit)
    bring(SHEETS["English"])
    assert numbers(bring(SHEETS["English"])) == found(unchanged=1)
    assert numbers(bring(SHEETS["English"].replace(",5,2,", ",7,2,"))) == found(changed=1)
    row = Service.objects.get()
    assert row.lead_time_days == 7
    assert row.instrument_links.count() == 1


def test_a_service_that_is_here_is_found_by_unit_and_name(bring, unit):
    uid = offers.service("Imaging", unit, description="by hand")
    offers.service("Imaging", cast.unit("Flow"))
    cast.instrument("Confocal", unit)
    batch = bring(SHEETS["English"])
    assert numbers(batch) == found(changed=1)
    assert Service.objects.get(uid=uid).description == "by hand"
    assert Service.objects.count() == 2


def test_what_cannot_be_understood_is_refused_row_by_row(bring, unit):
    cast.instrument("Twin", unit)
    cast.instrument("Twin", unit)
    head = "Service,Unit,Access,Who may use it,BSL,Instruments,Techniques,Lead time\n"
    batch = bring(
        head
        + "A,Light microscopy,by luck,,,,,\nB,Light microscopy,,friends,,,,\nC,Light microscopy,,,7,,,\n"
        + "D,Light microscopy,,,,Nothing,,\nE,Light microscopy,,,,Twin,,\nF,Light microscopy,,,,,magic,\n"
        + "G,Light microscopy,,,,,,-4\n,Light microscopy,remote,,,,,\nH,Light microscopy,,,,,,3\n"
    )
    assert numbers(batch) == found(new=1, refused=8)
    told = {problem["column"]: problem["expected"] for problem in refused(batch)}
    assert "one of: collaboration" in told["Access"]
    assert "the name of one instrument that is here" in told["Instruments"]
    assert Service.objects.get().name == "H"


def test_an_import_of_services_is_undone_whole(bring):
    batch = bring("Service,Unit\nImaging,Brand new unit\n")
    assert Unit.objects.get().name == "Brand new unit"
    intake.undo(batch_id=batch.pk, by=BY)
    assert not Service.objects.live().exists()
    assert not Unit.objects.live().exists()


def test_a_price_list_goes_in_line_by_line(bring, unit):
    uid = offers.service("Imaging", unit)
    batch = bring(PRICES, "prices")
    assert (numbers(batch), refused(batch)) == (found(new=3), [])
    first = lines(uid)[0]
    assert {name: value for name, value in first.items() if name != "id"} == {
        "category": "academic",
        "label": "Med operatör",
        "unit": "timme",
        "amount": 45_050,
        "currency": "SEK",
        "vat": "excluded",
        "valid_from": "2025-01-01",
        "valid_until": "2025-12-31",
    }
    assert [line["amount"] for line in lines(uid)] == [45_050, 48_000, 120_000]


def test_a_price_list_again_changes_the_line_it_means(bring, unit):
    uid = offers.service("Imaging", unit)
    bring(PRICES, "prices")
    ids = {line["id"] for line in lines(uid)}
    assert numbers(bring(PRICES, "prices")) == found(unchanged=3)
    assert numbers(bring(PRICES.replace(";480;", ";495;"), "prices")) == found(changed=1, unchanged=2)
    assert [line["amount"] for line in lines(uid)] == [45_050, 49_500, 120_000]
    assert {line["id"] for line in lines(uid)} == ids


def test_a_line_written_by_hand_is_found_by_what_it_is_for(bring, unit):
    uid = offers.service("Imaging", unit)
    offers.prices(uid, {**offers.NOW, "category": "industry", "unit": "Timme", "valid_from": "2026-01-01"})
    batch = bring(PRICES, "prices")
    assert (numbers(batch), batch.counts["kept"]) == (found(new=2, unchanged=1), 1)
    assert len(lines(uid)) == 3


def test_prices_that_hold_at_one_time_are_refused_in_the_dry_run(bring, unit):
    uid = offers.service("Imaging", unit)
    offers.prices(uid, {**offers.NOW, "category": "industry", "unit": "timme"})
    batch = bring(PRICES.replace(";2025-12-31", ";"), "prices")
    assert numbers(batch) == found(new=1, refused=2)
    assert all("another price for" in problem["expected"] for problem in refused(batch))
    assert len(lines(uid)) == 2


def test_a_price_that_makes_no_sense_is_refused(bring, unit):
    offers.service("Imaging", unit)
    head = "Service,For,Per,Price,Currency,Valid from,Valid until\n"
    batch = bring(
        head
        + "Nowhere,,hour,1,SEK,,\nImaging,,,1,SEK,,\nImaging,,hour,,SEK,,\nImaging,,hour,-3,SEK,,\n"
        + "Imaging,,run,1,SEK,2026-02-01,2026-01-01\nImaging,,day,1,SEK,,\nImaging,,day,2,SEK,,\n",
        "prices",
    )
    assert numbers(batch) == found(refused=7)


def test_an_import_of_prices_is_undone_and_hands_stay(bring, unit):
    uid = offers.service("Imaging", unit)
    offers.prices(uid, offers.NOW)
    before = lines(uid)
    batch = bring(PRICES, "prices")
    assert len(lines(uid)) == 4
    intake.undo(batch_id=batch.pk, by=BY)
    assert lines(uid) == before
    batch = bring(PRICES, "prices")
    offers.prices(uid, *lines(uid)[:2])
    intake.undo(batch_id=batch.pk, by=BY)
    assert len(lines(uid)) == 2


def test_heads_import_prices_of_their_own_services_only(bring, unit):
    mine, theirs = offers.service("Imaging", unit), offers.service("Sorting", cast.unit("Flow"))
    head = cast.seen_by("Hana", (Role.HEAD, str(unit)))
    batch = bring("Service,Per,Price\nImaging,hour,5 SEK\nSorting,hour,5 SEK\n", "prices", by=head)
    assert numbers(batch) == found(new=1, refused=1)
    assert (len(lines(mine)), len(lines(theirs))) == (1, 0)
    batch = bring("Service,Unit\nA,Light microscopy\nB,Flow\n", by=head)
    assert numbers(batch) == found(new=1, refused=1)


def exported(what, viewer=BY):
    kept = io.BytesIO()
    count = tables.export(what, viewer, "csv", kept)
    return count, kept.getvalue().decode("utf-8-sig")


def test_an_export_of_either_read_back_changes_nothing(bring, unit):
    cast.instrument("Confocal", unit)
    bring(SHEETS["English"])
    offers.service("Imaging", cast.unit("Flow"), status="offered", contact_url="https://a.se/x")
    for uid in Service.objects.values_list("uid", flat=True):
        offers.prices(uid, offers.OLD, offers.NOW, {**offers.NOW, "category": "industry", "label": "Fast"})
    for what, rows in (("services", 2), ("prices", 6)):
        count, text = exported(what)
        batch = bring(text, what, source=f"export {what}")
        assert (count, numbers(batch), refused(batch)) == (rows, found(unchanged=rows), [])


CAPABILITIES = {
    "English": (
        "Capability,Platform,Description,Services,Contact\n"
        "Cells,Imaging,From a to b,Imaging; Sorting,c@a.se\n"
    ),
    "Swedish": (
        "Förmåga;Plattform;Beskrivning;Tjänster;E-post\nCells;Imaging;From a to b;Imaging, Sorting;c@a.se\n"
    ),
    "German": "Fähigkeit;Plattform;Beschreibung;Dienste;Kontakt\nCells;Imaging;From a to b;Imaging;c@a.se\n",
}


@pytest.mark.parametrize("language", list(CAPABILITIES))
def test_a_sheet_of_capabilities_goes_in(bring, unit, language):
    imaging, sorting = offers.service("Imaging", unit), offers.service("Sorting", cast.unit("Flow"))
    batch = bring(CAPABILITIES[language], "capabilities")
    assert (numbers(batch), refused(batch)) == (found(new=1), [])
    row = Capability.objects.get()
    held = values_of([row.uid], kind="capability")[row.uid]
    drawn_on = [imaging] if language == "German" else [imaging, sorting]
    assert held == {
        "name": "Cells",
        "platform_ref": offers.ref("platform", Platform.objects.get(name="Imaging").uid),
        "description": "From a to b",
        "service_refs": [offers.ref("service", uid) for uid in drawn_on],
        "mailbox": "c@a.se",
    }
    assert numbers(bring(CAPABILITIES[language], "capabilities")) == found(unchanged=1)
    intake.undo(batch_id=batch.pk, by=BY)
    assert not Capability.objects.live().exists()
    assert not Platform.objects.live().exists()


def test_a_capability_that_is_here_is_found_by_its_name_and_unknown_services_are_refused(bring, unit):
    offers.service("Imaging", unit)
    offers.service("Imaging", cast.unit("Flow"))
    uid = offers.capability("Cells", description="by hand")
    head = "Name,Services\n"
    batch = bring(head + "cells,Imaging · Flow\nB,Imaging\nC,Nothing\n,Imaging · Flow\n", "capabilities")
    assert numbers(batch) == found(changed=1, refused=3)
    assert ["the name of one service that is here" in one["expected"] for one in refused(batch)][:2] == [
        True,
        True,
    ]
    row = Capability.objects.get(uid=uid)
    assert (row.description, row.service_links.count()) == ("by hand", 1)


def test_capabilities_exported_and_read_back_change_nothing(bring, unit):
    imaging, other = offers.service("Imaging", unit), offers.service("Sorting, fast", unit)
    offers.capability("Cells", imaging, other, contact_url="https://a.se/x")
    offers.capability("Single", other, description="one")
    count, text = exported("capabilities")
    batch = bring(text, "capabilities", source="again")
    assert (count, numbers(batch), refused(batch)) == (2, found(unchanged=2), [])
    batch = bring(text.replace("Single", "Double"), "capabilities", source="again")
    assert numbers(batch) == found(changed=1, unchanged=1)


def test_a_name_that_another_capability_bears_is_refused_in_words(bring):
    offers.capability("Cells")
    offers.capability("Single")
    text = exported("capabilities")[1]
    bring(text, "capabilities", source="again")
    batch = bring(text.replace("Single", "Cells"), "capabilities", source="again")
    assert [one["expected"] for one in refused(batch)] == [
        "A capability with this name is here already. Choose another name, or edit that one."
    ]
    assert Capability.objects.filter(name="Single").exists()


def test_heads_of_a_platform_import_its_capabilities_only(bring):
    programme = add_platform(name="Imaging", by=BY)
    add_platform(name="Other", by=BY)
    head = cast.seen_by("Hana", (Role.HEAD, str(programme)))
    batch = bring("Name,Platform\nA,Imaging\nB,Other\nC,\n", "capabilities", by=head)
    assert numbers(batch) == found(new=1, refused=2)


def test_the_command_line_exports_capabilities(tmp_path):
    offers.capability("Cells")
    path = tmp_path / "capabilities.csv"
    call_command("export", "capabilities", "--out", str(path), stdout=io.StringIO())
    assert "Cells" in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "heading",
    [
        "Service,Unit,Internal,Academic,Industry",
        "Tjänst,Enhet,Internt,Akademi,Företag",
        "Dienstleistung,Einheit,Interne Nutzer,Hochschulen,Externe Industrie",
        "Service,Per,Internal (SEK),External academic (SEK),Industry price (SEK)",
    ],
)
def test_a_price_list_with_a_column_per_user_category_goes_in(bring, unit, heading):
    uid = offers.service("Imaging", unit)
    rows = "Imaging,hour,450,600.50,1200\nImaging,run,,-,80\n"
    batch = bring(f"{heading}\n{rows}", "prices")
    assert (numbers(batch), refused(batch), batch.counts["rows"]) == (found(new=4), [], 2)
    assert [(line["category"], line["unit"], line["amount"]) for line in lines(uid)] == [
        ("industry", "run", 8_000),
        ("internal", "hour", 45_000),
        ("academic", "hour", 60_050),
        ("industry", "hour", 120_000),
    ]
    assert numbers(bring(f"{heading}\n{rows}", "prices")) == found(unchanged=4)
    dearer = rows.replace("600.50", "620").replace(",80", ",")
    assert numbers(bring(f"{heading}\n{dearer}Imaging,day,9,,\n", "prices")) == found(
        new=1, changed=1, unchanged=2, missing=1, refused=1
    )
    assert lines(uid)[-2]["amount"] == 62_000


def test_a_column_per_category_says_its_currency_and_what_is_wrong_with_it(bring, unit):
    uid = offers.service("Imaging", unit)
    offers.prices(uid, {**offers.NOW, "category": "industry", "unit": "hour"})
    batch = bring(
        "Service,Unit,What for,Internal,Industry,Valid from\nImaging,hour,,5 EUR,7 EUR,2026-01-01\n"
        "Imaging,day,Fast,5 EUR,x7,\nImaging,run,,5 EUR,7 USD,\nNowhere,run,,5 EUR,7 EUR,\n",
        "prices",
    )
    assert numbers(batch) == found(new=1, refused=5)
    told = [(one["row"], one["column"]) for one in refused(batch)]
    assert told[:3] == [(2, "Valid from"), (3, "Industry"), (4, "Industry")]
    assert [line["currency"] for line in lines(uid)] == ["EUR", "SEK"]


def test_an_import_of_a_column_per_category_is_undone(bring, unit):
    uid = offers.service("Imaging", unit)
    batch = bring("Service,Unit,Internal,Academic\nImaging,hour,4,6\n", "prices")
    assert len(lines(uid)) == 2
    intake.undo(batch_id=batch.pk, by=BY)
    assert lines(uid) == []
