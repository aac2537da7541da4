"""What a whole module stands on: made once in a transaction, with every test on a savepoint above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

Made = TypeVar("Made")


@contextmanager
def standing(blocker: Any, make: Callable[[], Made]) -> Iterator[Made]:
    """Make something for the tests of a module and take it back after the last of them.

    Each test's own transaction lies inside this one, so that what a test writes is taken back as ever.
    """
    ground = transaction.atomic()
    ground._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does: durable blocks may lie within
    with blocker.unblock():
        ground.__enter__()
        try:
            made = make()
        except BaseException:
            transaction.set_rollback(True)
            ground.__exit__(None, None, None)
            raise
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        ground.__exit__(None, None, None)
