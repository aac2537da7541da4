"""What left a journal is remembered as long as a reader may have to hear of it, then forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from parkbench.lib.db import Turns
from parkbench.records.models import Audience, JournalEntry
from parkbench.records.services import gate

CHUNK = 5_000


def forget_departures(*, before: datetime) -> int:
    """This function will forget what left a journal before an instant, and move the journal's floor there.

    Whoever read a journal last below its floor must read it anew from the start. Each journal's departures
    go in chunks of 5,000, each its own transaction; returns how many went.
    """
    count, turns = 0, Turns()
    for pk in Audience.objects.order_by("bit").values_list("pk", flat=True):
        while True:
            turns.begin()
            gone = _forget_some(pk, before)
            turns.end()
            count += gone
            if gone < CHUNK:
                break
    return count


@transaction.atomic
def _forget_some(pk: int, before: datetime) -> int:
    gate.enter()
    audience = Audience.objects.select_for_update().get(pk=pk)
    # Rows without an instant left before it was kept, when no other node could read yet.
    old = Q(gone_at__lt=before) | Q(gone_at=None)
    rows = JournalEntry.objects.filter(old, audience=audience, is_gone=True).order_by("seq")
    found = list(rows.values_list("seq", flat=True)[:CHUNK])
    if found:
        rows.filter(seq__lte=found[-1]).delete()
        audience.floor_seq = max(audience.floor_seq, found[-1])
        audience.save(update_fields=["floor_seq"])
    return len(found)
