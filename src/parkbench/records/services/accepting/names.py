"""Names of the accepting side: parts of records, journals by their id."""

from __future__ import annotations

from uuid import UUID

from parkbench.lib.errors import Refused

Part = tuple[UUID, str]
"""A record's uid and the name of one of its sections."""


def journal_id(text: str) -> UUID:
    """Return a journal's or an epoch's id as it is kept; raises Refused for one that is no UUID."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused(f"“{text:.60}” is no id that can be used here for a journal or an epoch.") from error
