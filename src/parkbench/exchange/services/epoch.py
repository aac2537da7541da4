"""The epoch: a value that changes when this node's journals no longer continue what partners have read."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import transaction

from parkbench.exchange.models import ExchangeState

log = logging.getLogger(__name__)

SPARED = 3600
"""Seconds in which no second epoch is made because of what a partner says it has."""


def renew(*, known: UUID, reason: str) -> bool:
    """This function will make a new epoch, so that all partners read all journals from the start.

    Does nothing, and returns False, when the epoch is no longer the ``known`` one.
    """
    with transaction.atomic():
        state = ExchangeState.objects.select_for_update().get(pk=1)
        if state.epoch != known:
            return False
        state.epoch = uuid4()
        state.save(update_fields=["epoch"])
    log.warning("A new epoch of the journals: %s", reason)
    return True


def renew_for(*, known: UUID, reason: str) -> bool:
    """This function will renew the epoch for what a partner said, at most once an hour.

    One partner could otherwise make all others read everything again and again.
    """
    if not cache.add("exchange.epoch", True, SPARED):
        log.error("No new epoch so soon after the last one, though %s", reason)
        return False
    return renew(known=known, reason=reason)
