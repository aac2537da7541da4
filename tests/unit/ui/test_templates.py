"""Every template of the look renders, says what it must and carries nothing the content policy refuses."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from parkbench.ui import charts, navigation
from parkbench.ui.lists import (
    Action,
    BulkAction,
    Cell,
    Chip,
    ColumnChoice,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
    Pager,
    SavedFilter,
    page_numbers,
)
from parkbench.ui.navigation import Account, Masthead, NavItem
from parkbench.ui.parts import Change, Fact, PageHead, Progress, Stat, Step

ROOM = Path(navigation.__file__).parent
urlpatterns = [path("park/", lambda request: None, name="park")]  # type: ignore[arg-type,return-value]


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Masthead]:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(navigation, "_items", {"park": NavItem("Machine park", "park", 1)})
    monkeypatch.setattr(navigation, "_providers", [])
    shown = [
        Masthead(
            "Institute <Alpha>", True, "Ada", "alpha-1", "1.0", responsible_url="mailto:ada@alpha.example",
            search_url="/search/", account=Account("Ada", "/out/", "Steward", [("My account", "/me/")]),
        )
    ]  # fmt: skip
    navigation.register_masthead(lambda request: shown[0])
    return shown


def drawn(template: str, **given: Any) -> str:
    request = RequestFactory().get("/park/")
    request.session = {}  # type: ignore[assignment]
    request._messages = []  # type: ignore[attr-defined]
    return render_to_string(template, given, request=request)


def whole_list(**changed: Any) -> ListPage:
    given: dict[str, Any] = {
        "title": "Machine park",
        "columns": [
            ColumnHead("name", "Instrument", "link", True, "?sort=-name"),
            ColumnHead("price", "Price", "money"),
        ],
        "rows": [ListRow("u1", [Cell("Confocal <1>"), Cell("1", is_hidden=True)], "/park/u1/")],
        "pager": Pager(
            2, 3, 41, "?page=1", "?page=3", page_numbers(2, 3, url_of={1: "?page=1", 3: "?page=3"}), 21, 40
        ),
        "url": "/park/",
        "kept": [("unit", "<x>")],
        "facets": [Facet("status", "Status", [FacetOption("a", "limited", 3, "?status=a", True)])],
        "chips": [Chip("Status: limited", "?")],
        "clear_url": "/park/",
        "figures": [charts.columns_chart("Age", [("2020", 3, "?year=2020")], "instruments")],
        "column_choices": [ColumnChoice("room", "Room")],
        "columns_url": "/columns/",
        "saved_filters": [SavedFilter("Old ones", "?old=1", True, "/filters/1/delete/")],
        "save_filter_url": "/filters/",
        "exports": {"XLSX": "?format=xlsx", "CSV": "?format=csv"},
        "bulk_url": "/bulk/",
        "bulk_actions": [BulkAction("delete", "Delete", "Sure?", True)],
        "actions": [Action("Import", "/import/"), Action("Restore", "/r/", is_post=True, confirm="Sure?")],
    }
    return ListPage(**(given | changed))


def test_it_draws_a_whole_list_page() -> None:
    page = drawn("ui/list_page.html", page=whole_list())
    for wanted in [
        "Institute &lt;Alpha&gt;", "Sample data", 'href="#main"', 'aria-current="page">Machine park',
        'aria-sort="ascending"', 'href="/park/u1/">Confocal &lt;1&gt;</a>', "not shared",
        'name="uid" value="u1"',
        'aria-label="Select Confocal &lt;1&gt;"', "21–40 of 41", "Old ones", "?format=xlsx",
        'class="kind-money num"',
        'name="unit" value="&lt;x&gt;"', "Keyboard shortcuts", "alpha-1", "mailto:ada@alpha.example",
        'data-confirm="Sure?"', "csrfmiddlewaretoken", "Account: </span>", "<svg", "facet-count",
    ]:  # fmt: skip
        assert wanted in page


def test_it_says_what_to_do_when_a_list_is_empty_or_nothing_matches() -> None:
    empty = Empty("No instruments yet", "Import a spreadsheet.", Action("Import", "/import/", True))
    nothing = drawn("ui/list.html", page=whole_list(rows=[], chips=[], empty=empty))
    assert "No instruments yet" in nothing
    assert 'href="/import/"' in nothing
    unmatched = drawn("ui/list.html", page=whole_list(rows=[], query="xyz", empty=empty))
    assert "Nothing matches" in unmatched
    assert "No instruments yet" not in unmatched
    assert "Nothing here yet" in drawn("ui/list.html", page=whole_list(rows=[], chips=[]))


def test_it_fetches_costly_facets_and_figures_afterwards_with_a_link_for_those_without_scripts() -> None:
    page = drawn("ui/list.html", page=whole_list(facets=[], facets_url="/f/", figures=[], figures_url="/g/"))
    for address in ("/f/", "/g/"):
        assert f'hx-get="{address}"' in page
        assert f'href="{address}"' in page


def test_it_leaves_out_what_a_list_does_not_offer() -> None:
    page = drawn(
        "ui/list.html",
        page=whole_list(
            bulk_actions=[], columns_url=None, saved_filters=[], save_filter_url=None, exports={}, facets=[]
        ),
    )
    assert 'name="uid"' not in page
    assert "Saved filters" not in page
    assert "Export" not in page
    assert 'id="list-facets"' not in page
    assert re.search(r'<form class="menu-form" method="get" action="/park/">', page)


def test_it_shows_the_way_in_to_those_not_signed_in_and_the_borrowed_eyes_to_those_who_look_through_them(
    node: list[Masthead],
) -> None:
    node[0] = Masthead(
        "Alpha", False, "", "", sign_in_url="/in/", viewing_as="the public", stop_viewing_url="/stop/"
    )
    page = drawn("ui/list_page.html", page=whole_list())
    assert 'href="/in/"' in page
    assert "Sample data" not in page
    assert "<strong>the public</strong>" in page
    assert 'action="/stop/"' in page


def test_it_draws_the_head_of_a_record() -> None:
    head = PageHead(
        "Confocal <3>", "Instrument", "Beta", False, "Ada", "/people/ada/", timezone.now(), date(2026, 1, 2),
        True,
        "all partners", "/share/", "https://alpha.example/i/1", "/history/", "limited", "warn", "Intro",
        [("Machine park", "/park/")], [Action("Edit", "/edit/", True)],
    )  # fmt: skip
    page = drawn("ui/page_head.html", head=head)
    for wanted in [
        "Confocal &lt;3&gt;", "partner", "Content responsible", "Last updated", "overdue", "2 January 2026",
        'href="/share/">all partners', "https://alpha.example/i/1", "/history/", "tone-warn", "/edit/",
    ]:  # fmt: skip
        assert wanted in page
    bare = drawn("ui/page_head.html", head=PageHead("A", home="Alpha"))
    assert bare.count("not given") == 3


def test_it_draws_facts_without_what_is_not_shared() -> None:
    page = drawn(
        "ui/card.html",
        title="Basics",
        url="/b/",
        note="n",
        facts=[
            Fact("Serial", "S-1", is_hidden=True), Fact("PID"), Fact("Page", "x", "javascript:alert(1)"),
            Fact("Site", "North", "/n/"), Fact("Status", "limited", tone="warn", note="since May"),
        ],
    )  # fmt: skip
    assert "S-1" not in page
    assert "not shared" in page
    assert "not given" in page
    assert "javascript" not in page
    assert 'href="/n/">North' in page
    assert "plain words" in drawn("ui/card.html", title="T", body="plain words")


def test_it_draws_differences_steps_progress_and_figures() -> None:
    changes = [Change("Room", "<B>", "C"), Change("Status"), Change("Value", "1", "2", is_hidden=True)]
    diff = drawn("ui/diff.html", changes=changes)
    assert "<del>&lt;B&gt;</del>" in diff
    assert "<ins>C</ins>" in diff
    assert "<ins>2" not in diff
    assert "No differences." in drawn("ui/diff.html", changes=[])
    steps = drawn(
        "ui/steps.html", steps=[Step("One", is_done=True), Step("Two", "t", "/2/", "Go", is_current=True)]
    )
    assert 'aria-current="step"' in steps
    assert 'href="/2/">Go' in steps
    running = drawn("ui/progress.html", progress=Progress("Import", 5, 10, poll_url="/poll/"))
    assert 'hx-get="/poll/"' in running
    assert 'value="5" max="10"' in running
    ended = drawn(
        "ui/progress.html", progress=Progress("Import", state="done", next=Action("See", "/batch/"))
    )
    assert "<progress" not in ended
    assert 'href="/batch/"' in ended
    assert "hx-get" not in ended
    assert 'href="/due/"' in drawn("ui/stat.html", stat=Stat("Reviews due", "0", "/due/", "n", "bad"))
    assert "No data yet." in drawn("ui/figures.html", figures=[charts.columns_chart("t", [])])
    assert '<option value="&lt;a&gt;">' in drawn("ui/options.html", options=["<a>"])


@pytest.mark.parametrize(
    ("status", "title"),
    [(404, "Not found"), (403, "Not allowed"), (409, "Changed by somebody else"), (400, "This did not work")],
)
def test_it_shows_a_refusal_in_its_own_words(status: int, title: str) -> None:
    page = drawn("ui/error.html", status=status, sentence="The unit is closed.", advice="Reopen it first.")
    assert f"<h1>\n{title}" in page
    assert "The unit is closed." in page
    assert "Reopen it first." in page


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html"])
def test_it_has_words_for_djangos_own_errors(name: str) -> None:
    page = drawn(name)
    assert page.count("<h1>") == 1
    assert 'class="btn btn-primary"' in page


def test_it_shows_a_fault_without_any_context() -> None:
    page = render_to_string("500.html")
    assert "Something went wrong" in page
    assert "ui/parkbench.css" in page


def test_it_carries_no_inline_script_style_or_handler() -> None:
    for file in (ROOM / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(
            r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(\ssrc=|\stype=\"application/ld))", text
        ), file.name
        assert not re.search(r"""(?:src|href)=["']https?:""", text), file.name
        assert text.startswith("{#"), f"{file.name} does not say what its variables are"
