"""What the list of makes and models is asked for, as its address says it."""

from __future__ import annotations

from django.http import QueryDict

from parkbench.catalogue.queries import MAKER_SORTS, SORTS, MakerFilter, ModelFilter
from parkbench.records.queries import home_asked
from parkbench.records.visibility import Viewer

LONGEST = 200
"""Characters of a condition that are looked at."""


def model_filter(query: QueryDict, viewer: Viewer) -> ModelFilter:
    """Return the conditions of the list; what makes no sense is left out (`sort=-life` turns the order)."""
    sort = query.get("sort", "")
    column = sort.removeprefix("-")
    return ModelFilter(
        text=_text(query, "q"),
        maker=_text(query, "maker"),
        technique=_text(query, "technique"),
        family=_text(query, "family"),
        sort=column if column in SORTS else "maker",
        is_descending=sort.startswith("-") and column in SORTS,
        page=_page(query),
        home=home_asked(query.get("home", ""), viewer),
    )


def maker_filter(query: QueryDict, viewer: Viewer) -> MakerFilter:
    """Return what is asked of the list of makers; what makes no sense is left out."""
    sort = query.get("sort", "")
    column = sort.removeprefix("-")
    is_known = column in MAKER_SORTS
    return MakerFilter(
        text=_text(query, "q"),
        sort=column if is_known else "name",
        is_descending=is_known and sort.startswith("-"),
        page=_page(query),
        home=home_asked(query.get("home", ""), viewer),
    )


def technique_home(query: QueryDict, viewer: Viewer) -> str:
    """Return whose techniques are asked for."""
    return home_asked(query.get("home", ""), viewer)


def _page(query: QueryDict) -> int:
    page = query.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 0 < len(page) <= 6 else 1


def _text(query: QueryDict, name: str) -> str:
    return " ".join(query.get(name, "").replace("\x00", " ").split())[:LONGEST]
