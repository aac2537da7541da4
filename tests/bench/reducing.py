"""Read a list of bookings alone and sum it, by turns in one process; reports the median of each as JSON."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import django

django.setup()

from parkbench.figures.importers import BookingsTarget  # noqa: E402
from parkbench.intake.rules import Recipe  # noqa: E402
from parkbench.site.collector import spare  # noqa: E402

TURNS = 5


def main(path: Path) -> None:
    """Measure and report seconds by the clock and of processor."""
    spare()
    found: dict[str, list[tuple[float, float]]] = {"floor": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        for _turn in range(TURNS):
            for name, work in (("floor", _read), ("ours", _sum)):
                clock, cpu = time.perf_counter(), time.process_time()
                work(path, Path(folder) / "kept.csv")
                found[name].append((time.perf_counter() - clock, time.process_time() - cpu))
    told = {
        name: {"seconds": median(one[0] for one in turns), "cpu": median(one[1] for one in turns)}
        for name, turns in found.items()
    }
    sys.stdout.write(json.dumps(told))


def _read(path: Path, _to: Path) -> None:
    with path.open(newline="", encoding="utf-8") as stream:
        for _row in csv.reader(stream):
            pass


def _sum(path: Path, to: Path) -> None:
    BookingsTarget().reduce(path=path, name=path.name, recipe=Recipe(), to=to)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
