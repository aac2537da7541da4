"""What the list of makes and models is asked for, as its address says it."""

from __future__ import annotations

from django.http import QueryDict

from parkbench.catalogue.queries import SORTS, ModelFilter

LONGEST = 200
"""Characters of a condition that are looked at."""


def model_filter(query: QueryDict) -> ModelFilter:
    """Return the conditions of the list; what makes no sense is left out (`sort=-life` turns the order)."""
    sort = query.get("sort", "")
    column = sort.removeprefix("-")
    page = query.get("page", "1")
    return ModelFilter(
        text=_text(query, "q"),
        maker=_text(query, "maker"),
        technique=_text(query, "technique"),
        family=_text(query, "family"),
        sort=column if column in SORTS else "maker",
        is_descending=sort.startswith("-") and column in SORTS,
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) <= 6 else 1,
    )


def _text(query: QueryDict, name: str) -> str:
    return " ".join(query.get(name, "").replace("\x00", " ").split())[:LONGEST]
