"""The words of a file whose meaning people may say, as its pages and reports show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from parkbench.intake.registry import Asking, Reducing, Target
from parkbench.intake.rules import Recipe
from parkbench.lib.tabular import kind_of_row, open_table

SAMPLE = 5_000
"""Rows looked at where the whole file is kept; of a part that is kept all rows are, for it is small."""
MOST = 1_000
"""Words kept for the pages, those without a meaning first."""


def words_of(target: Target, *, path: Path, name: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the words of a kept file as JSON values; none when the target asks for none."""
    if not isinstance(target, Asking):
        return []
    most = None if isinstance(target, Reducing) else SAMPLE
    with open_table(path, name=name, sheet=recipe.sheet or None) as table:
        places = {
            field: table.headers.index(heading)
            for field, heading in recipe.columns.items()
            if heading in table.headers
        }

        def rows() -> Iterator[dict[str, Any]]:
            for row in islice(table.rows, most):
                if kind_of_row(row.cells) == "data":
                    yield {field: row.cells[place] for field, place in places.items()}

        return [asdict(word) for word in target.words(rows=rows(), recipe=recipe)[:MOST]]
