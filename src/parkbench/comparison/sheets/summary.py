"""What a comparison came to: numbers for programs, sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from parkbench.comparison.matching.answers import Relation
from parkbench.comparison.sheets.compared import Compared, Model
from parkbench.comparison.sheets.headings import ROLES, Role
from parkbench.comparison.sheets.reading import Park

SHOWN = 10
"""Models listed by name in a sentence; the tables and --json have them all."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A comparison with the number of pairs of each relation."""

    compared: Compared
    pairs: Mapping[Relation, int]
    models: Sequence[Model]

    @classmethod
    def of(cls, compared: Compared, pairs: Mapping[Relation, int]) -> Summary:
        """Return the summary of a comparison."""
        return cls(compared, pairs, compared.models())

    def shared(self, one: Park, other: Park) -> list[Model]:
        """Return the models that stand in both parks."""
        return [model for model in self.models if one.file in model.rows and other.file in model.rows]

    def only_in(self, park: Park) -> list[Model]:
        """Return the models that stand in this park and in no other."""
        return [model for model in self.models if list(model.rows) == [park.file]]

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        parks = self.compared.parks
        return {
            "files": [self._park_as_json(place, park) for place, park in enumerate(parks)],
            "in_common": [
                {"files": [one.file, other.file], "models": len(shared), "list": [_json(m) for m in shared]}
                for one, other in combinations(parks, 2)
                for shared in [self.shared(one, other)]
            ],
            "pairs": dict(self.pairs),
        }

    def _park_as_json(self, place: int, park: Park) -> dict[str, Any]:
        only = self.only_in(park)
        return {
            "file": park.file,
            "rows": len(park.records),
            "read_as": park.dialect,
            "encoding": park.encoding,
            "heading_row": park.heading_row,
            "columns": {role: park.columns.title(role) for role in ROLES},
            "uneven_rows": park.uneven,
            "empty_rows": park.empty,
            "statuses": self.compared.statuses(place),
            "models": sum(park.file in model.rows for model in self.models),
            "only_here": {"models": len(only), "list": [_json(model) for model in only]},
        }

    def table(self) -> Iterator[tuple[object, ...]]:
        """Yield a line for each park: file, rows, rows of each status, different models."""
        for place, park in enumerate(self.compared.parks):
            models = sum(park.file in model.rows for model in self.models)
            yield (park.file, len(park.records), *self.compared.statuses(place).values(), models)

    def sentences(self) -> Iterator[str]:
        """Yield what the parks have in common, what only one has, and what to do next."""
        parks = self.compared.parks
        for one, other in combinations(parks, 2):
            shared = self.shared(one, other)
            yield f"{one.file} and {other.file} both have {_counted(shared, 'in common')}{_listed(shared)}"
        for park in parks if len(parks) > 1 else ():
            only = self.only_in(park)
            yield f"Only in {park.file}: {_counted(only)}{_listed(only)}"
        yield from self._of_pairs()
        yield from self._to_do()

    def _of_pairs(self) -> Iterator[str]:
        if any(self.pairs.values()):
            counts = ", ".join(f"{count:,} of the {relation}" for relation, count in self.pairs.items())
            yield (
                f"Pairs of rows: {counts}. Each row meets every such row of another file: "
                "2 and 3 machines of one model make 6 pairs."
            )

    def _to_do(self) -> Iterator[str]:
        counts = {"undecided": 0, "proposed": 0, "none": 0}
        for place in range(len(self.compared.parks)):
            for status in counts:
                counts[status] += self.compared.statuses(place)[status]
        if counts["undecided"]:
            yield (
                f"{_rows(counts['undecided'])} undecided: the text fits two or more models, and none was "
                "picked. The column why says which; write the full model into the sheet and run again."
            )
        if counts["proposed"]:
            yield (
                f"{_rows(counts['proposed'])} proposed: a model can be told that the register does not know. "
                "Look at them before you count on them; --register takes a register of your own."
            )
        if counts["none"]:
            yield f"{_rows(counts['none'])} without a model, such as totals, section lines and services."


def said_of(park: Park) -> Iterator[str]:
    """Yield how a park was read: its form, its headings, the columns that were taken, what was odd."""
    where = f"headings in row {park.heading_row}" if park.heading_row else "no headings"
    took = ", ".join(_column_of(park, role) for role in ROLES)
    form = ", ".join(part for part in (park.dialect, park.encoding) if part)
    yield f"{park.file}: {len(park.records):,} rows ({form}; {where}): {took}."
    if park.uneven:
        yield (
            f"{park.file}: {_rows(park.uneven)} wider or narrower than the others; "
            "their cells were read by their place."
        )
    if park.empty:
        yield f"{park.file}: {_rows(park.empty)} without any text."


def _column_of(park: Park, role: Role) -> str:
    place: int | None = getattr(park.columns, role)
    if place is None:
        return f"no column for {role}"
    title = f"“{park.columns.title(role)}”" if park.columns.is_headed else f"column {place + 1}"
    return f"{role} from {title}"


def _rows(count: int) -> str:
    return "1 row is" if count == 1 else f"{count:,} rows are"


def _counted(models: Sequence[Model], more: str = "") -> str:
    word = "model" if len(models) == 1 else "models"
    return " ".join(part for part in (f"{len(models):,}", word, more) if part)


def _listed(models: Sequence[Model]) -> str:
    if not models:
        return "."
    names = ", ".join(model.title for model in models[:SHOWN])
    more = f" and {len(models) - SHOWN:,} more" if len(models) > SHOWN else ""
    return f": {names}{more}."


def _json(model: Model) -> dict[str, Any]:
    return {"key": model.key, "maker": model.maker, "model": model.model, "rows": model.rows}
