"""Two live nodes become partners without a mouse; a price is shared, seen, taken back, watched leaving."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import databases
import living
from browser.conftest import Enter
from browser.steps import NARROW, WIDE, Node, breaches, settled, too_wide, walk_to

Picture = Callable[[Page, str], None]
ADMIN = "ada@alpha.example"
PRICE = "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}000"
READS_BUT_SAYS_NOTHING = """
from parkbench.exchange.client import pulling
told, pulling.send_owed = pulling.send_owed, lambda *given: ""
try:
    for time in range(2):
        pulling.pull(partner=acts.Partner.objects.get().pk, reason="asked")
finally:
    pulling.send_owed = told
"""
"""The second listing says what the first pull fetched; that it is removed stays unsaid."""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[living.Node]]:
    """Alpha and beta, which do not know each other; nothing is read but when a test has it read.

    On PostgreSQL where there is one, as in `make campaign`.
    """
    folder = tmp_path_factory.mktemp("partnering")
    (folder / "templates").mkdir()
    is_postgres = "PARKBENCH_DATABASE_URL" in os.environ
    made = databases.living(folder, "alpha", "beta") if is_postgres else _on_sqlite(folder)
    with made as pair:
        yield pair


def _on_sqlite(folder: Path) -> AbstractContextManager[list[living.Node]]:
    return living.living(folder, folder / "templates", "alpha", "beta")


def administrator(node: living.Node, enter: Enter) -> Page:
    """Open a browser in which the administrator of a live node is signed in."""
    cookie = {"name": "parkbench_session", "value": node.do("sign_in"), "domain": "127.0.0.1", "path": "/"}
    more = {"expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
    state = {"cookies": [{**cookie, **more}], "origins": []}
    return enter(Node(node.home, node.port, states={ADMIN: state}), ADMIN)


def look_over(page: Page) -> None:
    """The page as it stands breaks no rule: wide and light, on a phone and dark."""
    settled(page)
    wrong = []
    for size, scheme in ((NARROW, "dark"), (WIDE, "light")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        wrong += [f"{page.url} {scheme}: {one}" for one in [*breaches(page), *too_wide(page)]]
    assert wrong == []


def page_left(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    page.evaluate("document.body.dataset.isLeft = ''")
    page.keyboard.press(key)
    expect(page.locator("body:not([data-is-left])")).to_be_attached()
    settled(page)


def go(page: Page, words: str) -> None:
    """Walk to a link or button by keys, and on to the page that it leads to."""
    walk_to(page, words)
    page_left(page, "Enter")


def fingerprints(page: Page) -> dict[str, str]:
    """Return the fingerprints that a page shows, by the first word of what is said of each."""
    said = page.locator(".fingerprint").all_inner_texts()
    return {re.split(r"\W", text)[0]: text.splitlines()[-1] for text in said}


def confirm(page: Page) -> None:
    """Fill in the terms by keys and confirm the partner whose page of confirmation is open."""
    walk_to(page, "terms_version")
    for text in ("1.0", "Ada Lind", "Bea de Wit", "2026-03-01"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.name") != "is_compared":
        walk_to(page, "is_compared")
    page.keyboard.press("Space")
    go(page, "Confirm and begin")
    expect(page.locator("#messages")).to_contain_text("Confirmed.")


def open_to(page: Page, part: str, wanted: str) -> None:
    """Choose by keys who sees a part of the record whose page of sharing is open, and save."""
    walk_to(page, part)
    for _step in range(9):
        if page.evaluate("document.activeElement.value") == wanted:
            break
        page.keyboard.press("ArrowUp" if wanted == "nobody" else "ArrowDown")
    assert page.evaluate("document.activeElement.value") == wanted
    go(page, "Save")
    expect(page.locator("#messages")).to_contain_text("in force")


def test_two_nodes_become_partners_share_a_price_and_see_it_go(
    two: list[living.Node], enter: Enter, picture: Picture
) -> None:
    alpha, beta = two
    ours, theirs = administrator(alpha, enter), administrator(beta, enter)

    # Invite, and look who invites.
    ours.goto("/partners/")
    go(ours, "Invite partner")
    expect(ours.get_by_label("Organisation")).to_be_focused()
    look_over(ours)
    ours.get_by_label("Organisation").focus()
    ours.keyboard.type("Beta Institute")
    page_left(ours, "Enter")
    look_over(ours)
    picture(ours, "partner-invitation")
    code = ours.get_by_label("Code", exact=True).input_value()
    theirs.goto("/partners/")
    go(theirs, "Accept an invitation")
    expect(theirs.get_by_label("Code of the invitation")).to_be_focused()
    look_over(theirs)
    theirs.get_by_label("Code of the invitation").focus()
    theirs.keyboard.insert_text(code)
    go(theirs, "Look who it is")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Alpha Institute invites you")
    look_over(theirs)
    go(theirs, "Answer the invitation")

    # The overview says who waits; both compare, both confirm.
    ours.goto("/")
    settled(ours)
    go(ours, "Beta Institute waits for you")
    look_over(ours)
    assert fingerprints(ours)["Theirs"] == fingerprints(theirs)["Ours"]
    assert fingerprints(ours)["Ours"] == fingerprints(theirs)["Theirs"]
    picture(ours, "partner-confirm")
    confirm(ours)
    expect(ours.locator("main")).to_contain_text("has still to do the same there")
    confirm(theirs)
    for near, far in ((alpha, beta), (beta, alpha)):
        near.pulls(far)
    ours.reload()
    expect(ours.locator("main")).to_contain_text("Both sides have confirmed.")

    # A price is shared with the partner, and seen there.
    uid = alpha.do("add", name="Lightsheet", replacement_price=123_400_000, replacement_currency="SEK")
    alpha.do("share", uid=uid, basics="partners")
    ours.goto(f"/instruments/{uid}/")
    go(ours, "all partners")
    open_to(ours, "economics", "partners")
    beta.pulls(alpha)
    theirs.goto("/instruments/?home=partners")
    settled(theirs)
    go(theirs, "Lightsheet")
    expect(theirs.locator("main")).to_contain_text(PRICE)
    look_over(theirs)

    # It is taken back, and the page says by itself how that goes.
    open_to(ours, "economics", "nobody")
    expect(ours.locator(".ledger")).to_contain_text("not told yet: it has not asked since")
    look_over(ours)
    go(ours, "Beta Institute")
    line = ours.locator("#ledger tbody tr").filter(has_text="Lightsheet: Economics")
    expect(line).to_contain_text("not told yet")
    beta.script(READS_BUT_SAYS_NOTHING)
    expect(line).to_contain_text(re.compile(r"told at \d\d:\d\d:\d\d, not confirmed yet"))
    beta.pulls(alpha)
    expect(line).to_contain_text(re.compile(r"removed, confirmed at \d\d:\d\d:\d\d"))
    look_over(ours)
    picture(ours, "partner")
    line.scroll_into_view_if_needed()
    picture(ours, "partner-ledger")
    theirs.reload()
    expect(theirs.locator("main")).not_to_contain_text(PRICE)


def test_the_pages_of_a_partner_can_be_read_by_everybody(
    two: list[living.Node], enter: Enter, picture: Picture
) -> None:
    alpha, beta = two
    living.befriend(alpha, beta)
    page, number = administrator(alpha, enter), alpha.partner(beta)["id"]
    group = alpha.do("circle", name="Nordic imaging")
    for name in ("Confocal", "Spinning disk"):
        uid = alpha.do("add", name=name)
        alpha.do("share", uid=uid, basics=group)
    here = f"/partners/{number}"
    for path in (
        *("/partners/", f"{here}/", f"{here}/ledger/", f"{here}/suspend/", f"{here}/end/", f"{here}/key/"),
        *("/partners/keys/", "/partners/node/", "/partners/frozen/", "/sharing/", "/sharing/groups/"),
        *(f"/partners/groups/{group}/terms/", f"/partners/groups/{group}/"),
    ):
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        look_over(page)
    walk_to(page, "members")
    page.keyboard.press("Space")
    go(page, "Show what this changes")
    expect(page.locator("main")).to_contain_text("2 parts open")
    look_over(page)
    picture(page, "partner-group")
    page.goto(f"{here}/preview/")
    go(page, "Preview as Beta Institute")
    expect(page.get_by_role("status").first).to_contain_text("with the eyes of")
    look_over(page)
    go(page, "Back to my own view")
    page.goto("/partners/keys/")
    go(page, "Make the recovery sheet")
    page.evaluate("window.print = () => document.body.dataset.isPrinted = ''")
    walk_to(page, "Print")
    page.keyboard.press("Enter")
    expect(page.locator("body[data-is-printed]")).to_be_attached()
    look_over(page)
    page.emulate_media(media="print")
    expect(page.locator(".recovery-key")).to_be_visible()
    for gone in (".crumbs", ".page-actions", ".screen-only", ".masthead-search"):
        expect(page.locator(gone).first).not_to_be_visible()


def test_on_a_phone_the_list_of_partners_is_read_without_scrolling_sideways(
    two: list[living.Node], enter: Enter
) -> None:
    alpha, beta = two
    living.befriend(alpha, beta)
    page = administrator(alpha, enter)
    page.set_viewport_size(NARROW)
    page.goto("/partners/")
    settled(page)
    box = page.locator("#list-results .table-scroll")
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth")
    for cell in (page.get_by_role("link", name="Beta Institute"), page.locator("[data-label='Lease until']")):
        expect(cell).to_be_visible()
