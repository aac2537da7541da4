"""The dry run: every row read and compared, written to a plan in constant memory; nothing else is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from parkbench.intake.models import SourceRow
from parkbench.intake.registry import Context, Gathering, Spreading, Target
from parkbench.intake.rules import HEADING_WRONG, LineState
from parkbench.intake.services.comparing import Comparer
from parkbench.intake.services.gathering import gathered
from parkbench.intake.services.lines import Counts, Line, Needs
from parkbench.intake.services.reading import OpenSheet, ReadRow, RowReader
from parkbench.records.bulk import CHUNK
from parkbench.records.visibility import Viewer

Beat = Callable[[int], None]
"""Told now and then how many rows are done."""

EXPECTED_ONCE = "a key that stands once in the file"


class Plan:
    """One dry run in the making; ``write`` leaves the plan at ``path`` and returns the counts."""

    def __init__(
        self,
        *,
        sheet: OpenSheet,
        target: Target,
        source_id: int | None,
        viewer: Viewer,
        path: Path,
        taken: frozenset[int] = frozenset(),
        beat: Beat | None = None,
    ) -> None:
        self.sheet, self.target, self.source_id, self.path = sheet, target, source_id, path
        self.context: Context = target.context(viewer=viewer)
        self.reader = RowReader(target, sheet.recipe, sheet.table.headers, self.context)
        self.comparer = Comparer(target, self.context, sheet.recipe, viewer, source_id, taken)
        self.counts, self.needs = Counts(), Needs(target, self.context.known)
        self._beat = beat or (lambda rows: None)
        self._rows_of: dict[str, int] = {}
        self._repeated: dict[str, list[int]] = {}

    def write(self) -> dict[str, Any]:
        """This function will read the whole file into the plan; returns the counts as JSON values.

        Raises UnreadableFile for faults further down in the file.
        """
        with self.path.open("w", encoding="utf-8") as out:
            rows = iter(self.sheet.rows)
            read = 0
            one_by_one: Iterator[ReadRow] = map(self.reader.read, rows)
            if isinstance(self.target, Spreading):
                one_by_one = chain.from_iterable(map(self.reader.read_all, rows))
            reads = gathered(self.target, one_by_one, self.context, self.sheet.recipe)
            while chunk := list(islice(reads, CHUNK)):
                self._write_chunk(chunk, out)
                read += sum(one.count for one in chunk)
                self._beat(read)
            self._write_missing(out)
        if self._repeated:
            self._refuse_repeated()
        return self.counts.as_json()

    def _write_chunk(self, reads: Sequence[ReadRow], out: TextIO) -> None:
        fresh, found = [], []
        for read in reads:
            if read.key:
                self.counts.rows += read.count
                first = self._rows_of.setdefault(read.key, read.number)
                if first != read.number:
                    # Which of them is right nobody can tell: all rows of this key are refused in the end.
                    self._repeated.setdefault(read.key, [first]).append(read.number)
                    found.append(Line(read.number, read.key, LineState.REFUSED.value, values=read.values))
                    continue
            fresh.append(read)
        found += self.comparer.lines(fresh)
        for line in sorted(found, key=lambda one: one.row):  # as in the sheet, refused ones in their place
            self._put(line, out)

    def _put(self, line: Line, out: TextIO) -> None:
        self.counts.add(line, self.needs)
        out.write(line.as_json())
        out.write("\n")

    def _write_missing(self, out: TextIO) -> None:
        """Rows that the source had and the file has not: flagged, never deleted."""
        is_part = HEADING_WRONG in self.sheet.table.headers
        if self.source_id is None or is_part or isinstance(self.target, Gathering):
            return
        rows = SourceRow.objects.filter(source_id=self.source_id, is_current=True).order_by("pk")
        for key, uid, number, said in rows.values_list("key", "uid", "row_number", "said").iterator(CHUNK):
            if key not in self._rows_of:
                title = str(json.loads(said).get(self.target.title) or "")
                self._put(Line(number, key, LineState.MISSING.value, title, str(uid)), out)

    def _refuse_repeated(self) -> None:
        """Write the plan again with every row of a repeated key refused."""
        partial = self.path.with_suffix(".again")
        with partial.open("w", encoding="utf-8") as out:
            for line in lines_of(self.path):
                if line.key in self._repeated and line.state != LineState.MISSING:
                    self.counts.add(line, self.needs, by=-1)
                    line.refuse([self._repetition(line)])
                    self.counts.add(line, self.needs)
                out.write(line.as_json())
                out.write("\n")
        partial.replace(self.path)

    def _repetition(self, line: Line) -> dict[str, Any]:
        others = [str(row) for row in self._repeated[line.key] if row != line.row]
        shown = ", ".join(others[:5]) + (" …" if len(others) > 5 else "")
        columns = self.sheet.recipe.columns
        written = [
            line.values.get(name) for name, heading in columns.items() if heading in self.sheet.recipe.key
        ]
        value = str(next((text for text in written if text), line.key.partition(":")[2]))
        column = ", ".join(self.sheet.recipe.key)
        expected = f"{EXPECTED_ONCE}; it stands in row {shown} too"
        return {"row": line.row, "column": column, "value": value, "expected": expected}


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines of a plan."""
    with path.open(encoding="utf-8") as opened:
        for text in opened:
            yield Line(**json.loads(text))
