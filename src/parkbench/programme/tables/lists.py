"""The lists of platforms, units and sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action as Right
from parkbench.programme import queries
from parkbench.records.models import OURS
from parkbench.records.queries import Whose, chosen_columns, completed, home_asked
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import (
    Action,
    Cell,
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

ROWS_PER_PAGE = 50
NO_PLATFORM = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called, what it sorts and is searched by, how a row fills it."""

    key: str
    label: Any
    cell: Callable[[Any], Cell]
    path: str

    @classmethod
    def plain(cls, key: str, label: Any, path: str = "") -> Column:
        """Return a column that shows one text of the row."""
        path = path or key
        return cls(key, label, lambda row: Cell(getattr(row, path) or ""), path)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its words, its rows for a viewer, its columns."""

    title: Any
    add_label: Any
    empty: Any
    rows: Callable[..., QuerySet[Any]]
    columns: tuple[Column, ...]


def _mail(row: Any) -> Cell:
    return Cell(row.mailbox_seen or "", url=f"mailto:{row.mailbox_seen}" if row.mailbox_seen else None)


def _platform(row: Any) -> Cell:
    uid = row.platform_uid_seen
    return Cell(row.platform_seen or "", url=reverse("programme:platform", args=[uid]) if uid else None)


NAME = Column.plain("name", gettext_lazy("Name"))
SHORT = Column.plain("short_name", gettext_lazy("Short name"))
MAILBOX = Column("mailbox", gettext_lazy("Contact"), _mail, "mailbox_seen")
HOME = Column("home", gettext_lazy("Organisation"), lambda row: Cell(row.home.name), "home__name")

LISTINGS: dict[str, Listing] = {
    "platform": Listing(
        gettext_lazy("Platforms"),
        gettext_lazy("Add a platform"),
        gettext_lazy("A platform holds several units under one head."),
        queries.platforms,
        (NAME, SHORT, MAILBOX, HOME),
    ),
    "unit": Listing(
        gettext_lazy("Units"),
        gettext_lazy("Add a unit"),
        gettext_lazy("A unit, such as a core facility, offers services and holds instruments."),
        queries.units,
        (
            NAME,
            SHORT,
            Column("platform", gettext_lazy("Platform"), _platform, "platform_seen"),
            MAILBOX,
            Column.plain("host", gettext_lazy("Host organisation"), "host_name"),
            HOME,
        ),
    ),
    "site": Listing(
        gettext_lazy("Sites"),
        gettext_lazy("Add a site"),
        gettext_lazy("A site is a place where instruments stand: a campus, a building."),
        queries.sites,
        (
            NAME,
            Column.plain("address", gettext_lazy("Address")),
            Column.plain("city", gettext_lazy("City")),
            Column.plain("country", gettext_lazy("Country")),
            HOME,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks of a list; what it does not understand is left out."""

    url: str
    query: str
    sort: str
    platform: str
    page: str
    home: str = OURS

    @property
    def kept(self) -> dict[str, str]:
        """Return the parameters in force, without the page."""
        given = {"q": self.query, "sort": self.sort, "platform": self.platform}
        given["home"] = "" if self.home == OURS else self.home
        return {key: value for key, value in given.items() if value}

    def to(self, **changes: str) -> str:
        """Return the address with some parameters changed; without a page it begins at page 1."""
        kept = {key: value for key, value in {**self.kept, **changes}.items() if value}
        return f"{self.url}?{urlencode(kept)}" if kept else self.url


def _asked(kind: str, parameters: Mapping[str, str], viewer: Viewer) -> _Asked:
    given = {name: parameters.get(name, "").strip() for name in ("q", "sort", "platform", "page")}
    platform = given["platform"] if kind == "unit" else ""
    home = home_asked(parameters.get("home", ""), viewer)
    return _Asked(reverse(f"programme:{kind}s"), given["q"], given["sort"], platform, given["page"], home)


def _shown(listing: Listing, kind: str, viewer: Viewer) -> list[Column]:
    """Return the columns to show: those a person chose, else all."""
    keys = [column.key for column in listing.columns]
    shown = chosen_columns(list_name=f"{kind}s", known=keys, viewer=viewer)
    return [column for column in listing.columns if column.key in shown]


def list_page(*, kind: str, parameters: Mapping[str, str], viewer: Viewer) -> ListPage:
    """Describe a list as this viewer may see it: searched, narrowed, sorted and paged as asked."""
    listing = LISTINGS[kind]
    asked = _asked(kind, parameters, viewer)
    columns = _shown(listing, kind, viewer)
    rows = _searched(columns, listing.rows(viewer=viewer, home=asked.home), asked.query)
    facets = [_platform_facet(rows, asked)] if kind == "unit" else []
    page = Paginator(_sorted(listing, _narrowed(rows, asked), asked.sort), ROWS_PER_PAGE).get_page(asked.page)
    add = _add(kind, viewer)
    described = ListPage(
        title=str(listing.title),
        columns=[_head(column, asked) for column in columns],
        rows=[_row(columns, row) for row in page],
        pager=_pager(page, asked),
        url=asked.url,
        query=asked.query,
        kept=[(key, value) for key, value in asked.kept.items() if key != "q"],
        current_query=urlencode(asked.kept),
        facets=facets,
        chips=_chips(facets, asked),
        clear_url=asked.url,
        exports=_exports(kind, asked),
        actions=[*_others(kind), *([add] if add else [])],
        empty=Empty(_("Nothing here yet"), str(listing.empty), add),
    )

    def count(home: str) -> int:
        return _narrowed(
            _searched(columns, listing.rows(viewer=viewer, home=home), asked.query), asked
        ).count()

    return completed(
        described,
        list_name=f"{kind}s",
        columns=[(column.key, column.label) for column in listing.columns],
        shown=[column.key for column in columns],
        whose=Whose(asked.home, count, lambda home: asked.to(home=home)),
        viewer=viewer,
    )


def _add(kind: str, viewer: Viewer) -> Action | None:
    if not viewer.may(Right.EDIT_PROGRAMME):
        return None
    return Action(str(LISTINGS[kind].add_label), reverse(f"programme:{kind}-add"), is_primary=True)


def _others(kind: str) -> list[Action]:
    return [
        Action(str(LISTINGS[other].title), reverse(f"programme:{other}s"))
        for other in LISTINGS
        if other != kind
    ]


def _exports(kind: str, asked: _Asked) -> dict[str, str]:
    return {
        label: f"{reverse(f'programme:{kind}s-{name}')}?{urlencode(asked.kept)}"
        for name, label in (("xlsx", "XLSX"), ("csv", "CSV"))
    }


def export_rows(
    *, kind: str, parameters: Mapping[str, str], viewer: Viewer
) -> tuple[list[str], Iterator[list[str]]]:
    """Return the headings and the rows of a list exactly as asked, over all its pages."""
    listing = LISTINGS[kind]
    asked = _asked(kind, parameters, viewer)
    columns = _shown(listing, kind, viewer)
    rows = _searched(columns, listing.rows(viewer=viewer, home=asked.home), asked.query)
    rows = _sorted(listing, _narrowed(rows, asked), asked.sort)
    headings = [str(column.label) for column in columns]
    return headings, ([column.cell(row).text for column in columns] for row in rows.iterator(1000))


def _searched(columns: Sequence[Column], rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the rows where every word stands in some shown column."""
    for word in text.split():
        condition = Q()
        for column in columns:
            condition |= Q(**{f"{column.path}__icontains": word})
        rows = rows.filter(condition)
    return rows


def _narrowed(rows: QuerySet[Any], asked: _Asked) -> QuerySet[Any]:
    if asked.platform == NO_PLATFORM:
        return rows.filter(platform_uid_seen=None)
    return rows.filter(platform_seen=asked.platform) if asked.platform else rows


def _sorted(listing: Listing, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    paths = {column.key: column.path for column in listing.columns}
    path = F(paths.get(sort.removeprefix("-"), "name"))
    order = path.desc(nulls_last=True) if sort.startswith("-") else path.asc(nulls_last=True)
    return rows.order_by(order, "name", "pk")


def _platform_facet(rows: QuerySet[Any], asked: _Asked) -> Facet:
    counts = (
        rows.order_by().values_list("platform_seen").annotate(count=Count("pk")).order_by("platform_seen")
    )
    options = [
        FacetOption(
            value=name or NO_PLATFORM,
            label=name or _("no platform"),
            count=count,
            url=asked.to(platform="" if asked.platform == (name or NO_PLATFORM) else name or NO_PLATFORM),
            is_on=asked.platform == (name or NO_PLATFORM),
        )
        for name, count in counts
    ]
    return Facet("platform", _("Platform"), options)


def _chips(facets: list[Facet], asked: _Asked) -> list[Chip]:
    chips = [Chip(_("“%(text)s”") % {"text": asked.query}, asked.to(q=""))] if asked.query else []
    if asked.platform:
        labels = {option.value: option.label for facet in facets for option in facet.options}
        label = labels.get(asked.platform, asked.platform)
        chips.append(Chip(_("Platform: %(name)s") % {"name": label}, asked.to(platform="")))
    return chips


def _head(column: Column, asked: _Asked) -> ColumnHead:
    is_sorted = (asked.sort or "name").removeprefix("-") == column.key
    is_down = asked.sort.startswith("-")
    return ColumnHead(
        key=column.key,
        label=str(column.label),
        is_sorted=is_sorted,
        sort_url=asked.to(sort=f"-{column.key}" if is_sorted and not is_down else column.key),
        direction="descending" if is_sorted and is_down else "ascending",
    )


def _row(columns: Sequence[Column], row: Any) -> ListRow:
    return ListRow(str(row.uid), [column.cell(row) for column in columns], row.get_absolute_url())


def _pager(page: Page[Any], asked: _Asked) -> Pager:
    pages = page.paginator.num_pages
    urls = {number: asked.to(page=str(number)) for number in wanted_numbers(page.number, pages)}
    return Pager(
        page=page.number,
        pages=pages,
        total=page.paginator.count,
        prev_url=urls.get(page.number - 1),
        next_url=urls.get(page.number + 1),
        numbers=page_numbers(page.number, pages, url_of=urls),
        first_row=page.start_index(),
        last_row=page.end_index(),
    )
