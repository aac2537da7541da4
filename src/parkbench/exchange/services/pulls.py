"""What is noted of pulls: when one began and how it ended, what a listing said, what is owed in receipts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from parkbench.envelope.listings import Listing
from parkbench.exchange.models import LEASE_DAYS, OwedReceipt, Partner, PullRun
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.rules import State
from parkbench.exchange.services.authority import count_apart, note_disposal
from parkbench.lib import jobs
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import services as records
from parkbench.records.models import NO_FINGERPRINT, HeldJournal

PULL = "exchange.pull"
LONGEST_PULL = timedelta(minutes=30)
"""After this a pull that did not end counts as broken off, and another may begin."""
LONGEST_WAIT = timedelta(hours=6)
KEPT_RUNS = 200
MOST_OWED = 400
"""Receipts that may be owed to one partner; a listing names at most 200 journals."""


@transaction.atomic
def begin_pull(*, partner: int, reason: str, now: datetime | None = None) -> PullRun | None:
    """This function will note that a pull begins, or return None when one of that partner is running.

    Raises NotFound when there is no such partner, Refused when it is not one that we read from.
    """
    now = now or timezone.now()
    known = Partner.objects.filter(pk=partner).first()
    if known is None:
        raise NotFound("There is no such partner.")
    if known.state not in (State.ACTIVE, State.SUSPENDED):
        raise Refused(f"Nothing is read from {known}: the partnership is {known.get_state_display()}.")
    free = Q(pulling_since=None) | Q(pulling_since__lt=now - LONGEST_PULL)
    if not Partner.objects.filter(free, pk=partner).update(pulling_since=now):
        return None
    return PullRun.objects.create(partner=known, started_at=now, reason=reason)


@transaction.atomic
def finish_pull(
    *,
    run: PullRun,
    problem: str = "",
    journals: Sequence[Mapping[str, Any]] = (),
    requests: int = 0,
    received: int = 0,
    wait: timedelta | None = None,
    now: datetime | None = None,
) -> PullRun:
    """This function will note how a pull ended and when the next one is due.

    ``received`` is in bytes as they came; ``wait`` is what the partner asked for. After failures the wait
    doubles, up to 6 hours; all waits vary by a fifth, so that many nodes do not ask at once. Another one
    follows at once when it was asked for meanwhile.
    """
    now = now or timezone.now()
    partner = Partner.objects.select_for_update().get(pk=run.partner_id)
    is_wanted = wait is None and _was_wanted(partner, run, now)
    failures = 0 if not problem else partner.failure_count + 1
    partner.pulling_since, partner.failure_count, partner.problem = None, failures, problem[:500]
    partner.next_pull_at = now if is_wanted else now + (wait or _wait(failures))
    partner.save(update_fields=["pulling_since", "failure_count", "problem", "next_pull_at"])
    if is_wanted:
        jobs.enqueue(PULL, partner=partner.pk, reason="asked")
    run.finished_at, run.is_ok, run.problem = now, not problem, problem[:500]
    run.journals, run.request_count, run.byte_count = list(journals), requests, received
    run.save()
    old = PullRun.objects.filter(partner=partner).values_list("pk", flat=True)[KEPT_RUNS:]
    PullRun.objects.filter(pk__in=list(old)).delete()
    return run


def _wait(failures: int) -> timedelta:
    base = timedelta(minutes=settings.PULL_MINUTES)
    wait: timedelta = min(base * 2 ** min(failures, 10), max(base, LONGEST_WAIT))
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreading load, no secret


def _was_wanted(partner: Partner, run: PullRun, now: datetime) -> bool:
    """Tell whether a pull was asked for while this one ran: it may have gone by what is new before."""
    return partner.next_pull_at is not None and run.started_at < partner.next_pull_at <= now


def want_pull(*, partner: int, now: datetime | None = None) -> None:
    """This function will make a partner due for a pull at once; when one is running, as soon as that ends."""
    Partner.objects.filter(pk=partner).update(next_pull_at=now or timezone.now())


def lease_of(listing: Listing) -> datetime:
    """Return until when a partner's records may be shown for this listing."""
    days = min((journal.lease_days for journal in listing.journals), default=LEASE_DAYS)
    return listing.iat + timedelta(days=days)


@transaction.atomic
def hear_listing(*, partner: int, listing: Listing, now: datetime | None = None) -> None:
    """This function will note what a verified listing says: its number, our state there, the lease.

    Raises Refused when a later listing was heard meanwhile.
    """
    now = now or timezone.now()
    changed = Partner.objects.filter(pk=partner, number_seen__lt=listing.number).update(
        number_seen=listing.number,
        their_state=listing.state,
        verified_at=min(now, listing.iat),
        lease_until=lease_of(listing),
        purged_at=None,
    )
    if not changed:
        raise Refused("A later listing of this partner was heard meanwhile.")
    home = Partner.objects.filter(pk=partner).values_list("home_id", flat=True).get()
    for journal in listing.journals:
        held = HeldJournal.objects.filter(home_id=home, audience=journal.audience)
        held.update(sort=journal.sort, name=journal.name[:100])


@transaction.atomic
def note_hidden(*, partner: int, is_hidden: bool, now: datetime | None = None) -> None:
    """This function will note since when a partner's records are hidden here, or that they are not."""
    at = (now or timezone.now()) if is_hidden else None
    Partner.objects.filter(pk=partner).update(hidden_at=at)


@transaction.atomic
def note_purged(*, partner: int, now: datetime | None = None) -> None:
    """This function will note that nothing of a partner's is held any more."""
    Partner.objects.filter(pk=partner).update(purged_at=now or timezone.now())


@transaction.atomic
def owe_receipts(*, partner: int, owed: Iterable[OwedReceipt]) -> None:
    """This function will keep what is to be told to a partner, until it has been told.

    A later receipt of a journal takes the place of an earlier one, and adds up what was removed.
    """
    for receipt in owed:
        old = OwedReceipt.objects.filter(partner_id=partner, audience=receipt.audience, epoch=receipt.epoch)
        for before in old:
            receipt.removed_count += before.removed_count
        old.delete()
        receipt.partner_id = partner
        receipt.save()
        HeldJournal.objects.filter(home__partner=partner, audience=receipt.audience).update(
            removed_seq=F("seq")
        )
    # A partner that names ever new journals and takes no receipt would have us say ever more at each pull.
    rest = OwedReceipt.objects.filter(partner_id=partner).order_by("-pk").values_list("pk", flat=True)
    OwedReceipt.objects.filter(pk__in=list(rest[MOST_OWED : 2 * MOST_OWED + 1000])).delete()


def purge_all(*, partner: int, home: int) -> None:
    """This function will remove everything that is held of a partner, and owe it the word that it is gone.

    Frozen records are counted apart.
    """
    owed = [
        OwedReceipt(
            audience=held.audience,
            epoch=held.epoch,
            seq=held.seq,
            removed_count=held.count,
            fingerprint=NO_FINGERPRINT,
        )
        for held in HeldJournal.objects.filter(home_id=home)
    ]
    before = queries.kept_frozen(home_id=home)
    note_disposal(home_id=home, departed=records.purge_home(home=home))
    count_apart(owed=owed, before=before, after=queries.kept_frozen(home_id=home))
    owe_receipts(partner=partner, owed=owed)
    note_purged(partner=partner)


def told(*, receipt: OwedReceipt) -> None:
    """This function will forget a receipt that the partner has taken."""
    OwedReceipt.objects.filter(pk=receipt.pk).delete()
