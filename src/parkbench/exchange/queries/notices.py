"""What waits for an administrator: partners to confirm, leases about to end, parts that are set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from parkbench.exchange.models import Partner
from parkbench.exchange.queries.authority import without_frozen
from parkbench.exchange.queries.pulls import READ
from parkbench.exchange.rules import State, is_lease_ending
from parkbench.records.models import SectionProblem


@dataclass(frozen=True, slots=True)
class Notices:
    """Partners by what is to be done about them; of those with parts set aside also how many parts."""

    waiting: Sequence[Partner]
    silent: Sequence[Partner]
    troubled: Sequence[tuple[Partner, int]]


def notices(*, now: datetime | None = None) -> Notices:
    """Return what waits for whoever operates the node; two queries, whatever the number of partners."""
    now = now or timezone.now()
    rows = Partner.objects.select_related("home").exclude(state=State.ENDED.value).order_by("home__name")
    partners = list(rows)
    problems = dict(
        without_frozen(SectionProblem.objects.order_by()).values_list("home").annotate(count=Count("pk"))
    )  # one line for each home that has any
    return Notices(
        waiting=[one for one in partners if one.state == State.PENDING],
        silent=[one for one in partners if _is_silent(one, now)],
        troubled=[(one, problems[one.home_id]) for one in partners if one.home_id in problems],
    )


def _is_silent(partner: Partner, now: datetime) -> bool:
    if partner.state not in READ or partner.has_ended_there or partner.purged_at is not None:
        return False
    return is_lease_ending(verified_at=partner.verified_at, until=partner.lease_until, now=now)
