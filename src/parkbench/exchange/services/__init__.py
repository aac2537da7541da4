"""Writes of the exchange: keys and node document; what is served to partners, and what they say."""

from parkbench.exchange.services.callers import Asked, forget_tokens
from parkbench.exchange.services.clock import watch_clock
from parkbench.exchange.services.documents import current_document, renew_document
from parkbench.exchange.services.keys import make_recovery_key, recover, revoke_key, rotate_key
from parkbench.exchange.services.pauses import pause, resume
from parkbench.exchange.services.receipts import receive_ping, receive_receipt
from parkbench.exchange.services.refusals import (
    CursorGone,
    NotReadable,
    NotUnderstood,
    Paused,
    TooOften,
    Unauthorised,
)
from parkbench.exchange.services.serving import Served, listing, page

__all__ = [
    "Asked",
    "CursorGone",
    "NotReadable",
    "NotUnderstood",
    "Paused",
    "Served",
    "TooOften",
    "Unauthorised",
    "current_document",
    "forget_tokens",
    "listing",
    "make_recovery_key",
    "page",
    "pause",
    "receive_ping",
    "receive_receipt",
    "recover",
    "renew_document",
    "resume",
    "revoke_key",
    "rotate_key",
    "watch_clock",
]
