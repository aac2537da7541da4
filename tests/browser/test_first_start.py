"""From a one-time link on an empty node to a machine park out of a messy sheet; pictures for the tutorial."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import nodes
from browser.conftest import Enter
from browser.steps import Node, breaches, press, set_password, settled, too_wide

HEADINGS = "Inv.nr;Benämning;Tillverkare;Modell;Var;Driftsatt;Inköpspris;Rum"
MACHINES = (
    ("Konfokal Åsa", "Zeiss", "LSM 980", "Ljusmikroskopi", "12.03.2019", "6 450 000 SEK"),
    ("Konfokal Örjan", "Leica Microsystems", "STELLARIS 8", "Ljusmikroskopi", "2021-09-01", "7,2 MSEK"),
    ("Ljusark", "Zeiss", "Lightsheet 7", "Ljusmikroskopi", "3.5.2020", "5 100 000 SEK"),
    ("Spinndisk", "Andor", "Dragonfly 600", "Ljusmikroskopi", "14.11.2018", "4 980 000 SEK"),
    ("Cellsorterare Älva", "BD Biosciences", "FACSAria Fusion", "Flödescytometri", "01.02.2017", "4,1 MSEK"),
    ("Analysator", "Beckman Coulter", "CytoFLEX LX", "Flödescytometri", "20.08.2022", "2 350 000 SEK"),
    ("Spektralcytometer", "Cytek", "Aurora", "Flödescytometri", "15.01.2023", "3 900 000 SEK"),
    ("Sekvenserare 1", "Illumina", "NovaSeq 6000", "Sekvensering", "10.10.2018", "9 850 000 SEK"),
    ("Sekvenserare 2", "Oxford Nanopore", "PromethION 24", "Sekvensering", "2022-05-30", "2 900 000 SEK"),
    ("Pipetteringsrobot", "Hamilton", "STAR", "Sekvensering", "07.04.2016", "1 750 000 SEK"),
)
SHEET = "\r\n".join(
    [
        "Instrumentlista 2024, uppdaterad av Åke;;;;;;;",
        ";;;;;;;",
        HEADINGS,
        *(f"AI-{100 + n};{';'.join(line)};B{n}" for n, line in enumerate(MACHINES)),
        "AI-120;Mikrotom;Leica Microsystems;RM2255;Ljusmikroskopi;31.02.2015;210 000 SEK;B12",
        "AI-121;Frys 1;Thermo Scientific;TSX60086;Sekvensering;01.09.2019;145 000 SEK;K1",
        "AI-121;Frys 2;Thermo Scientific;TSX60086;Sekvensering;01.09.2019;145 000 SEK;K2",
        ";;;;;;;",
        "Summa;;;;;;48 980 000 SEK;",
        "",
    ]
).encode("cp1252")


@pytest.fixture
def alpha(tmp_path: Path) -> Iterator[tuple[Node, str]]:
    """An empty node that runs, and the path of its administrator's one-time link."""
    made = nodes.init(tmp_path / "alpha")
    assert made.returncode == 0, made.stderr
    port = nodes.free_port()
    with nodes.serving(tmp_path / "alpha", port):
        yield Node(tmp_path / "alpha", port), urlsplit(json.loads(made.stdout)["link"]).path


def look_over(page: Page) -> None:
    """The page as it stands breaks no rule; narrow or wide."""
    assert [*breaches(page), *too_wide(page)] == []


def upload(page: Page) -> None:
    """Give the sheet to the import page and go on to its columns."""
    page.goto("/import/")
    page.get_by_label("Spreadsheet").set_input_files(
        {"name": "Instrumentlista.csv", "mimeType": "text/csv", "buffer": SHEET}
    )
    page.get_by_role("combobox", name="Source").fill("Facility list")
    press(page, "Read the file")
    expect(page.get_by_role("heading", level=1)).to_have_text("Columns of Instrumentlista.csv")


def finish(page: Page) -> None:
    """Wait for the work on an import and open its result."""
    result, over = page.get_by_role("link", name="See the result"), page.locator("main .stats")
    expect(result.or_(over)).to_be_visible()
    if result.is_visible():
        result.click()
        expect(over).to_be_visible()


def counts(page: Page) -> dict[str, str]:
    """Return the large figures of the page, label > figure, without those that are nothing."""
    labels, values = (page.locator(f".stat .stat-{part}").all_inner_texts() for part in ("label", "value"))
    return {label.rstrip(" ›"): value for label, value in zip(labels, values, strict=True) if value != "0"}


def rows_of_the_park(page: Page) -> list[str]:
    """Return the names in the machine park."""
    page.goto("/instruments/")
    settled(page)
    return page.locator("#list-results tbody th").all_inner_texts()


def test_it_leads_from_the_link_to_the_first_imported_park(
    alpha: tuple[Node, str], enter: Enter, picture: Callable[[Page, str], None]
) -> None:
    node, link = alpha
    page = enter(node)
    page.goto(link)
    look_over(page)
    set_password(page, link)
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    look_over(page)
    picture(page, "first-steps")
    page.get_by_role("link", name="Import a sheet").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import")

    upload(page)
    expect(page.locator("main")).to_contain_text("Windows-1252")
    look_over(page)
    press(page, "Check the rows")
    finish(page)
    assert counts(page) == {"Skipped": "2", "Refused": "13"}, "No column was known to hold the unit."
    page.get_by_role("link", name="Refused").click()
    expect(page.locator("#rows")).to_contain_text("Unit: found nothing")
    page.get_by_role("link", name="Change the columns").click()
    page.get_by_role("row", name="Unit").get_by_role("combobox").select_option("Var")
    picture(page, "import-columns")
    press(page, "Check the rows")
    finish(page)
    assert counts(page) == {"New": "10", "Skipped": "2", "Refused": "3"}
    expect(page.locator("main")).to_contain_text("Flödescytometri · Ljusmikroskopi · Sekvensering")
    expect(page.locator("#rows")).to_contain_text("Konfokal Örjan")
    look_over(page)
    picture(page, "import-dry-run")
    page.get_by_role("link", name="Skipped").click()
    expect(page.locator("#rows")).to_contain_text("Summa")
    page.get_by_role("link", name="Refused").click()
    expect(page.locator("#rows")).to_contain_text("found “31.02.2015”, expected")
    expect(page.locator("#rows")).to_contain_text("AI-121")
    look_over(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    refused = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert all(word in refused for word in ("31.02.2015", "Frys 1", "Frys 2"))
    assert len(refused.strip().splitlines()) == 4

    press(page, "Accept")
    finish(page)
    names = sorted(line[0] for line in MACHINES)
    assert sorted(rows_of_the_park(page)) == names
    look_over(page)
    picture(page, "machine-park-first")

    page.goto("/import/")
    page.locator("main").get_by_role("link", name="Instrumentlista.csv").click()
    page.get_by_role("button", name="Undo this import").click()
    press(page, "Yes, go on")
    finish(page)
    expect(page.locator("main")).to_contain_text("What undoing did")
    look_over(page)
    assert rows_of_the_park(page) == []
    expect(page.locator("main")).to_contain_text("No instruments yet")

    upload(page)
    expect(page.get_by_role("row", name="Unit").get_by_role("combobox")).to_have_value("Var")
    press(page, "Check the rows")
    finish(page)
    assert counts(page)["New"] == "10"
    press(page, "Accept")
    finish(page)
    assert sorted(rows_of_the_park(page)) == names
