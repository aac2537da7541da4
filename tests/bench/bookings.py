"""A million bookings beside reading the file alone; memory for a quarter of them beside memory for all."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from commands import run, script
from figures import Cost, Figure, at_most, times

ROWS = 1_000_000
HEADINGS = (
    *("Booking ID", "Resource", "Start", "End", "User", "User email", "Group", "PI"),
    *("Price type", "Amount", "Currency", "Status"),
)


def write(path: Path, count: int) -> None:
    """Write bookings of three years in the order of their start, as booking systems export them."""
    dice = random.Random(20_260_101)
    first, span = datetime(2023, 1, 1), 3 * 365 * 24 * 4
    quarters = sorted(dice.randrange(span) for _ in range(count))
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(HEADINGS)
        for number, quarter in enumerate(quarters):
            start = first + timedelta(minutes=15 * quarter)
            end = start + timedelta(minutes=15 * dice.randrange(1, 33))
            user, group = dice.randrange(2_000), dice.randrange(150)
            out.writerow(
                (
                    number,
                    f"Instrument {dice.randrange(200)}",
                    f"{start:%Y-%m-%d %H:%M}",
                    f"{end:%Y-%m-%d %H:%M}",
                    f"First{user} Last{user}",
                    f"user{user}@bench.example",
                    f"Group {group}",
                    f"Leader {group}",
                    dice.choice(("Internal", "Academic", "Industry")),
                    f"{dice.randrange(50_000) / 100:.2f}",
                    "SEK",
                    "Cancelled" if dice.random() < 0.1 else "Confirmed",
                )
            )


def measure(*, node: Path, folder: Path) -> Iterator[Figure]:
    """Yield the figures of summing bookings."""
    whole, part = folder / "bookings.csv", folder / "quarter.csv"
    write(whole, ROWS)
    write(part, ROWS // 4)
    found = script(node, "reducing.py", whole).report
    ours, floor = (Cost(**found[name]) for name in ("ours", "floor"))
    yield times(f"{ROWS:,} bookings summed, beside reading the file alone", ours, floor, 2)
    large = run(node, "import", "bookings", whole, "--source", "bench", "--dry-run", allowed=(0, 1))
    small = run(node, "import", "bookings", part, "--source", "bench", "--dry-run", allowed=(0, 1))
    yield times("  the whole command, dry run", large, floor)
    yield at_most(
        "  memory for all, beside a quarter of them",
        large.own_mb,
        "MB",
        small.own_mb * 1.25 + 20,
        floor=small.own_mb,
    )
    for path in (whole, part):
        path.unlink()
