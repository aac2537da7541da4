"""What a person answers for, as a list to tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from parkbench.accounts.models import Person
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.handovers import held_by

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One record to tick."""

    pick: str
    name: str
    kind: str
    place: str
    url: str


@dataclass(frozen=True, slots=True)
class HeldPage:
    """What can be handed over; ``total`` counts what is not shown too."""

    lines: list[HeldLine]
    total: int

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is shown."""
        return self.total > len(self.lines)


def held_page(*, person: Person | None, viewer: Viewer) -> HeldPage:
    """Describe what a person, or nobody, answers for; the first 200."""
    rows = held_by(person=person, viewer=viewer)
    shown = [_line(*row) for row in rows[:MOST_SHOWN]]
    return HeldPage(shown, rows.count() if len(shown) == MOST_SHOWN else len(shown))


def _line(kind: str, uid: UUID, name: Any, place: str, _sorted: str) -> HeldLine:
    known = kind_of(kind)
    return HeldLine(
        f"{kind}:{uid}", str(name), str(known.label), place or "", reverse(known.page, args=[uid])
    )
