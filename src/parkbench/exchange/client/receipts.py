"""Telling partners what was removed; what cannot be told now is told by the next pull."""

from __future__ import annotations

import logging

from django.utils import timezone

from parkbench.envelope.acknowledgements import Receipt, write_receipt
from parkbench.envelope.errors import EnvelopeError
from parkbench.exchange.client.asking import (
    Caller,
    Conversation,
    NotAccepted,
    StartAgain,
    caller,
    open_partner,
)
from parkbench.exchange.models import Partner
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.services import pulls
from parkbench.lib.errors import Refused

logger = logging.getLogger("parkbench.exchange")


def send_owed(talk: Conversation, partner: Partner, us: Caller) -> str:
    """Send every receipt that is owed to a partner; return why one was not taken, or ''.

    One of a journal that is held no more, and that the partner says not to know (it may have put an old
    backup back), is forgotten: it would be refused for ever.
    """
    problem, held = "", queries.held_journals(home=partner.home_id)
    for owed in queries.owed(partner=partner.pk):
        receipt = Receipt(
            iss=us.node,
            aud=partner.home.address,
            audience=str(owed.audience),
            epoch=str(owed.epoch),
            seq=owed.seq,
            removed=owed.removed_count,
            frozen=owed.frozen_count,
            count=owed.count,
            fingerprint=owed.fingerprint,
            iat=timezone.now(),
        )
        try:
            talk.receipt(write_receipt(receipt, us.key))
        except (StartAgain, NotAccepted) as refusal:
            if isinstance(refusal, StartAgain) and owed.audience not in held:
                logger.warning("%s knows no journal %s any more.", partner.home.address, owed.audience)
                pulls.told(receipt=owed)
                continue
            problem = problem or str(refusal)
            continue
        pulls.told(receipt=owed)
    return problem


def send_receipts(*, partner: int) -> bool:
    """This function will tell a partner what was removed outside of a pull; tells whether all was taken.

    So a partner that we left hears that nothing of it is here any more.
    """
    row = queries.partner_row(partner=partner)
    us = caller()
    try:
        with open_partner(node=row.home.address, exchange_url=row.exchange_url, caller=us) as talk:
            problem = send_owed(talk, row, us)
    except (Refused, EnvelopeError) as refusal:
        problem = str(refusal)
    if problem:
        logger.info("%s was not told what was removed: %s", row.home.address, problem)
    return not problem
