"""What journeys are made of: nodes that are served, people who are signed in, pages that are watched."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

import nodes

HERE = Path(__file__).parent
AXE = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PICTURES = HERE.parents[1] / "docs" / "screenshots"
PASSWORD = "granite-otter-lantern-42"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LOST = "Failed to load resource"
"""What the console says of every answer of 400 and more; those are watched as answers instead."""
REFUSED_IN_THE_PAGE = """
() => document.addEventListener("securitypolicyviolation",
    (event) => console.error("CSP: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample))
"""
AUDIT = """
async (rules) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
  const places = (one) => one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ");
  return found.violations.map((one) => one.id + " (" + one.help + "): " + places(one));
}
"""
TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth, reach = document.documentElement.scrollWidth;
  if (reach <= width) return [];
  const sticksOut = (one) =>
    one.getBoundingClientRect().right > width + 1 && !one.closest(".table-scroll, .chart-scroll");
  const found = [...document.querySelectorAll("body *")].filter(sticksOut).slice(0, 3);
  return [...found.map((one) => one.tagName + "." + one.className), "page is " + reach + " px wide"];
}
"""
FOCUS = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getBoundingClientRect(), style = getComputedStyle(here);
  const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const text = here.matches("select, textarea") ? "" : here.innerText;
  const name = (text || here.getAttribute("aria-label") || here.name || here.id).trim();
  return {name: here.tagName + " " + name.slice(0, 60), isSeen: isMarked && isInside && box.width > 0};
}
"""
IS_SETTLED = """
() => !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling") &&
  [...document.querySelectorAll("[hx-trigger=load]")].every((one) => !one.querySelector(":scope > .note > a"))
"""


@dataclass
class Node:
    """A node that runs; its people and their cookies."""

    home: Path
    port: int
    states: dict[str, dict] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self, email: str) -> str:
        """Return the path of a new one-time link."""
        done = nodes.run("user", "link", email, "--json", "--home", self.home)
        assert done.returncode == 0, done.stderr
        return urlsplit(json.loads(done.stdout)["link"]).path

    def ask(self, question: str, *values: object) -> str:
        """Return the first value that the node's own database answers."""
        database = sqlite3.connect(f"file:{self.home / 'parkbench.sqlite3'}?mode=ro", uri=True)
        try:
            (found,) = database.execute(question, values).fetchone()
        finally:
            database.close()
        return str(found)

    def uid(self, table: str, **like: str) -> str:
        """Return the uid of the first record whose columns are like this."""
        condition = " AND ".join(f"{column} LIKE ?" for column in like) or "1"
        question = f"SELECT uid FROM {table} WHERE {condition} ORDER BY id DESC LIMIT 1"
        return str(UUID(self.ask(question, *like.values())))


@dataclass
class Watch:
    """What went wrong in a browser's pages while nobody looked."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of the context, from its first line on."""
        context.add_init_script(f"({REFUSED_IN_THE_PAGE})()")
        context.on("console", self._said)
        context.on("weberror", self._broke)
        context.on("request", self._asked)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and LOST not in message.text:
            self.faults.append(f"console: {message.text}")

    def _broke(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (
            response.status >= 400 and not response.request.is_navigation_request()
        ):
            self.faults.append(f"answered {response.status}: {response.url}")


def set_password(page: Page, path: str, password: str = PASSWORD) -> None:
    """Open a one-time link and choose a password."""
    page.goto(path)
    for one in page.locator("main input[type=password]").all():
        one.fill(password)
    page.get_by_role("button", name="Set password and sign in").click()
    page.wait_for_url(lambda url: "/link/" not in url)


def breaches(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 A and AA on the page as it stands."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    return page.evaluate(AUDIT, RULES)


def too_wide(page: Page) -> list[str]:
    """Return what makes the page wider than its window."""
    return page.evaluate(TOO_WIDE)


def settled(page: Page) -> Page:
    """Wait until the page and what it asks for by itself are there.

    Asked again and again from outside: the page's own policy forbids a script made of text.
    """
    page.wait_for_load_state("load")
    nodes.wait_until(lambda: _is_settled(page), 20)
    return page


def _is_settled(page: Page) -> bool:
    try:
        return bool(page.evaluate(IS_SETTLED))
    except Error:  # it was leaving for another page at that moment
        return False


def press(page: Page, words: str) -> None:
    """Press a button that leads to another page, and wait until the old one is gone."""
    page.evaluate("document.body.dataset.isLeft = ''")
    page.get_by_role("button", name=words, exact=True).click()
    expect(page.locator("body:not([data-is-left])")).to_be_attached()
    page.wait_for_load_state("load")


def walk_to(page: Page, words: str, key: str = "Tab", most: int = 150) -> None:
    """Press a key until the focus is on something of that name; every stop on the way must be seen."""
    for _step in range(most):
        page.keyboard.press(key)
        here = page.evaluate(FOCUS)
        if here is None:
            continue
        assert here["isSeen"], f"The focus is not to be seen on {here['name']}."
        if here["name"].partition(" ")[2].startswith(words):
            return
    raise AssertionError(f"{words!r} was not reached in {most} steps.")
