"""The list of makers as the page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from parkbench.catalogue.queries import FoundMakers, MakerFilter, MakerRow, maker_rows
from parkbench.catalogue.tables.lists import exports_of, with_columns
from parkbench.records.models import OURS
from parkbench.records.queries import Whose, chosen_columns, completed
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import (
    Action,
    Cell,
    Chip,
    ColumnHead,
    ColumnKind,
    Empty,
    ListPage,
    ListRow,
    Pager,
    page_numbers,
    wanted_numbers,
)


def makers_list(
    *, found: FoundMakers, wanted: MakerFilter, query: QueryDict, viewer: Viewer, actions: Sequence[Action]
) -> ListPage:
    """Return the list of makers."""
    url = reverse("catalogue:makers")
    heads = _heads(wanted)
    keys = chosen_columns(list_name="makers", known=[head.key for head in heads], viewer=viewer)
    described = ListPage(
        title=_("Makers"),
        intro=_("Who builds instruments, and who took over whom."),
        columns=[head for head in heads if head.key in keys],
        rows=[with_columns(_row(row), heads, keys) for row in found.rows],
        pager=_pager(found, wanted),
        url=url,
        query=wanted.text,
        query_hint=_("Name or other name"),
        kept=[(name, value) for name in ("sort", "home") if (value := query.get(name))],
        current_query=query.urlencode(),
        chips=[Chip(f"“{wanted.text}”", _url(wanted, q=""))] if wanted.text else [],
        clear_url=url,
        exports=exports_of("makers", query),
        actions=actions,
        empty=Empty(_("No makers yet"), _("They come with the shipped register, with imports, or by hand.")),
    )
    return completed(
        described,
        list_name="makers",
        columns=[(head.key, head.label) for head in heads],
        shown=keys,
        whose=Whose(
            home=wanted.home,
            count=lambda home: len(maker_rows(wanted=replace(wanted, home=home), viewer=viewer)),
            url=lambda home: _url(wanted, home=home),
            own_label=_("Own and shipped"),
        ),
        viewer=viewer,
    )


def _heads(wanted: MakerFilter) -> list[ColumnHead]:
    columns: list[tuple[str, str, ColumnKind]] = [
        ("name", _("Maker"), "text"),
        ("country", _("Country"), "text"),
        ("successor", _("Taken over by"), "link"),
        ("models", _("Models"), "number"),
        ("home", _("From"), "text"),
    ]
    heads = []
    for key, label, kind in columns:
        is_sorted = wanted.sort == key
        turned = f"-{key}" if is_sorted and not wanted.is_descending else key
        heads.append(
            ColumnHead(
                key,
                label,
                kind=kind,
                is_sorted=is_sorted,
                sort_url=_url(wanted, sort=turned),
                direction="descending" if is_sorted and wanted.is_descending else "ascending",
            )
        )
    return heads


def _row(row: MakerRow) -> ListRow:
    successor = Cell(row.successor.name, row.successor.get_absolute_url()) if row.successor else Cell()
    models = f"{reverse('catalogue:models')}?{urlencode({'maker': row.maker.key})}"
    return ListRow(
        uid=str(row.maker.uid),
        url=row.maker.get_absolute_url(),
        cells=[
            Cell(row.maker.name),
            Cell(row.maker.country or ""),
            successor,
            Cell(str(row.model_count), models if row.model_count else None),
            Cell(row.home),
        ],
    )


def _pager(found: FoundMakers, wanted: MakerFilter) -> Pager:
    page, pages = found.page, found.pages
    first = (page - 1) * wanted.per_page + 1
    urls = {number: _url(wanted, page=str(number)) for number in wanted_numbers(page, pages)}
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


def _url(wanted: MakerFilter, **changes: str) -> str:
    """Return the list's address with something changed; without a page it begins at the first."""
    sort = f"-{wanted.sort}" if wanted.is_descending else wanted.sort
    home = "" if wanted.home == OURS else wanted.home
    now = {"q": wanted.text, "sort": "" if sort == "name" else sort, "home": home, **changes}
    given = {name: value for name, value in now.items() if value}
    return f"{reverse('catalogue:makers')}?{urlencode(given)}"
