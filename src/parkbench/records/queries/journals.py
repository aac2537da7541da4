"""Reads of this node's journals, as other nodes may read them: the state of each, and pages of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from parkbench.lib.db import snapshot
from parkbench.records.models import OWN, Audience

MOST_ITEMS = 500
MOST_BYTES = 7 * 1024 * 1024
"""Bodies on one page; the wire allows 8 MiB with what stands around them."""

_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class JournalState:
    """How one journal stands; ``audience`` is its random id on the wire."""

    audience: UUID
    sort: str
    name: str
    head: int
    count: int
    fingerprint: str
    floor_seq: int


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a page: a section with the bytes as they are stored, or (``body`` None) one that left."""

    seq: int
    kind: str
    uid: UUID
    section: str
    revision: int = 0
    schema: int = 0
    at: datetime | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Some lines of a journal and its state, of one instant; ``upto`` is the last seq that was looked at."""

    state: JournalState
    upto: int
    is_complete: bool
    lines: tuple[JournalLine, ...] = ()


def journal_states(*, audiences: Iterable[int]) -> dict[int, JournalState]:
    """Return the states of these journals, by the row id of the audience, in one statement."""
    return {row.pk: state_of(row) for row in Audience.objects.filter(pk__in=list(audiences))}


def state_of(row: Audience) -> JournalState:
    """Return the state of one audience's journal as the row says it."""
    return JournalState(row.token, row.sort, row.name, row.head, row.count, row.fingerprint, row.floor_seq)


def journal_page(
    *,
    audience: int,
    after: int,
    since: int = 0,
    began: int = 0,
    limit: int = MOST_ITEMS,
    given: int | None = None,
) -> JournalPage:
    """Return what stands in a journal after a seq: at most ``limit`` lines and 7 MiB, in two statements.

    ``since`` is the journal's head when its reader was let in, ``began`` the head when its walk from the
    start began: what left by then was never told to it, so its leaving is not told either. Nor is what
    entered after the place up to which it was ``given`` the journal (None: up to ``after``). ``upto`` is the
    seq of the last line, or the head when nothing more follows. All of it is of one snapshot: otherwise a
    page could claim to reach a head while it lacks what was committed just before.
    """
    with snapshot():
        state = state_of(Audience.objects.get(pk=audience))
        known = after if given is None else min(after, given)
        lines, is_complete = _read(audience, after, known, max(since, began), limit)
    return JournalPage(state, state.head if is_complete else lines[-1].seq, is_complete, tuple(lines))


def _read(audience: int, after: int, known: int, since: int, limit: int) -> tuple[list[JournalLine], bool]:
    lines: list[JournalLine] = []
    size = 0
    # One more than fits: only whoever looked past the last line knows that it is the last.
    for line in _lines(audience, after, known, since, limit + 1):
        size += len(line.body or b"")
        if len(lines) == limit or (size > MOST_BYTES and lines):
            return lines, False
        lines.append(line)
    return lines, True


# A live entry goes with the current body that has its digest. One without (damage, which `verify` tells) is
# left out: the reader's count and fingerprint then differ from the signed ones, and both sides hear of it.
_SQL = """
SELECT j.seq, j.kind, j.uid, j.section, j.is_gone, s.revision, s.schema, s.at, s.body
FROM records_journalentry j
LEFT JOIN records_section s
  ON s.uid = j.uid AND s.section = j.section AND s.home_id = %s AND s.is_current AND s.digest = j.digest
WHERE j.audience_id = %s AND j.seq > %s
  AND ((j.is_gone AND j.entered_seq <= %s AND j.seq > %s) OR (NOT j.is_gone AND s.id IS NOT NULL))
ORDER BY j.seq
LIMIT %s
"""


def _lines(audience: int, after: int, known: int, since: int, limit: int) -> Iterator[JournalLine]:
    """Read line by line: 500 bodies may hold 128 MiB, of which a page takes the first 7."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SQL, [OWN, audience, after, known, since, limit])
        while rows := cursor.fetchmany(_AT_A_TIME):
            yield from map(_line, rows)


def _line(row: tuple[Any, ...]) -> JournalLine:
    seq, kind, uid, section, is_gone, revision, schema, at, body = row
    known = uid if isinstance(uid, UUID) else UUID(uid)
    if is_gone:
        return JournalLine(seq, kind, known, section)
    # SQLite keeps instants in UTC and does not say so.
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return JournalLine(seq, kind, known, section, revision, schema, moment, body.encode())
