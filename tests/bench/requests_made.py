"""Requests that are timed, and their statements counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client

Took = tuple[float, float, str]
"""Milliseconds by the clock, of processor, and the address."""


def took(client: Client, address: str) -> Took:
    """Time one request; raises SystemExit unless the page is there."""
    start, cpu = time.perf_counter(), time.process_time()
    answer = client.get(address)
    length = len(answer.content)
    milliseconds = (time.perf_counter() - start) * 1000
    busy = (time.process_time() - cpu) * 1000
    if answer.status_code != 200 or not length:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return milliseconds, busy, address


def all_of(client: Client, found: Sequence[str]) -> list[Took]:
    """Time each address, after two requests that are not counted."""
    for address in found[:2]:
        took(client, address)
    return [took(client, address) for address in found]


def statements(client: Client, address: str) -> int:
    """Return how many SQL statements a request makes."""
    count = 0

    def counting(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        return execute(sql, parameters, many, context)

    cache.clear()
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(counting))
        took(client, address)
    return count
