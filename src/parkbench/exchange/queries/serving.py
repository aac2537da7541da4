"""Reads that every request of another node begins with: this node as it stands, and who calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from parkbench.exchange.models import ExchangeState, JournalGrant, NodeKey, Partner, Receipt
from parkbench.exchange.rules import LISTED, READS
from parkbench.records.models import OWN, Audience, Home

WELL_KNOWN = "/.well-known/parkbench-node"
API = "/exchange/v1"


@dataclass(frozen=True, slots=True)
class NodeNow:
    """What a request needs to know of this node; ``kid`` names the key that signs."""

    address: str
    epoch: UUID
    lease_days: int
    kid: str
    is_paused: bool
    pause_reason: str
    seen_at: datetime | None

    @property
    def exchange_url(self) -> str:
        """Where the exchange answers, as the node document says it."""
        return self.address + API


def node_now() -> NodeNow:
    """Return this node as it stands, in one statement."""
    signing = NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING, retired_at=None, revoked_at=None)
    row = ExchangeState.objects.annotate(
        address=Subquery(Home.objects.filter(pk=OWN).values("address")[:1]),
        kid=Subquery(signing.order_by("-made_at", "-pk").values("kid")[:1]),
    ).get(pk=1)
    return NodeNow(
        row.address,
        row.epoch,
        row.lease_days,
        row.kid or "",
        row.is_paused,
        row.pause_reason,
        row.seen_at,
    )


def caller(*, iss: str) -> Partner | None:
    """Return the partner whose node id this is, in a state in which it is listened to; one statement."""
    states = [state.value for state in LISTED]
    return Partner.objects.filter(home__address=iss, state__in=states).select_related("home").first()


@dataclass(frozen=True, slots=True)
class Readable:
    """A journal that a caller may read: the row of its audience, and its head when it was let in.

    ``given`` is how far it was given to this partner in this epoch.
    """

    audience: int
    since: int
    given: int = 0
    is_public: bool = False


def readable(*, token: UUID | None, partner: Partner | None, epoch: UUID | None = None) -> Readable | None:
    """Return the journal of that id, or the public one for None, if this caller may read it; one statement.

    Everybody reads the public journal; every other is read by the partners to whom it was granted, in a state
    in which they read at all.
    """
    granted = JournalGrant.objects.filter(
        audience=OuterRef("pk"),
        partner=partner.pk if partner else None,
        partner__state__in=[state.value for state in READS],
    )
    given = Receipt.objects.filter(
        partner=partner.pk if partner else None,
        audience=OuterRef("pk"),
        sort=Receipt.Sort.GIVEN,
        epoch=epoch or UUID(int=0),
    )
    row = (
        Audience.objects.filter(Q(sort=Audience.Sort.PUBLIC) if token is None else Q(token=token))
        .annotate(
            since=Subquery(granted.values("since_seq")[:1]),
            given=Subquery(given.order_by("-seq").values("seq")[:1]),
        )
        .first()
    )
    if row is None:
        return None
    if row.sort == Audience.Sort.PUBLIC:
        return Readable(row.pk, 0, row.given or 0, is_public=True)
    return None if row.since is None else Readable(row.pk, row.since, row.given or 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """A journal that a partner reads, as it stands; ``pk`` is the row of its audience.

    ``name`` and ``purpose`` of a group are '' unless its members are told; ``fetched_seq`` is how far the
    partner said it came, in this epoch.
    """

    pk: int
    token: UUID
    sort: str
    head: int
    count: int
    fingerprint: str
    name: str
    purpose: str
    fetched_seq: int


def listed_journals(*, partner: Partner, epoch: UUID) -> list[Listed]:
    """Return the journals that this partner reads, public first, then by bit; one statement."""
    granted = JournalGrant.objects.filter(partner=partner).values("audience")
    fetched = Receipt.objects.filter(
        partner=partner, audience=OuterRef("pk"), sort=Receipt.Sort.FETCHED, epoch=epoch
    )
    rows = (
        Audience.objects.filter(Q(sort=Audience.Sort.PUBLIC) | Q(pk__in=granted))
        .select_related("terms")
        .annotate(fetched_seq=Subquery(fetched.order_by("-seq").values("seq")[:1]))
    )
    return [_listed(row) for row in rows]


def _listed(row: Any) -> Listed:
    terms = getattr(row, "terms", None)
    if terms is not None and not terms.is_told:
        terms = None
    return Listed(
        pk=row.pk,
        token=row.token,
        sort=row.sort,
        head=row.head,
        count=row.count,
        fingerprint=row.fingerprint,
        name=row.name if terms else "",
        purpose=terms.purpose if terms else "",
        fetched_seq=row.fetched_seq or 0,
    )
