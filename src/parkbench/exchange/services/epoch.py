"""The epoch: a value that changes when this node's journals no longer continue what partners have read."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from parkbench.exchange.models import ExchangeState, Partner

log = logging.getLogger(__name__)

NAME = "epoch"
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
    write_file(state.epoch)
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


def path() -> Path:
    """Return where the epoch stands outside the database: a database that was put back does not match it."""
    return Path(settings.HOME) / NAME


def write_file(epoch: UUID) -> None:
    """This function will write the epoch into the node's folder, whole or not at all."""
    if not path().parent.is_dir():
        return
    draft = path().with_name(f"{NAME}.new")
    draft.write_text(f"{epoch}\n", encoding="ascii")
    os.replace(draft, path())


def check_file() -> bool:
    """This function will make a new epoch when the one in the node's folder is another; tells whether it did.

    A folder without one is a node that never exchanged anything yet, or one whose folder was lost.
    """
    state = ExchangeState.objects.get(pk=1)
    written = path().read_text(encoding="ascii").strip() if path().is_file() else ""
    if written == str(state.epoch):
        return False
    if not written and not Partner.objects.exists():
        write_file(state.epoch)
        return False
    return renew(known=state.epoch, reason="the database is not the one that this folder belongs to.")
