"""How long it is kept what partners fetched and removed: a year, or twice the lease if that is longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from parkbench.exchange.models import FormerReader, JournalGrant, Receipt
from parkbench.lib.db import Turns

KEPT = timedelta(days=365)
"""Retention table of docs/legal/data-protection-sheet.md."""
CHUNK = 5_000


def kept_since(*, now: datetime, lease_days: int) -> datetime:
    """Return from when on receipts are kept: who kept silent has removed all of it by twice its lease."""
    return now - max(KEPT, 2 * timedelta(days=lease_days))


def forget_receipts(*, before: datetime) -> int:
    """This function will forget receipts that say nothing any more that a later one does not say.

    Of those before an instant the last of each journal and sort stays: by it the ledger knows what a partner
    holds. Of a journal that a partner ceased to read before that instant nothing stays. They go in chunks of
    5,000, each its own transaction; returns how many receipts went.
    """
    return _forget_former(before) + _in_chunks(_superseded(before))


@transaction.atomic
def _forget_former(before: datetime) -> int:
    """Forget who read what long ago; receipts with it, unless the partner reads that journal again."""
    of_pair = {"partner": OuterRef("partner"), "audience": OuterRef("audience")}
    reads = Exists(JournalGrant.objects.filter(**of_pair))
    left_since = Exists(FormerReader.objects.filter(**of_pair, ended_at__gte=before))
    count = 0
    for former in FormerReader.objects.filter(~left_since, ended_at__lt=before).annotate(reads=reads):
        if not former.reads:
            said = Receipt.objects.filter(partner=former.partner_id, audience=former.audience_id)
            count += said.delete()[0]
    FormerReader.objects.filter(~left_since, ended_at__lt=before).delete()
    return count


def _superseded(before: datetime) -> QuerySet[Receipt]:
    later = Receipt.objects.filter(
        Q(seq__gt=OuterRef("seq")) | Q(seq=OuterRef("seq"), pk__gt=OuterRef("pk")),
        **{name: OuterRef(name) for name in ("partner", "audience", "sort", "epoch")},
        at__lt=before,
    )
    return Receipt.objects.filter(Exists(later), at__lt=before)


def _in_chunks(rows: QuerySet[Receipt]) -> int:
    count, turns = 0, Turns()
    while True:
        turns.begin()
        found = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        count += Receipt.objects.filter(pk__in=found).delete()[0]
        turns.end()
        if len(found) < CHUNK:
            return count
