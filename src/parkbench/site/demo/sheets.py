"""Two inventory lists as people keep them: semicolons, decimal commas, Windows-1252, notes in between."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from parkbench.site.demo.habits import Habit
from parkbench.site.demo.machines import Machine, as_written

SEED = 77


def sheet(machines: Sequence[Machine], habit: Habit) -> bytes:
    """Return the list of these instruments as CSV in Windows-1252, a section per unit, with a total."""
    chance = random.Random(SEED)  # noqa: S311 - sample data, no secret
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    width = len(habit.headings)
    writer.writerow([habit.title, *[""] * (width - 1)])
    writer.writerow([""] * width)
    writer.writerow(habit.headings.values())
    for unit, under in groupby(machines, key=lambda machine: machine.unit.name):
        writer.writerow([unit, *[""] * (width - 1)])
        for machine in under:
            writer.writerow(_cells(machine, habit, chance))
        writer.writerow([""] * width)
    for broken in habit.refused:
        writer.writerow(_broken(machines[0], broken, habit))
    total = sum(machine.values["purchase_price"] for machine in machines)
    writer.writerow([
        habit.total if field == "name" else _amount(total, habit) if field == "purchase_price" else ""
        for field in habit.headings
    ])  # fmt: skip
    return kept.getvalue().encode("cp1252", "replace")


def _cells(machine: Machine, habit: Habit, chance: random.Random) -> list[str]:
    said = {**machine.values, "unit": machine.unit.name, "site": machine.unit.site}
    # People write makers and models as they come to mind; the register knows their other names.
    said["maker_text"] = _in_cp1252(machine.model.maker, machine.model.maker_names, chance)
    said["model_text"] = _in_cp1252(machine.model.designation, machine.model.names, chance)
    return [_cell(field, said.get(field), habit) for field in habit.headings]


def _in_cp1252(name: str, others: Sequence[str], chance: random.Random) -> str:
    written = as_written(name, others, chance)
    return written if written.encode("cp1252", "replace").decode("cp1252") == written else name


def _cell(field: str, value: Any, habit: Habit) -> str:
    if value is None:
        return ""
    if field == "status":
        return habit.statuses[value]
    if field.endswith("_on"):
        return habit.day(date.fromisoformat(value))
    if field.endswith("_price"):
        return _amount(value, habit)
    return str(value)


def _amount(minor: int, habit: Habit) -> str:
    return f"{minor // 100:,}".replace(",", habit.thousands) + f",{minor % 100:02}"


def _broken(like: Machine, broken: Mapping[str, str], habit: Habit) -> list[str]:
    """Return a row that cannot be read: like a good one, but for what is broken."""
    said = {
        "maker_text": like.model.maker,
        "model_text": like.model.designation,
        "unit": like.unit.name,
        "site": like.unit.site,
        "purchase_currency": "EUR",
        **broken,
    }
    return [said.get(field, "") for field in habit.headings]
