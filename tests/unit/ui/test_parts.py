"""Navigation rights, slots, list descriptions and the tags of the look."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from parkbench.ui import context, navigation, slots
from parkbench.ui.lists import Cell, ColumnHead, Facet, FacetOption, ListPage, ListRow, Pager, page_numbers
from parkbench.ui.navigation import Masthead, NavItem
from parkbench.ui.slots import Panel
from parkbench.ui.templatetags import ui as tags

urlpatterns = [
    path(route, lambda request: None, name=name)  # type: ignore[arg-type,return-value]
    for route, name in [("", "home"), ("park/", "park"), ("park/units/", "units"), ("people/", "people")]
]


class Cast:
    """A viewer with named rights, node-wide and in places."""

    def __init__(self, *rights: str, somewhere: Sequence[str] = ()) -> None:
        self.rights, self.places = rights, somewhere

    def may(self, right: str) -> bool:
        return right in self.rights

    def may_somewhere(self, right: str) -> bool:
        return right in self.rights or right in self.places


def asked(address: str = "/", viewer: Any = None) -> HttpRequest:
    request = RequestFactory().get(address)
    if viewer is not None:
        request.viewer = viewer  # type: ignore[attr-defined]
    return request


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_providers", [])
    monkeypatch.setattr(slots, "_panels", {})


def labels(request: HttpRequest) -> list[str]:
    return [link.label for link in navigation.items(request)]


@pytest.mark.usefixtures("empty_registry")
def test_it_shows_an_entry_only_to_those_who_hold_its_right() -> None:
    navigation.add(NavItem("People", "people", 30, may="manage"))
    navigation.add(NavItem("Units", "units", 20, may_somewhere="edit"))
    navigation.add(NavItem("Overview", "home", 10))
    assert labels(asked()) == ["Overview"]
    assert labels(asked(viewer=Cast())) == ["Overview"]
    assert labels(asked(viewer=Cast("manage"))) == ["Overview", "People"]
    assert labels(asked(viewer=Cast(somewhere=["edit", "manage"]))) == ["Overview", "Units"]


@pytest.mark.usefixtures("empty_registry")
def test_it_marks_the_nearest_entry_and_the_root_only_for_itself() -> None:
    for order, name in enumerate(["home", "park", "units"]):
        navigation.add(NavItem(name, name, order))
    marked = {
        address: [link.label for link in navigation.items(asked(address)) if link.is_current]
        for address in ["/", "/park/x", "/park/units/3", "/other"]
    }
    assert marked == {"/": ["home"], "/park/x": ["park"], "/park/units/3": ["units"], "/other": []}


@pytest.mark.usefixtures("empty_registry")
def test_it_replaces_an_entry_that_is_added_twice_and_uses_the_last_masthead() -> None:
    navigation.add(NavItem("Old", "home", 1))
    navigation.add(NavItem("New", "home", 1))
    assert navigation.masthead(asked()).name == "Parkbench"
    navigation.register_masthead(lambda request: Masthead("A", False, "", ""))
    navigation.register_masthead(lambda request: Masthead("B", True, "Ada", "n1"))
    given = context.page(asked())
    assert [link.label for link in given["navigation"]] == ["New"]
    assert given["node"].name == "B"


@pytest.mark.usefixtures("empty_registry")
def test_it_fills_a_slot_in_order_and_leaves_out_what_has_nothing_to_say() -> None:
    seen: list[tuple[Sequence[str], Any]] = []

    def late(*, ids: Sequence[str], viewer: Any) -> Panel | None:
        seen.append((ids, viewer))
        return Panel("Late & <loud>", "ui/empty.html", {"empty": {"title": "<b>x</b>"}})

    def early(*, ids: Sequence[str], viewer: Any) -> Panel | None:
        return Panel("Early", "ui/empty.html", {"empty": {"title": "first"}})

    def silent(*, ids: Sequence[str], viewer: Any) -> Panel | None:
        return None

    slots.register("instrument", "beside", late)
    slots.register("instrument", "beside", silent)
    slots.register("instrument", "beside", early, order=10)
    slots.register("instrument", "beside", early, order=10)
    ada = Cast("read")
    drawn = Template('{% load ui %}{% slot "instrument" "beside" uid %}').render(
        Context({"request": asked(viewer=ada), "uid": "u1"})
    )
    assert seen == [(["u1"], ada)]
    assert drawn.count("<section") == 2
    assert drawn.index("Early") < drawn.index("Late &amp; &lt;loud&gt;")
    assert "<b>x" not in drawn
    slots.unregister("instrument", "beside", early)
    assert [panel.title for panel in slots.panels("instrument", "beside", ids=[], viewer=None)] == [
        "Late & <loud>"
    ]


def test_it_numbers_pages_with_gaps() -> None:
    numbers = page_numbers(5, 9, url_of={n: f"?page={n}" for n in range(1, 10)})
    assert [one.number for one in numbers] == [1, None, 4, 5, 6, None, 9]
    assert [one.number for one in numbers if one.is_current] == [5]
    assert numbers[3].url is None
    assert [one.number for one in page_numbers(1, 1, url_of={})] == [1]


def test_it_pairs_cells_with_columns_and_refuses_a_row_of_another_length() -> None:
    heads = [
        ColumnHead("name", "Name", "link"),
        ColumnHead("price", "Price", "money", True, "?", "descending"),
    ]
    good = ListPage("t", heads, [ListRow("u", [Cell("A"), Cell("1")])], Pager())
    row, first, rest = good.lines[0]
    assert (row.uid, first.text, rest[0][0].key, rest[0][1].text) == ("u", "A", "price", "1")
    assert (heads[0].aria_sort, heads[1].aria_sort) == ("none", "descending")
    assert (heads[0].is_numeric, heads[1].is_numeric) == (False, True)
    with pytest.raises(ValueError, match="zip"):
        ListPage("t", heads, [ListRow("u", [Cell("A")])], Pager()).lines  # noqa: B018
    assert Facet("f", "F", [FacetOption("v", "V", 1, "?", is_on=True)]).is_on


def test_it_draws_cells_escaped_hidden_linked_and_toned() -> None:
    assert tags.cell(Cell("<i>")) == "&lt;i&gt;"
    assert "not shared" in tags.cell(Cell("secret", is_hidden=True))
    assert "secret" not in tags.cell(Cell("secret", is_hidden=True))
    assert "not given" in tags.cell(Cell(""))
    assert tags.cell(Cell("a", url="/x?a=1&b=2")) == '<a href="/x?a=1&amp;b=2">a</a>'
    assert tags.cell(Cell("a", url="javascript:alert(1)")) == "a"
    assert tags.cell(Cell("ok", tone="good", title='"t"')) == (
        '<span title="&quot;t&quot;"><span class="tone tone-good">ok</span></span>'
    )


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("/park/", "/park/"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("JavaScript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("java\nscript:alert(1)", ""),
        ("http://[broken", ""),
        (None, ""),
    ],
)
def test_it_follows_only_harmless_addresses(address: str | None, followed: str) -> None:
    assert tags.href(address) == followed


def test_it_writes_money_dates_times_and_dashes() -> None:
    assert "not given" in tags.money(None, "SEK")
    assert "SEK" in tags.money(123456, "SEK")
    assert "not given" in tags.day(None)
    assert tags.day(date(2026, 3, 3)) == '<time datetime="2026-03-03">3 March 2026</time>'
    assert "not given" in tags.when(None)
    with timezone.override("Europe/Stockholm"):
        old = tags.when(datetime(2020, 6, 1, 22, 30, tzinfo=UTC))
        now = timezone.now()
        assert ">2 June 2020</time>" in old
        assert 'title="2 June 2020, 00:30 CEST"' in old
        assert ">today " in tags.when(now)
        assert ">yesterday " in tags.when(now - timedelta(days=1))
    assert tags.dash(0) == 0
    assert "not given" in tags.dash([])


def test_it_changes_the_query_string() -> None:
    drawn = Template("{% load ui %}{% qs page=2 sort=None q='' unit='a b' %}").render(
        Context({"request": asked("/?sort=name&q=x&unit=c&unit=d&keep=1")})
    )
    assert drawn == "?unit=a+b&amp;keep=1&amp;page=2"


class Example(forms.Form):
    name = forms.CharField(help_text="As people call it.")
    kind = forms.ChoiceField(choices=[("a", "A")])
    is_open = forms.BooleanField(required=False)
    users = forms.MultipleChoiceField(
        choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False
    )
    site = forms.CharField(required=False, widget=forms.TextInput(attrs={"class": "wide"}))


def test_it_ties_label_help_error_and_suggestions_to_their_field() -> None:
    form = Example({"kind": "a"})
    form.fields["name"].datalist = ["<Light>"]  # type: ignore[attr-defined]
    form.fields["site"].suggest_url = "/sites"  # type: ignore[attr-defined]
    drawn = Template('{% load ui %}{% include "ui/form.html" %}').render(
        Context({"form": form, "submit_label": "Add", "cancel_url": "/back"})
    )
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'list="id_name_list"' in drawn
    assert '<option value="&lt;Light&gt;">' in drawn
    assert 'hx-get="/sites"' in drawn
    assert 'class="form-control wide"' in drawn
    assert 'class="form-select"' in drawn
    assert "<legend>Users</legend>" in drawn
    assert 'href="#id_name">Name</a>: This field is required.' in drawn
    assert 'href="/back"' in drawn
    assert "style=" not in drawn
