"""What is held of some records of one partner: bodies, rows, problems, read once and kept up with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from parkbench.lib.errors import NotFound
from parkbench.records.models import HELD, LEFT, REGISTER, Home, Section, SectionProblem
from parkbench.records.registry import Kind
from parkbench.records.services.accepting.names import Part


@dataclass(frozen=True, slots=True)
class Kept:
    """The body that is held of a section, without its text; ``is_empty`` when it could not be kept."""

    kind: str
    revision: int
    digest: str
    batch: UUID | None
    is_empty: bool

    @property
    def has_left(self) -> bool:
        """Whether no journal names it any more."""
        return self.batch == LEFT


@dataclass(slots=True)
class Row:
    """A row of a partner: the sections that it shows."""

    shown: set[str]


@dataclass(slots=True)
class Holding:
    """What is held of the records that one transaction touches.

    ``rows`` are per kind; ``taken`` are (kind, uid) of which another home has a row; ``hidden_at`` is set
    while the whole home is hidden.
    """

    home_id: int
    hidden_at: datetime | None
    kept: dict[Part, Kept] = field(default_factory=dict)
    problems: set[Part] = field(default_factory=set)
    rows: dict[str, dict[UUID, Row]] = field(default_factory=dict)
    taken: set[tuple[str, UUID]] = field(default_factory=set)

    def shows(self, kind: Kind, part: Part) -> bool:
        """Tell whether the row of a section shows it."""
        row = self.rows.get(kind.name, {}).get(part[0])
        return row is not None and part[1] in row.shown


def locked_home(home: int) -> Home:
    """Lock a partner's home, so that what is done to its rows is done one after the other.

    Raises NotFound for a home that is not a partner's.
    """
    found = Home.objects.select_for_update(no_key=True).filter(pk=home, pk__gt=REGISTER).first()
    if found is None:
        raise NotFound("There is no such partner here.")
    return found


def read(home: Home, uids: Collection[UUID]) -> Holding:
    """Read bodies and problems of these records; their rows follow with `read_rows`."""
    holding = Holding(home.pk, home.hidden_at)
    bodies = Section.objects.filter(home_id=home.pk, uid__in=uids).annotate(empty=Q(body=""))
    for uid, section, *rest in bodies.values_list(
        "uid", "section", "kind", "revision", "digest", "batch", "empty"
    ):
        holding.kept[uid, section] = Kept(*rest)
    problems = SectionProblem.objects.filter(home_id=home.pk)
    if problems.exists():
        holding.problems.update(problems.filter(uid__in=uids).values_list("uid", "section"))
    return holding


def read_rows(holding: Holding, wanted: Mapping[str, tuple[Kind, Collection[UUID]]]) -> None:
    """Read the rows of these records, one query per kind; those of other homes only as taken ids."""
    for name, (kind, uids) in wanted.items():
        masks = {spec.name: spec.mask for spec in kind.sections}
        rows = kind.model._default_manager.filter(uid__in=uids)
        found: dict[UUID, Row] = holding.rows.setdefault(name, {})
        for uid, home_id, *values in rows.values_list("uid", "home_id", *masks.values()):
            if home_id == holding.home_id:
                found[uid] = Row(_shown(masks, values))
            else:
                holding.taken.add((name, uid))


def _shown(masks: Mapping[str, str], values: list[Any]) -> set[str]:
    return {section for section, value in zip(masks, values, strict=True) if value == HELD}
