"""Imports beside their floor: dry run, accept, again, undo, memory, other people's writes, a peer."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import floors
import sheets
from commands import HERE, Broken, Ran, copied, database, run, script, surroundings
from figures import Cost, Figure, at_most, percentile, times

SOURCE = ("--source", "bench")
SAMPLE = 5_000
"""Rows of the peer's first run, from which the whole is estimated."""


def measure(*, node: Path, folder: Path, rows: int, only: str) -> Iterator[Figure]:
    """Yield the figures of importing a sheet of so many rows, the peer beside them."""
    models = sheets.known_models(database(node))
    sheet, book = folder / "sheet.csv", folder / "sheet.xlsx"
    sheets.write_csv(sheet, rows, models)
    sheets.write_xlsx(book, rows, models)
    home = copied(node, folder / "csv")
    if only == "peer":
        done = _import(home, sheet, rows)
    else:
        floor = floors.import_seconds(lambda: floors.csv_rows(sheet), node=database(node), folder=folder)
        yield times(f"CSV dry run, {rows:,} rows", _import(home, sheet, rows, "--dry-run"), floor, 3)
        done = _import(home, sheet, rows)
        yield from _accepted("CSV", home, done, floor, 7)
        yield _indexed(home, rows, floor)
        yield from _again_and_back(home, sheet, done, rows, floor)
        yield from _others(copied(node, folder / "others"), sheet, rows)
        yield from _workbook(node, folder, book, rows)
    yield from _peer(
        node=node, folder=folder, rows=rows, ours=done.seconds, accept=_window(home, done).seconds
    )
    for name in ("csv", "others", "xlsx", "peer-part", "peer-whole"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _accepted(form: str, home: Path, done: Ran, floor: Cost, most: float) -> Iterator[Figure]:
    yield times(f"{form} accept: the whole command, dry run included", done, floor, most)
    yield times("  of that the accept alone", _window(home, done), floor, most)
    yield at_most("  memory at its peak", done.peak_mb, "MB", 400)


def _workbook(node: Path, folder: Path, book: Path, rows: int) -> Iterator[Figure]:
    floor = floors.import_seconds(lambda: floors.xlsx_rows(book), node=database(node), folder=folder)
    home = copied(node, folder / "xlsx")
    yield from _accepted("XLSX", home, _import(home, book, rows), floor, 5)


def _import(home: Path, sheet: Path, rows: int, *options: str) -> Ran:
    done = run(home, "import", "instruments", sheet, *SOURCE, *options, allowed=(0, 1))
    refused = rows // sheets.WRONG_EVERY
    if done.report["rows"] != rows or len(done.report["refused"]) != refused:
        raise Broken(f"Expected {rows} rows, {refused} refused: {str(done.report)[:2000]}")
    return done


@dataclass(frozen=True, kw_only=True)
class _Span(Cost):
    """From when to when an import was being accepted, as its batch tells, in seconds since 1970."""

    began: float
    ended: float


def _window(home: Path, done: Ran) -> _Span:
    pk = done.report["batch"].replace("-", "")
    with closing(sqlite3.connect(database(home))) as held:
        row = held.execute("SELECT at, accepted_at FROM intake_batch WHERE id = ?", [pk]).fetchone()
    began, ended = (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in row)
    return _Span(began=began, ended=ended, seconds=ended - began, cpu=0)


def _indexed(home: Path, rows: int, floor: Cost) -> Figure:
    """Time the job that makes the imported rows findable by search, which runs after the accept."""
    done = script(home, "indexing.py")
    if done.report["records"] < rows - rows // sheets.WRONG_EVERY:
        raise Broken(f"Expected all new rows to be indexed, found {done.report['records']}.")
    return times("  the search index, by a job afterwards", done, floor)


def _again_and_back(home: Path, sheet: Path, done: Ran, rows: int, floor: Cost) -> Iterator[Figure]:
    again = _import(home, sheet, rows)
    if again.report["new"] or again.report["changed"]:
        raise Broken(f"The same file again changed something: {str(again.report)[:2000]}")
    yield times("CSV again, nothing changed", again, floor)
    undone = run(home, "import", "instruments", "--undo", done.report["batch"])
    yield times("undo of the whole import", undone, floor)


def _others(home: Path, sheet: Path, rows: int) -> Iterator[Figure]:
    """Somebody else corrects an instrument ten times a second while the import is accepted."""
    command = [sys.executable, str(HERE / "editor.py")]
    with subprocess.Popen(
        command, env=surroundings(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as editor:
        assert editor.stdout is not None
        if editor.stdout.readline().strip() != "ready":
            raise Broken("The other editor did not start.")
        done = _import(home, sheet, rows)
        found = json.loads(editor.communicate("stop\n", timeout=120)[0])
    span = _window(home, done)
    took = [took for began, took in found["writes"] if span.began <= began <= span.ended]
    if not took or found["failed"]:
        raise Broken(f"The other editor wrote {len(took)} times and failed: {found['failed'][:3]}")
    yield at_most(f"others' writes meanwhile, p99 of {len(took)}", percentile(took, 0.99), "s", 1)
    yield at_most("  median", percentile(took, 0.5), "s", None)
    yield at_most("  longest", max(took), "s", None)


def _peer(*, node: Path, folder: Path, rows: int, ours: float, accept: float) -> Iterator[Figure]:
    """Yield django-import-export on the same file: the whole of it when that takes under three minutes."""
    sheet = folder / "sheet.csv"
    sample = min(rows, SAMPLE)
    found, note = script(copied(node, folder / "peer-part"), "peer.py", sheet, sample).report, "all rows"
    whole, alone = (found[part] * rows / sample for part in ("seconds", "alone"))
    if rows > sample and whole < 180:
        found = script(copied(node, folder / "peer-whole"), "peer.py", sheet, rows).report
        whole, alone = found["seconds"], found["alone"]
    elif rows > sample:
        note = f"extrapolated from {sample:,} rows"
    yield Figure(
        what=f"django-import-export on the same CSV, dry run and import, {note}",
        ours=f"{ours:.2f} s",
        floor=f"{whole:.1f} s",
        ratio=whole / ours,
        asked=">= 10 x slower",
        is_met=whole / ours >= 10,
    )
    yield Figure(
        what="  its import alone, beside our accept alone",
        ours=f"{accept:.2f} s",
        floor=f"{alone:.1f} s",
        ratio=alone / accept,
    )
