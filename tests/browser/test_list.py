"""A list made one's own: sorted, narrowed, searched, columns and filters kept, many changed, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from browser.conftest import Enter
from browser.steps import Node, breaches, press, settled, too_wide

DIRECTOR = "dana@example.org"


def names(page: Page) -> list[str]:
    """Return the first column."""
    return page.locator("#list-results tbody th").all_inner_texts()


def headings(page: Page) -> list[str]:
    """Return the titles of the columns, without the marks of the sorting."""
    return [text.rstrip("▲▼ \n") for text in page.locator("#list-results thead th").all_inner_texts()]


def cells(page: Page, titles: list[str]) -> list[list[str]]:
    """Return name and unit of every row as shown; a status goes out as its key, so that it comes back in."""
    places = [titles.index(heading) for heading in ("Name", "Unit")]
    rows = page.locator("#list-results tbody tr").all()
    return [[row.locator("th, td:not(.tick)").nth(place).inner_text() for place in places] for row in rows]


def menu(page: Page, words: str) -> None:
    page.locator("#list-tools summary", has_text=words).click()


def exported(page: Page) -> list[list[str]]:
    """Return the list as it comes in a CSV file."""
    menu(page, "Export")
    with page.expect_download() as download:
        page.locator("#list-tools").get_by_role("link", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_it_is_sorted_narrowed_kept_changed_and_exported_as_shown(
    park: Node, enter: Enter, picture: Callable[[Page, str], None]
) -> None:
    page = enter(park, DIRECTOR)
    page.goto("/instruments/")
    settled(page)
    picture(page, "machine-park")
    first = names(page)
    for direction in ("descending", "ascending"):
        page.locator("#list-results thead").get_by_role("link", name="Name").click()
        expect(page.locator(f'#list-results thead [aria-sort="{direction}"]')).to_have_count(1)
        settled(page)
        assert (names(page) == first) is (direction == "ascending")

    facet = page.locator("#list-facets details.facet", has_text="Unit").locator("a.facet-option").first
    count = int(facet.locator(".facet-count").inner_text())
    facet.click()
    settled(page)
    expect(page.locator(".list-count")).to_contain_text(f"{count}")
    page.keyboard.press("f")
    expect(page.locator("#list-search")).to_be_focused()
    page.keyboard.type("a")
    page.wait_for_url("**q=a*")
    settled(page)
    expect(page.locator(".chip").first).to_be_visible()

    menu(page, "Columns")
    page.locator("#list-tools").get_by_label("Purchase price", exact=True).check()
    page.locator("#list-tools").get_by_label("Site", exact=True).uncheck()
    press(page, "Apply")
    settled(page)
    assert "Purchase price" in headings(page)
    assert "Site" not in headings(page)
    page.reload()
    settled(page)
    kept = headings(page)
    assert "Purchase price" in kept
    narrowed = page.url
    shown = names(page)

    menu(page, "Saved filters")
    page.get_by_label("Save this list as").fill("Ours with an a")
    press(page, "Save")
    page.goto("/instruments/")
    settled(page)
    assert headings(page) == kept
    menu(page, "Saved filters")
    page.get_by_role("link", name="Ours with an a").click()
    settled(page)
    assert names(page) == shown
    assert page.url.partition("?")[2].split("&").sort() == narrowed.partition("?")[2].split("&").sort()

    table = exported(page)
    places = [table[0].index(heading) for heading in ("Name", "Unit")]
    assert [[line[place] for place in places] for line in table[1 : len(shown) + 1]] == cells(page, kept)
    titles = [heading.removesuffix(" as shown") for heading in table[0]]
    assert [heading for heading in titles if heading in kept] == kept
    assert f"{len(table) - 1}" in page.locator(".list-count").inner_text()

    ticks = page.locator('input[name="uid"]')
    for place in range(3):
        ticks.nth(place).check()
    expect(page.locator("[data-bulk-count]")).to_have_text("3 selected")
    press(page, "Change a field…")
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 3 instruments")
    assert [*breaches(page), *too_wide(page)] == []
    picture(page, "change-many")
    page.get_by_role("checkbox", name="Legal owner").check()
    page.get_by_role("textbox", name="Legal owner").fill("Sample Foundation")
    press(page, "Change them all")
    expect(page.locator("#messages")).to_contain_text("3 instruments changed")
    page.goto("/instruments/?q=Sample+Foundation&columns=name&columns=legal_owner")
    settled(page)
    assert sorted(names(page)) == sorted(shown[:3])
