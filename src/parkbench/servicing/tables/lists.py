"""The list of service events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action as Right
from parkbench.records.queries import Whose, chosen_columns, completed
from parkbench.records.visibility import Viewer
from parkbench.servicing.models import HappeningChoices
from parkbench.servicing.queries import addresses, listing
from parkbench.servicing.queries.listing import PER_PAGE, EventPage, Option, Wanted
from parkbench.servicing.tables.columns import HOME, Column, known_columns
from parkbench.ui.lists import (
    Action,
    Chip,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
    Pager,
    page_numbers,
    wanted_numbers,
)

LIST = "service-events"
FACETS: dict[str, Any] = {
    "is_open": gettext_lazy("Now"),
    "happening": gettext_lazy("Kind"),
    "year": gettext_lazy("Year"),
    "platform": gettext_lazy("Platform"),
    "unit": gettext_lazy("Unit"),
}
NAMED = {
    "platform": gettext_lazy("Platform"),
    "unit": gettext_lazy("Unit"),
    "instrument": gettext_lazy("Instrument"),
    "model": gettext_lazy("Make and model"),
}
"""Conditions that name another record > what stands before its name."""


def list_page(*, wanted: Wanted, page: int, viewer: Viewer) -> ListPage:
    """Describe the list as this viewer may see it; nine queries, one more per record it is narrowed by."""
    url = reverse("servicing:events")
    found = listing.event_page(viewer=viewer, wanted=wanted, page=page)
    known = known_columns(viewer, wanted.home)
    keys = chosen_columns(list_name=LIST, known=[column.key for column in known], viewer=viewer)
    columns = [column for column in known if column.key in keys or column is HOME]
    options = listing.facets(viewer=viewer, wanted=wanted)
    described = ListPage(
        title=_("Down now") if wanted.is_open else _("Service events"),
        columns=[_head(column, wanted, url) for column in columns],
        rows=[
            ListRow(str(row.uid), [column.cell(row) for column in columns], row.get_absolute_url())
            for row in found.rows
        ],
        pager=_pager(found, wanted, url),
        url=url,
        query=wanted.search,
        kept=[(name, value) for name, value in addresses.pairs_of(wanted).items() if name != "q"],
        current_query=addresses.query_of(wanted),
        facets=facets_of(options, wanted, url),
        chips=chips_of(wanted, url, viewer),
        clear_url=url,
        exports=_exports(wanted),
        actions=_actions(wanted, viewer),
        empty=_empty(viewer),
    )
    return completed(
        described,
        list_name=LIST,
        columns=[(column.key, column.label) for column in known],
        shown=keys,
        whose=Whose(
            home=wanted.home,
            count=lambda home: listing.listed(viewer, replace(wanted, home=home)).count(),
            url=lambda home: f"{url}?{addresses.query_of(wanted, home=home or None)}",
        ),
        viewer=viewer,
    )


def _exports(wanted: Wanted) -> dict[str, str]:
    return {
        label: f"{reverse('servicing:export', args=[form])}?{addresses.query_of(wanted)}"
        for form, label in (("xlsx", "XLSX"), ("csv", "CSV"))
    }


def _head(column: Column, wanted: Wanted, url: str) -> ColumnHead:
    is_sorted = wanted.sort.lstrip("-") == column.key
    is_down = wanted.sort.startswith("-")
    turned = f"-{column.key}" if is_sorted and not is_down else column.key
    return ColumnHead(
        key=column.key,
        label=str(column.label),
        kind=column.kind,
        is_sorted=is_sorted,
        sort_url=f"{url}?{addresses.query_of(wanted, sort=turned)}",
        direction="descending" if is_down else "ascending",
    )


def _pager(found: EventPage, wanted: Wanted, url: str) -> Pager:
    def at(number: int) -> str:
        return f"{url}?{addresses.query_of(wanted, {'page': str(number)})}"

    first = (found.page - 1) * PER_PAGE + 1
    return Pager(
        page=found.page,
        pages=found.pages,
        total=found.total,
        prev_url=at(found.page - 1) if found.page > 1 else None,
        next_url=at(found.page + 1) if found.page < found.pages else None,
        numbers=page_numbers(
            found.page, found.pages, url_of={n: at(n) for n in wanted_numbers(found.page, found.pages)}
        ),
        first_row=first if found.total else None,
        last_row=min(first + PER_PAGE - 1, found.total) if found.total else None,
    )


def facets_of(
    options: Mapping[str, Sequence[Option]],
    wanted: Wanted,
    url: str,
    more: Mapping[str, str] | None = None,
) -> list[Facet]:
    """Describe the facets; ``more`` is carried along in every address."""
    facets = []
    for name, found in options.items():
        held = getattr(wanted, name)
        on = "1" if held is True else str(held or "")

        def turned(value: str, name: str = name, on: str = on) -> str:
            new = None if on == value else _VALUES[name](value)
            return f"{url}?{addresses.query_of(wanted, more, **{name: new})}"

        shown = [
            FacetOption(
                value=option.value,
                label=option.label or _("down now"),
                count=option.count,
                url=turned(option.value),
                is_on=on == option.value,
            )
            for option in found
        ]
        if shown:
            facets.append(Facet(key=name, label=str(FACETS[name]), options=shown))
    return facets


_VALUES: dict[str, Callable[[str], Any]] = {
    "is_open": bool,
    "happening": str,
    "year": int,
    "platform": UUID,
    "unit": UUID,
}


def chips_of(wanted: Wanted, url: str, viewer: Viewer, more: Mapping[str, str] | None = None) -> list[Chip]:
    """Return the conditions in force in words, each with the address that lifts it."""
    said: list[tuple[str, str]] = []
    if wanted.is_open:
        said.append(("is_open", _("down now")))
    if wanted.happening:
        label = HappeningChoices(wanted.happening).label
        said.append(("happening", _("Kind: %(name)s") % {"name": label}))
    if wanted.year:
        said.append(("year", _("Year: %(year)s") % {"year": wanted.year}))
    for key, label in NAMED.items():
        uid = getattr(wanted, key)
        if uid is not None:
            name = listing.name_behind(key=key, uid=uid, viewer=viewer) or _("not shared, or not here")
            said.append((key, f"{label}: {name}"))
    return [Chip(words, f"{url}?{addresses.query_of(wanted, more, **{name: None})}") for name, words in said]


def _actions(wanted: Wanted, viewer: Viewer) -> list[Action]:
    figures = addresses.query_of(wanted, sort=None, search=None, home=None)
    found = [Action(_("Costs and days down"), f"{reverse('servicing:figures')}?{figures}")]
    if viewer.may_somewhere(Right.IMPORT):
        found.append(Action(_("Import a sheet"), reverse("intake:sources")))
    return found


def _empty(viewer: Viewer) -> Empty:
    if viewer.may_somewhere(Right.EDIT):
        return Empty(
            _("No service events yet"),
            _(
                "Failures, maintenance visits, upgrades, moves and quality checks. Note one from the page of "
                "its instrument, under “Something happened”, or bring the service log you already keep."
            ),
            Action(_("Import a sheet"), reverse("intake:sources"), is_primary=True),
        )
    return Empty(_("No service events to show"), _("None was noted yet, or none is shared with you."))
