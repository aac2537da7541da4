"""Who is to be told that a journal moved."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from parkbench.exchange.models import Partner
from parkbench.exchange.rules import State
from parkbench.lib import jobs


def journals_moved(bits: Sequence[int]) -> None:
    """This function will have the readers of these journals pinged, once the transaction is committed."""
    moved = tuple(bits)
    transaction.on_commit(lambda: _want(moved))


@transaction.atomic
def _want(bits: tuple[int, ...]) -> None:
    readers = Partner.objects.filter(state=State.ACTIVE, ping_wanted_at=None)
    if 0 not in bits:
        readers = readers.filter(grants__audience__bit__in=bits)
    numbers = sorted(set(readers.values_list("pk", flat=True)))
    if numbers and Partner.objects.filter(pk__in=numbers).update(ping_wanted_at=timezone.now()):
        jobs.enqueue("exchange.ping")


def ping_sent(*, partner: int) -> None:
    """This function will note that a partner is being told; what moves from now on is told again."""
    Partner.objects.filter(pk=partner).update(ping_wanted_at=None)


def ping_again(*, partner: int) -> None:
    """This function will note that a partner that asked to be told later is still to be told."""
    Partner.objects.filter(pk=partner, ping_wanted_at=None).update(ping_wanted_at=timezone.now())
