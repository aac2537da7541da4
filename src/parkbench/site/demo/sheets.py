"""Two inventory lists as people keep them: semicolons, decimal commas, Windows-1252, notes in between."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from parkbench.site.demo.machines import Machine, as_written

SEED = 77


@dataclass(frozen=True, slots=True)
class Habit:
    """How one unit writes its list: headings by field, words for the status, dates, the lines around."""

    title: str
    headings: Mapping[str, str]
    statuses: Mapping[str, str]
    day: Callable[[date], str]
    thousands: str
    total: str
    refused: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to import: how it is written, its source, its file, the codes of the units that keep it."""

    habit: Habit
    source: str
    file_name: str
    codes: frozenset[str]


GERMAN = Habit(
    title="Geräteliste Bildgebung (Beispieldaten)",
    headings={
        "inventory_number": "Inv.-Nr.",
        "name": "Gerätename",
        "maker_text": "Hersteller",
        "model_text": "Modell",
        "unit": "Abteilung",
        "site": "Standort",
        "room": "Raum",
        "status": "Zustand",
        "commissioned_on": "Inbetriebnahme",
        "purchase_price": "Anschaffungskosten",
        "purchase_currency": "Währung",
        "purchase_year": "Kaufjahr",
        "replacement_price": "Wiederbeschaffungswert",
        "serial_number": "Serien-Nr.",
        "criticality": "Kritikalität",
        "end_of_support_on": "Service bis",
        "description": "Beschreibung",
        "mailbox": "Kontakt E-Mail",
        "notes": "Bemerkung",
    },
    statuses={
        "planned": "geplant",
        "ordered": "bestellt",
        "commissioning": "Installation",
        "in-service": "in Betrieb",
        "limited": "eingeschränkt",
        "out-of-service": "defekt",
        "decommissioned": "ausgemustert",
    },
    day=lambda day: day.strftime("%d.%m.%Y"),
    thousands=".",
    total="Summe",
    refused=(),
)
SWEDISH = Habit(
    title="Utrustningslista sekvensering (exempeldata)",
    headings={
        "inventory_number": "Inventarienr",
        "name": "Benämning",
        "maker_text": "Tillverkare",
        "model_text": "Modell",
        "unit": "Enhet",
        "site": "Plats",
        "room": "Rum",
        "status": "Tillstånd",
        "commissioned_on": "Driftsatt",
        "purchase_price": "Inköpspris",
        "purchase_currency": "Valuta",
        "purchase_year": "Inköpsår",
        "replacement_price": "Nyanskaffningsvärde",
        "serial_number": "Serienummer",
        "criticality": "Kritikalitet",
        "end_of_support_on": "Support t o m",
        "description": "Beskrivning",
        "mailbox": "Kontaktmail",
        "notes": "Anteckning",
    },
    statuses={
        "planned": "planerad",
        "ordered": "beställd",
        "commissioning": "installeras",
        "in-service": "i drift",
        "limited": "begränsad",
        "out-of-service": "trasig",
        "decommissioned": "avvecklad",
    },
    day=lambda day: day.isoformat(),
    thousands="\u00a0",
    total="Summa",
    refused=(
        {"inventory_number": "ISS-X-001", "name": "Sekvensator källaren", "criticality": "hög"},
        {"inventory_number": "ISS-X-002", "name": "qPCR vid fönstret", "commissioned_on": "31.02.2021"},
        {"inventory_number": "ISS-X-003", "name": "Robot (lånad)", "model_text": ""},
        {"inventory_number": "ISS-X-004", "name": "Bioanalyzer 2", "purchase_price": "enligt offert"},
    ),
)


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
