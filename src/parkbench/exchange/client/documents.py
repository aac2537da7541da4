"""Keeping a partner's node document fresh: the next one is believed when the last one vouches for it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from parkbench.envelope.documents import NodeDocument, accept
from parkbench.envelope.errors import EnvelopeError, KeyChanged
from parkbench.exchange.client.asking import fetch_document
from parkbench.exchange.models import Partner
from parkbench.exchange.queries.pulls import pinned
from parkbench.exchange.services import pinning
from parkbench.lib.errors import Refused

FRESH_FOR = timedelta(hours=12)
"""How long a document is used before it is asked for again; a revoked key is heard of within this time."""


def refreshed(*, partner: Partner) -> NodeDocument:
    """Return the document to verify with, asked for again when it is older than half a day.

    Raises Refused when the keys changed and nobody known vouches for it, or when it was trusted too long.
    """
    known = pinned(partner=partner)
    now = timezone.now()
    if partner.offered:
        raise Refused(str(pinning.CHANGED))
    if partner.document_at and now < partner.document_at + FRESH_FOR:
        return known
    try:
        offered = fetch_document(known.id)
        document = accept(known, offered, now=now)
    except KeyChanged as change:
        pinning.set_aside(partner=partner.pk, offered=offered)
        raise Refused(str(pinning.CHANGED)) from change
    except (Refused, EnvelopeError) as refusal:
        # Away for a while, or answering nonsense: what is pinned counts until its time is up.
        if partner.document_at is None or now >= known.trusted_until(partner.document_at):
            raise Refused(str(refusal)) from refusal
        return known
    pinning.pin(partner=partner.pk, document=document, written=offered)
    return document
