"""Database habits that both databases share: a consistent snapshot, and the kind of database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection, transaction


def is_postgres() -> bool:
    """Tell whether this node runs on PostgreSQL (else SQLite)."""
    return str(connection.vendor) == "postgresql"


def is_answering() -> bool:
    """Tell whether the database answers at all."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def refresh_statistics() -> None:
    """This function will let the database look again at how its tables are filled, from a sample of each.

    Without that SQLite chooses an index by guess: lists of 100,000 rows take twice as long. PostgreSQL does
    it by itself, but only minutes after a large import.
    """
    with connection.cursor() as cursor:
        if not is_postgres():
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


class Turns:
    """Lets other writers in between the transactions of a long write.

    SQLite queues nobody: who waits asks again every 100 ms at the longest, and never meets the lock free when
    one transaction follows the other. So the long one pauses a little more than that whenever it has held
    the lock for ``HELD`` seconds; PostgreSQL locks rows and needs none of it.
    """

    HELD = 0.4
    PAUSE = 0.11

    def __init__(self) -> None:
        self._held = 0.0
        self._began = time.monotonic()

    def begin(self) -> None:
        """Call before each transaction."""
        if self._held >= self.HELD and not is_postgres():
            time.sleep(self.PAUSE)
            self._held = 0.0
        self._began = time.monotonic()

    def end(self) -> None:
        """Call after each transaction."""
        self._held += time.monotonic() - self._began


_is_inside: ContextVar[bool] = ContextVar("is_inside_a_snapshot", default=False)


@contextmanager
def snapshot() -> Iterator[None]:
    """Give the reads inside one consistent view of the database.

    On SQLite a deferred transaction, because an immediate one would wait for the writer and fail;
    on PostgreSQL REPEATABLE READ, READ ONLY. Inside a running transaction or snapshot it adds nothing.
    """
    if connection.in_atomic_block or _is_inside.get():
        yield
        return
    if is_postgres():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        mark = _is_inside.set(True)
        try:
            yield
        finally:
            _is_inside.reset(mark)
            cursor.execute("ROLLBACK")
