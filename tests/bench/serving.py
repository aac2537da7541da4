"""Serving partners: what an idle poll, a hundred changes, a publish and a narrowing cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commands import copied, script
from figures import Figure, at_most


def measure(*, node: Path, folder: Path, rows: int) -> Iterator[Figure]:
    """Yield the figures of what this node serves."""
    found = script(copied(node, folder / "origin"), "served.py", rows).report
    yield from _idle(found, rows)
    walk = found["walk"]
    yield at_most(
        f"a journal of {walk['count']:,} sections read by its partner, {walk['pages']} pages",
        walk["seconds"],
        "s",
        None,
        cpu=walk["cpu"],
    )
    changed = found["changed"]
    bound = 1.2 * changed["floor"]
    yield at_most(
        f"{changed['items']} changes in {rows:,}: bytes, beside gzip of the changed items",
        changed["bytes"],
        "B",
        bound,
        floor=changed["floor"],
    )
    seconds, cpu = found["publish"]
    yield at_most("publish of 100 changes that 30 audiences see", seconds, "s", 0.5, cpu=cpu)
    seconds, cpu = found["narrow"]
    yield at_most(f"narrowing one cell over {found['narrowed']:,} records", seconds, "s", 2, cpu=cpu)


def _idle(found: dict[str, Any], rows: int) -> Iterator[Figure]:
    few, many, groups = found["idle_10"], found["idle"], found["idle_groups"]
    for what, one in (("2 journals", many), (f"{groups['journals']} journals", groups)):
        bound = 500 + 100 * one["journals"]
        yield at_most(f"idle poll, {what}: bytes", one["bytes"], "B", bound)
    yield at_most("idle poll: statements, beside 10 records", many["statements"], "", few["statements"])
    yield at_most(f"idle poll at {rows:,} records", many["ms"], "ms", None, floor=few["ms"])
