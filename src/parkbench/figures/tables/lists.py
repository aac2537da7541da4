"""The list of years of use: what was used, booked and available, and what was down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action as Right
from parkbench.figures.queries import years
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, XlsxWriter
from parkbench.records.models import OURS
from parkbench.records.queries import Whose, chosen_columns, completed, home_asked
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import (
    Action,
    Cell,
    Chip,
    ColumnHead,
    ColumnKind,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
    Pager,
    page_numbers,
    wanted_numbers,
)

ROWS = 50
SHOWN_OPTIONS = 12
FACETS = {
    "year": (gettext_lazy("Year"), "year", "year"),
    "platform": (gettext_lazy("Platform"), "platform_uid", "platform_name"),
    "unit": (gettext_lazy("Unit"), "unit_uid", "unit_name"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it sorts by, how a cell shows it and a file holds it."""

    key: str
    label: Any
    path: str
    text: Callable[[Any], str]
    plain: Callable[[Any], Any]
    kind: ColumnKind = "number"


def _hours(path: str) -> tuple[Callable[[Any], str], Callable[[Any], Any]]:
    def text(row: Any) -> str:
        minutes = getattr(row, path)
        return "" if minutes is None else f"{minutes / 60:,.0f}".replace(",", "\u202f")

    def plain(row: Any) -> Any:
        minutes = getattr(row, path)
        return None if minutes is None else round(minutes / 60, 2)

    return text, plain


def _measure(key: str, label: Any) -> Column:
    return Column(key, label, f"{key}_seen", *_hours(f"{key}_seen"))


def _words(path: str) -> tuple[Callable[[Any], str], Callable[[Any], Any]]:
    return (lambda row: str(getattr(row, path) or "")), (lambda row: getattr(row, path))


def _share(row: Any) -> str:
    return "" if row.share is None else f"{row.share * 100:.0f} %"


def _down_days(row: Any) -> float | None:
    return None if row.down_seen is None else round(row.down_seen / 1440, 1)


COLUMNS = (
    Column("instrument", gettext_lazy("Instrument"), "instrument_name", *_words("instrument_name"), "link"),
    Column("unit", gettext_lazy("Unit"), "unit_name", *_words("unit_name"), "text"),
    Column("year", gettext_lazy("Year"), "year", *_words("year")),
    _measure("used", gettext_lazy("Used (h)")),
    _measure("booked", gettext_lazy("Booked (h)")),
    _measure("available", gettext_lazy("Available (h)")),
    Column(
        "share",
        gettext_lazy("Used of available"),
        "share",
        _share,
        lambda row: None if row.share is None else round(row.share, 4),
    ),
    Column(
        "down",
        gettext_lazy("Down (days)"),
        "down_seen",
        lambda row: "" if row.down_seen is None else f"{_down_days(row):g}",
        _down_days,
    ),
    _measure("maintenance", gettext_lazy("Maintenance (h)")),
    _measure("training", gettext_lazy("Training (h)")),
    Column(
        "months",
        gettext_lazy("Months known"),
        "months_known_seen",
        lambda row: (
            "" if row.months_known_seen is None else _("%(count)s of 12") % {"count": row.months_known_seen}
        ),
        lambda row: row.months_known_seen,
    ),
)
HOME = Column("organisation", gettext_lazy("Organisation"), "home_name", *_words("home_name"), "text")
"""Whose a year is: shown where partners' years are listed too."""
PATHS = {column.key: column.path for column in (*COLUMNS, HOME)}
LIST = "use"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks; what it does not understand is left out."""

    kept: Mapping[str, str]
    page: str = "1"

    @property
    def home(self) -> str:
        """Return whose years are asked for."""
        return self.kept.get("home", OURS)

    def to(self, **changes: str) -> str:
        """Return the address with some parameters changed, at page 1 unless a page is named."""
        kept = {key: value for key, value in {**self.kept, **changes}.items() if value}
        url = reverse("figures:list")
        return f"{url}?{urlencode(kept)}" if kept else url

    def get(self, name: str) -> str:
        """Return a parameter in force, '' without."""
        return self.kept.get(name, "")


def _asked(parameters: Mapping[str, str], viewer: Viewer) -> _Asked:
    kept = {}
    for name in ("q", "sort", "year", "platform", "unit", "instrument"):
        value = parameters.get(name, "").strip()[:200]
        is_known = (
            value.isdecimal() and len(value) == 4
            if name == "year"
            else _is_uid(value)
            if name in ("platform", "unit", "instrument")
            else value.removeprefix("-") in PATHS
            if name == "sort"
            else bool(value)
        )
        if is_known:
            kept[name] = value
    home = home_asked(parameters.get("home", ""), viewer)
    kept |= {"home": home} if home != OURS else {}
    return _Asked(kept, parameters.get("page", "1"))


def _listed(asked: _Asked, viewer: Viewer, home: str) -> QuerySet[Any]:
    """Return the years of these homes that are searched for, before they are narrowed by facets."""
    return _searched(years.use_years(viewer=viewer, home=home), asked)


def _columns(asked: _Asked) -> tuple[Column, ...]:
    return COLUMNS if asked.home == OURS else (COLUMNS[0], HOME, *COLUMNS[1:])


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _searched(rows: QuerySet[Any], asked: _Asked) -> QuerySet[Any]:
    for word in asked.get("q").split():
        rows = rows.filter(Q(instrument_name__icontains=word) | Q(unit_name__icontains=word))
    return rows


def _narrowed(rows: QuerySet[Any], asked: _Asked, *, without: str = "") -> QuerySet[Any]:
    for name in ("year", "platform", "unit", "instrument"):
        value = asked.get(name)
        if value and name != without:
            path = "year" if name == "year" else f"{name}_uid"
            rows = rows.filter(**{path: int(value) if name == "year" else UUID(value)})
    return rows


def _sorted(rows: QuerySet[Any], asked: _Asked) -> QuerySet[Any]:
    sort = asked.get("sort") or "-year"
    path = F(PATHS[sort.removeprefix("-")])
    order = path.desc(nulls_last=True) if sort.startswith("-") else path.asc(nulls_last=True)
    return rows.order_by(order, "instrument_name", "-year", "pk")


def list_page(*, parameters: Mapping[str, str], viewer: Viewer) -> ListPage:
    """Describe the list as this viewer may see it: searched, narrowed, sorted and paged as asked."""
    asked = _asked(parameters, viewer)
    known = _columns(asked)
    keys = chosen_columns(list_name=LIST, known=[column.key for column in known], viewer=viewer)
    columns = [column for column in known if column.key in keys or column is HOME]
    rows = _listed(asked, viewer, asked.home)
    facets = [_facet(name, rows, asked) for name in FACETS]
    page = Paginator(_sorted(_narrowed(rows, asked), asked), ROWS).get_page(asked.page)
    actions = _actions(viewer)
    query = urlencode(asked.kept)
    described = ListPage(
        title=_("Use and downtime"),
        intro=_("One line per instrument and calendar year. An empty cell is not known, which is not zero."),
        columns=[_head(column, asked) for column in columns],
        rows=[_row(row, columns) for row in page],
        pager=_pager(page, asked),
        url=reverse("figures:list"),
        query=asked.get("q"),
        query_hint=_("Instrument or unit"),
        kept=[(key, value) for key, value in asked.kept.items() if key != "q"],
        current_query=query,
        facets=[facet for facet in facets if facet.options],
        chips=_chips(facets, asked),
        clear_url=reverse("figures:list"),
        exports=_exports(query),
        actions=actions,
        empty=_empty(actions),
    )
    return completed(
        described,
        list_name=LIST,
        columns=[(column.key, column.label) for column in known],
        shown=keys,
        whose=_whose(asked, viewer),
        viewer=viewer,
    )


def _whose(asked: _Asked, viewer: Viewer) -> Whose:
    return Whose(
        home=asked.home,
        count=lambda home: _narrowed(_listed(asked, viewer, home), asked).count(),
        url=lambda home: asked.to(home=home),
    )


def _actions(viewer: Viewer) -> list[Action]:
    imports = Action(_("Import use"), reverse("intake:sources"), is_primary=True)
    return [imports] if viewer.may_somewhere(Right.IMPORT) else []


def _exports(query: str) -> dict[str, str]:
    return {
        label: f"{reverse('figures:export', args=[form])}?{query}"
        for form, label in (("xlsx", "XLSX"), ("csv", "CSV"))
    }


def _empty(actions: Sequence[Action]) -> Empty:
    return Empty(
        _("Nothing is known of use yet"),
        _("Import monthly sums or a list of bookings, or enter a month on the page of an instrument."),
        actions[0] if actions else None,
    )


def _facet(name: str, rows: QuerySet[Any], asked: _Asked) -> Facet:
    label, value_path, label_path = FACETS[name]
    counted = _narrowed(rows, asked, without=name).exclude(**{value_path: None}).order_by()
    order = "-year" if name == "year" else label_path
    paths = list(dict.fromkeys((value_path, label_path)))
    options = []
    for found in counted.values(*paths).annotate(count=Count("pk")).order_by(order)[: SHOWN_OPTIONS * 5]:
        value, is_on = str(found[value_path]), asked.get(name) == str(found[value_path])
        url = asked.to(**{name: "" if is_on else value})
        options.append(FacetOption(value, str(found[label_path]), found["count"], url, is_on))
    return Facet(name, str(label), options)


def _chips(facets: list[Facet], asked: _Asked) -> list[Chip]:
    chips = [Chip(_("“%(text)s”") % {"text": asked.get("q")}, asked.to(q=""))] if asked.get("q") else []
    for facet in facets:
        chips += [
            Chip(f"{facet.label}: {option.label}", asked.to(**{facet.key: ""}))
            for option in facet.options
            if option.is_on
        ]
    if asked.get("instrument"):
        chips.append(Chip(_("One instrument"), asked.to(instrument="")))
    return chips


def _head(column: Column, asked: _Asked) -> ColumnHead:
    sort = asked.get("sort") or "-year"
    is_sorted, is_down = sort.removeprefix("-") == column.key, sort.startswith("-")
    return ColumnHead(
        key=column.key,
        label=str(column.label),
        kind=column.kind,
        is_sorted=is_sorted,
        sort_url=asked.to(sort=f"-{column.key}" if is_sorted and not is_down else column.key),
        direction="descending" if is_sorted and is_down else "ascending",
    )


def _row(row: Any, columns: Sequence[Column]) -> ListRow:
    url = reverse("figures:year", args=[row.uid])
    cells = []
    for column in columns:
        link = None
        if column.key == "unit" and row.unit_uid:
            link = reverse("programme:unit", args=[row.unit_uid])
        cells.append(Cell(column.text(row), url=url if column.key == "instrument" else link))
    return ListRow(str(row.uid), cells, url)


def _pager(page: Page[Any], asked: _Asked) -> Pager:
    pages = page.paginator.num_pages
    urls = {number: asked.to(page=str(number)) for number in wanted_numbers(page.number, pages)}
    return Pager(
        page=page.number,
        pages=pages,
        total=page.paginator.count,
        prev_url=asked.to(page=str(page.number - 1)) if page.has_previous() else None,
        next_url=asked.to(page=str(page.number + 1)) if page.has_next() else None,
        numbers=page_numbers(page.number, pages, url_of=urls),
        first_row=page.start_index(),
        last_row=page.end_index(),
    )


def export_rows(*, parameters: Mapping[str, str], viewer: Viewer) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the headings and the rows of the list exactly as asked, over all its pages."""
    asked = _asked(parameters, viewer)
    rows = _sorted(_narrowed(_listed(asked, viewer, asked.home), asked), asked)
    columns = _columns(asked)
    headings = [str(column.label) for column in columns]
    return headings, ([column.plain(row) for column in columns] for row in rows.iterator(1000))


def export(viewer: Viewer, format: str, stream: BinaryIO) -> int:
    """Write all years of use, as the command line exports them; returns how many."""
    if format not in ("csv", "xlsx", "jsonl"):
        raise Refused(f"“{format}” is no format of an export. Choose csv, xlsx or jsonl.")
    headings, rows = export_rows(parameters={"sort": "instrument"}, viewer=viewer)
    count = 0
    if format == "jsonl":
        for row in rows:
            named = dict(zip((column.key for column in COLUMNS), row, strict=True))
            stream.write(json.dumps(named, ensure_ascii=False).encode() + b"\n")
            count += 1
        return count
    writer = XlsxWriter(stream, headings) if format == "xlsx" else CsvWriter(stream, headings)
    for row in rows:
        writer.row(row)
        count += 1
    writer.close()
    return count
