"""Texts that would run in a browser or a spreadsheet, and marks that show where they must not."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

import cast
import worlds
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.tabular import open_table
from parkbench.programme import services as programme
from parkbench.records import rules
from worlds import World

pytestmark = pytest.mark.django_db
MOST_PAGES = 250

TAGS = (
    *(
        "<script>hit()</script>",
        '"><script>hit()</script>',
        "'><img src=x onerror=hit()>",
        "<svg onload=hit()>",
    ),
    *('"><img src=x onerror=hit()>', "</title><script>hit()</script>", "</textarea><script>hit()</script>"),
    *(
        "<iframe src=javascript:hit()>",
        "<body onload=hit()>",
        '" onmouseover="hit()',
        "' onfocus='hit()' x='",
    ),
    *(
        "<a href=javascript:hit()>x</a>",
        "<style>*{color:red}</style>",
        "<!--<script>hit()//-->",
        "</option><script>",
    ),
    *(
        "<ScRiPt>hit()</sCrIpT>",
        "<script/x>hit()</script>",
        "<<script>hit();//<</script>",
        "<math><mi xlink:href=x>",
    ),
    *(
        "<details open ontoggle=hit()>",
        "<marquee onstart=hit()>",
        "<input autofocus onfocus=hit()>",
        "<base href=//x>",
    ),
    *(
        "<form action=javascript:hit()>",
        "<object data=javascript:hit()>",
        "<link rel=stylesheet href=//x>",
        "<meta http-equiv=refresh>",
    ),
    *(
        '" hx-get="/me/" hx-trigger="load',
        '"><div hx-on:load=hit()>',
        '" data-confirm="x" style="color:red',
        "`-hit()-`",
    ),
    *("{{1787*1787}}", "{# x #}", "${1787*1787}", "#{1787*1787}", "<%= 1787*1787 %>", "[[1787*1787]]"),
    *(
        "\u202egnp.exe",
        "\u2066x\u2069<b>",
        "&lt;script&gt;hit()&lt;/script&gt;",
        "&#60;script&#62;",
        "%3Cscript%3Ehit()",
    ),
    *(
        "\\u003cscript\\u003e",
        "<scr\u200bipt>hit()",
        "＜script＞hit()＜/script＞",
        "<img/src=x/onerror=hit()>",
        "]]><script>",
    ),
    *(
        "javascript:hit()//<b>",
        "data:text/html,<script>hit()</script>",
        "vbscript:hit<i>",
        "<x onclick=hit()>",
        "<p style=x>",
    ),
)
FORMULAS = (
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(1)",
        "\t=1+1",
        "\r=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        '=HYPERLINK("//x")',
    ),
    *(
        "=cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "'=1+1",
        '"=1+1"',
        " =1+1",
        "'",
        "''=x",
        "=",
        "-",
        "|x",
        "%x",
    ),
)
TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")
ADDRESSES = (
    "javascript:hit()",
    "JaVaScRiPt:hit()",
    "data:text/html,x",
    "vbscript:x",
    "//x.se",
    " javascript:hit()",
    "java\tscript:x",
)


class Markup(HTMLParser):
    """Collects what a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def links(self) -> list[str]:
        return [held["href"] for tag, held in self.tags if tag == "a" and "href" in held]


PER_PATH, PER_SORT = 4, 24
"""Addresses of one path, and of one sort of page, that are followed beside those asked for."""


def crawl(client: Client, start: tuple[str, ...] = ("/",)) -> Iterator[tuple[str, Any, bytes]]:
    """Follow the links of this node from the start page on: some addresses of every path and sort of page."""
    waiting, seen = list(start), set(start)
    paths: dict[str, int] = {}
    shapes: Counter[str] = Counter()
    while waiting and sum(paths.values()) < MOST_PAGES:
        url = waiting.pop(0)
        path = urlsplit(url).path
        paths[path] = paths.get(path, 0) + 1
        response = client.get(url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if body.startswith(b"PK"):
            body = worlds.unpacked(body)
        yield url, response, body
        found = [response["Location"]] if "Location" in response else []
        if response["Content-Type"].startswith("text/html"):
            found += Markup(body.decode()).links
        for link in found:
            target = urlsplit(urljoin(f"http://testserver{url}", link))
            address = f"{target.path}?{target.query}" if target.query else target.path
            if target.netloc != "testserver" or address in seen or paths.get(target.path, 0) >= PER_PATH:
                continue
            shape = re.sub(r"[0-9a-f-]{36}|\d+", "*", target.path)
            if shapes[shape] < PER_SORT:
                shapes[shape] += 1
                seen.add(address)
                waiting.append(address)


def dangers(response: Any, body: bytes) -> list[str]:
    """Name what a browser would run or apply in a page, and the policy where it is missing."""
    policy = response.get("Content-Security-Policy", "")
    is_strict = "script-src 'self'" in policy or policy == "sandbox; default-src 'none'"
    found = [] if is_strict and "unsafe" not in policy else ["no policy"]
    if not response["Content-Type"].startswith("text/html"):
        return found
    for tag, held in Markup(body.decode()).tags:
        found += [
            f"{tag} {name}" for name in held if name.startswith("on") or name == "style" or "hx-on" in name
        ]
        found += [
            f"{tag} {held[name]}" for name in ("href", "src", "action") if is_scripted(held.get(name, ""))
        ]
        if tag in ("style", "iframe", "object", "embed", "base", "marquee", "math", "x"):
            found.append(tag)
        is_data = held.get("type") == "application/ld+json"  # browsers do not run blocks of data
        if tag == "script" and not is_data and not held.get("src", "").startswith("/static/"):
            found.append("inline script")
    return found


def is_scripted(address: str) -> bool:
    plain = re.sub(r"[\s\x00]", "", address).casefold()
    return plain.startswith(("javascript:", "vbscript:", "data:text"))


@pytest.mark.parametrize("who", ["", "mona"])
def test_no_text_that_somebody_typed_becomes_markup_on_any_page(world: World, who: str) -> None:
    long = (
        "description",
        "configuration",
        "notes",
        "legal_owner",
        "room",
        "insurance",
        "serial_number",
        "maker_text",
    )
    for number, text in enumerate(TAGS):
        values = {name: f"{TAGS[(number + turn) % len(TAGS)]}"[:100] for turn, name in enumerate(long)}
        funding = [{"funder": text, "grant": text, "condition": text}]
        uid = cast.instrument(text, world.uids["unit_a"], text, **values, funding=funding)
        world.uids[f"tag_{number}"] = uid
        if number % 3 == 0:
            worlds.share("instrument", uid, rules.PUBLIC, "capacity")
    for number, text in enumerate(TAGS[:12]):
        unit = programme.add_unit(name=f"{number}{text}", description=text, by=cast.OPERATOR)
        worlds.share("unit", unit, rules.PUBLIC)
    for number in range(0, len(TAGS), 9):
        worlds.change(world, f"tag_{number}", {"name": f"{TAGS[number]} again"})
    pages = [f"/instruments/{world.uids[f'tag_{number}']}/" for number in range(0, len(TAGS), 3)]
    pages += [f"/history/instrument/{world.uids[f'tag_{number}']}/" for number in range(0, len(TAGS), 9)]
    pages += [
        f"/search/?q={text}" for text in ("%3Cscript%3E", "%22%3E%3Cimg%20x%3D", "%7B%7B1787*1787%7D%7D")
    ]
    pages += [
        "/instruments/?q=%22%3E%3Cscript%3E",
        "/instruments/?room.has=%3Cscript%3E&sort=%3Cb%3E&columns=notes",
    ]
    wrong = {}
    count = 0
    for url, response, body in crawl(world.client(who), ("/", *pages)):
        count += 1
        if found := dangers(response, body):
            wrong[url] = found
        assert b"3193369" not in body, url
    assert not wrong
    assert count >= len(pages)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_would_script_is_not_kept(world: World, address: str) -> None:
    with pytest.raises((Invalid, Refused)):
        worlds.change(world, "own_a", {"contact_url": address})
    with pytest.raises((Invalid, Refused)):
        programme.edit(kind="unit", uid=world.uids["unit_a"], fields={"url": address}, by=cast.OPERATOR)


@pytest.mark.parametrize("list_url", ["/instruments/export", "/units/export", "/sites/export"])
def test_no_cell_of_an_export_begins_a_formula_and_every_text_comes_back(world: World, list_url: str) -> None:
    for number, text in enumerate(FORMULAS):
        name = text.strip() or "x"
        if list_url == "/instruments/export":
            cast.instrument(name, world.uids["unit_a"], name, notes=f"{name}{text}", legal_owner=text or None)
        elif list_url == "/units/export":
            programme.add_unit(name=f"{name}#{number}", short_name=name[:50], by=cast.OPERATOR)
        else:
            programme.add_site(name=f"{name}#{number}", by=cast.OPERATOR)
    client = world.client("mona")
    query = "?columns=name&columns=notes&columns=legal_owner&columns=model_text&columns=maker_text"
    told = {}
    for form in ("csv", "xlsx"):
        response = client.get(f"{list_url}.{form}{query}")
        told[form] = b"".join(response.streaming_content) if response.streaming else response.content
    for line in raw_cells(told["csv"].decode("utf-8-sig")):
        assert not line.startswith(TRIGGERS) or re.fullmatch(r"-?\d+([.,]\d+)?", line), line
    with zipfile.ZipFile(io.BytesIO(told["xlsx"])) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
    assert sheets
    assert not any(re.search(rb"<f[ >]|hyperlink", sheet) for sheet in sheets)
    held = {form: cells_of(content, f"x.{form}") for form, content in told.items()}
    assert held["csv"] == held["xlsx"]
    expected = {text.strip() for text in FORMULAS if list_url == "/instruments/export"}
    assert expected <= {cell for row in held["csv"] for cell in row}


def raw_cells(text: str) -> Iterator[str]:
    """Yield the cells of a CSV file as a spreadsheet gets them, nothing undone."""
    import csv

    dialect = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;\t")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter):
        yield from row


def cells_of(content: bytes, name: str) -> list[list[str]]:
    with open_table(content, name=name) as table:
        return [["" if cell is None else str(cell) for cell in row.cells] for row in table.rows]


MARKS = {section: [] for section in ("basics", "capacity", "economics", "internal", "contact")}
for _field, _text in worlds.WORDS.items():
    MARKS[worlds.SECTION_OF[_field]].append(_text)
MARKS["basics"].append("Name{}")
MARKS["economics"] += ["Funder{}", "Grant{}"]
MARKS["contact"].append("{}@contact.se")
NAMES = ("own_a", "open_a", "own_b", "partner_b", "open_b", "own_c", "open_c", "late_a", "gone_a", "gone_b")
SHARED = {"open_a": ("basics", "capacity", "contact"), "open_b": ("basics",), "open_c": ("basics",)}
FOR_PARTNERS = {
    **SHARED,
    "partner_b": ("basics", "capacity", "economics", "contact"),
    "open_c": ("basics", "economics"),
}


def seen_by(who: str, name: str) -> tuple[str, ...]:
    """Return the sections of an instrument that somebody may see, as the sharing and the roles were made."""
    if who in ("", "cleo"):
        return SHARED.get(name, ())
    if who == "partners":
        return FOR_PARTNERS.get(name, ())
    if name.startswith("gone"):
        return ("basics",) if (who, name) == ("hana", "gone_a") else ()
    more = {"eva": ("economics",), "edda": ("internal",), "hana": ("economics", "internal")}.get(who, ())
    return ("basics", "capacity", "contact", *(more if name.endswith("_a") else ()))


@pytest.mark.parametrize("who", ["", "ben", "hana", "partners"])
def test_no_mark_of_a_hidden_part_is_met_on_any_page_one_can_reach(world: World, who: str) -> None:
    client = world.client("ada", lens="partners") if who == "partners" else world.client(who)
    hidden = {}
    for name in NAMES:
        mark = "".join(part.title() for part in name.split("_"))
        for section, texts in MARKS.items():
            if section not in seen_by(who, name):
                hidden |= {text.format(mark).lower().encode(): (name, section) for text in texts}
    shown = 0
    every = "&".join(f"columns={key}" for key in worlds.SECTION_OF)
    start = (
        "/",
        f"/instruments/?{every}",
        f"/instruments/export.csv?{every}",
        f"/instruments/export.xlsx?{every}",
    )
    for url, response, body in crawl(
        client, (*start, "/search/?q=Name", "/search/?q=Owner", "/search/?q=Serial")
    ):
        answer = (body + str(response.headers).encode()).lower()
        met = {place for mark, place in hidden.items() if mark in answer}
        assert not met, f"{who} {url}"
        shown += b"nameopena" in answer
    assert shown > 5
