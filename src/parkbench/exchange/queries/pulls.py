"""Reads for a pull: whom to ask, what was held, what is owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from parkbench.envelope.documents import NodeDocument, read_document
from parkbench.exchange.models import OwedReceipt, Partner
from parkbench.exchange.rules import LISTED, State
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.models import HeldJournal

READ = (State.ACTIVE.value, State.SUSPENDED.value)
"""The states of partners that are asked for listings."""


def partner_row(*, partner: int) -> Partner:
    """Return a partner with its home; raises NotFound."""
    found = Partner.objects.select_related("home").filter(pk=partner).first()
    if found is None:
        raise NotFound("There is no such partner.")
    return found


def pinned(*, partner: Partner) -> NodeDocument:
    """Return the pinned node document of a partner."""
    return read_document(partner.document.encode())[0]


def held_journals(*, home: int) -> dict[UUID, HeldJournal]:
    """Return the journals held of a home by their audience."""
    return {held.audience: held for held in HeldJournal.objects.filter(home_id=home)}


def owed(*, partner: int) -> list[OwedReceipt]:
    """Return the receipts that a partner has not taken yet."""
    return list(OwedReceipt.objects.filter(partner_id=partner).order_by("pk"))


def due_partners(*, now: datetime | None = None) -> list[int]:
    """Return the partners whose pull is due, the longest waiting first."""
    now = now or timezone.now()
    rows = Partner.objects.filter(state__in=READ, next_pull_at__lte=now).order_by("next_pull_at")
    return list(rows.values_list("pk", flat=True))


def lapsed(*, now: datetime | None = None) -> tuple[list[Partner], list[Partner]]:
    """Return the partners whose records are to be hidden because the lease is over, and to be purged.

    Hidden when the lease is over; purged when as much time again has passed since.
    """
    now = now or timezone.now()
    rows = Partner.objects.filter(lease_until__lt=now).select_related("home")
    hide = [partner for partner in rows if partner.hidden_at is None and partner.purged_at is None]
    purge = [
        partner
        for partner in rows
        if partner.purged_at is None
        and partner.verified_at is not None
        and partner.lease_until is not None
        and now > partner.lease_until + max(partner.lease_until - partner.verified_at, timedelta(days=1))
    ]
    return hide, purge


def wanting_pings() -> list[Partner]:
    """Return the partners that are to be told that there is something to read."""
    rows = Partner.objects.filter(ping_wanted_at__isnull=False, state__in=[state.value for state in LISTED])
    return list(rows.select_related("home"))


def readable_partners() -> list[Partner]:
    """Return the partners that are asked for listings, by name."""
    return list(Partner.objects.filter(state__in=READ).select_related("home"))


def find_partner(*, text: str) -> Partner:
    """Return the partner of that name or address; raises Refused unless that is just one."""
    wanted = text.strip().rstrip("/").casefold()
    known = list(Partner.objects.select_related("home"))
    found = [
        partner
        for partner in known
        if wanted in (partner.home.name.casefold(), partner.home.address.casefold())
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{partner.home.name} ({partner.home.address})" for partner in known) or "none yet"
    raise Refused(f"There is {'more than one' if found else 'no'} partner “{text}”. Known: {names}.")
