"""Database habits that both databases share: a consistent snapshot, and the kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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

    Without that SQLite chooses an index by guess: lists of 100,000 rows take twice as long. PostgreSQL does it
    by itself, but only minutes after a large import.
    """
    with connection.cursor() as cursor:
        if not is_postgres():
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


@contextmanager
def snapshot() -> Iterator[None]:
    """Give the reads inside one consistent view of the database.

    On SQLite a deferred transaction, because an immediate one would wait for the writer and fail;
    on PostgreSQL REPEATABLE READ, READ ONLY. Inside a running transaction it adds nothing.
    """
    if connection.in_atomic_block:
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
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
