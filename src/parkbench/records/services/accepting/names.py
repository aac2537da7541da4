"""Names of the accepting side: parts of records, journals by their id."""

from __future__ import annotations

from uuid import UUID, uuid5

Part = tuple[UUID, str]
"""A record's uid and the name of one of its sections."""

_LABELS = UUID("0b7a6d7c-7f0c-5d7e-8d0c-3f4b6f9c2a11")


def journal_id(text: str) -> UUID:
    """Return the id under which a journal or an epoch of a partner is kept; theirs need not be UUIDs."""
    try:
        found = UUID(text)
    except ValueError:
        return uuid5(_LABELS, text)
    return found if str(found) == text else uuid5(_LABELS, text)
