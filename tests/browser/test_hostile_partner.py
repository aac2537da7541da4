"""A partner whose every text would script, on lists, pages, searches and its own page in a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import nodes
from browser.steps import Node

TESTS = Path(__file__).parents[1]
PAGES = 5
"""Pages of the long list that are looked at."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A node that is served, and what was planted in it."""
    home, port = tmp_path_factory.mktemp("hostile") / "node", nodes.free_port()
    made = nodes.init(home, url=f"http://127.0.0.1:{port}")
    assert made.returncode == 0, made.stderr
    more = {
        "PARKBENCH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "parkbench.site.settings",
        "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    done = subprocess.run(
        [sys.executable, str(TESTS / "hostile.py")],
        env=nodes.surroundings(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with nodes.serving(home, port):
        yield Node(home, port), json.loads(done.stdout)


def test_no_text_of_a_partner_is_run_in_a_browser(
    planted: tuple[Node, dict[str, Any]], enter: Any, say: Callable[[str], None]
) -> None:
    node, told = planted
    assert told["payloads"] >= 300
    page: Page = enter(node, "ada@alpha.example")
    hits: list[str] = []
    page.expose_function("hit", lambda *_given: hits.append(page.url))
    page.on("dialog", lambda dialog: (hits.append(page.url), dialog.dismiss()))
    lists = [f"/instruments/?home=partners&page={number}" for number in range(1, PAGES + 1)]
    lists += ["/instruments/?home=all&columns=description&columns=maker_text&columns=configuration"]
    lists += [f"/{name}/?home=partners" for name in ("units", "services", "service-events")]
    lists += ["/search/?q=hit&home=all", "/search/?q=script&home=partners", "/partners/", "/partners/1/", "/"]
    records = [f"/instruments/{uid}/" for uid in told["instruments"][:: len(told["instruments"]) // 20]]
    records += [f"/units/{uid}/" for uid in told["units"][:3]]
    shown = 0
    for url in (*lists, *records):
        page.goto(url)
        page.wait_for_load_state("load")
        # What waits for a hand: everything that could be focused, hovered or opened.
        page.evaluate(
            """() => document.querySelectorAll("main *").forEach((one) => {
                for (const name of ["mouseover", "toggle", "load", "error"])
                  one.dispatchEvent(new Event(name));
            })"""
        )
        shown += "hit()" in page.locator("body").inner_text()
    assert hits == []
    assert shown > 25
    say(
        f"hostile partner: {told['payloads']} payloads, {len(lists) + len(records)} pages in Chromium, "
        f"shown as text on {shown}, 0 executions",
    )


def test_the_same_watch_sees_one_that_is_run(planted: tuple[Node, dict[str, Any]], enter: Any) -> None:
    """The counter counts: a page without a policy and without care, in the same browser."""
    node, _told = planted
    page: Page = enter(node)
    hits: list[int] = []
    page.expose_function("hit", lambda *_given: hits.append(1))
    page.set_content("<details open ontoggle=hit()><summary>x</summary></details><script>hit()</script>")
    page.wait_for_timeout(200)
    assert len(hits) >= 1
