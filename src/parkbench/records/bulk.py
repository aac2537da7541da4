"""Bulk writes: the one helper for many rows, by executemany and never row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

CHUNK = 1000
"""Rows in one all-or-nothing write: keeps the database lock under half a second."""


def upsert(
    model: type[Model],
    *,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    key: Sequence[str] = (),
) -> None:
    """This function will insert the rows, or update those whose ``key`` is there already.

    ``columns`` are database columns; without ``key`` rows are inserted and must be new. Values are plain:
    text, whole numbers, booleans, dates, aware datetimes, UUIDs, None.
    """
    values = _adapted(rows)
    if not values:
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    if key:
        rest = [quote(column) for column in columns if column not in key]
        updates = ", ".join(f"{column} = excluded.{column}" for column in rest)
        sql += f" ON CONFLICT ({', '.join(quote(column) for column in key)}) DO UPDATE SET {updates}"
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def amend(
    model: type[Model],
    *,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    key: Sequence[str],
) -> None:
    """This function will update ``columns`` of the rows named by ``key``; a row is (columns..., key...)."""
    values = _adapted(rows)
    if not values:
        return
    quote = connection.ops.quote_name
    settings = ", ".join(f"{quote(column)} = %s" for column in columns)
    where = " AND ".join(f"{quote(column)} = %s" for column in key)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {settings} WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def remove(model: type[Model], *, rows: Iterable[Sequence[Any]], key: Sequence[str]) -> None:
    """This function will delete the rows named by ``key``; nothing else is deleted with them."""
    values = _adapted(rows)
    if not values:
        return
    quote = connection.ops.quote_name
    where = " AND ".join(f"{quote(column)} = %s" for column in key)
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {quote(model._meta.db_table)} WHERE {where}", values)  # noqa: S608


def _adapted(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """On SQLite, write UUIDs as 32 hex digits and datetimes as UTC text, as Django reads them.

    Works column by column: only those that hold such values are touched.
    """
    given = list(rows)
    if connection.vendor == "postgresql" or not given:
        return given
    columns = [_plain(column) for column in zip(*given, strict=True)]
    return list(zip(*columns, strict=True))


def _plain(column: Sequence[Any]) -> Sequence[Any]:
    kinds = set(map(type, column))
    if UUID in kinds:
        return [value.hex if type(value) is UUID else value for value in column]
    if datetime in kinds:
        adapt = connection.ops.adapt_datetimefield_value
        known = {value: adapt(value) for value in set(column) if type(value) is datetime}
        return [known.get(value, value) for value in column]
    return column
