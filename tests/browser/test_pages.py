"""Every page, wide and narrow: no breach of WCAG 2.2 AA, nothing cut off, nothing said to the console."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from browser.conftest import Enter
from browser.steps import NARROW, WIDE, Node, breaches, settled, too_wide

ADMIN, DIRECTOR = "admin@example.org", "dana@example.org"
LOOKS = {
    "wide and light": {"viewport": WIDE, "color_scheme": "light"},
    "narrow and dark": {"viewport": NARROW, "color_scheme": "dark"},
}
NO_PAGES = {
    "health": "says that the node runs",
    "permalink": "leads to the record",
    "demo-sign-in": "signs in and leads on",
    "accounts:sign-out": "answers to POST",
    "accounts:link": "visited in the journey of the first start",
    "accounts:password": "answers to POST",
    "accounts:grant": "answers to POST",
    "accounts:revoke": "answers to POST",
    "accounts:new-link": "answers to POST",
    "accounts:erase": "answers to POST",
    "records:restore": "answers to POST",
    "records:revert": "answers to POST",
    "records:view-as": "answers to POST",
    "programme:platforms-csv": "a file",
    "programme:platforms-xlsx": "a file",
    "programme:platform-delete": "answers to POST",
    "programme:platform-restore": "only of a deleted record",
    "programme:units-csv": "a file",
    "programme:units-xlsx": "a file",
    "programme:unit-delete": "answers to POST",
    "programme:unit-restore": "only of a deleted record",
    "programme:sites-csv": "a file",
    "programme:sites-xlsx": "a file",
    "programme:site-delete": "answers to POST",
    "programme:site-restore": "only of a deleted record",
    "catalogue:suggest-models": "a piece of a page",
    "catalogue:suggest-makers": "a piece of a page",
    "instruments:facets": "a piece of a page",
    "instruments:figures": "a piece of a page",
    "instruments:export": "a file",
    "instruments:condition": "leads to the list",
    "instruments:columns": "answers to POST",
    "instruments:save-filter": "answers to POST",
    "instruments:delete-filter": "answers to POST",
    "instruments:bulk": "visited in the journey of a list",
    "instruments:suggest": "a piece of a page",
    "instruments:restore": "answers to POST",
    "instruments:attach": "answers to POST",
    "instruments:detach": "answers to POST",
    "instruments:file": "a file",
    "intake:columns": "visited in the journey of the first start",
    "intake:rows": "answers to POST",
    "intake:accept": "answers to POST",
    "intake:undo": "answers to POST",
    "intake:progress": "a piece of a page",
    "intake:refused": "a file",
    "robots": "a text for programs",
    "sitemap": "a text for programs",
    "sitemap-page": "a text for programs",
    "overview:brief": "a file",
    "records:group-rename": "only of a group",
    "records:group-remove": "answers to POST",
    "catalogue:suggest-techniques": "a piece of a page",
    **{
        f"catalogue:{kind}-{step}": "only of an own entry in the place of a shipped one"
        for kind in ("model", "maker", "technique")
        for step in ("shipped", "take-back", "remove")
    },
    **{f"catalogue:{kind}s-export": "a file" for kind in ("model", "maker", "technique")},
    "instruments:pidinst": "a text for programs",
    "figures:export": "a file",
    "figures:delete": "answers to POST",
    "figures:restore": "answers to POST",
    "servicing:export": "a file",
    "servicing:figures-export": "a file",
    "servicing:event-up-again": "answers to POST",
    "servicing:event-restore": "answers to POST",
    "offer:price": "leads to the service",
    **{f"offer:{kind}-{form}": "a file" for kind in ("services", "capabilities") for form in ("csv", "xlsx")},
    "offer:service-delete": "answers to POST",
    "offer:capability-delete": "answers to POST",
    "stewardship:export": "a file",
    "stewardship:still-right": "answers to POST",
    "stewardship:date-undated": "answers to POST",
    "stewardship:incomplete-export": "a file",
    "stewardship:undo-handover": "answers to POST",
    "stewardship:revoke-calendar": "answers to POST",
    "stewardship:calendar": "a file",
    **{f"records:note-{act}": "answers to POST" for act in ("add", "edit", "delete")},
    **{f"records:list-{act}": "answers to POST" for act in ("columns", "filters", "filter-delete")},
    **{
        f"exchange:{wire}": "for other nodes"
        for wire in ("node-document", "listing", "page", "receipts", "ping", "invitations")
    },
    **{
        f"exchange:{act}": "answers to POST"
        for act in (
            *("withdraw", "resume", "key-rotate", "key-revoke", "key-recovery"),
            *("frozen-release", "pull", "preview", "freeze"),
        )
    },
    "exchange:record-ledger": "a piece of a page",
    "exchange:partner-ledger": "a piece of a page",
    "exchange:disposals": "a file",
    **{
        f"exchange:{name}": "only with a partner, which the sample node of this sweep has not"
        for name in ("partner", "confirm", "new-key", "act", "circle", "circle-terms", "frozen-record")
    },
}
"""Routes that show no page of their own to this sweep, and why."""
TABLES = {
    "organisation": "programme_organisation",
    "platform": "programme_platform",
    "unit": "programme_unit",
    "site": "programme_site",
    "model": "catalogue_devicemodel",
    "maker": "catalogue_maker",
    "technique": "catalogue_technique",
    "person": "accounts_person",
    "year": "figures_useyear",
    "event": "servicing_serviceevent",
    "service": "offer_service",
    "prices": "offer_service",
    "capability": "offer_capability",
}
MORE = {
    "accounts": ["/sign-in/?next=/instruments/"],
    "records": [],
    "programme": ["/units/?q=micro"],
    "catalogue": ["/models/?q=confocal", "/models/?q=nothing-like-it"],
    "instruments": [
        "/instruments/?q=microscope&sort=-name",
        "/instruments/?q=nothing-like-it",
        "/instruments/?page=4",
    ],
    "intake": [],
    "figures": ["/use/?q=nothing-like-it"],
    "servicing": ["/service-events/?open=1", "/service-events/figures/?by=unit"],
    "offer": ["/services/?q=nothing-like-it"],
    "stewardship": ["/stewardship/?of=all"],
    "exchange": [],
    "overview": ["/no-such-page/", "/search/?q=microscope", "/search/?q=nothing-like-it", "/search/?q="],
}
"""Room > further pages of it; overview stands for what belongs to the whole."""


def routes() -> dict[str, str]:
    """Return every route by its name, with its pattern."""
    found = {}
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            found[str(entry.name)] = str(entry.pattern)
        elif isinstance(entry, URLResolver):
            for one in entry.url_patterns:
                found[f"{entry.app_name}:{one.name}"] = str(one.pattern)
    return found


def address(node: Node, name: str, pattern: str) -> str:
    """Return an address of the route at which the sample node has something to show."""
    table = TABLES.get(name.partition(":")[2].partition("-")[0], "instruments_instrument")
    like = {"email": "toni%"} if table == "accounts_person" else {}
    holes = {
        "uuid:uid": lambda: node.uid(table, **like),
        "uuid:pk": lambda: str(UUID(node.ask("SELECT id FROM intake_batch LIMIT 1"))),
        "int:pk": lambda: node.ask("SELECT id FROM intake_source LIMIT 1"),
        "slug:kind": lambda: "instrument",
    }
    values = [holes[hole]() for hole in re.findall(r"<([^>]+)>", pattern)]
    return reverse(name, args=values)


def pages(node: Node, room: str) -> list[str]:
    """Return the addresses of a room's pages."""
    rooms = ("overview", "search") if room == "overview" else (room,)
    found = [
        address(node, name, pattern)
        for name, pattern in routes().items()
        if name.partition(":")[0] in rooms and name not in NO_PAGES
    ]
    return found + MORE[room]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("room", MORE)
def test_every_page_can_be_read_by_everybody(room: str, look: str, park: Node, enter: Enter) -> None:
    page = enter(park, ADMIN, **LOOKS[look])
    wrong = []
    for path in pages(park, room):
        page.goto(path)
        settled(page)
        if not page.locator("main h1").first.inner_text().strip():
            wrong.append(f"{path}: no heading")
        wrong += [f"{path}: {one}" for one in (*breaches(page), *too_wide(page))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("look", LOOKS)
def test_every_public_page_can_be_read_by_everybody(look: str, park: Node, enter: Enter) -> None:
    page = enter(park, **LOOKS[look])
    wrong = []
    for path in (
        "/",
        "/sign-in/",
        "/instruments/",
        "/platforms/",
        "/units/",
        "/models/",
        "/search/?q=a",
        "/services/",
        "/capabilities/",
        "/people/",
    ):
        page.goto(path)
        settled(page)
        wrong += [f"{path}: {one}" for one in (*breaches(page), *too_wide(page))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("look", LOOKS)
def test_open_menus_and_dialogs_can_be_read_by_everybody(look: str, park: Node, enter: Enter) -> None:
    page = enter(park, ADMIN, **LOOKS[look])
    page.goto("/instruments/")
    settled(page)
    wrong = []
    for place in range(page.locator("details.menu").count()):
        menu = page.locator("details.menu").nth(place)
        menu.locator("summary").click()
        words = menu.locator("summary").inner_text()
        wrong += [f"{words}: {one}" for one in (*breaches(page), *too_wide(page))]
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
    for opener in page.locator("[popovertarget]:visible:not([popovertargetaction])").all():
        opener.click()
        wrong += [f"{opener.inner_text()}: {one}" for one in (*breaches(page), *too_wide(page))]
        page.keyboard.press("Escape")
    while page.locator("details.behind:not([open]) > summary").count():
        page.locator("details.behind:not([open]) > summary").first.click()
    wrong += [f"tables behind charts: {one}" for one in (*breaches(page), *too_wide(page))]
    page.get_by_role("button", name="Keyboard shortcuts").click()
    wrong += [f"shortcuts: {one}" for one in breaches(page)]
    page.keyboard.press("Escape")
    page.locator('input[name="uid"]').first.check()
    page.get_by_role("button", name="Delete").click()
    wrong += [f"confirmation: {one}" for one in breaches(page)]
    page.get_by_role("button", name="Cancel").click()
    assert not wrong, "\n".join(wrong)


def test_every_route_is_swept_or_said_to_show_no_page() -> None:
    named = routes()
    assert set(NO_PAGES) <= set(named)
    assert {name.partition(":")[0] for name in named if name not in NO_PAGES} <= {*MORE, "search"}
