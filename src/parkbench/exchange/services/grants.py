"""Who reads which journal: the one place where a partner begins or ceases to read one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.exchange.models import FormerReader, JournalGrant, Partner
from parkbench.lib import jobs
from parkbench.records.models import Audience
from parkbench.records.services import withdrawals


def let_read(*, partner: Partner, audiences: Iterable[Audience], now: datetime) -> None:
    """This function will let a partner read these journals from now on; under the gate, in a transaction.

    What left a journal before is never told to it; what is in it now is read from the start.
    """
    # As they are now: a head read before the gate was closed would tell of what left since.
    found = list(Audience.objects.filter(pk__in=[audience.pk for audience in audiences]))
    for audience in found:
        JournalGrant.objects.get_or_create(
            partner=partner, audience=audience, defaults={"since_seq": audience.head, "granted_at": now}
        )
    if partner.confirmed_at is not None and partner.confirmed_at < now:
        _note_back(partner, [audience.token for audience in found], since=partner.confirmed_at)
    tell(partner, now)


def stop_reading(*, partner: Partner, audiences: Iterable[Audience] | None, now: datetime) -> int:
    """This function will let a partner read these journals (None: any) no more; under the gate.

    The journals stay as they are: its next listing does not name them, so it removes what it holds of them.
    Returns how many journals that were.
    """
    grants = JournalGrant.objects.filter(partner=partner).select_related("audience")
    if audiences is not None:
        grants = grants.filter(audience__in=[audience.pk for audience in audiences])
    ended = list(grants)
    FormerReader.objects.bulk_create(
        FormerReader(partner=partner, audience=grant.audience, ended_at=now, count=grant.audience.count)
        for grant in ended
    )
    note_left(partner, [grant.audience for grant in ended])
    JournalGrant.objects.filter(pk__in=[grant.pk for grant in ended]).delete()
    tell(partner, now)
    return len(ended)


def note_left(partner: Partner, audiences: Iterable[Audience]) -> None:
    """This function will note outside the database that a partner reads these journals no more."""
    for audience in audiences:
        withdrawals.note_reader(audience=audience.token, partner=partner.home.address)


def _note_back(partner: Partner, audiences: list[UUID], *, since: datetime) -> None:
    """Note outside the database that a partner reads these journals again, once that is committed.

    It takes back what was noted between its confirmation and this instant, which is under the gate: a line of
    an earlier partnership, with another key perhaps, or of a later moment stands.
    """
    address, until = partner.home.address, timezone.now()
    transaction.on_commit(
        lambda: withdrawals.note_readers_back(audiences=audiences, partner=address, since=since, until=until),
        robust=True,
    )


def tell(partner: Partner, now: datetime) -> None:
    """This function will have the partner pinged, so that it asks soon what it may read now.

    It asks anyway before long.
    """
    Partner.objects.filter(pk=partner.pk).update(ping_wanted_at=now)
    partner.ping_wanted_at = now
    jobs.enqueue("exchange.ping")
