"""Which columns of a booking list name or describe persons, by their headings: they are never read."""

from __future__ import annotations

from collections.abc import Sequence

from parkbench.figures.importers import headings
from parkbench.intake.registry import fold_heading

_PERSONS = frozenset(fold_heading(word) for word in headings.PERSON_WORDS)
_NO_PERSON = frozenset(fold_heading(word) for word in headings.NO_PERSON)


def readable(found: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that may be read: not those that name or describe persons."""
    return tuple(heading for heading in found if not is_about_persons(heading))


def is_about_persons(heading: str) -> bool:
    """Tell whether a column names or describes persons by its heading."""
    words = fold_heading(heading).split()
    if not words or words[-1] in _NO_PERSON:
        return False
    whole = fold_heading(heading)
    is_thing = any(
        whole == fold_heading(name) for name in (*headings.BOOKING["resource"], *headings.CATEGORY)
    )
    return not is_thing and any(word in _PERSONS for word in words)
