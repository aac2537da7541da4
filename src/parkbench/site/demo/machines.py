"""The made-up machine park: one instrument after another, the same ones for the same day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from parkbench.site.demo.institute import ABOUT, FUNDERS, Institute, SampleUnit

STATUSES = {
    "in-service": 82,
    "limited": 5,
    "out-of-service": 3,
    "decommissioned": 3,
    "commissioning": 2,
    "ordered": 2,
    "planned": 3,
}
"""How often each status comes, in percent."""
HISTORIES = {
    "planned": ("planned",),
    "ordered": ("planned", "ordered"),
    "commissioning": ("ordered", "commissioning"),
    "in-service": ("commissioning", "in-service"),
    "limited": ("commissioning", "in-service", "limited"),
    "out-of-service": ("commissioning", "in-service", "out-of-service"),
    "decommissioned": ("in-service", "out-of-service", "decommissioned"),
}
"""How an instrument came to its status; each step is one that the life cycle allows."""
NOT_THERE_YET = ("planned", "ordered", "commissioning")
REASONS = {
    "limited": ("One laser fails now and then.", "Waiting for a spare part.", "Cooling is at its limit."),
    "out-of-service": ("Vacuum leak, service is called.", "Control computer replaced.", "Detector broken."),
    "decommissioned": ("Replaced by a newer model.", "No spare parts any more."),
    "ordered": ("Order placed.",),
}
CATEGORIES = (
    ("internal", "academic"),
    ("internal", "academic", "industry"),
    ("internal", "academic", "healthcare", "industry"),
    ("internal", "academic", "education"),
)


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A make and model of the register, and the names it goes by."""

    pk: int
    key: str
    designation: str
    names: tuple[str, ...]
    maker: str
    maker_names: tuple[str, ...]
    techniques: tuple[str, ...]
    life: int


@dataclass(slots=True)
class Machine:
    """One made-up instrument: flat values as a section holds them, but for references."""

    unit: SampleUnit
    model: KnownModel
    values: dict[str, Any] = field(default_factory=dict)
    is_deleted: bool = False
    is_overdue: bool = False
    part_of: Machine | None = None

    @property
    def name(self) -> str:
        """The instrument's name."""
        return str(self.values["name"])


def machines(models: Sequence[KnownModel], *, today: date, institute: Institute) -> list[Machine]:
    """Return the instruments of an institute, some to be deleted; equal for equal models and days."""
    chance = random.Random(institute.seed)  # noqa: S311 - sample data, no secret
    numbers: Counter[str] = Counter()
    made = []
    for model, (code, thousands) in _chosen(models, chance, institute):
        numbers[code] += 1
        machine = Machine(institute.by_code[code], model)
        _fill(machine, thousands, chance, today)
        _name(machine, numbers[code], chance, institute)
        made.append(machine)
    standing = [each for each in made if each.values["status"] == "in-service"]
    for machine in chance.sample(standing, min(institute.deleted, len(standing))):
        machine.is_deleted = True
    _join_parts(made)
    return made


Placed = tuple[KnownModel, tuple[str, int]]


def _chosen(models: Sequence[KnownModel], chance: random.Random, institute: Institute) -> list[Placed]:
    """Take most models once and some twice, until there are enough; in the order of their keys."""
    wanted = institute.standing + institute.deleted
    placed = [(model, place) for model in models if (place := institute.place_of(model.techniques))]
    if institute.like is None:
        once = chance.sample(placed, min(len(placed), wanted * 4 // 5))
    else:
        once = _half_in_common(models, placed, chance, institute.like, wanted * 4 // 5)
    chosen = [*once, *chance.choices(once, k=wanted - len(once))]
    return sorted(chosen, key=lambda pair: pair[0].key)


def _half_in_common(
    models: Sequence[KnownModel],
    placed: Sequence[Placed],
    chance: random.Random,
    like: Institute,
    wanted: int,
) -> list[Placed]:
    """Take half of what is wanted from the models that another institute has, the rest from all others."""
    theirs = {
        model.pk
        for model, _place in _chosen(models, random.Random(like.seed), like)  # noqa: S311 - sample data
    }
    known = [pair for pair in placed if pair[0].pk in theirs]
    other = [pair for pair in placed if pair[0].pk not in theirs]
    shared = chance.sample(known, min(len(known), wanted // 2))
    return [*shared, *chance.sample(other, min(len(other), wanted - len(shared)))]


def as_written(name: str, others: Sequence[str], chance: random.Random) -> str:
    """Return a name as people write it: half of the time, or more, the usual one."""
    return chance.choice([name, name, *others])


def _name(machine: Machine, number: int, chance: random.Random, institute: Institute) -> None:
    """Name an instrument by the habit of its institute, which may go by other names of make and model."""
    unit, model, alias = machine.unit, machine.model, machine.model.designation
    if institute.names_freely:
        alias = as_written(model.designation, model.names, chance)
        machine.values |= {
            "maker_text": as_written(model.maker, model.maker_names, chance),
            "model_text": alias,
        }
    machine.values["name"] = institute.naming.format(
        code=unit.code, number=number, model=model.designation, alias=alias
    )
    came_in = machine.values["purchase_year"]
    machine.values["inventory_number"] = f"{institute.inventory}-{came_in}-{unit.code}{number:03}"


def _fill(machine: Machine, thousands: int, chance: random.Random, today: date) -> None:
    unit, model = machine.unit, machine.model
    status = chance.choices(list(STATUSES), list(STATUSES.values()))[0]
    came_on = _came_on(status, chance, today)
    machine.values = {
        "maker_text": model.maker,
        "model_text": model.designation,
        "model_key": model.key,
        "description": ABOUT,
        "mailbox": unit.mailbox,
        "serial_number": f"SAMPLE-{chance.randrange(10**6):06}",
        "room": f"{_letter(unit.site)} {chance.randint(1, 4)}.{chance.randint(100, 240)}",
        "criticality": chance.choices((1, 2, 3, 4, 5), (8, 22, 38, 22, 10))[0],
        "user_categories": list(chance.choice(CATEGORIES)),
        "expected_life_years": model.life,
        **_life(status, came_on, model.life, chance, today),
        **_money(thousands, came_on, chance),
    }
    machine.is_overdue = chance.random() < 0.09


def _letter(site: str) -> str:
    """Return the letter that rooms of a site bear; its last word but for the label."""
    return site.removesuffix(" (sample)").split()[-1][0]


def _came_on(status: str, chance: random.Random, today: date) -> date:
    """Return when it came, or will come; most parks are six years old and few things are over eighteen."""
    if status in NOT_THERE_YET:
        return today + timedelta(days=chance.randint(-40, 200))
    years = min(max(chance.gauss(6, 4), 0.2), 18)
    if status == "decommissioned":
        years = min(years + 6, 20)
    return today - timedelta(days=int(years * 365.25))


def _life(status: str, came_on: date, life: int, chance: random.Random, today: date) -> dict[str, Any]:
    """Return status, its history and the dates that go with it."""
    found: dict[str, Any] = {"status": status}
    if status not in NOT_THERE_YET:
        found["commissioned_on"] = came_on.isoformat()
        end = came_on.replace(day=1, month=chance.choice((3, 6, 9, 12)))
        end = end.replace(year=end.year + life + chance.randint(-1, 4)) - timedelta(days=1)
        if chance.random() < 0.85:
            found["end_of_support_on"] = end.isoformat()
    steps = HISTORIES[status]
    days = _days(steps, came_on, chance, today)
    log = [{"status": step, "on": day.isoformat()} for step, day in zip(steps, days, strict=True)]
    for entry in log:
        if entry["status"] in REASONS and entry is log[-1]:
            entry["reason"] = chance.choice(REASONS[entry["status"]])
    found["status_log"], found["status_on"] = log, log[-1]["on"]
    if status == "decommissioned":
        found["decommissioned_on"] = log[-1]["on"]
    return found


def _days(steps: Sequence[str], came_on: date, chance: random.Random, today: date) -> list[date]:
    """Return the day of each step, ascending, none in the future."""
    first = min(came_on - timedelta(days=60), today - timedelta(days=30))
    last = today - timedelta(days=chance.randint(5, 300)) if len(steps) > 2 else min(came_on, today)
    last = max(last, first + timedelta(days=len(steps)))
    middle = min(max(came_on, first), last - timedelta(days=1))
    return [first, last] if len(steps) == 2 else [first, middle, last][: len(steps)]


def _money(thousands: int, came_on: date, chance: random.Random) -> dict[str, Any]:
    """Return made-up costs in euros; one in twelve has no replacement price, as in life."""
    paid = round(thousands * chance.uniform(0.75, 1.25)) * 1000 * 100
    found: dict[str, Any] = {
        "acquisition": chance.choices(("new", "used", "gift", "loan"), (88, 7, 3, 2))[0],
        "purchase_price": paid,
        "purchase_currency": "EUR",
        "purchase_vat": "excluded",
        "purchase_year": came_on.year,
        "depreciation_years": 5 if paid < 200_000_00 else 8 if paid < 1_000_000_00 else 10,
        "depreciation_start_on": came_on.isoformat(),
        "running_cost": round(paid * chance.uniform(0.05, 0.1) / 100_000) * 100_000,
        "running_currency": "EUR",
    }
    if chance.random() > 0.08:
        again = round(paid * chance.uniform(1.0, 1.3) / 500_000) * 500_000
        found |= {
            "replacement_price": again,
            "replacement_currency": "EUR",
            "replacement_year": came_on.year + chance.randint(0, 2),
            "replacement_source": "made-up estimate (sample data)",
        }
    if paid >= 200_000_00 and chance.random() < 0.5:
        found["funding"] = [_funding_line(paid, came_on, chance)]
    return found


def _funding_line(paid: int, came_on: date, chance: random.Random) -> dict[str, Any]:
    keep = came_on.replace(month=12, day=31, year=came_on.year + chance.choice((5, 10)))
    return {
        "funder": chance.choice(FUNDERS),
        "grant": f"SAMPLE-{came_on.year}-{chance.randint(100, 999)}",
        "amount": paid * chance.choice((50, 75, 100)) // 100,
        "currency": "EUR",
        "condition": "To be kept and used for research until then (sample condition).",
        "keep_until_on": keep.isoformat(),
    }


def _join_parts(made: Sequence[Machine]) -> None:
    """Let each liquid chromatograph be part of a mass spectrometer of its unit, one each."""
    whole = [
        each for each in made
        if each.model.techniques[:1] == ("lc-ms",) and not each.is_deleted
    ]  # fmt: skip
    for part in made:
        if part.model.techniques[:1] != ("liquid-chromatography",) or part.is_deleted:
            continue
        found = next((each for each in whole if each.unit is part.unit), None)
        if found:
            whole.remove(found)
            part.part_of = found
