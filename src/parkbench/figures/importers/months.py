"""Months as lists write them: 2025-03, 03.2025, Mar 2025, März 2025, mars 2025, or one beside its year."""

from __future__ import annotations

import re
from typing import Any

from parkbench.figures import rules
from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Invalid

_COMPACT = re.compile(r"(\d{4})(0[1-9]|1[0-2])")


def read_month(text: Any, year: int | None) -> tuple[int, int] | None:
    """Return (year, month) of what a list says, None when it says no month that is known."""
    if text is None:
        return None
    written = str(text).strip()
    if found := _COMPACT.fullmatch(written):
        return _known(int(found[1]), int(found[2]))
    if year is not None and written.isdecimal() and len(written) <= 2:
        return _known(year, int(written))
    for candidate in (written, f"{written} {year}" if year is not None else ""):
        try:
            day = parse_date(candidate, order="DMY") if candidate else None
        except Invalid:
            continue
        if day is not None:
            return _known(day.year, day.month)
    return None


def _known(year: int, month: int) -> tuple[int, int] | None:
    if rules.FIRST_YEAR <= year <= rules.LAST_YEAR and month in rules.MONTHS:
        return year, month
    return None
