"""The clock of this server: one that went back would share before its time what is under a date."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from parkbench.exchange.models import ExchangeState
from parkbench.exchange.services.pauses import pause
from parkbench.exchange.services.refusals import Paused
from parkbench.records.visibility import Viewer

BACK = timedelta(minutes=5)
BETWEEN = timedelta(minutes=1)


def check_clock(*, seen_at: datetime | None, now: datetime) -> None:
    """This function will note the time, at most once a minute, or pause the exchange when it went back.

    ``seen_at`` is the latest time that this node knows of. Raises Paused when the clock is more than 5
    minutes behind it.
    """
    if seen_at is not None and now < seen_at - BACK:
        reason = (
            f"The clock of this server says {now:%Y-%m-%d %H:%M:%S} UTC, but it was "
            f"{seen_at:%Y-%m-%d %H:%M:%S} UTC already. Set the clock right, then go on."
        )
        pause(reason=reason, by=Viewer.operator())
        raise Paused
    if seen_at is None or now >= seen_at + BETWEEN:
        ExchangeState.objects.filter(pk=1).update(seen_at=now)


def watch_clock() -> None:
    """This function will look at the clock while nobody asks for anything; the job of every minute."""
    state = ExchangeState.objects.get(pk=1)
    if not state.is_paused:
        try:
            check_clock(seen_at=state.seen_at, now=timezone.now())
        except Paused:
            return  # the reason is kept and logged, and an administrator reads it
