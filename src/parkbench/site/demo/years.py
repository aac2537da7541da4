"""Three years in the life of the institute, all made up: use by month, service events, services, prices."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from parkbench.figures.queries import field_name, month_number, year_and_month
from parkbench.site.demo.machines import Machine

MONTHS_BACK = 36
SHARES = {"internal": 0.55, "academic": 0.28, "industry": 0.12, "education": 0.05}
"""User category > about what part of the use is theirs."""
QUIET = {7: 0.55, 8: 0.8, 12: 0.7}
"""Month > how much of the usual use there is in it."""
RUNS = frozenset({"in-service", "limited", "out-of-service"})
SUPPLIER = "Sample Service Ltd"
NOTE = "Sample data: a made-up service event."
FAILURES = (
    "Laser does not start",
    "Vacuum pump failed",
    "Stage does not move",
    "Cooling alarm",
    "Leak in the fluidics",
    "Detector without signal",
    "Computer replaced",
)


def _dice(machine: Machine, what: str) -> random.Random:
    return random.Random(f"{what} {machine.name}")  # noqa: S311 - sample data, no secret


def began(machine: Machine, today: date) -> date:
    """Return the day an instrument came into service; three years ago when its list does not say."""
    told = machine.values.get("commissioned_on")
    return date.fromisoformat(told) if told else today.replace(year=today.year - 3, day=1)


def use(machine: Machine, *, today: date) -> dict[int, dict[str, int]]:
    """Return year > the sums of its months, in minutes, for the months since the instrument runs.

    Every seventh instrument keeps no record of its use, and some months are missing: that happens.
    """
    dice = _dice(machine, "use")
    if machine.values.get("status") not in RUNS or dice.random() < 1 / 7:
        return {}
    start = began(machine, today)
    first = max(
        month_number(today.year, today.month) - MONTHS_BACK, month_number(start.year, start.month) + 1
    )
    load, drift = dice.uniform(0.2, 0.85), dice.uniform(-0.006, 0.006)
    years: dict[int, dict[str, int]] = {}
    for number in range(first, month_number(today.year, today.month)):
        year, month = year_and_month(number)
        if dice.random() > 0.04:
            level = min(max(load + drift * (number - first), 0.05), 0.9) * QUIET.get(month, 1.0)
            years.setdefault(year, {}).update(_month(dice, month, level))
    return years


def _month(dice: random.Random, month: int, level: float) -> dict[str, int]:
    available = 60 * dice.randint(150, 200)
    maintenance = 60 * dice.choice((0, 0, 4, 8))
    down = 60 * dice.choice((0, 0, 0, 0, 8, 24))
    used = int((available - maintenance - down) * level * dice.uniform(0.8, 1.1))
    sums = {
        field_name(month, "available"): available,
        field_name(month, "booked"): min(int(used * dice.uniform(1.0, 1.15)), available),
        field_name(month, "maintenance"): maintenance,
        field_name(month, "down"): down,
    }
    for category, share in SHARES.items():
        part = int(used * share * dice.uniform(0.9, 1.0))
        if part < 60:
            continue
        sums[field_name(month, "used", category)] = part
        sums[field_name(month, "sessions", category)] = max(part // 150, 1)
        sums[field_name(month, "groups", category)] = dice.randint(1, 14)
        if category == "education":
            sums[field_name(month, "training", category)] = part
    return sums


def events(machine: Machine, *, today: date) -> Iterator[dict[str, Any]]:
    """Yield what happened to an instrument in three years; one out of service is down by an open failure."""
    dice = _dice(machine, "service")
    status = machine.values.get("status")
    if status not in RUNS:
        return
    since = max(began(machine, today), today - timedelta(days=3 * 365))
    price = int(machine.values.get("replacement_price") or machine.values.get("purchase_price") or 5_000_000)
    day = since + timedelta(days=dice.randint(100, 420))
    while day < today - timedelta(days=40):
        yield _event("preventive", "Yearly maintenance", day, price // 250, days=1)
        if dice.random() < 0.45:
            long = dice.choice((1, 2, 3, 5, 9, 21))
            cost = price // dice.choice((400, 150, 80)) if dice.random() < 0.8 else None
            failed = day + timedelta(days=dice.randint(5, 30))
            if failed + timedelta(days=long) < today:
                yield _event("failure", dice.choice(FAILURES), failed, cost, days=long)
        day += timedelta(days=dice.randint(330, 400))
    if status == "out-of-service":
        yield _event(
            "failure", dice.choice(FAILURES), today - timedelta(days=dice.randint(4, 70)), price // 90
        )


def _event(kind: str, name: str, day: date, cost: int | None, *, days: int | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": name,
        "event_kind": kind,
        "happened_on": day.isoformat(),
        "supplier": SUPPLIER,
        "note": NOTE,
    }
    if days is None:
        values["still_down"] = True
    else:
        values |= {"ended_on": (day + timedelta(days=days)).isoformat(), "down_tenths": days * 10}
    if cost:
        values |= {"cost": cost - cost % 100, "currency": "EUR", "vat": "excluded"}
    return values


def services(unit: str, code: str, used: Sequence[str], techniques: Sequence[str]) -> list[dict[str, Any]]:
    """Return the two services of a unit: work done for others, and instruments one uses oneself.

    ``used`` holds the record ids of instruments; references to the unit are the caller's.
    """
    common = {
        "status": "offered",
        "user_categories": ["internal", "academic", "industry"],
        "techniques": list(techniques),
        "mailbox": f"{code.lower()}@example.org",
    }
    return [
        {
            **common,
            "name": f"{unit}: work done for you",
            "description": "Sample data: you send samples, the unit does the rest.",
            "access_modes": ["service", "collaboration"],
            "sample_types": ["cells", "tissue"],
            "lead_time_days": 10 + len(unit) % 25,
            "throughput": f"{8 + len(unit) % 40} samples a week (sample data)",
            "biosafety_class": 2,
            "instrument_refs": list(used[:6]),
        },
        {
            **common,
            "name": f"{unit}: instruments for your own use",
            "description": "Sample data: after an introduction you book and use the instruments yourself.",
            "access_modes": ["self-use"],
            "lead_time_days": 3,
            "instrument_refs": list(used[6:12] or used[:1]),
        },
    ]


def prices(unit: str, per: str, *, year: int) -> list[dict[str, Any]]:
    """Return what a service costs this year and cost the year before, for three user categories, in cents."""
    base = 3_500 + 700 * (len(unit) % 9)
    factors = {"internal": 1.0, "academic": 1.4, "industry": 2.5}
    return [
        {
            "category": category,
            "label": "Sample price",
            "unit": per,
            "amount": int(base * factor * (1.0 if of == year else 0.95)) // 50 * 50,
            "currency": "EUR",
            "vat": "excluded",
            "valid_from": f"{of}-01-01",
            "valid_until": f"{of}-12-31",
        }
        for of in (year - 1, year)
        for category, factor in factors.items()
    ]
