"""The receipt that a reader sends after it removed what has left a journal: a compact JWS."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parkbench.envelope import signatures
from parkbench.envelope.errors import NotForUs
from parkbench.envelope.fields import HEX, LABEL, Fields, check_made, write_seconds
from parkbench.envelope.keys import Jwk, Key

TYP = "parkbench-receipt+jws"
MAX_AGE = timedelta(hours=1)
"""A receipt is signed when it is sent, so its jti need not be kept for longer than this."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`iss` tells `aud` where it stands in a journal: entries removed since the last receipt,
    entries that left and are kept frozen now, live entries and their fingerprint (64 hex digits) after it.
    """

    iss: str
    aud: str
    audience: str
    epoch: str
    seq: int
    removed: int
    frozen: int
    count: int
    fingerprint: str
    iat: datetime
    jti: str = field(default_factory=lambda: secrets.token_urlsafe(16))


def write_receipt(receipt: Receipt, key: Key) -> str:
    """Return the receipt as a compact JWS; raises EnvelopeError for a field that a reader would refuse."""
    payload: dict[str, Any] = {
        "iss": receipt.iss,
        "aud": receipt.aud,
        "audience": receipt.audience,
        "epoch": receipt.epoch,
        "seq": receipt.seq,
        "removed": receipt.removed,
        "frozen": receipt.frozen,
        "count": receipt.count,
        "fingerprint": receipt.fingerprint,
        "iat": write_seconds(receipt.iat),
        "jti": receipt.jti,
    }
    _read_payload(Fields(payload, "receipt"))
    return signatures.sign(key, TYP, payload)


def read_receipt(
    text: str,
    *,
    keys: Iterable[Jwk],
    iss: str,
    aud: str,
    now: datetime,
    max_age: timedelta | None = MAX_AGE,
) -> Receipt:
    """Return a receipt of `iss` for `aud`. Whether the jti was used before is the caller's to know.

    Raises NotVerified when none of the keys signed it, NotForUs for another iss or aud, OutOfTime when made
    more than 5 minutes ahead of `now` or more than `max_age` before, EnvelopeError for another shape.
    """
    receipt = _read_payload(Fields(signatures.verify(text, keys, TYP), "receipt"))
    if (receipt.iss, receipt.aud) != (iss, aud):
        raise NotForUs(f"This receipt is from {receipt.iss} for {receipt.aud}, not from {iss} for {aud}.")
    check_made(receipt.iat, now, "This receipt", max_age)
    return receipt


def _read_payload(given: Fields) -> Receipt:
    return Receipt(
        iss=given.url("iss"),
        aud=given.url("aud"),
        audience=given.text("audience", LABEL),
        epoch=given.text("epoch", LABEL),
        seq=given.whole("seq"),
        removed=given.whole("removed"),
        frozen=given.whole("frozen"),
        count=given.whole("count"),
        fingerprint=given.text("fingerprint", HEX),
        iat=given.seconds("iat"),
        jti=given.text("jti", LABEL),
    )
