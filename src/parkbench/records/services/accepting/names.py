"""Names of the accepting side: parts of records, journals by their id."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from parkbench.lib.errors import Refused
from parkbench.lib.urn import RecordId, parse_record_id

Part = tuple[UUID, str]
"""A record's uid and the name of one of its sections."""


@lru_cache(maxsize=4096)
def parsed_ref(text: str) -> RecordId:
    """Return the parts of a record id, raising Invalid as `parse_record_id` does; many rows name one unit."""
    return parse_record_id(text)


def journal_id(text: str) -> UUID:
    """Return a journal's or an epoch's id as it is kept; raises Refused for one that is no UUID."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused(f"“{text:.60}” is no id that can be used here for a journal or an epoch.") from error
