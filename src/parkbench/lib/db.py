"""Database habits that both databases share: a consistent snapshot, and the kind of database."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)


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


AT_ONCE = 64 * 1024 * 1024
"""Up to this size, in bytes, a database of SQLite is written anew as soon as something is removed."""


def wipe() -> None:
    """This function will leave nothing of removed rows in the unused parts of the pages of SQLite.

    `secure_delete` overwrites a row where it is deleted, not the copies that stayed behind when its page was
    shared out among others before. So the file is written anew: at once when it is small, else by
    `wipe_noted`; PostgreSQL frees space by its own VACUUM. Inside a transaction it does nothing.
    """
    if is_postgres() or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        pages, size = (cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        cursor.execute("PRAGMA user_version = 1")
    if pages * size > AT_ONCE:
        return
    try:
        wipe_noted()
    except OperationalError as error:
        logger.warning("The database is not written anew after a removal, but within a day: %s", error)


def wipe_noted() -> None:
    """This function will write the file of SQLite anew if rows were removed since it was last done.

    Writers wait meanwhile, about a second for 100 MB; raises OperationalError when a writer is in the way.
    """
    if is_postgres():
        return
    with connection.cursor() as cursor:
        if cursor.execute("PRAGMA user_version").fetchone()[0]:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA user_version = 0")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
