"""Without a mouse: sign in, skip, menu, list, open, edit, save, dialogs; one always sees where one is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.conftest import Enter
from browser.steps import FOCUS, NARROW, PASSWORD, Node, settled, walk_to

DIRECTOR = "dana@example.org"


def press(page: Page, key: str, times: int = 1) -> None:
    for _time in range(times):
        page.keyboard.press(key)


def round_trip(page: Page) -> list[str]:
    """Walk through the whole page and out of it; return the stops."""
    stops: list[str] = []
    for _step in range(400):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here is None:
            return stops
        assert here["isSeen"], f"The focus is not to be seen on {here['name']}."
        stops.append(here["name"])
    raise AssertionError(f"Trapped at {stops[-3:]}.")


def test_one_signs_in_finds_opens_edits_and_saves_without_a_mouse(park: Node, enter: Enter) -> None:
    enter(park, DIRECTOR)  # makes sure that there is a password
    page = enter(park)
    page.goto("/sign-in/?next=/instruments/")
    walk_to(page, "email")
    page.keyboard.type(DIRECTOR)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url(f"{park.origin}/instruments/")
    settled(page)

    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(page, "Enter")
    walk_to(page, page.locator("#list-results tbody th a").first.inner_text())
    press(page, "Enter")
    page.wait_for_url("**/instruments/*-*/")
    walk_to(page, "Edit")
    press(page, "Enter")
    page.wait_for_url("**/edit/")
    walk_to(page, "name")
    press(page, "End")
    page.keyboard.type(" (west)")
    press(page, "Enter")
    page.wait_for_url("**/instruments/*-*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("(west)")


def test_menus_and_dialogs_open_and_close_by_keys_and_give_the_focus_back(park: Node, enter: Enter) -> None:
    page = enter(park, DIRECTOR)
    page.goto("/instruments/")
    settled(page)
    walk_to(page, "Account:")
    press(page, "Enter")
    walk_to(page, "My account")
    press(page, "Escape")
    expect(page.locator(".masthead details.menu summary")).to_be_focused()
    walk_to(page, "Columns")
    press(page, "Enter")
    press(page, "Tab")
    press(page, "Escape")
    expect(page.locator("#list-tools summary", has_text="Columns")).to_be_focused()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator('input[name="uid"]').first.focus()
    press(page, "Space")
    page.get_by_role("button", name="Delete").focus()
    press(page, "Enter")
    expect(page.get_by_role("dialog", name="Please confirm")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    expect(page).to_have_url(f"{park.origin}/instruments/")


def test_the_menu_of_a_phone_opens_and_closes_by_keys(park: Node, enter: Enter) -> None:
    page = enter(park, DIRECTOR, viewport=NARROW)
    page.goto("/")
    walk_to(page, "Menu")
    press(page, "Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    walk_to(page, "Machine park")
    press(page, "Escape")
    expect(page.get_by_role("navigation", name="Main")).not_to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_focused()


def test_nobody_is_trapped_and_every_stop_is_seen(park: Node, enter: Enter) -> None:
    page = enter(park, DIRECTOR)
    address = f"/instruments/{park.uid('instruments_instrument')}/"
    for path in ("/", "/instruments/?q=microscope", address, f"{address}edit/", "/import/", "/sharing/"):
        page.goto(path)
        settled(page)
        stops = round_trip(page)
        assert len(stops) > 10
        assert "Keyboard shortcuts" in stops[-1]
