"""A messy sheet of many instruments, the same for the same number of rows: semicolons, decimal commas, dots.

Sample data: makers and models are real, everything else is made up.
"""

from __future__ import annotations

import csv
import random
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

HEADINGS = (
    *("Inventory number", "Name", "Maker", "Model", "Unit", "Building", "Room", "Status"),
    *("Commissioned", "Price", "Serial number", "End of support"),
)
UNITS = [f"{field} {kind}" for field in (
    "Light microscopy", "Flow cytometry", "Mass spectrometry", "Genomics", "Crystallography", "Histology",
    "Screening", "Imaging", "NMR", "Proteomics", "Metabolomics", "Electron microscopy",
) for kind in ("north", "south", "harbour", "hospital", "forest")]  # fmt: skip
BUILDINGS = [f"Gebäude {letter}{number}" for letter in "ABCDE" for number in range(1, 9)]
STATUSES = {
    "in Betrieb": "in-service",
    "OK": "in-service",
    "aktiv": "in-service",
    "defekt": "out-of-service",
    "eingeschränkt": "limited",
    "ausgemustert": "decommissioned",
}
WORDS = ("old", "blue", "new", "left", "right", "teaching", "shared", "clinical", "robot", "spare")
WRONG_EVERY = 2_000
"""One row in so many has a day that no calendar knows; the import refuses it."""
Row = list[str]


def known_models(database: Path) -> list[tuple[str, str]]:
    """Return (maker, designation) of the models that a node ships with, and some that it does not know."""
    sql = (
        "SELECT m.name, d.designation FROM catalogue_devicemodel d "
        "JOIN catalogue_maker m ON m.id = d.maker_id ORDER BY d.id"
    )
    with sqlite3.connect(database) as held:
        shipped = held.execute(sql).fetchall()
    return shipped + [(f"Werkstatt {letter}", f"Eigenbau {n}") for letter in "ABCDE" for n in range(1, 13)]


def rows(count: int, models: list[tuple[str, str]]) -> Iterator[Row]:
    """Yield the data rows as the sheet writes them."""
    dice = random.Random(20_260_101)
    first = date(1998, 1, 1)
    statuses = list(STATUSES)
    for number in range(1, count + 1):
        maker, model = dice.choice(models)
        day = first + timedelta(days=dice.randrange(9_500))
        cents = dice.randrange(100_000, 90_000_000)
        whole = f"{cents // 100:,}".replace(",", "." if dice.random() < 0.7 else "")
        commissioned = "31.02.2019" if number % WRONG_EVERY == 0 else f"{day:%d.%m.%Y}"
        yield [
            f"INV-{number:06d}",
            f"{model} {dice.choice(WORDS)} {dice.randrange(1, 400)}",
            maker,
            model,
            dice.choice(UNITS),
            dice.choice(BUILDINGS),
            f"{dice.randrange(1, 6)}.{dice.randrange(100):02d}",
            dice.choice(statuses),
            commissioned,
            f"{whole},{cents % 100:02d}" if dice.random() < 0.95 else "",
            f"SN{dice.randrange(10**9):09d}",
            f"{day + timedelta(days=dice.choice((2555, 3650, 4380))):%d.%m.%Y}" if number % 3 else "",
        ]


def is_wrong(row: Row) -> bool:
    """Tell whether the import refuses this row."""
    return row[8] == "31.02.2019"


def write_csv(path: Path, count: int, models: list[tuple[str, str]]) -> None:
    """Write the sheet as Windows-1252 with a title above, a blank line and a total below."""
    with path.open("w", encoding="cp1252", newline="") as opened:
        sheet = csv.writer(opened, delimiter=";", lineterminator="\r\n")
        sheet.writerow(["Geräteliste (sample data)"])
        sheet.writerow(HEADINGS)
        sheet.writerows(rows(count, models))
        sheet.writerow([""] * len(HEADINGS))
        sheet.writerow(["Total", *[""] * 8, "1.234,00", "", ""])


def write_xlsx(path: Path, count: int, models: list[tuple[str, str]]) -> None:
    """Write the same rows as a workbook of text cells with numbers where spreadsheets have numbers."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Geräte")
        sheet.write_row(0, 0, HEADINGS)
        for place, row in enumerate(rows(count, models), 1):
            for column, text in enumerate(row):
                if column == 9 and text:
                    sheet.write_number(place, column, cents_of(text) / 100)
                elif text:
                    sheet.write_string(place, column, text)


def cents_of(text: str) -> int:
    """Read an amount as this sheet writes it, in minor units."""
    return int(text.replace(".", "").replace(",", ""))


def iso(text: str) -> str | None:
    """Read a day as this sheet writes it."""
    return f"{text[6:]}-{text[3:5]}-{text[:2]}" if text else None
