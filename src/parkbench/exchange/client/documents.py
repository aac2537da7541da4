"""Keeping a partner's node document fresh: the next one is believed when the last one vouches for it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from parkbench.envelope.documents import NodeDocument, accept, read_document
from parkbench.envelope.errors import EnvelopeError, KeyChanged
from parkbench.exchange.client.asking import fetch_document
from parkbench.exchange.models import Partner
from parkbench.exchange.queries.pulls import pinned
from parkbench.exchange.services import pinning
from parkbench.lib.errors import Refused

FRESH_FOR = timedelta(hours=12)
"""How long a document is used before it is asked for again; a revoked key is heard of within this time."""


def refreshed(*, partner: Partner, is_doubted: bool = False) -> NodeDocument:
    """Return the document to verify with, asked for again when it is older than half a day.

    Also when ``is_doubted``: something was signed by a key that it does not name, or not any more. While one
    that nobody vouches for was set aside it is asked for each time: the right one may be back.
    Raises Refused when the keys changed and nobody known vouches for it, or when it was trusted too long.
    """
    known = pinned(partner=partner)
    now = timezone.now()
    is_fresh = partner.document_at is not None and now < partner.document_at + FRESH_FOR
    if is_fresh and not partner.offered and not is_doubted:
        return known
    try:
        offered = fetch_document(known.id)
        document = accept(known, offered, now=now)
    except KeyChanged as change:
        raise changed(partner=partner, known=known, offered=offered) from change
    except (Refused, EnvelopeError) as refusal:
        if partner.offered:
            raise Refused(str(pinning.CHANGED)) from refusal
        # Away for a while, or answering nonsense: what is pinned counts until its time is up.
        if partner.document_at is None or now >= known.trusted_until(partner.document_at):
            raise Refused(str(refusal)) from refusal
        return known
    pinning.pin(partner=partner.pk, document=document, written=offered)
    return document


def changed(*, partner: Partner, known: NodeDocument, offered: bytes) -> Refused:
    """Set a document aside that no known key vouches for, until somebody has compared; return the refusal.

    One that is signed by keys alone which the partner has revoked is a thief's or very old: it is not kept,
    for nobody should be asked to trust it.
    """
    if known.revoked.keys() >= set(read_document(offered)[1]):
        return Refused(str(pinning.REVOKED))
    pinning.set_aside(partner=partner.pk, offered=offered)
    return Refused(str(pinning.CHANGED))
