"""The lists of makes and models, and of makers, as the pages draw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from parkbench.catalogue.queries import FoundModels, ModelFilter, ModelRow, model_count, technique_tree
from parkbench.records.queries import Whose, chosen_columns, completed, home_choices
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.lists import (
    Action,
    Cell,
    Chip,
    ColumnHead,
    ColumnKind,
    Empty,
    Facet,
    FacetOption,
    HomeChoice,
    ListPage,
    ListRow,
    Pager,
    page_numbers,
    wanted_numbers,
)
from parkbench.ui.slots import Panel

KEPT = ("maker", "technique", "family", "sort", "home")
SHOWN_OPTIONS = 12
"""Values of a facet before "show all"."""

Option = tuple[str, str, int]


def models_list(
    *, found: FoundModels, wanted: ModelFilter, query: QueryDict, viewer: Viewer, actions: Sequence[Action]
) -> ListPage:
    """Return the list of makes and models.

    A room above may add one figure per row: slot ("model", "count"), whose panel has the column's label as
    title, and in its context ``counts`` (uid as text > number) and perhaps ``urls`` (uid as text > address).
    """
    figures = slots.panels("model", "count", ids=[str(row.uid) for row in found.rows], viewer=viewer)
    contexts = [figure.context for figure in figures]
    heads = [*_heads(wanted, query), *_figure_heads(figures)]
    keys = chosen_columns(list_name="models", known=[head.key for head in heads], viewer=viewer)
    described = ListPage(
        title=_("Makes and models"),
        intro=_("Makers and their models, as they come with Parkbench and as you added them."),
        columns=[head for head in heads if head.key in keys],
        rows=[with_columns(_row(row, contexts), heads, keys) for row in found.rows],
        pager=_pager(found, wanted, query),
        url=(url := reverse("catalogue:models")),
        query=wanted.text,
        query_hint=_("Maker, model, technique or accession"),
        kept=[(name, value) for name in KEPT if (value := query.get(name))],
        current_query=query.urlencode(),
        facets=_facets(found, wanted, query),
        chips=_chips(found, wanted, query),
        clear_url=url,
        exports=exports_of("models", query),
        actions=actions,
        empty=_empty(),
    )
    return completed(
        described,
        list_name="models",
        columns=[(head.key, head.label) for head in heads],
        shown=keys,
        whose=_whose(wanted, query, viewer),
        viewer=viewer,
    )


def _figure_heads(figures: Sequence[Panel]) -> list[ColumnHead]:
    return [ColumnHead(f"figure{at}", figure.title, kind="number") for at, figure in enumerate(figures)]


def _whose(wanted: ModelFilter, query: QueryDict, viewer: Viewer) -> Whose:
    return Whose(
        home=wanted.home,
        count=lambda home: model_count(wanted=replace(wanted, home=home), viewer=viewer),
        url=lambda home: _url(query, home=home or None),
        own_label=_("Own and shipped"),
    )


def _empty() -> Empty:
    return Empty(
        title=_("The catalogue is empty"),
        text=_("The shipped register is loaded when a node is set up: run “parkbench init” again."),
    )


def technique_homes(*, home: str, total: int, viewer: Viewer) -> list[HomeChoice]:
    """Return the ways to own and shipped, partners' and all techniques; nothing on a node alone."""
    url = reverse("catalogue:techniques")
    whose = Whose(
        home=home,
        count=lambda asked: len(technique_tree(viewer=viewer, home=asked)),
        url=lambda asked: f"{url}?home={asked}" if asked else url,
        own_label=_("Own and shipped"),
    )
    return home_choices(viewer=viewer, whose=whose, total=total)


def with_columns(row: ListRow, heads: Sequence[ColumnHead], keys: Collection[str]) -> ListRow:
    """Return a row with the cells of these columns alone."""
    cells = [cell for head, cell in zip(heads, row.cells, strict=True) if head.key in keys]
    return replace(row, cells=cells)


def _heads(wanted: ModelFilter, query: QueryDict) -> list[ColumnHead]:
    columns: list[tuple[str, str, ColumnKind, bool]] = [
        ("designation", _("Model"), "text", True),
        ("maker", _("Maker"), "link", True),
        ("family", _("Family"), "text", True),
        ("techniques", _("Techniques"), "text", False),
        ("end_of_sale", _("End of sale"), "date", True),
        ("end_of_service", _("End of service"), "date", True),
        ("life", _("Typical life (years)"), "number", True),
        ("rrid", _("RRID"), "text", True),
        ("home", _("From"), "text", True),
    ]
    heads = []
    for key, label, kind, is_sortable in columns:
        is_sorted = wanted.sort == key
        turned = is_sorted and not wanted.is_descending
        heads.append(
            ColumnHead(
                key,
                label,
                kind=kind,
                is_sorted=is_sorted,
                sort_url=_url(query, sort=f"-{key}" if turned else key) if is_sortable else None,
                direction="descending" if is_sorted and wanted.is_descending else "ascending",
            )
        )
    return heads


def _row(row: ModelRow, figures: Sequence[Mapping[str, Any]]) -> ListRow:
    uid = str(row.uid)
    maker = Cell(is_hidden=row.is_maker_hidden)
    if row.maker:
        maker = Cell(row.maker.name, reverse("catalogue:maker", args=[row.maker.uid]))
    cells = [
        Cell(row.designation),
        maker,
        Cell(row.family),
        Cell(", ".join(technique.name for technique in row.techniques)),
        _day(row.end_of_sale_on),
        _day(row.end_of_service_on),
        Cell(str(row.typical_life_years or "")),
        Cell(row.rrid),
        Cell(row.home),
    ]
    for context in figures:
        count = context["counts"].get(uid, 0)
        cells.append(Cell(str(count), context.get("urls", {}).get(uid) if count else None))
    return ListRow(uid=uid, url=reverse("catalogue:model", args=[row.uid]), cells=cells)


def _day(on: date | None) -> Cell:
    return Cell(date_format(on, "j F Y") if on else "")


def _facets(found: FoundModels, wanted: ModelFilter, query: QueryDict) -> list[Facet]:
    known = found.facets
    return [
        _facet("technique", _("Technique"), known.techniques, wanted.technique, query),
        _facet("maker", _("Maker"), known.makers, wanted.maker, query),
        _facet("family", _("Family"), known.families, wanted.family, query),
    ]


def _facet(key: str, label: str, values: Sequence[Option], chosen: str, query: QueryDict) -> Facet:
    is_whole = query.get("all") == key or len(values) <= SHOWN_OPTIONS
    shown = values if is_whole else values[:SHOWN_OPTIONS]
    chosen_beyond = [option for option in values if option[0] == chosen and option not in shown]
    return Facet(
        key=key,
        label=label,
        options=[
            FacetOption(
                value, name, count, _url(query, **{key: None if value == chosen else value}), value == chosen
            )
            for value, name, count in [*chosen_beyond, *shown]
        ],
        more_url=None if is_whole else _url(query, all=key),
    )


def _chips(found: FoundModels, wanted: ModelFilter, query: QueryDict) -> list[Chip]:
    conditions = (
        ("technique", _("Technique"), wanted.technique, found.facets.techniques),
        ("maker", _("Maker"), wanted.maker, found.facets.makers),
        ("family", _("Family"), wanted.family, found.facets.families),
    )
    chips = [
        Chip(
            f"{label}: {_label_of(value, values)}",
            _url(query, **{name: None}),
        )
        for name, label, value, values in conditions
        if value
    ]
    if wanted.text:
        chips.append(Chip(f"“{wanted.text}”", _url(query, q=None)))
    return chips


def _label_of(value: str, options: Sequence[Option]) -> str:
    return next((label for known, label, _count in options if known == value), value)


def _pager(found: FoundModels, wanted: ModelFilter, query: QueryDict) -> Pager:
    page, pages = found.page, found.pages
    first = (page - 1) * wanted.per_page + 1
    urls = {number: _url(query, page=str(number)) for number in wanted_numbers(page, pages)}
    return Pager(
        page=page,
        pages=pages,
        total=found.total,
        prev_url=urls.get(page - 1),
        next_url=urls.get(page + 1),
        numbers=page_numbers(page, pages, url_of=urls),
        first_row=first if found.rows else None,
        last_row=first + len(found.rows) - 1 if found.rows else None,
    )


def _url(query: QueryDict, **changes: str | None) -> str:
    """Return the list's address with these conditions changed; a new condition starts at the first page."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"{reverse('catalogue:models')}?{changed.urlencode()}"


def exports_of(name: str, query: QueryDict) -> dict[str, str]:
    """Return label > address of the files that hold exactly the rows of a list."""
    kept = query.copy()
    kept.pop("page", None)
    tail = f"?{kept.urlencode()}" if kept else ""
    labels = {"xlsx": "XLSX", "csv": "CSV", "jsonl": "JSON lines"}
    return {
        label: f"{reverse(f'catalogue:{name}-export', args=[form])}{tail}" for form, label in labels.items()
    }
