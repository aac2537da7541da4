"""The lists of services and capabilities as pages: heads, cells, facets, chips and the addresses of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action as Right
from parkbench.instruments.models import UserCategoryChoices
from parkbench.offer.models import AccessChoices
from parkbench.offer.queries import lists as queries
from parkbench.offer.queries.lists import FACETS, NOTHING, Wanted
from parkbench.offer.queries.panels import TONES
from parkbench.offer.rules import split
from parkbench.offer.tables.prices import from_price
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

ROWS_PER_PAGE = 50
MOST_OPTIONS = 12
LABELS = {
    "unit": gettext_lazy("Unit"),
    "platform": gettext_lazy("Platform"),
    "technique": gettext_lazy("Technique"),
    "access": gettext_lazy("Access"),
    "for": gettext_lazy("Who may use it"),
    "status": gettext_lazy("Status"),
}
ADDRESS = {"service": "services", "capability": "capabilities"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, label, whether one can sort by it, and how a row fills it."""

    key: str
    label: Any
    cell: Callable[[Any], Cell]
    is_sortable: bool = True
    kind: ColumnKind = "text"


def wanted_of(parameters: QueryDict, *, viewer: Viewer) -> Wanted:
    """Return what the address asks; what it does not understand is left out."""
    page = parameters.get("page", "1")
    conditions = {
        key: tuple(dict.fromkeys(value.replace("\x00", "")[:200] for value in parameters.getlist(key)))
        for key in FACETS
        if parameters.getlist(key)
    }
    return Wanted(
        search=parameters.get("q", "").replace("\x00", "").strip()[:200],
        sort=parameters.get("sort", "")[:40],
        page=int(page) if page.isdecimal() and len(page) < 9 else 1,
        home=home_asked(parameters.get("home", ""), viewer),
        conditions=conditions,
    )


def list_page(*, kind: str, wanted: Wanted, viewer: Viewer) -> ListPage:
    """Describe a list as this viewer may see it: searched, narrowed, sorted and paged as asked."""
    found = queries.found_services if kind == "service" else queries.found_capabilities
    page = Paginator(found(viewer=viewer, wanted=wanted), ROWS_PER_PAGE).get_page(wanted.page)
    rows = list(page)
    known = [*_columns(kind, rows, viewer), *(() if wanted.home == OURS else (HOME,))]
    keys = _chosen(kind, [column.key for column in known], viewer)
    columns = [column for column in known if column.key in keys]
    facets = _facets(wanted, viewer) if kind == "service" else []
    url = reverse(f"offer:{ADDRESS[kind]}")
    query = urlencode(_pairs(wanted))
    described = ListPage(
        title=_("Services") if kind == "service" else _("Capabilities"),
        intro=_intro(kind),
        columns=[_head(column, wanted, url) for column in columns],
        rows=[
            ListRow(str(row.uid), [column.cell(row) for column in columns], row.get_absolute_url())
            for row in rows
        ],
        pager=_pager(page, wanted, url),
        url=url,
        query=wanted.search,
        query_hint=_("Search by name, description, unit, sample type"),
        kept=[pair for pair in _pairs(wanted) if pair[0] != "q"],
        current_query=query,
        facets=facets,
        chips=_chips(facets, wanted, url),
        clear_url=url,
        exports=_exports(kind, query),
        actions=_actions(kind, viewer),
        empty=_empty(kind, viewer),
    )
    return completed(
        described,
        list_name=ADDRESS[kind],
        columns=[(column.key, column.label) for column in known],
        shown=keys,
        whose=_whose(kind, wanted, viewer, url),
        viewer=viewer,
    )


def _exports(kind: str, query: str) -> dict[str, str]:
    return {
        label: f"{reverse(f'offer:{ADDRESS[kind]}-{name}')}?{query}"
        for name, label in (("xlsx", "XLSX"), ("csv", "CSV"))
    }


def _whose(kind: str, wanted: Wanted, viewer: Viewer, url: str) -> Whose:
    found = queries.found_services if kind == "service" else queries.found_capabilities
    return Whose(
        home=wanted.home,
        count=lambda home: found(viewer=viewer, wanted=replace(wanted, home=home)).count(),
        url=lambda home: _to(url, replace(wanted, home=home or OURS)),
    )


def _columns(kind: str, rows: Sequence[Any], viewer: Viewer) -> tuple[Column, ...]:
    return SERVICE_COLUMNS if kind == "service" else _capability_columns(rows, viewer)


def _chosen(kind: str, known: Sequence[str], viewer: Viewer) -> tuple[str, ...]:
    """Return the columns to show; whose a record is stands there whenever others' are listed."""
    keys = chosen_columns(list_name=ADDRESS[kind], known=known, viewer=viewer)
    return tuple(key for key in known if key in keys or key == HOME.key)


def _intro(kind: str) -> str:
    if kind == "service":
        return _("What one can ask for: how to ask, what it costs, how long it takes.")
    return _("What several units offer together.")


def _name(row: Any) -> Cell:
    return Cell(row.name, url=row.get_absolute_url())


def _unit(row: Any) -> Cell:
    url = reverse("programme:unit", args=[row.unit_uid_seen]) if row.unit_uid_seen else None
    return Cell(row.unit_seen or "", url=url, is_hidden=bool(row.unit_ref) and not row.unit_uid_seen)


def _ask(row: Any) -> Cell:
    if row.contact_url_seen:
        return Cell(_("Request form"), url=row.contact_url_seen)
    return Cell(row.mailbox_seen or "", url=f"mailto:{row.mailbox_seen}" if row.mailbox_seen else None)


def _lead_time(row: Any) -> Cell:
    days = row.lead_time_days_seen
    return Cell("" if days is None else str(days))


def _status(row: Any) -> Cell:
    return Cell(row.get_status_display() or "", tone=TONES.get(row.status or "", "quiet"))  # type: ignore[arg-type]


def _labels(choices: Any, column: str) -> Callable[[Any], Cell]:
    def cell(row: Any) -> Cell:
        known = {str(value): str(label) for value, label in choices.choices}
        return Cell(", ".join(known.get(word, word) for word in split(getattr(row, column))))

    return cell


def _price(row: Any) -> Cell:
    return Cell(from_price(row.prices_seen, timezone.localdate().isoformat()))


NAME = Column("name", gettext_lazy("Name"), _name, kind="link")
HOME = Column("organisation", gettext_lazy("Organisation"), lambda row: Cell(row.home.name))
HOW = Column("ask", gettext_lazy("How to ask"), _ask, is_sortable=False)
SERVICE_COLUMNS = (
    NAME,
    Column("unit", gettext_lazy("Unit"), _unit),
    Column("price", gettext_lazy("Price today"), _price, is_sortable=False),
    Column("lead_time", gettext_lazy("Lead time (days)"), _lead_time, kind="number"),
    HOW,
    Column("status", gettext_lazy("Status"), _status, kind="status"),
    Column("access", gettext_lazy("Access"), _labels(AccessChoices, "access_modes"), is_sortable=False),
    Column(
        "for",
        gettext_lazy("Who may use it"),
        _labels(UserCategoryChoices, "user_categories"),
        is_sortable=False,
    ),
)


def _capability_columns(rows: Sequence[Any], viewer: Viewer) -> tuple[Column, ...]:
    drawn = queries.units_of_capabilities(pks=[row.pk for row in rows], viewer=viewer)

    def units(row: Any) -> Cell:
        return Cell(", ".join(dict.fromkeys(unit for _name, unit in drawn.get(row.pk, ()) if unit)))

    def services(row: Any) -> Cell:
        return Cell(", ".join(name for name, _unit in drawn.get(row.pk, ())))

    def platform(row: Any) -> Cell:
        uid = row.platform_uid_seen
        url = reverse("programme:platform", args=[uid]) if uid else None
        return Cell(row.platform_seen or "", url=url, is_hidden=bool(row.platform_ref) and not uid)

    return (
        NAME,
        Column("platform", gettext_lazy("Platform"), platform),
        Column("units", gettext_lazy("Units"), units, is_sortable=False),
        Column("services", gettext_lazy("Services"), services, is_sortable=False),
        HOW,
    )


def _actions(kind: str, viewer: Viewer) -> list[Action]:
    other = "capability" if kind == "service" else "service"
    label = _("Capabilities") if kind == "service" else _("Services")
    actions = [Action(label, reverse(f"offer:{ADDRESS[other]}"))]
    if viewer.may_somewhere(Right.IMPORT):
        actions.append(Action(_("Import a sheet"), reverse("intake:sources")))
    if viewer.may_somewhere(Right.EDIT):
        add = _("Add a service") if kind == "service" else _("Add a capability")
        actions.append(Action(add, reverse(f"offer:{kind}-add"), is_primary=True))
    return actions


def _empty(kind: str, viewer: Viewer) -> Empty:
    what = (
        _("A service is what a unit does for others: with a way to ask, prices, and how long it takes.")
        if kind == "service"
        else _("A capability is a named offer that draws on services of several units.")
    )
    if not viewer.may_somewhere(Right.EDIT):
        return Empty(_("Nothing to show"), what)
    add = _("Add a service") if kind == "service" else _("Add a capability")
    action = Action(add, reverse(f"offer:{kind}-add"), is_primary=True)
    return Empty(_("Nothing here yet"), what, action)


def _pairs(wanted: Wanted) -> list[tuple[str, str]]:
    """Return the parameters in force, without the page."""
    pairs = [("q", wanted.search), ("sort", wanted.sort)]
    pairs.append(("home", "" if wanted.home == OURS else wanted.home))
    pairs += [(key, value) for key, values in wanted.conditions.items() for value in values]
    return [(key, value) for key, value in pairs if value]


def _to(url: str, wanted: Wanted, page: int = 1) -> str:
    pairs = _pairs(wanted) + ([("page", str(page))] if page > 1 else [])
    return f"{url}?{urlencode(pairs)}" if pairs else url


def _toggled(wanted: Wanted, key: str, value: str) -> Wanted:
    """Return the list with this value of a facet switched on, or off when it is on."""
    held = wanted.conditions.get(key, ())
    values = tuple(one for one in held if one != value) if value in held else (*held, value)
    conditions: Mapping[str, tuple[str, ...]] = {**wanted.conditions, key: values}
    return replace(wanted, conditions={name: kept for name, kept in conditions.items() if kept})


def _facets(wanted: Wanted, viewer: Viewer) -> list[Facet]:
    url = reverse("offer:services")
    found = queries.facets(viewer=viewer, wanted=wanted)
    facets = []
    for key, options in found.options.items():
        on = set(wanted.conditions.get(key, ()))
        shown = [option for place, option in enumerate(options) if place < MOST_OPTIONS or option.value in on]
        facets.append(
            Facet(
                key,
                str(LABELS[key]),
                [
                    FacetOption(
                        value=option.value,
                        label=option.label or _not_known(key),
                        count=option.count,
                        url=_to(url, _toggled(wanted, key, option.value)),
                        is_on=option.value in on,
                    )
                    for option in shown
                ],
            )
        )
    return facets


def _not_known(key: str) -> str:
    return _("none, or not shared") if key in ("unit", "platform") else _("not given")


def _chips(facets: Sequence[Facet], wanted: Wanted, url: str) -> list[Chip]:
    chips = []
    if wanted.search:
        chips.append(Chip(_("“%(text)s”") % {"text": wanted.search}, _to(url, replace(wanted, search=""))))
    labels = {(facet.key, option.value): option.label for facet in facets for option in facet.options}
    for key, values in wanted.conditions.items():
        for value in values:
            label = labels.get(
                (key, value), _("nothing of that name") if value != NOTHING else _not_known(key)
            )
            chips.append(Chip(f"{LABELS[key]}: {label}", _to(url, _toggled(wanted, key, value))))
    return chips


def _head(column: Column, wanted: Wanted, url: str) -> ColumnHead:
    is_sorted = (wanted.sort or "name").removeprefix("-") == column.key
    is_down = is_sorted and wanted.sort.startswith("-")
    turned = f"-{column.key}" if is_sorted and not is_down else column.key
    return ColumnHead(
        key=column.key,
        label=str(column.label),
        kind=column.kind,
        is_sorted=is_sorted,
        sort_url=_to(url, replace(wanted, sort=turned)) if column.is_sortable else None,
        direction="descending" if is_down else "ascending",
    )


def _pager(page: Page[Any], wanted: Wanted, url: str) -> Pager:
    pages = page.paginator.num_pages
    urls = {number: _to(url, wanted, number) for number in wanted_numbers(page.number, pages)}
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
