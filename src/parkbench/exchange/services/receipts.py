"""What partners tell this node: that they removed what left, and that there is something new."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from parkbench.envelope import acknowledgements
from parkbench.exchange.models import FormerReader, JournalGrant, Partner, Receipt
from parkbench.exchange.queries import NodeNow
from parkbench.exchange.rules import READS, State
from parkbench.exchange.services.callers import Asked, known, use_token
from parkbench.exchange.services.limits import PINGS, RECEIPTS
from parkbench.exchange.services.refusals import NotReadable, NotUnderstood
from parkbench.lib import jobs
from parkbench.records.models import Audience

MOST_COUNT = 2**31 - 1
"""As many as a column of a count holds; nobody has removed more."""

PULL = "exchange.pull"
"""The job that reads a partner's journals."""


def receive_receipt(*, asked: Asked, text: str) -> None:
    """This function will note that a partner removed what left a journal, and whether it holds the same now.

    A receipt that was noted already changes nothing. Raises what `known` raises (also for a token that was
    used before), TooOften, NotUnderstood for a receipt of another shape, place or signer, NotReadable for a
    journal that this partner never read.
    """
    node, found = known(asked=asked)
    RECEIPTS.check(str(found.partner.pk))
    iss, now = found.partner.home.address, timezone.now()
    try:
        said = acknowledgements.read_receipt(text, keys=found.keys, iss=iss, aud=node.address, now=now)
        token, of_epoch = UUID(said.audience), UUID(said.epoch)
    except ValueError as problem:  # EnvelopeError too
        raise NotUnderstood(f"{problem}") from problem
    with transaction.atomic():
        use_token(found)
        audience = _once_read(token, found.partner)
        _check_place(of_epoch, said.seq, audience, node)
        _note_fetched(found.partner, audience, of_epoch, said.seq, now)
        Receipt.objects.get_or_create(
            partner=found.partner,
            audience=audience,
            sort=Receipt.Sort.REMOVED,
            epoch=of_epoch,
            seq=said.seq,
            removed_count=min(said.removed, MOST_COUNT),
            frozen_count=min(said.frozen, MOST_COUNT),
            is_equal=_is_equal(said, audience, node),
            defaults={"at": now},
        )


def _check_place(of_epoch: UUID, seq: int, audience: Audience, node: NodeNow) -> None:
    """Raise NotUnderstood for a place that our journal has not come to: nobody has removed up to there."""
    if of_epoch == node.epoch and seq > audience.head:
        raise NotUnderstood("This journal has not come as far as this receipt says.")


def _note_fetched(partner: Partner, audience: Audience, of_epoch: UUID, seq: int, now: datetime) -> None:
    """Whoever has removed what left has fetched it: the next listing would only say so later."""
    fetched = Receipt.objects.filter(partner=partner, audience=audience, epoch=of_epoch)
    if not fetched.filter(sort=Receipt.Sort.FETCHED, seq__gte=seq).exists():
        Receipt.objects.create(
            partner=partner, audience=audience, sort=Receipt.Sort.FETCHED, epoch=of_epoch, seq=seq, at=now
        )


def _once_read(token: UUID, partner: Partner) -> Audience:
    """Return a journal that a partner reads or has read; raise NotReadable for every other."""
    granted = JournalGrant.objects.filter(audience=OuterRef("pk"), partner=partner)
    fetched = Receipt.objects.filter(audience=OuterRef("pk"), partner=partner)
    former = FormerReader.objects.filter(audience=OuterRef("pk"), partner=partner)
    may = Q(sort=Audience.Sort.PUBLIC) | Exists(granted) | Exists(fetched) | Exists(former)
    audience = Audience.objects.filter(may, token=token).first()
    if audience is None:
        raise NotReadable
    return audience


def _is_equal(said: acknowledgements.Receipt, audience: Audience, node: NodeNow) -> bool | None:
    """Tell whether both hold the same; None when our journal has moved on since."""
    if said.epoch != str(node.epoch) or said.seq != audience.head:
        return None
    return (said.count, said.fingerprint) == (audience.count, audience.fingerprint)


def receive_ping(*, asked: Asked) -> None:
    """This function will read a partner's journals soon, because it says that there is something new.

    Raises what `known` raises (also for a token that was used before), TooOften, NotReadable for a partner
    with which nothing is exchanged just now.
    """
    _node, found = known(asked=asked)
    if State(found.partner.state) not in READS:
        raise NotReadable
    PINGS.check(str(found.partner.pk))
    with transaction.atomic():
        use_token(found)
        if jobs.is_registered(PULL):
            jobs.enqueue(PULL, partner=found.partner.pk, reason="ping")
