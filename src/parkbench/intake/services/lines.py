"""Lines of a plan: what each row of a file comes to, as kept in JSON between dry run and accept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from parkbench.intake.registry import FieldSpec, Target, Values
from parkbench.intake.rules import LineState, fold, name_to_make
from parkbench.lib.errors import Problem

as_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Writes JSON as plans and source rows keep it."""

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
    names: dict[str, str] = field(default_factory=dict)
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
        for name in ("title", "uid", "note", "values", "names", "changes", "kept", "problems", "finds"):
            value = getattr(self, name)
            if value:
                plain[name] = value
        return as_text(plain)

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

    def add(self, line: Line, needs: Needs, *, by: int = 1) -> None:
        """Count a line (``by`` -1: take it out again)."""
        self.states[line.state] += by
        self.kept += by if line.kept else 0
        for needed in needs.of(line):
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


class Needs:
    """Tells which records a line needs that are not here; remembers what it found until told to forget."""

    def __init__(self, target: Target, known: Mapping[str, Mapping[str, str]]) -> None:
        self._specs = [spec for spec in target.fields if spec.record and spec.is_made]
        self._known = known
        self._memory: dict[tuple[str, Any], str] = {}

    def of(self, line: Line) -> list[tuple[str, str]]:
        """Return (kind, name) of what is to be made for this line."""
        if line.state == LineState.NEW:
            values: Values = line.values
        elif line.state == LineState.CHANGED:
            values = {name: pair[1] for name, pair in line.changes.items()}
        else:
            return []
        found = []
        for spec in self._specs:
            value = values.get(spec.name)
            if value is not None:
                name = self._memory.get((spec.name, value))
                if name is None:
                    name = self._memory[spec.name, value] = self._name(spec, value)
                if name:
                    found.append((spec.record, name))
        return found

    def forget(self) -> None:
        """Look up again what was missing: some of it has just been made."""
        self._memory = {}

    def _name(self, spec: FieldSpec, value: str) -> str:
        if spec.sort == "record":
            return name_to_make(value)
        return "" if fold(value) in self._known.get(spec.record, {}) else value


def told(problem: Problem, row: int, columns: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a problem as row, column (as the file calls it), value and expected."""
    column = columns.get(problem.field) or labels.get(problem.field, problem.field)
    value = None if problem.value is None else str(problem.value)
    return {"row": row, "column": column, "value": value, "expected": problem.expected}


def uid_of(line: Line) -> UUID:
    """Return the record of a line that has one."""
    return UUID(line.uid)
