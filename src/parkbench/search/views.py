"""The page of search."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbench.lib.errors import shorten
from parkbench.records.models import ALL, OURS
from parkbench.records.queries import Whose, home_asked, home_choices
from parkbench.records.registry import kinds
from parkbench.search import queries
from parkbench.search.queries import Group, Results
from parkbench.ui.lists import HomeChoice, PageNumber, Pager, page_numbers, wanted_numbers

if TYPE_CHECKING:
    from parkbench.records.visibility import Viewer

LONGEST = 200
"""Characters of a query that are looked at."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what this viewer finds, grouped by kind; of one kind page by page."""
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    kind = request.GET.get("kind", "")
    only = [kind] if kind in {known.name for known in kinds()} else None
    viewer = cast("Viewer", request.viewer)  # type: ignore[attr-defined]
    home = _home(request, viewer)
    results = queries.search(text=text, viewer=viewer, only=only, page=_page(request), home=home)
    context = {
        "results": results,
        "site_query": text,
        "only": kind if only else "",
        "homes": _homes(request, results, home, only),
        "pager": _pager(request, results.groups[0]) if only and results.groups else None,
        "instead": ", ".join(f"“{shown}”" for _asked, shown in results.corrections),
        "asked": ", ".join(f"“{asked}”" for asked, _shown in results.corrections),
        "heading": _("Search: %(text)s") % {"text": shorten(text)} if text else _("Search"),
    }
    return render(request, "search/search.html", context)


def _home(request: HttpRequest, viewer: Viewer) -> str:
    """Return whose records are searched: everybody's unless the address asks for some."""
    asked = request.GET.get("home", ALL)
    return OURS if asked == OURS else ALL if asked == ALL else home_asked(asked, viewer)


def _homes(request: HttpRequest, results: Results, home: str, only: list[str] | None) -> list[HomeChoice]:
    """Return the ways to own, partners' and all hits; nothing on a node alone or before anything is asked."""
    viewer = cast("Viewer", request.viewer)  # type: ignore[attr-defined]
    if results.is_blank:
        return []

    def url(asked: str) -> str:
        query = request.GET.copy()
        for name in ("home", "page"):
            query.pop(name, None)
        if asked != ALL:
            query["home"] = asked or OURS
        return f"?{query.urlencode()}"

    def count(asked: str) -> int:
        return queries.search(text=results.text, viewer=viewer, only=only, home=asked).count

    return home_choices(viewer=viewer, whose=Whose(home, count, url), total=results.count)


def _page(request: HttpRequest) -> int:
    """Return the page asked for, 1 when it is no sensible number."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 6 else 1


def _pager(request: HttpRequest, group: Group) -> Pager:
    def url(page: int) -> str:
        query = request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    numbers: list[PageNumber] = page_numbers(
        group.page,
        group.pages,
        url_of={number: url(number) for number in wanted_numbers(group.page, group.pages)},
    )
    first = (group.page - 1) * queries.PAGE + 1
    return Pager(
        page=group.page,
        pages=group.pages,
        total=group.count,
        prev_url=url(group.page - 1) if group.page > 1 else None,
        next_url=url(group.page + 1) if group.page < group.pages else None,
        numbers=numbers,
        first_row=first,
        last_row=first + len(group.hits) - 1,
    )
