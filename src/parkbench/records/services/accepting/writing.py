"""Writing rows of partners: many at a time, and one refused row never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DataError, IntegrityError, transaction

REFUSALS = (IntegrityError, DataError, OverflowError)
"""What a database, or its driver, says of values that a column or a constraint does not allow."""

Write = Callable[[Sequence[Any]], None]


def refused(rows: Sequence[Any], write: Write) -> list[Any]:
    """This function will write the rows together and return those that the database refuses.

    Only when it refuses something are they halved until the single rows are found; everything else is
    written. A database that fails otherwise raises as always.
    """
    if not rows:
        return []
    try:
        with transaction.atomic():
            write(rows)
    except REFUSALS:
        if len(rows) == 1:
            return list(rows)
        middle = len(rows) // 2
        return refused(rows[:middle], write) + refused(rows[middle:], write)
    return []
