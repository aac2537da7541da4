"""What makes up a fictional institute. Nobody and nothing of any of them exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parkbench.accounts.rules import Role
from parkbench.site.demo.habits import Sheet

ABOUT = "Sample data: a made-up instrument of a real make and model."
FUNDERS = ("Sample Research Council", "Sample Infrastructure Fund", "Sample Foundation for Health")


@dataclass(frozen=True, slots=True)
class SampleUnit:
    """A unit of an institute; ``code`` is in the names of its instruments."""

    code: str
    name: str
    platform: str
    site: str

    @property
    def mailbox(self) -> str:
        """The unit's function mailbox, at a domain that is reserved for examples (RFC 2606)."""
        return f"{self.code.lower()}@example.org"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody at an institute; ``holds_for`` names the unit or platform of their role."""

    email: str
    name: str
    role: Role
    holds_for: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody corrected at an instrument of a unit; "today" stands for the day of making."""

    email: str
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Institute:
    """A fictional institute: places, people, and what its park is like.

    ``places`` maps techniques to the code of the unit that has such instruments and to the thousand euros
    that one costs there; ``elsewhere`` is where anything else stands, None when it has nothing else.
    ``naming`` makes a name from code, number, model and ``alias``, another name of the model. ``like`` is an
    institute with which it has about half of its models in common.
    """

    key: str
    name: str
    short_name: str
    director: str
    administrator: str
    platforms: Mapping[str, str]
    public_platform: str
    units: Sequence[SampleUnit]
    sites: Mapping[str, str]
    town: str
    people: Sequence[SamplePerson]
    places: Mapping[str, tuple[str, int]]
    elsewhere: tuple[str, int] | None
    naming: str
    inventory: str
    seed: int
    standing: int
    deleted: int
    like: Institute | None = None
    sheets: Sequence[Sheet] = ()
    pictured: Sequence[str] = ()
    changes: Sequence[Change] = ()
    capabilities: Sequence[tuple[str, Sequence[str]]] = ()
    by_code: Mapping[str, SampleUnit] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {unit.code: unit for unit in self.units})

    @property
    def mission(self) -> str:
        """What it says of itself: first of all that it does not exist."""
        return (
            "Sample data: this institute does not exist. It shows what a life science infrastructure looks "
            "like in Parkbench, with real makes and models and made-up instruments, costs, dates and people."
        )

    @property
    def public_units(self) -> list[SampleUnit]:
        """The units whose instruments visitors see."""
        return [unit for unit in self.units if unit.platform == self.public_platform]

    @property
    def names_freely(self) -> bool:
        """Whether its instruments go by other names of their models."""
        return "{alias}" in self.naming

    def place_of(self, techniques: Sequence[str]) -> tuple[str, int] | None:
        """Return the code of the unit and the thousand euros for a model of these techniques."""
        if tuple(techniques[:1]) == ("lc-ms",) and "proteomics" in techniques and "proteomics" in self.places:
            return self.places["proteomics"]
        found = (self.places[technique] for technique in techniques if technique in self.places)
        return next(found, self.elsewhere)
