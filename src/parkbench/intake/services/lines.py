"""Lines of a plan: what each row of a file comes to, as kept in JSON between dry run and accept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from parkbench.intake.registry import FieldSpec, Target, Values
from parkbench.intake.rules import LineState, fold, name_to_make
from parkbench.lib.errors import Problem

Made = Counter[tuple[str, str]]
"""(kind, name as written) > how many rows need it made."""


@dataclass(slots=True)
class Line:
    """One row of the plan; ``values`` is what the file says, ``changes`` and ``kept`` are field > [old, new].

    ``problems`` are dicts of row, column, value and expected; ``base`` is the id of the current source row.
    """

    row: int
    key: str
    state: str
    title: str = ""
    uid: str = ""
    note: str = ""
    values: Values = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    kept: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    base: int | None = None
    base_said: Values = field(default_factory=dict)
    is_back: bool = False
    finds: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the line as the plan keeps it, without what is empty or looked up again."""
        plain: dict[str, Any] = {"row": self.row, "key": self.key, "state": self.state}
        for name in ("title", "uid", "note", "values", "changes", "kept", "problems", "finds"):
            value = getattr(self, name)
            if value:
                plain[name] = value
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    def refuse(self, problems: Iterable[dict[str, Any]]) -> None:
        """Turn the line into a refused one."""
        self.state = LineState.REFUSED.value
        self.problems.extend(problems)
        self.changes, self.kept = {}, {}


@dataclass(slots=True)
class Counts:
    """How many rows come to what; ``made`` names the records that are made on accept."""

    rows: int = 0
    states: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    made: Made = field(default_factory=Counter)

    def add(self, line: Line, target: Target, known: Mapping[str, Mapping[str, str]], *, by: int = 1) -> None:
        """Count a line (``by`` -1: take it out again)."""
        self.states[line.state] += by
        self.kept += by if line.kept else 0
        for needed in needs(line, target, known):
            self.made[needed] += by

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON values: one number per state, rows, kept, and made as kind > names."""
        made: dict[str, dict[str, str]] = {}
        for (kind, name), count in self.made.items():
            if count > 0:
                made.setdefault(kind, {}).setdefault(fold(name), name)
        states = {state.value: self.states[state.value] for state in LineState}
        names = {kind: sorted(found.values()) for kind, found in made.items()}
        return {"rows": self.rows, **states, "kept": self.kept, "made": names}


def needs(line: Line, target: Target, known: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of the records that this line needs and that are not here."""
    if line.state not in (LineState.NEW, LineState.CHANGED):
        return
    for spec in target.fields:
        if not spec.record or not spec.is_made:
            continue
        value = written_value(line, spec)
        name = name_to_make(value)
        if spec.sort != "record" and isinstance(value, str) and fold(value) not in known.get(spec.record, {}):
            name = value
        if name:
            yield spec.record, name


def written_value(line: Line, spec: FieldSpec) -> Any:
    """Return the value that this line writes into a field, None when it writes none."""
    if line.state == LineState.NEW:
        return line.values.get(spec.name)
    return line.changes[spec.name][1] if spec.name in line.changes else None


def told(problem: Problem, row: int, columns: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a problem as row, column (as the file calls it), value and expected."""
    column = columns.get(problem.field) or labels.get(problem.field, problem.field)
    value = None if problem.value is None else str(problem.value)
    return {"row": row, "column": column, "value": value, "expected": problem.expected}


def uid_of(line: Line) -> UUID:
    """Return the record of a line that has one."""
    return UUID(line.uid)
