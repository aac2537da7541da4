"""What commands print: a table for people, JSON for programs, progress on the other stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 200


def as_json(report: Any) -> None:
    """Write one JSON document to the standard output."""
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2, default=str) + "\n")
    sys.stdout.flush()


def say(sentence: str) -> None:
    """Write a sentence to the standard output."""
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)


def aside(sentence: str) -> None:
    """Write a sentence about what is going on to the other stream."""
    Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table to the standard output."""
    drawn = Table(*columns, box=None, header_style="bold", padding=(0, 2, 0, 0))
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    # Into a file or a pipe the lines need not fit a screen.
    Console(width=None if sys.stdout.isatty() else WIDE).print(drawn)
