"""Pausing the whole exchange, and going on with it."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.exchange.models import ExchangeState
from parkbench.records.visibility import Viewer

log = logging.getLogger(__name__)


@transaction.atomic
def pause(*, reason: str, by: Viewer) -> None:
    """This function will stop serving and reading journals until an administrator goes on; says why.

    Raises NotAllowed for anybody but an administrator (and the node itself).
    """
    by.check(Action.OPERATE)
    ExchangeState.objects.filter(pk=1).update(is_paused=True, pause_reason=reason[:500])
    log.warning("The exchange is paused: %s", reason)


@transaction.atomic
def resume(*, by: Viewer) -> None:
    """This function will go on with the exchange, and take the clock as it is now for right.

    Raises NotAllowed for anybody but an administrator.
    """
    by.check(Action.OPERATE)
    ExchangeState.objects.filter(pk=1).update(is_paused=False, pause_reason="", seen_at=timezone.now())
