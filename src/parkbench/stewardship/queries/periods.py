"""How long content counts as looked at: the node's own period per kind, else the one shipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import ReviewPeriod
from parkbench.stewardship.queries.scopes import own_rows
from parkbench.stewardship.rules import due_after


@dataclass(frozen=True, slots=True)
class Period:
    """The period of one kind; ``undated`` own records have no review date although it has a period."""

    kind: Kind
    months: int | None
    shipped: int | None
    undated: int = 0


def months_of(*, kind: str) -> int | None:
    """Return after how many months a kind is reviewed, None when it is not; one query."""
    rows = ReviewPeriod.objects.filter(kind=kind).values_list("months", flat=True)
    return next(iter(rows[:1]), kind_of(kind).review_months)


def all_months() -> dict[str, int | None]:
    """Return the months of every kind; one query."""
    kept = dict(ReviewPeriod.objects.values_list("kind", "months"))
    return {kind.name: kept.get(kind.name, kind.review_months) for kind in kinds()}


def next_review(*, kind: str, today: date) -> date | None:
    """Return when what is right today is looked at next; None for a kind that is not reviewed."""
    months = months_of(kind=kind)
    return due_after(today, months) if months else None


def periods(*, viewer: Viewer) -> list[Period]:
    """Return the period of every kind with how many own records lack a date; one query per reviewed kind."""
    known = all_months()
    return [
        Period(
            kind=kind,
            months=known[kind.name],
            shipped=kind.review_months,
            undated=own_rows(kind, viewer).filter(review_due_on=None).count() if known[kind.name] else 0,
        )
        for kind in kinds()
    ]
