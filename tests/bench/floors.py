"""Floors: the least that reading, writing and listing the same rows can cost, with sqlite3 and csv alone."""

from __future__ import annotations

import csv
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import python_calamine
import xlsxwriter
from figures import Cost
from sheets import HEADINGS, STATUSES, cents_of, iso

TABLE = "instruments_instrument"
PER_TRANSACTION = 500
COLUMNS = (
    *("uid", "home_id", "name", "unit_id", "unit_ref", "maker_text", "model_text", "model_key"),
    *("linked_model_id", "site_id", "site_ref", "status", "commissioned_on", "purchase_price"),
    *("purchase_currency", "serial_number", "inventory_number", "room", "end_of_support_on"),
    *("updated_at", "capacity_at", "economics_at", "internal_at", "is_public"),
    *("audience_mask", "capacity_mask", "economics_mask", "contact_mask", "internal_mask"),
)
REF = "https://bench.example/id/unit/0f6c1f0e-8f0d-4c6e-9d0a-6a1d3f2b7c5e"
AT = "2026-01-01 12:00:00.000000"


def tables_of(database: Path) -> list[str]:
    """Return the statements that make the table of instruments with its indexes, as the node has them."""
    sql = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"
    with closing(sqlite3.connect(database)) as held:
        return [statement for (statement,) in held.execute(sql, [TABLE])]


def import_seconds(read: Callable[[], Iterator[list[Any]]], *, node: Path, folder: Path) -> Cost:
    """Return the cost of reading a file and writing its rows into a fresh table; median of three."""
    statements = tables_of(node)
    taken = []
    for _ in range(3):
        path = folder / f"floor-{uuid4()}.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None)) as held:
            held.execute("PRAGMA journal_mode=WAL")
            held.execute("PRAGMA synchronous=FULL")
            for statement in statements:
                held.execute(statement)
            start, cpu = time.perf_counter(), time.process_time()
            _write(held, _typed(read()))
            taken.append((time.perf_counter() - start, time.process_time() - cpu))
        path.unlink()
    seconds, cpu = sorted(taken)[1]
    return Cost(seconds=seconds, cpu=cpu)


RECEIVED = ("records_membership", "records_section", "instruments_instrument")


def received_seconds(*, node: Path, folder: Path) -> Cost:
    """Return the cost of writing what a node received into fresh tables, all in memory before; median of 3.

    As many transactions as pages of 500 sections: their memberships, bodies and rows together.
    """
    with closing(sqlite3.connect(node)) as held:
        parts = [(table, _made_of(held, table), _rows_of(held, table)) for table in RECEIVED]
    taken = []
    for _ in range(3):
        path = folder / f"floor-{uuid4()}.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None)) as fresh:
            fresh.execute("PRAGMA journal_mode=WAL")
            fresh.execute("PRAGMA synchronous=FULL")
            for _table, statements, _rows in parts:
                for statement in statements:
                    fresh.execute(statement)
            start, cpu = time.perf_counter(), time.process_time()
            _write_received(fresh, parts)
            taken.append((time.perf_counter() - start, time.process_time() - cpu))
        path.unlink()
    seconds, cpu = sorted(taken)[1]
    return Cost(seconds=seconds, cpu=cpu)


def _made_of(held: sqlite3.Connection, table: str) -> list[str]:
    sql = (
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL"
    )
    return [statement for (statement,) in held.execute(f"{sql} ORDER BY type DESC", [table])]


def _rows_of(held: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Return the partners' rows of a table, without their keys, in the order in which they came."""
    return [row[1:] for row in held.execute(f"SELECT * FROM {table} WHERE home_id > 2 ORDER BY id")]


Part = tuple[str, list[str], list[tuple[Any, ...]]]


def _write_received(fresh: sqlite3.Connection, parts: list[Part]) -> None:
    count = -(-max(len(rows) for _table, _made, rows in parts) // PER_TRANSACTION)
    for number in range(count):
        fresh.execute("BEGIN IMMEDIATE")
        for table, _made, rows in parts:
            size = -(-len(rows) // count)
            chunk = rows[number * size : (number + 1) * size]
            if chunk:
                marks = ", ".join("?" * len(chunk[0]))
                fresh.executemany(f"INSERT INTO {table} VALUES (NULL, {marks})", chunk)
        fresh.execute("COMMIT")


def _write(held: sqlite3.Connection, typed: Iterator[tuple[Any, ...]]) -> None:
    sql = f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    while chunk := list(islice(typed, PER_TRANSACTION)):
        held.execute("BEGIN IMMEDIATE")
        held.executemany(sql, chunk)
        held.execute("COMMIT")


def _typed(rows: Iterator[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Give the cells the types of their columns and nothing more."""
    units: dict[str, int] = {}
    sites: dict[str, int] = {}
    models: dict[str, int] = {}
    for inventory, name, maker, model, unit, site, room, status, began, price, serial, until in rows:
        unit_id = units.setdefault(unit, len(units) + 1)
        site_id = sites.setdefault(site, len(sites) + 1)
        model_id = models.setdefault(model, len(models) + 1)
        cents = (
            None if price in ("", None) else cents_of(price) if isinstance(price, str) else round(price * 100)
        )
        yield (
            *(uuid4().hex, 1, name, unit_id, REF, maker, model, model, model_id, site_id, REF),
            *(STATUSES[status], iso(began), cents, "EUR", serial, inventory, room, iso(until)),
            *(AT, AT, AT, AT, False, 0, 0, 0, 0, 0),
        )


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Read the sheet with `csv.reader`, without the lines around the data."""
    with path.open(encoding="cp1252", newline="") as opened:
        for row in csv.reader(opened, delimiter=";"):
            if len(row) == len(HEADINGS) and row[0].startswith("INV-"):
                yield row


def xlsx_rows(path: Path) -> Iterator[list[Any]]:
    """Read the workbook with calamine."""
    with path.open("rb") as opened:
        book = python_calamine.CalamineWorkbook.from_filelike(opened)
        rows = book.get_sheet_by_index(0).iter_rows()
        next(rows)
        yield from rows


def list_milliseconds(database: Path) -> float:
    """Return the milliseconds of one SELECT of 50 rows in the order of the key; median of 40."""
    sql = f"SELECT {', '.join(COLUMNS[2:18])} FROM {TABLE} ORDER BY id LIMIT 50"
    taken = []
    with closing(sqlite3.connect(database)) as held:
        for _ in range(40):
            start = time.perf_counter()
            held.execute(sql).fetchall()
            taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def export_seconds(database: Path, form: str, path: Path) -> Cost:
    """Return the cost of writing all rows of the table as they are, as CSV, XLSX or JSON lines."""
    start, cpu = time.perf_counter(), time.process_time()
    with closing(sqlite3.connect(database)) as held:
        found = held.execute(f"SELECT * FROM {TABLE} ORDER BY id")
        _WRITERS[form](path, [name for name, *_rest in found.description], found)
    return Cost(seconds=time.perf_counter() - start, cpu=time.process_time() - cpu)


def _as_csv(path: Path, names: list[str], found: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        sheet = csv.writer(opened)
        sheet.writerow(names)
        sheet.writerows(found)


def _as_xlsx(path: Path, names: list[str], found: Iterable[tuple[Any, ...]]) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, names)
        for place, row in enumerate(found, 1):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(place, column, value)


def _as_jsonl(path: Path, names: list[str], found: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8") as opened:
        for row in found:
            held = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            opened.write(json.dumps(held, ensure_ascii=False) + "\n")


_WRITERS = {"csv": _as_csv, "xlsx": _as_xlsx, "jsonl": _as_jsonl}
