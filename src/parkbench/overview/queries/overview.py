"""The first page of a member in one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from parkbench.overview.queries.changes import Since, since_last_visit, visit_of
from parkbench.overview.queries.front import start
from parkbench.overview.queries.park import ParkFigures, park_figures
from parkbench.overview.queries.part import Parts, parts
from parkbench.overview.queries.rooms import Down, Reviews, UseOfPart, down, reviews_due, use
from parkbench.overview.rules import Start
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the first page tells one viewer; ``begun`` is for who sets the node up."""

    parts: Parts
    figures: ParkFigures
    down: Down
    reviews: Reviews | None
    use: UseOfPart
    since: Since
    begun: tuple[Start, UUID | None] | None
    last_seen_at: datetime | None


def overview(*, viewer: Viewer, of: str = "", now: datetime | None = None) -> Overview:
    """Return the first page of a member, about the part asked for; at most 25 queries whatever the size.

    Raises NotFound for a unit or platform that is not here or not theirs to see.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    found = parts(viewer=viewer, of=of)
    figures = park_figures(viewer=viewer, part=found.shown, today=today)
    last_seen_at, previous_at = visit_of(viewer=viewer, now=now)
    return Overview(
        parts=found,
        figures=figures,
        down=down(viewer=viewer, part=found.shown, today=today),
        reviews=reviews_due(viewer=viewer, parts=found, today=today),
        use=use(viewer=viewer, part=found.shown, instruments=figures.tellers),
        since=since_last_visit(viewer=viewer, previous_at=previous_at, now=now),
        begun=start(viewer=viewer, has_instruments=bool(figures.total)),
        last_seen_at=last_seen_at,
    )
