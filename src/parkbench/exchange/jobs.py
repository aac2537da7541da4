"""Recurring work of what this node serves."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from parkbench.exchange.models import LEASE_DAYS
from parkbench.exchange.queries import node_now
from parkbench.exchange.services import forget_tokens, retention
from parkbench.records.services import forget_departures


def forget_what_left() -> int:
    """This function will forget departures that every reader has heard of or lost its lease over.

    Returns how many. Tokens that count no more are forgotten as well.
    """
    forget_tokens()
    days = max(node_now().lease_days, LEASE_DAYS)
    return forget_departures(before=timezone.now() - timedelta(days=days))


def forget_receipts() -> int:
    """This function will forget receipts that are older than they are kept; returns how many."""
    since = retention.kept_since(now=timezone.now(), lease_days=node_now().lease_days)
    return retention.forget_receipts(before=since)
