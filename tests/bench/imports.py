"""Imports beside their floor: dry run, accept, again, undo, memory, other people's writes, a peer."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import floors
import sheets
from commands import HERE, Broken, Ran, copied, database, run, script, surroundings
from figures import Figure, at_most, percentile, times

SOURCE = ("--source", "bench")


def measure(*, node: Path, folder: Path, rows: int) -> Iterator[Figure]:
    """Yield the figures of importing a sheet of so many rows."""
    models = sheets.known_models(database(node))
    sheet, book = folder / "sheet.csv", folder / "sheet.xlsx"
    sheets.write_csv(sheet, rows, models)
    sheets.write_xlsx(book, rows, models)
    floor = floors.import_seconds(lambda: floors.csv_rows(sheet), node=database(node), folder=folder)
    n = f"{rows:,} rows"
    home = copied(node, folder / "csv")
    yield times(f"CSV dry run, {n}", _import(home, sheet, rows, "--dry-run").seconds, floor, 3)
    done = _import(home, sheet, rows)
    yield times(f"CSV accept, {n}: whole command, dry run included", done.seconds, floor, 7)
    yield times("  of that the accept alone", _window(home, done).seconds, floor, 7)
    yield at_most("  memory at its peak", done.peak_mb, "MB", 400)
    yield from _again_and_back(home, sheet, done, rows, floor)
    shutil.rmtree(home)
    yield from _others(copied(node, folder / "others"), sheet, rows)
    shutil.rmtree(folder / "others")
    book_floor = floors.import_seconds(lambda: floors.xlsx_rows(book), node=database(node), folder=folder)
    home = copied(node, folder / "xlsx")
    done = _import(home, book, rows)
    yield times(f"XLSX accept, {n}: whole command, dry run included", done.seconds, book_floor, 5)
    yield times("  of that the accept alone", _window(home, done).seconds, book_floor, 5)
    yield at_most("  memory at its peak", done.peak_mb, "MB", 400)
    shutil.rmtree(home)


def _import(home: Path, sheet: Path, rows: int, *options: str) -> Ran:
    done = run(home, "import", "instruments", sheet, *SOURCE, *options, allowed=(0, 1))
    refused = rows // sheets.WRONG_EVERY
    if done.report["rows"] != rows or len(done.report["refused"]) != refused:
        raise Broken(f"Expected {rows} rows, {refused} refused: {str(done.report)[:2000]}")
    return done


class _Span:
    """From when to when an import was being accepted, as its batch tells."""

    def __init__(self, began: str, ended: str) -> None:
        self.began, self.ended = (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in (began, ended))
        self.seconds = self.ended - self.began


def _window(home: Path, done: Ran) -> _Span:
    pk = done.report["batch"].replace("-", "")
    with closing(sqlite3.connect(database(home))) as held:
        return _Span(*held.execute("SELECT at, accepted_at FROM intake_batch WHERE id = ?", [pk]).fetchone())


def _again_and_back(home: Path, sheet: Path, done: Ran, rows: int, floor: float) -> Iterator[Figure]:
    again = _import(home, sheet, rows)
    if again.report["new"] or again.report["changed"]:
        raise Broken(f"The same file again changed something: {str(again.report)[:2000]}")
    yield times("CSV again, nothing changed", again.seconds, floor)
    undone = run(home, "import", "instruments", "--undo", done.report["batch"])
    yield times("undo of the whole import", undone.seconds, floor)


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


def measure_peer(*, node: Path, folder: Path, rows: int, ours: float | None) -> Iterator[Figure]:
    """Yield django-import-export on the same file: whole when that takes under three minutes."""
    sheet = folder / "sheet.csv"
    sample = min(rows, 5_000)
    part = script(copied(node, folder / "peer-part"), "peer.py", sheet, sample).report["seconds"]
    expected, note = part * rows / sample, f"{rows:,} rows extrapolated from {sample:,}"
    if rows > sample and expected < 180:
        expected = script(copied(node, folder / "peer-whole"), "peer.py", sheet, rows).report["seconds"]
        note = f"all {rows:,} rows"
    ratio = None if ours is None else expected / ours
    yield Figure(
        what=f"django-import-export, {note}",
        ours="" if ours is None else f"{ours:.2f} s",
        floor=f"{expected:.1f} s",
        ratio=ratio,
        asked=">= 10 x slower",
        is_met=None if ratio is None else ratio >= 10,
    )
