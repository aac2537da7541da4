"""`make bench`: each figure beside its floor or its peer, in one run, on nodes made for it and thrown away.

Exit code 0 whatever the figures are; anything else means that something broke.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import bookings
import imports
import lists
import matching
import products
import receiving
import serving
from commands import make_node
from figures import Figure, show
from rich.console import Console

import federation

PARTS = (
    "import",
    "peer",
    "lists",
    "export",
    "bookings",
    "exchange",
    "serving",
    "receiving",
    "federation",
    "products",
    "names",
)


def main() -> None:
    """Measure what was asked for and show it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the large park (default 100,000)")
    parser.add_argument("--only", choices=PARTS, default="", help="one part of the figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    asked = parser.parse_args()
    before, found = os.getloadavg()[0], []
    with tempfile.TemporaryDirectory(prefix="parkbench-bench-") as folder:
        for figure in _figures(Path(folder), asked.rows, asked.only):
            found.append(figure)
            _tell(figure)
            if asked.json:  # after each figure, so that a run that is stopped leaves what it found
                _keep(asked.json, asked.rows, found)
    load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors"
    show(found, title=f"Parkbench, {asked.rows:,} rows, {datetime.now(UTC):%Y-%m-%d}; {load}")


def _tell(figure: Figure) -> None:
    line = f"{figure.what}: {figure.ours}  {figure.floor}  {figure.busy}  (load {os.getloadavg()[0]:.1f})"
    Console(stderr=True, soft_wrap=True).print(line, markup=False, highlight=False)


def _keep(path: Path, rows: int, found: Sequence[Figure]) -> None:
    told = {"rows": rows, "figures": [one.as_dict() for one in found]}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")


def _figures(folder: Path, rows: int, only: str) -> Iterator[Figure]:
    node = make_node(folder / "node")
    if only in ("", "import", "peer"):
        yield from imports.measure(node=node, folder=folder, rows=rows, only=only)
    if only in ("", "lists", "export"):
        yield from lists.measure(node=node, folder=folder, rows=rows, only=only)
    if only in ("", "bookings"):
        yield from bookings.measure(node=node, folder=folder)
    if only in ("", "exchange", "serving"):
        yield from serving.measure(node=node, folder=folder, rows=rows)
    if only in ("", "exchange", "receiving"):
        yield from receiving.measure(folder=folder, rows=rows)
    if only in ("", "exchange", "federation"):
        yield from federation.measure(folder=folder)
    if only in ("", "products"):
        yield from products.measure()
    if only in ("", "names"):
        yield from matching.measure(names=rows)


if __name__ == "__main__":
    main()
