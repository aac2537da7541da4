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
from parkbench.exchange.services.limits import PINGS
from parkbench.exchange.services.refusals import NotReadable, NotUnderstood
from parkbench.lib import jobs
from parkbench.records.models import Audience

PULL = "exchange.pull"
"""The job that reads a partner's journals."""


def receive_receipt(*, asked: Asked, text: str) -> None:
    """This function will note that a partner removed what left a journal, and whether it holds the same now.

    A receipt that was noted already changes nothing. Raises what `known` raises (also for a token that was
    used before), NotUnderstood for a receipt of another shape or signer, NotReadable for a journal that this
    partner never read.
    """
    node, found = known(asked=asked)
    iss, now = found.partner.home.address, timezone.now()
    try:
        said = acknowledgements.read_receipt(text, keys=found.keys, iss=iss, aud=node.address, now=now)
        token, of_epoch = UUID(said.audience), UUID(said.epoch)
    except ValueError as problem:  # EnvelopeError too
        raise NotUnderstood(f"{problem}") from problem
    with transaction.atomic():
        use_token(found)
        audience = _once_read(token, found.partner)
        _note_fetched(found.partner, audience, of_epoch, said.seq, now)
        Receipt.objects.get_or_create(
            partner=found.partner,
            audience=audience,
            sort=Receipt.Sort.REMOVED,
            epoch=of_epoch,
            seq=said.seq,
            removed_count=said.removed,
            frozen_count=said.frozen,
            is_equal=_is_equal(said, audience, node),
            defaults={"at": now},
        )


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
