"""What is held of a partner: its journals, how many records of each kind, what cannot be used and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from parkbench.envelope.items import BodyError, read_body
from parkbench.records import registry
from parkbench.records.models import HELD, LEFT, HeldJournal, Section, SectionProblem
from parkbench.records.registry import Kind, kinds

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Problems:
    """A page of sections that cannot be used, the latest first, and how many there are in all."""

    rows: Sequence[SectionProblem]
    total: int
    page: int
    pages: int


def held_journals(home: int) -> list[HeldJournal]:
    """Return the journals that are read of a partner, in the order of reading: from the widest audience."""
    order = {"public": 0, "partners": 1, "circle": 2, "group": 2, "partner": 3}
    rows = HeldJournal.objects.filter(home_id=home).order_by("pk")
    return sorted(rows, key=lambda journal: order.get(journal.sort, len(order)))


def problems(home: int, page: int = 1) -> Problems:
    """Return one page of the sections of a partner that cannot be used, with the reasons."""
    rows = SectionProblem.objects.filter(home_id=home).order_by("-at", "-pk")
    total = rows.count()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    return Problems(list(rows[(page - 1) * PER_PAGE : page * PER_PAGE]), total, page, pages)


def held_counts(home: int) -> dict[str, int]:
    """Return kind > records that are held of a partner, also while the partner is hidden; no frozen ones."""
    frozen = registry.frozen_of(home)
    counts = {}
    for kind in kinds():
        rows = kind.model._default_manager.filter(home_id=home, audience_mask=HELD)
        count = rows.exclude(uid__in=frozen).count()
        if count:
            counts[kind.name] = count
    return counts


def unknown_counts(home: int) -> dict[str, int]:
    """Return kind > sections of a partner that this version does not understand."""
    rows = SectionProblem.objects.filter(home_id=home, sort=SectionProblem.Sort.UNKNOWN)
    return dict(rows.order_by("kind").values_list("kind").annotate(Count("pk")))


def unknown_fields(kind: Kind, row: Any) -> dict[str, Mapping[str, Any]]:
    """Return section > fields of a partner's record that this version keeps without understanding them.

    Only of sections that the row shows; who may see a section is for the caller to ask.
    """
    bodies = Section.objects.filter(home_id=row.home_id, uid=row.uid, kind=kind.name).exclude(batch=LEFT)
    found: dict[str, Mapping[str, Any]] = {}
    for section, body in bodies.exclude(body="").values_list("section", "body"):
        spec = next((spec for spec in kind.sections if spec.name == section), None)
        if spec is None or getattr(row, spec.mask) != HELD:
            continue
        rest = _rest(body, spec.schema.model_fields)
        if rest:
            found[section] = rest
    return found


def _rest(body: str, known: Mapping[str, Any]) -> dict[str, Any]:
    try:
        said = read_body(body.encode())
    except BodyError:
        return {}
    return {name: value for name, value in said.items() if name not in known and value is not None}
