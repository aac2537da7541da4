"""Telling partners that there is something to read; nothing depends on it."""

from __future__ import annotations

import logging

from parkbench.envelope.errors import EnvelopeError
from parkbench.exchange.client.asking import ComeLater, caller, open_partner
from parkbench.exchange.queries.pulls import wanting_pings
from parkbench.exchange.services.pings import ping_again, ping_sent
from parkbench.lib.errors import Refused

logger = logging.getLogger("parkbench.exchange")


def send_pings() -> int:
    """This function will ping every partner that something changed for; returns how many answered.

    A partner that does not answer hears of it by its own next pull; one that asks to be told later is told
    when this runs next.
    """
    answered, wanting = 0, wanting_pings()
    if not wanting:
        return 0
    us = caller()
    for partner in wanting:
        ping_sent(partner=partner.pk)
        try:
            with open_partner(
                node=partner.home.address, exchange_url=partner.exchange_url, caller=us
            ) as talk:
                talk.ping()
            answered += 1
        except ComeLater:
            ping_again(partner=partner.pk)
        except (Refused, EnvelopeError) as refusal:
            logger.info("%s was not pinged: %s", partner.home.address, refusal)
    return answered
