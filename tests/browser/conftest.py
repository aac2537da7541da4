"""A browser for the run, a served sample node for each worker, and people who are signed in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typst
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import nodes
from browser.steps import PICTURES, WIDE, Node, Watch, set_password

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
SECONDS = 20
LARGEST = 200_000
"""Bytes of a picture in the documentation."""
Enter = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all journeys of a worker."""
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a sample node, made once for all workers and copied for each."""
    mine = tmp_path_factory.mktemp("node")
    shared = (mine.parent if worker_id == "master" else mine.parent.parent) / "sample"
    try:
        shared.mkdir()
    except FileExistsError:
        nodes.wait_until((shared / "ready").exists, 120)
    else:
        made = nodes.run("demo", "--alone", "--no-serve", "--home", shared / "home")
        assert made.returncode == 0, made.stderr
        (shared / "ready").touch()
    return Path(shutil.copytree(shared / "home", mine / "home"))


@pytest.fixture(scope="session")
def park(sample: Path) -> Iterator[Node]:
    """A served node with sample data, this worker's own."""
    port = nodes.free_port()
    with nodes.serving(sample, port) as process:
        assert process.poll() is None, "The node did not start: " + str(
            process.stdout and process.stdout.read()
        )
        yield Node(sample, port)


@pytest.fixture
def enter(chromium: Browser) -> Iterator[Enter]:
    """Open a page on a node, as a visitor or signed in; afterwards nothing may have gone wrong in it."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def opens(node: Node, email: str = "", **more: Any) -> Page:
        watch = Watch(node.origin)
        context = _context(chromium, node, watch, storage_state=_state(chromium, node, email), **more)
        opened.append((context, watch))
        return context.new_page()

    yield opens
    faults = []
    for context, watch in opened:
        context.close()
        faults += watch.faults
    assert faults == []


def _context(chromium: Browser, node: Node, watch: Watch, **more: Any) -> BrowserContext:
    wish = {"base_url": node.origin, "viewport": WIDE, "color_scheme": "light", "reduced_motion": "reduce"}
    context = chromium.new_context(**(wish | more))
    context.set_default_timeout(SECONDS * 1000)
    watch.over(context)
    return context


def _state(chromium: Browser, node: Node, email: str) -> Any:
    """Return the cookies of somebody who is signed in, made once per node; None for a visitor."""
    if not email:
        return None
    if email not in node.states:
        context = _context(chromium, node, Watch(node.origin))
        set_password(context.new_page(), node.link(email))
        node.states[email] = context.storage_state()
        context.close()
    return node.states[email]


def _place(name: str, aside: Path) -> Path:
    kept = PICTURES / f"{name}.png"
    is_wanted = os.environ.get("PARKBENCH_PICTURES") == "write" or not kept.exists()
    return kept if is_wanted else aside / kept.name


@pytest.fixture
def printed(tmp_path: Path) -> Callable[[bytes, str], None]:
    """Take a picture of the first page of a PDF; where to is as for pictures of pages."""

    def take(content: bytes, name: str) -> None:
        (tmp_path / "printed.pdf").write_bytes(content)
        sheet = tmp_path / "sheet.typ"
        sheet.write_text('#set page(paper: "a4", margin: 0pt)\n#image("printed.pdf", page: 1, width: 100%)')
        path = _place(name, tmp_path)
        typst.compile(sheet, output=path, format="png", ppi=96)
        assert path.stat().st_size < LARGEST

    return take


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page, str], None]:
    """Take a picture of the page: into the documentation when asked to or when it is not there yet."""

    def take(page: Page, name: str) -> None:
        path = _place(name, tmp_path)
        page.evaluate("document.activeElement && document.activeElement.blur()")
        page.screenshot(path=path, animations="disabled")
        assert path.stat().st_size < LARGEST

    return take
