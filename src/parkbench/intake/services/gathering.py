"""Rows that make one record together, and files of which only a part is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from parkbench.intake.registry import Context, Gathered, Gathering, Reducing, Target
from parkbench.intake.rules import Recipe
from parkbench.intake.services.files import pieces_of
from parkbench.intake.services.reading import ReadRow


def gathered(target: Target, reads: Iterable[ReadRow], context: Context, recipe: Recipe) -> Iterator[ReadRow]:
    """Yield the rows as they are, or what a gathering target makes of them."""
    if not isinstance(target, Gathering):
        yield from reads
        return
    rows = (Gathered(one.number, one.values, one.key, {}, one.problems, one.skipped) for one in reads)
    for one in target.gather(rows=rows, context=context, recipe=recipe):
        yield ReadRow(
            one.number,
            one.key,
            one.values,
            problems=one.problems,
            skipped=one.skipped,
            finds=one.finds,
            count=one.count,
        )


@contextmanager
def reduced(target: Target, path: Path, name: str, recipe: Recipe) -> Iterator[tuple[Path, Recipe]]:
    """Yield the file to be kept and its recipe: the file itself, or the part a reducing target leaves."""
    if not isinstance(target, Reducing):
        yield path, recipe
        return
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.csv"
        yield kept, target.reduce(path=path, name=name, recipe=recipe, to=kept)


@contextmanager
def reduced_pieces(
    target: Target, pieces: Iterable[bytes], name: str, recipe: Recipe
) -> Iterator[tuple[Iterable[bytes], Recipe]]:
    """Yield the bytes to be kept of an uploaded file, and its recipe."""
    if not isinstance(target, Reducing):
        yield pieces, recipe
        return
    with tempfile.NamedTemporaryFile() as whole:
        for piece in pieces:
            whole.write(piece)
        whole.flush()
        with reduced(target, Path(whole.name), name, recipe) as (kept, settled):
            yield pieces_of(kept), settled
