"""The three-way comparison: what the source said last time, what it says now, what the record holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from parkbench.intake.rules.fields import Values

Pair = list[Any]


@dataclass(slots=True)
class Merged:
    """``changes``: field > [old, new] to be written; ``kept``: field > [by hand, in the source], left."""

    changes: dict[str, Pair] = field(default_factory=dict)
    kept: dict[str, Pair] = field(default_factory=dict)


def merge(*, base: Values, theirs: Values, ours: Values, is_taken: bool = False) -> Merged:
    """Compare field by field.

    ``base`` is what this source said last time (absent fields: nothing yet), ``theirs`` what it says now,
    ``ours`` what the record holds. A correction by hand wins over the source unless ``is_taken``; an empty
    cell empties only what the source itself had written.
    """
    merged = Merged()
    for name, their in theirs.items():
        our = ours.get(name)
        if their == our:
            continue
        was = base.get(name)
        if their is None and was is None:
            # The source never said anything here.
            continue
        if (their != was and our == was) or is_taken:
            merged.changes[name] = [our, their]
        else:
            merged.kept[name] = [our, their]
    return merged
