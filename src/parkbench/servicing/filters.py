"""The address of a list of service events: reads what a query string asks for."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from parkbench.records.models import OURS
from parkbench.records.queries import home_asked
from parkbench.records.visibility import Viewer
from parkbench.servicing.models import HappeningChoices
from parkbench.servicing.queries.addresses import IDS
from parkbench.servicing.queries.figures import KEYS
from parkbench.servicing.queries.listing import SORTS, Wanted

FIGURES_SORTS = ("label", "events", "failures", "days", "unknown", "cost", "unpriced")


def wanted_of(given: Mapping[str, str], *, sort: str = "-date", viewer: Viewer | None = None) -> Wanted:
    """Return what a query string asks for; what cannot be understood narrows nothing."""
    asked = given.get("sort", "")
    year = given.get("year", "")
    return Wanted(
        search=given.get("q", "").replace("\x00", "").strip()[:200],
        sort=asked if asked.removeprefix("-") in SORTS else sort,
        happening=given.get("kind", "") if given.get("kind") in HappeningChoices.values else "",
        year=int(year) if year.isascii() and year.isdigit() and 1900 <= int(year[:5]) <= 2200 else None,
        is_open=given.get("open") == "1",
        home=home_asked(given.get("home", ""), viewer) if viewer else OURS,
        **{name: _uid(given.get(name, "")) for name in IDS},
    )


def by_of(given: Mapping[str, str]) -> str:
    """Return what the figures are told by; instruments unless the address says otherwise."""
    return given.get("by", "") if given.get("by") in KEYS else "instrument"


def figures_sort_of(given: Mapping[str, str]) -> str:
    """Return what the figures are sorted by, '' for the usual order."""
    asked = given.get("sort", "")
    return asked if asked.removeprefix("-") in FIGURES_SORTS else ""


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
