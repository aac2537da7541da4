"""Addresses of the lists that figures count."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.urls import reverse

from parkbench.instruments.queries.conditions import STATUSES_STANDING
from parkbench.overview.queries.part import Part

Pair = tuple[str, str]
OWN: Pair = ("home", "own")
STANDS: tuple[Pair, ...] = tuple(("status", value) for value in STATUSES_STANDING)


def park_url(part: Part, *pairs: Pair) -> str:
    """Return the address of the own instruments of a part, narrowed so."""
    return listed("instruments:park", OWN, *part.pairs, *pairs)


def columns(*keys: str) -> list[Pair]:
    """Ask for name, unit and these columns."""
    return [("columns", key) for key in ("name", "unit", *keys)]


def listed(name: str, *pairs: Pair) -> str:
    """Return the address of a list with its parameters."""
    return address(reverse(name), pairs)


def address(url: str, pairs: Iterable[Pair]) -> str:
    """Return an address with the parameters that say something."""
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"{url}?{query}" if query else url
