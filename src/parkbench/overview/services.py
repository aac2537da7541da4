"""The one thing that the overview writes: that somebody is here."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, F, When
from django.utils import timezone

from parkbench.overview.models import Visit
from parkbench.overview.rules import VISIT_ENDS, is_to_be_noted
from parkbench.records.visibility import Viewer


def note_visit(*, by: Viewer, last_seen_at: datetime | None, now: datetime | None = None) -> bool:
    """This function will note that somebody looks at the overview; returns whether that was worth a write.

    One statement, none for the public or within five minutes of ``last_seen_at``, which is None on the first
    visit. A visit begins an hour after the last; the end of that is what "since my last visit" means.
    """
    now = now or timezone.now()
    if by.person_id is None or not is_to_be_noted(last_seen_at, now=now):
        return False
    if last_seen_at is None:
        Visit.objects.bulk_create([Visit(person_id=by.person_id, last_seen_at=now)], ignore_conflicts=True)
        return True
    ended = Case(When(last_seen_at__lt=now - VISIT_ENDS, then=F("last_seen_at")), default=F("previous_at"))
    here = Visit.objects.filter(person_id=by.person_id, last_seen_at__lt=now)
    return bool(here.update(previous_at=ended, last_seen_at=now))
