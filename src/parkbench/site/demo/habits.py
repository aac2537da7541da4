"""How people keep their inventory lists: headings, words for the status, dates, amounts, notes in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


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
