"""Query strings that ask for a list of service events, as `filters` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from parkbench.records.models import OURS
from parkbench.servicing.queries.listing import Wanted

IDS = ("unit", "platform", "instrument", "model")
PARAMETERS = {"happening": "kind", "is_open": "open", "search": "q"}
"""Fields of `Wanted` whose parameter is called otherwise."""


def pairs_of(wanted: Wanted, *, sort: str = "-date") -> dict[str, str]:
    """Return the parameters that ask for this list; the usual order is not said."""
    held = {name: getattr(wanted, name) for name in ("search", "happening", "year", *IDS)}
    pairs = {PARAMETERS.get(name, name): str(value) for name, value in held.items() if value}
    pairs |= {"open": "1"} if wanted.is_open else {}
    pairs |= {"home": wanted.home} if wanted.home != OURS else {}
    return pairs | ({"sort": wanted.sort} if wanted.sort != sort else {})


def query_of(wanted: Wanted, more: Mapping[str, str] | None = None, **changes: Any) -> str:
    """Write the query string of a list with some conditions changed; None lifts one."""
    usual = Wanted()
    plain = {name: getattr(usual, name) if value is None else value for name, value in changes.items()}
    return urlencode({**pairs_of(replace(wanted, **plain)), **(more or {})})
