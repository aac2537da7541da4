"""Costs and days down per instrument, model, unit or year, as a table whose every line opens its events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.lib.money import plain_decimal
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries import addresses, listing, words
from parkbench.servicing.queries.charts import YEARS, cost_charts
from parkbench.servicing.queries.figures import altogether, figures
from parkbench.servicing.queries.listing import Wanted
from parkbench.servicing.queries.rows import may_see
from parkbench.servicing.rules import Purse, Sums, as_days
from parkbench.servicing.tables.lists import chips_of, facets_of
from parkbench.ui.charts import Chart
from parkbench.ui.lists import Action, Cell, ColumnHead, ColumnKind, Empty, ListPage, ListRow, Pager
from parkbench.ui.parts import Stat

BY: dict[str, Any] = {
    "instrument": gettext_lazy("Instrument"),
    "model": gettext_lazy("Make and model"),
    "unit": gettext_lazy("Unit"),
    "year": gettext_lazy("Year"),
}
TABS: dict[str, Any] = {
    "instrument": gettext_lazy("By instrument"),
    "model": gettext_lazy("By make and model"),
    "unit": gettext_lazy("By unit"),
    "year": gettext_lazy("By year"),
}
MOST = 100
"""More lines are not drawn; an export has them all."""
COLUMNS: tuple[tuple[str, Any, ColumnKind], ...] = (
    ("events", gettext_lazy("Events"), "number"),
    ("failures", gettext_lazy("Of these failures"), "number"),
    ("days", gettext_lazy("Days down"), "number"),
    ("unknown", gettext_lazy("Days not known"), "number"),
    ("cost", gettext_lazy("Cost"), "text"),
    ("unpriced", gettext_lazy("Without a cost"), "number"),
)
ECONOMIC = ("cost", "unpriced")
INTRO = gettext_lazy(
    "Own service events, counted in the year in which they happened. Amounts in different currencies, or "
    "with and without VAT, are not added up."
)
Line = tuple[tuple[Any, ...], Sums]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The page of figures: its table, the large figures above it, all costs in words, what it is told by."""

    page: ListPage
    stats: Sequence[Stat]
    costs: str
    costs_note: str
    tabs: Sequence[tuple[str, str, bool]]
    by: str
    left_out: int
    charts: Sequence[Chart] = ()
    charts_note: str = ""


def figures_page(*, wanted: Wanted, by: str, sort: str, viewer: Viewer) -> FiguresPage:
    """Describe the figures as this viewer may see them; seven queries, one more per record narrowed by."""
    url = reverse("servicing:figures")
    lines = _sorted(figures(viewer=viewer, wanted=wanted, by=by), by, sort)
    whole = altogether(lines)
    has_costs = may_see("economics", viewer)
    years = lines if by == "year" else figures(viewer=viewer, wanted=wanted, by="year") if has_costs else []
    charts = _charts(years, wanted)
    return FiguresPage(
        page=_table(lines, wanted=wanted, by=by, sort=sort, viewer=viewer),
        stats=_stats(whole, wanted),
        costs=words.costs(whole.costs),
        costs_note=words.costs_note(whole) if has_costs else "",
        tabs=[
            (str(label), f"{url}?{addresses.query_of(wanted, {'by': key})}", key == by)
            for key, label in TABS.items()
        ],
        by=by,
        left_out=max(len(lines) - MOST, 0),
        charts=charts,
        charts_note=_("At most %(years)s years are drawn. Each column opens its events.") % {"years": YEARS},
    )


def _charts(lines: Sequence[Line], wanted: Wanted) -> list[Chart]:
    """Draw the costs of the last years, each column an address of its events."""

    def address(year: int) -> str:
        return f"{reverse('servicing:events')}?{addresses.query_of(wanted, year=year)}"

    return cost_charts({key[0]: sums for key, sums in lines}, address)


def _table(lines: list[Line], *, wanted: Wanted, by: str, sort: str, viewer: Viewer) -> ListPage:
    """Describe the table of figures, each line of which opens its events."""
    url = reverse("servicing:figures")
    kept = {"by": by, **({"sort": sort} if sort else {})}
    keys = _keys(viewer)
    options = listing.facets(viewer=viewer, wanted=wanted)
    query = addresses.query_of(wanted, kept)
    pairs = {**addresses.pairs_of(wanted), **kept}
    return ListPage(
        title=_("Costs and days down"),
        intro=str(INTRO),
        columns=[_head(key, wanted, by, sort, url) for key in ("label", *keys)],
        rows=[_row(line, by, keys, wanted) for line in lines[:MOST]],
        pager=Pager(total=len(lines)),
        url=url,
        query=wanted.search,
        kept=[(name, value) for name, value in pairs.items() if name != "q"],
        current_query=query,
        facets=facets_of({name: found for name, found in options.items() if name != by}, wanted, url, kept),
        chips=chips_of(wanted, url, viewer, kept),
        clear_url=f"{url}?by={by}",
        exports={
            label: f"{reverse('servicing:figures-export', args=[form])}?{query}"
            for form, label in (("xlsx", "XLSX"), ("csv", "CSV"))
        },
        actions=[Action(_("All events"), f"{reverse('servicing:events')}?{addresses.query_of(wanted)}")],
        empty=Empty(_("No service events yet"), _("There is nothing to add up.")),
    )


def figures_rows(
    *, wanted: Wanted, by: str, sort: str, viewer: Viewer
) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the headings and all lines of the figures for a file, a column for each currency and VAT."""
    lines = _sorted(figures(viewer=viewer, wanted=wanted, by=by), by, sort)
    has_costs = may_see("economics", viewer)
    purses = sorted({purse for _key, sums in lines for purse in sums.costs}) if has_costs else []
    headings = [str(BY[by]), _("Events"), _("Of these failures"), _("Days down"), _("Days not known")]
    headings += [f"{_('Cost')} {code} {words.vat_of(vat)}" for code, vat in purses]
    headings += [_("Without a cost"), _("Cost not shared")] if has_costs else []
    return headings, (_file_row(line, by, purses, has_costs) for line in lines)


def _file_row(line: Line, by: str, purses: Sequence[Purse], has_costs: bool) -> list[Any]:
    key, sums = line
    down = as_days(sums.down) if sums.known else None
    found: list[Any] = [_label(key, by), sums.events, sums.failures, down, sums.unknown]
    for purse in purses:
        found.append(plain_decimal(sums.costs[purse], purse[0]) if purse in sums.costs else None)
    return [*found, sums.unpriced, sums.withheld] if has_costs else found


def _keys(viewer: Viewer) -> list[str]:
    has_costs = may_see("economics", viewer)
    return [key for key, _label, _kind in COLUMNS if has_costs or key not in ECONOMIC]


def _label(key: tuple[Any, ...], by: str) -> str:
    if by == "year":
        return str(key[0])
    if key[0] is None:
        return _("not linked, or not shared") if by == "model" else _("not shared")
    return " ".join(filter(None, key[1:])) if by == "model" else str(key[1])


def _sorted(lines: list[Line], by: str, sort: str) -> list[Line]:
    """Return the lines by one of their figures; without a wish years from the newest, others by days down."""
    field = sort.lstrip("-") or ("label" if by == "year" else "days")
    is_down = sort.startswith("-") if sort else True
    lines = sorted(
        lines, key=lambda line: _label(line[0], by).casefold(), reverse=is_down and field == "label"
    )
    if field == "label":
        return lines
    return sorted(lines, key=lambda line: _figure(line[1], field), reverse=is_down)


def _figure(sums: Sums, field: str) -> Any:
    """Return what a line is sorted by; costs by their first currency and then their amount."""
    if field == "cost":
        return sorted(((code, amount) for (code, _vat), amount in sums.costs.items()), key=lambda one: one[0])
    held = {"events": sums.events, "failures": sums.failures, "unknown": sums.unknown}
    return {**held, "unpriced": sums.unpriced}.get(field, sums.down)


def _head(key: str, wanted: Wanted, by: str, sort: str, url: str) -> ColumnHead:
    labels = {name: (label, kind) for name, label, kind in COLUMNS}
    label, kind = labels.get(key, (BY[by], "text"))
    in_force = sort or ("-label" if by == "year" else "-days")
    is_sorted = in_force.lstrip("-") == key
    is_down = in_force.startswith("-")
    turned = key if is_sorted and is_down else f"-{key}"
    return ColumnHead(
        key=key,
        label=str(label),
        kind=kind,
        is_sorted=is_sorted,
        sort_url=f"{url}?{addresses.query_of(wanted, {'by': by, 'sort': turned})}",
        direction="descending" if is_down else "ascending",
    )


def _row(line: Line, by: str, keys: Sequence[str], wanted: Wanted) -> ListRow:
    key, sums = line
    cells = {
        "events": Cell(str(sums.events)),
        "failures": Cell(str(sums.failures)),
        "days": Cell(words.down(sums), title=words.down_note(sums) or None),
        "unknown": Cell(str(sums.unknown)),
        "cost": Cell(words.costs(sums.costs), title=words.costs_note(sums) or None),
        "unpriced": Cell(_unpriced(sums)),
    }
    url = None
    if key[0] is not None:
        narrowed = addresses.query_of(wanted, sort=None, **{by: key[0]})
        url = f"{reverse('servicing:events')}?{narrowed}"
    return ListRow(str(key[0]), [Cell(_label(key, by)), *(cells[name] for name in keys)], url)


def _unpriced(sums: Sums) -> str:
    if not sums.withheld:
        return str(sums.unpriced)
    return _("%(n)s, and %(hidden)s not shared") % {"n": sums.unpriced, "hidden": sums.withheld}


def _stats(whole: Sums, wanted: Wanted) -> list[Stat]:
    """Return the large figures above the table: events, days down, what is down now."""
    url = reverse("servicing:events")
    return [
        Stat(
            _("Events"),
            str(whole.events),
            f"{url}?{addresses.query_of(wanted)}",
            _("%(n)s of them failures") % {"n": whole.failures},
        ),
        Stat(_("Days down"), words.down(whole), None, words.down_note(whole)),
        Stat(
            _("Down now"),
            str(whole.open),
            f"{url}?{addresses.query_of(wanted, is_open=True)}",
            "",
            "bad" if whole.open else None,
        ),
    ]
