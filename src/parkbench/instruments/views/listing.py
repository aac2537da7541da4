"""The machine park as a list page: heads, cells, facets, figures, and the addresses of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action
from parkbench.instruments import filters
from parkbench.instruments.queries.columns import BY_KEY, COLUMNS, NO_YEARS, Column, may_show
from parkbench.instruments.queries.conditions import NOTHING, Condition, Wanted
from parkbench.instruments.queries.park import PER_PAGE, Option, ParkPage, ParkRow, count_of, names_of_values
from parkbench.instruments.tables.files import cell_of, column_kind
from parkbench.lib.dates import utc_now
from parkbench.records.models import OURS, OWN
from parkbench.records.queries import Whose, home_choices, saved_filters
from parkbench.records.visibility import Asked
from parkbench.ui.charts import Chart, columns_chart, stacked_bar
from parkbench.ui.lists import Action as PageAction
from parkbench.ui.lists import (
    BulkAction,
    Chip,
    ColumnChoice,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    HomeChoice,
    ListPage,
    ListRow,
    Pager,
    SavedFilter,
    page_numbers,
    wanted_numbers,
)
from parkbench.ui.parts import sentence_with_link

MOST_OPTIONS = 12
AGES = (0, 3, 6, 9, 12, 15)
FACET_LABELS = {
    "status": gettext_lazy("Status"),
    "unit": gettext_lazy("Unit"),
    "platform": gettext_lazy("Platform"),
    "maker": gettext_lazy("Maker"),
    "techniques": gettext_lazy("Technique"),
    "site": gettext_lazy("Site"),
}


def list_page(request: Asked, *, wanted: Wanted, found: ParkPage, kept: Sequence[str]) -> ListPage:
    """Describe one page of the list for `ui/list_page.html`."""
    url = reverse("instruments:park")
    query = filters.query_of(wanted, kept_columns=kept)
    may_edit = request.viewer.may_somewhere(Action.EDIT)
    return ListPage(
        title=_("Machine park"),
        url=url,
        columns=[_head(column, wanted, url, kept) for column in found.columns],
        rows=[_line(found, row) for row in found.rows],
        pager=_pager(found, wanted, url, kept),
        query=wanted.search,
        query_hint=_("Search in the shown columns"),
        kept=[pair for pair in _pairs(wanted, kept) if pair[0] != "q"],
        current_query=query,
        homes=_homes(request, wanted, found, url, kept),
        facets_url=f"{reverse('instruments:facets')}?{query}",
        figures_url=f"{reverse('instruments:figures')}?{query}",
        chips=_chips(request, wanted, url),
        clear_url=url,
        column_choices=[
            ColumnChoice(column.key, str(column.label), column in found.columns)
            for column in COLUMNS
            if may_show(column, request.viewer)
        ],
        columns_url=reverse("instruments:columns"),
        condition_url=reverse("instruments:condition"),
        saved_filters=_saved(request, url, query),
        save_filter_url=reverse("instruments:save-filter") if request.member.person else None,
        exports={
            label: f"{reverse('instruments:export', args=[name])}?{query}"
            for name, label in (("xlsx", "XLSX"), ("csv", "CSV"))
        },
        bulk_url=reverse("instruments:bulk") if may_edit else None,
        bulk_actions=_bulk_actions() if may_edit else (),
        actions=_actions(request),
        empty=_empty(request, wanted, url),
    )


def _homes(
    request: Asked, wanted: Wanted, found: ParkPage, url: str, kept: Sequence[str]
) -> list[HomeChoice]:
    whose = Whose(
        home=wanted.home,
        count=lambda home: count_of(viewer=request.viewer, wanted=wanted, home=home),
        url=lambda home: f"{url}?{filters.query_of(wanted, kept_columns=kept, home=home or None)}",
    )
    return home_choices(viewer=request.viewer, whose=whose, total=found.total)


def _line(found: ParkPage, row: ParkRow) -> ListRow:
    return ListRow(
        uid=str(row.uid),
        url=reverse("instruments:instrument", args=[row.uid]),
        cells=[cell_of(column, value, row) for column, value in zip(found.columns, row.values, strict=True)],
        is_selectable=row.home_id == OWN,
    )


def _pairs(wanted: Wanted, kept: Sequence[str]) -> list[tuple[str, str]]:
    pairs = filters.dict_of(wanted, kept_columns=kept)
    return [(name, value) for name, values in pairs.items() for value in values]


def _head(column: Column, wanted: Wanted, url: str, kept: Sequence[str]) -> ColumnHead:
    is_sorted = wanted.sort.lstrip("-") == column.key
    is_down = wanted.sort.startswith("-")
    turned = column.key if not is_sorted or is_down else f"-{column.key}"
    return ColumnHead(
        key=column.key,
        label=str(column.label),
        kind=column_kind(column),
        is_sorted=is_sorted,
        sort_url=f"{url}?{filters.query_of(wanted, kept_columns=kept, sort=turned)}",
        direction="descending" if is_down else "ascending",
    )


def _pager(found: ParkPage, wanted: Wanted, url: str, kept: Sequence[str]) -> Pager:
    def at(number: int) -> str:
        return f"{url}?{filters.query_of(wanted, kept_columns=kept, page=str(number))}"

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


def _chips(request: Asked, wanted: Wanted, url: str) -> list[Chip]:
    return [
        Chip(_spoken(condition, request), f"{url}?{filters.lifted(wanted, condition)}")
        for condition in wanted.conditions
    ]


def _spoken(condition: Condition, request: Asked) -> str:
    """Say a condition in words."""
    column = BY_KEY[condition.key]
    parts = []
    if condition.values:
        names = names_of_values(viewer=request.viewer, condition=condition)
        parts.append(", ".join(_("not given") if value == NOTHING else name for value, name in names))
    if condition.contains:
        parts.append(_("contains “%(text)s”") % {"text": condition.contains})
    if condition.least is not None:
        parts.append(_("from %(bound)s") % {"bound": filters.bound_text(column, condition.least)})
    if condition.most is not None:
        parts.append(_("up to %(bound)s") % {"bound": filters.bound_text(column, condition.most)})
    if condition.is_empty is not None:
        parts.append(_("not given") if condition.is_empty else _("given"))
    label = FACET_LABELS.get(condition.key, column.label)
    return f"{label}: {' '.join(parts)}"


def _saved(request: Asked, url: str, query: str) -> list[SavedFilter]:
    return [
        SavedFilter(
            name=saved.name,
            url=f"{url}?{saved.query}",
            is_shared=saved.is_shared,
            delete_url=(
                reverse("instruments:delete-filter", args=[saved.pk])
                if saved.person_id == request.member.person_id
                else None
            ),
            is_on=bool(query) and saved.query == query,
        )
        for saved in saved_filters(list_name="instruments", viewer=request.member)
    ]


def _bulk_actions() -> list[BulkAction]:
    return [
        BulkAction("edit", _("Change a field…")),
        BulkAction("delete", _("Delete"), confirm=_("Delete the ticked instruments?"), is_dangerous=True),
    ]


def _actions(request: Asked) -> list[PageAction]:
    actions = []
    if request.viewer.may_somewhere(Action.IMPORT):
        actions.append(PageAction(_("Import a sheet"), reverse("intake:sources")))
    if request.viewer.may_somewhere(Action.EDIT):
        actions.append(PageAction(_("Add an instrument"), reverse("instruments:add"), is_primary=True))
    return actions


def _empty(request: Asked, wanted: Wanted, url: str) -> Empty:
    if wanted.conditions or wanted.search or wanted.home != OURS:
        return Empty(
            _("No instrument fits"),
            _("Lift a condition or search for something else."),
            PageAction(_("Show all instruments"), url),
        )
    if request.viewer.may_somewhere(Action.IMPORT):
        return Empty(
            _("No instruments yet"),
            _(
                "Bring the sheet you already keep, Excel, CSV or LibreOffice, as it is. "
                "Nothing is stored before you have seen what it would do."
            ),
            PageAction(_("Import a sheet"), reverse("intake:sources"), is_primary=True),
        )
    return Empty(_("No instruments to show"), _("Nothing of this machine park is shared with you."))


def facets_of(wanted: Wanted, found: Mapping[str, Sequence[Option]]) -> list[Facet]:
    """Describe the facets; options in force stay on even when they are not among the most frequent."""
    url = reverse("instruments:park")
    facets = []
    for key, options in found.items():
        on = {value for condition in wanted.conditions if condition.key == key for value in condition.values}
        shown = [option for place, option in enumerate(options) if place < MOST_OPTIONS or option.value in on]
        facets.append(
            Facet(
                key=key,
                label=str(FACET_LABELS[key]),
                options=[
                    FacetOption(
                        value=option.value,
                        label=option.label or _("not given"),
                        count=option.count,
                        url=f"{url}?{filters.toggled(wanted, key, option.value)}",
                        is_on=option.value in on,
                    )
                    for option in shown
                ],
            )
        )
    return facets


def figures_of(wanted: Wanted, years: Mapping[int | None, int], statuses: Sequence[Option]) -> list[Chart]:
    """Draw age and status; every bar opens its list."""
    url = reverse("instruments:park")
    this_year = utc_now().year
    bars = []
    for place, low in enumerate(AGES):
        high = AGES[place + 1] - 1 if place + 1 < len(AGES) else None
        count = sum(
            n for year, n in years.items() if year is not None and _is_within(this_year - year, low, high)
        )
        label = f"{low}-{high}" if high is not None else f"{low}+"
        bars.append((label, count, f"{url}?{_age_query(wanted, this_year, low, high)}"))
    unknown = years.get(None, 0)
    note = _("%(n)s without a known year are not drawn.") % {"n": unknown} if unknown else ""
    without = f"{url}?{_year_query(wanted, {'year.empty': '1'})}"
    instead = sentence_with_link(str(NO_YEARS), without, _("Instruments without a year"))
    parts = [
        (
            option.label or _("not given"),
            option.count,
            f"{url}?{filters.toggled(wanted, 'status', option.value)}",
        )
        for option in statuses
    ]
    return [
        columns_chart(_("Age in years"), bars, _("instruments"), note=note, instead=instead),
        stacked_bar(_("Status"), parts, _("instruments")),
    ]


def _is_within(age: int, low: int, high: int | None) -> bool:
    return (age >= low or low == 0) and (high is None or age <= high)


def _age_query(wanted: Wanted, this_year: int, low: int, high: int | None) -> str:
    bounds = {}
    if low:
        bounds["year.max"] = str(this_year - low)
    if high is not None:
        bounds["year.min"] = str(this_year - high)
    elif not low:
        bounds["year.empty"] = "0"
    return _year_query(wanted, bounds)


def _year_query(wanted: Wanted, bounds: Mapping[str, str]) -> str:
    """Return what is wanted, but for the year, as an address has it, with these bounds of the year."""
    pairs = {name: values for name, values in filters.dict_of(wanted).items() if not name.startswith("year")}
    pairs |= {name: [value] for name, value in bounds.items()}
    return urlencode([(name, value) for name, values in pairs.items() for value in values])
