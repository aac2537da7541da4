"""The list of makers: search, sort, pages; a few hundred rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries.effective import effective, matching
from parkbench.records.models import ALL, OURS
from parkbench.records.visibility import Viewer

MAKER_SORTS = ("name", "country", "successor", "models", "home")


@dataclass(frozen=True, slots=True)
class MakerFilter:
    """What is asked of the list; pages count from 1."""

    text: str = ""
    sort: str = "name"
    is_descending: bool = False
    page: int = 1
    per_page: int = 50
    home: str = OURS


@dataclass(frozen=True, slots=True)
class MakerRow:
    """One maker of the list; ``home`` names whose entry it is."""

    maker: Maker
    model_count: int
    successor: Maker | None

    @property
    def home(self) -> str:
        """Return whose entry it is."""
        return str(self.maker.home)


@dataclass(frozen=True, slots=True)
class FoundMakers:
    """One page of the list."""

    rows: Sequence[MakerRow]
    total: int
    page: int
    pages: int


def found_makers(*, wanted: MakerFilter, viewer: Viewer) -> FoundMakers:
    """Return one page of the makers this viewer may know of; four queries at any size."""
    rows = maker_rows(wanted=wanted, viewer=viewer)
    pages = max(1, -(-len(rows) // wanted.per_page))
    page = min(max(1, wanted.page), pages)
    start = (page - 1) * wanted.per_page
    return FoundMakers(rows[start : start + wanted.per_page], len(rows), page, pages)


def maker_rows(*, wanted: MakerFilter, viewer: Viewer) -> list[MakerRow]:
    """Return every maker of the list, over all its pages, as sorted; four queries."""
    counted = (
        effective(DeviceModel, viewer, wanted.home).order_by().values_list("maker__key").annotate(Count("pk"))
    )
    counts = dict(counted)
    entries = effective(Maker, viewer, wanted.home)
    # A successor is shown by the entry that stands for it, even when the search leaves that one out.
    by_key = {maker.key: maker for maker in entries.order_by("-home_id")}
    keys = dict(Maker.objects.visible(viewer, ALL).values_list("pk", "key"))
    rows = [
        MakerRow(maker, counts.get(maker.key, 0), by_key.get(keys.get(maker.successor_id, "")))
        for maker in matching(entries.select_related("home"), wanted.text, "folded")
    ]
    rows.sort(key=lambda row: (row.maker.name.casefold(), row.maker.pk))
    rows.sort(key=lambda row: _sorted_by(row, wanted.sort), reverse=wanted.is_descending)
    # What is empty comes last either way.
    return sorted(rows, key=lambda row: _sorted_by(row, wanted.sort) == "")


def _sorted_by(row: MakerRow, sort: str) -> Any:
    if sort == "models":
        return row.model_count
    texts = {
        "country": row.maker.country or "",
        "successor": row.successor.name if row.successor else "",
        "home": row.home,
    }
    return texts.get(sort, row.maker.name).casefold()
