"""An import that is killed for real: every chunk is there whole or not at all, and it goes on from there."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import nodes

ROWS = 6_000
CHUNK = 1_000
MADE = "SELECT count(*) FROM instruments_instrument"
DONE = "SELECT done FROM intake_batch"


def ask(home: Path, question: str) -> int:
    with closing(sqlite3.connect(home / "parkbench.sqlite3", timeout=20)) as held:
        row = held.execute(question).fetchone()
    return int(row[0]) if row else 0


def sheet(folder: Path) -> Path:
    path = folder / "park.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["Inventory number", "Name", "Unit", "Model"])
        rows.writerows(
            [f"I-{n:05}", f"Instrument {n}", f"Unit {n % 7}", "Zeiss LSM 980"] for n in range(ROWS)
        )
    return path


def test_it_loses_and_doubles_nothing_when_it_is_killed_and_goes_on(home: Path, tmp_path: Path) -> None:
    arguments = ["import", "instruments", str(sheet(tmp_path)), "--source", "list", "--home", str(home)]
    with subprocess.Popen(
        [*nodes.COMMAND, *arguments],
        env=nodes.surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        nodes.wait_until(lambda: ask(home, MADE))
        running.kill()
    made = ask(home, MADE)
    assert made % CHUNK == 0
    assert 0 < made < ROWS
    assert ask(home, DONE) == made
    assert (
        ask(home, "SELECT count(*) FROM records_section WHERE kind = 'instrument'") == 2 * made
    )  # basics, internal
    assert ask(home, "SELECT count(*) FROM intake_sourcerow") == made

    done = nodes.run("import", "instruments", "--resume", "--home", home, "--json")
    assert done.returncode == 0, done.stderr
    assert ask(home, MADE) == ask(home, "SELECT count(DISTINCT name) FROM instruments_instrument") == ROWS
    again = nodes.run(*arguments, "--json")
    report = json.loads(again.stdout)
    assert (report["unchanged"], report["new"], report["changed"]) == (ROWS, 0, 0)
