"""At 360 px every main page fits, and what it is for is there to be read and pressed."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.conftest import Enter
from browser.steps import NARROW, Node, settled, too_wide

DIRECTOR = "dana@example.org"


def test_every_main_page_fits_a_phone_and_keeps_what_it_is_for(park: Node, enter: Enter) -> None:
    page = enter(park, DIRECTOR, viewport=NARROW, color_scheme="dark", has_touch=True)
    instrument = f"/instruments/{park.uid('instruments_instrument', status='in-service')}/"
    main = {
        "/": ["Instruments", "Replacement value", "Platforms and units", "What changed"],
        "/instruments/": ["Age in years", "of 300", "Filters", "Columns", "Export", "Add an instrument"],
        instrument: ["Content responsible", "Last updated", "Visible to", "Economics", "Who sees it", "Edit"],
        f"{instrument}edit/": ["Name", "Make and model as written", "Save", "Cancel"],
        "/units/": ["Units"],
        "/models/": ["Makes and models"],
        "/search/?q=microscope": ["found"],
        "/import/": ["Spreadsheet", "Read the file", "Sources"],
        "/sharing/": ["Sharing policy", "See what this changes"],
        "/me/": ["Password", "My roles"],
    }
    for path, words in main.items():
        page.goto(path)
        settled(page)
        assert too_wide(page) == [], path
        for word in words:
            expect(page.locator("main").get_by_text(word).locator("visible=true").first).to_be_visible()
        for control in ("Menu", "Search everything"):
            expect(
                page.get_by_label(control).or_(page.get_by_role("button", name=control)).first
            ).to_be_visible()


def test_the_filters_of_a_list_open_on_a_phone(park: Node, enter: Enter) -> None:
    page = enter(park, DIRECTOR, viewport=NARROW, has_touch=True)
    page.goto("/instruments/")
    settled(page)
    page.get_by_role("button", name="Filters").tap()
    page.locator("#list-facets").get_by_role("link", name="limited").tap()
    settled(page)
    expect(page.locator(".chip").first).to_contain_text("limited")
    expect(page.locator("#list-facets")).not_to_be_visible()
