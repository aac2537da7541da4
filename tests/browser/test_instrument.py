"""Finding an instrument and correcting it, beside somebody else; sharing it and taking that back."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import Page, expect

from browser.conftest import Enter
from browser.steps import Node, breaches, press, settled, too_wide

ADMIN, DIRECTOR = "admin@example.org", "dana@example.org"
PRICE = "Purchase price"
SHAREABLE = """
SELECT uid FROM instruments_instrument WHERE purchase_price > 0 AND deleted_at IS NULL
AND uid NOT IN (SELECT uid FROM records_sharingexception) ORDER BY id LIMIT 1
"""


def look_over(page: Page) -> None:
    """The page as it stands breaks no rule; narrow or wide."""
    assert [*breaches(page), *too_wide(page)] == []


def open_economics(page: Page) -> None:
    """Unfold the economics of the form, unless they are unfolded."""
    group = page.locator("details.fold-group", has=page.get_by_label(PRICE, exact=True))
    if group.get_attribute("open") is None:
        group.locator("summary").click()


def save(page: Page) -> None:
    press(page, "Save")


def fact(page: Page, label: str) -> str:
    """Return what the page of an instrument says under a label."""
    return page.locator(".facts > div", has=page.get_by_text(label, exact=True)).locator("dd").inner_text()


def test_it_is_found_with_one_key_and_corrected_beside_somebody_else(
    park: Node, enter: Enter, picture: Callable[[Page, str], None]
) -> None:
    page = enter(park, DIRECTOR)
    page.goto("/")
    name = park.ask(
        "SELECT name FROM instruments_instrument WHERE purchase_price > 0 ORDER BY id DESC LIMIT 1"
    )
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search everything")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("#found-instrument")).to_be_visible()
    picture(page, "search")
    page.locator("#found-instrument").get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    before = fact(page, PRICE)
    address = page.url

    other = enter(park, ADMIN)
    other.goto(f"{address}edit/")
    page.get_by_role("link", name="Edit").first.click()
    open_economics(page)
    page.get_by_label(PRICE, exact=True).fill("1,2 MSEK")
    look_over(page)
    save(page)
    expect(page.locator("#messages")).to_contain_text("Saved")
    assert re.sub(r"\D", "", fact(page, PRICE)).startswith("12")
    after = fact(page, PRICE).partition(" without")[0]
    assert "SEK" in after

    open_economics(other)
    other.get_by_label(PRICE, exact=True).fill("1,3 MSEK")
    save(other)
    expect(other.get_by_role("alert")).to_contain_text("Dana Sample changed this while you were editing")
    clash = other.get_by_role("region", name="What differs").get_by_role("row", name=PRICE)
    expect(clash).to_contain_text(after)
    expect(clash).to_contain_text("1,3 MSEK")
    look_over(other)
    picture(other, "two-editors")
    save(other)
    expect(other.locator("#messages")).to_contain_text("Saved")

    page.goto(address)
    page.get_by_role("link", name="History").click()
    newest = page.locator("section.panel", has=page.get_by_role("heading", name="Economics"))
    row = newest.first.get_by_role("row", name=PRICE)
    expect(row.locator("del")).to_contain_text(after)
    expect(row.locator("ins")).to_contain_text("1")
    look_over(page)
    picture(page, "history")
    newest.last.get_by_role("button", name="Revert to this").click()
    expect(page.get_by_role("dialog")).to_contain_text("say again")
    press(page, "Yes, go on")
    expect(page.locator("#messages")).to_be_visible()
    page.goto(address)
    assert fact(page, PRICE) == before


def share(page: Page, **choices: str) -> None:
    """Choose who sees which part of a record, and save."""
    for part, choice in choices.items():
        page.get_by_role("combobox", name=part.capitalize()).select_option(choice)
    save(page)
    expect(page.locator("#messages")).to_contain_text("in force")


def test_its_economics_are_narrowed_and_the_public_sees_them_no_more(
    park: Node, enter: Enter, picture: Callable[[Page, str], None]
) -> None:
    page, visitor = enter(park, DIRECTOR), enter(park)
    uid = str(UUID(park.ask(SHAREABLE)))
    address = f"/instruments/{uid}/"
    page.goto(address)
    price = fact(page, PRICE)
    badge = page.locator(".page-meta a.visible-to")
    badge.click()
    share(page, basics="public", economics="public")
    expect(page.get_by_role("row", name="Economics")).to_contain_text("everybody")
    look_over(page)
    picture(page, "sharing")
    press(page, "View as: the public")
    expect(page.get_by_role("status").first).to_contain_text("with the eyes of")
    page.goto(address)
    assert fact(page, PRICE) == price
    look_over(page)
    picture(page, "view-as-public")
    visitor.goto(address)
    assert fact(visitor, PRICE) == price

    press(page, "Back to my own view")
    page.goto(address)
    expect(badge).to_contain_text("everybody")
    badge.click()
    share(page, economics="nobody")
    visitor.goto(address)
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.locator("main")).not_to_contain_text(price)
    visitor.goto("/instruments/?columns=name&columns=purchase_price&sort=-purchase_price")
    settled(visitor)
    expect(visitor.locator("main")).not_to_contain_text(price)

    share(page, basics="nobody")
    gone = visitor.goto(address)
    assert gone is not None
    assert gone.status == 404
    look_over(visitor)
    page.goto(address)
    assert fact(page, PRICE) == price
