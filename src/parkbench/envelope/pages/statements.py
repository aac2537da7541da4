"""The signed first line of a page: what it holds, of which journal, and how far it reaches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parkbench.envelope import signatures
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.fields import HEX, LABEL, Fields, write_seconds
from parkbench.envelope.keys import Jwk, Key

TYP = "parkbench-page+jws"


@dataclass(frozen=True, slots=True)
class Statement:
    """The entries with after < seq <= upto of a journal whose last seq is head.

    `sha256` (64 hex digits) is of every byte after the first line; count and fingerprint (64 hex digits) are
    of the live entries of the whole journal, given when the page reaches its head.
    """

    iss: str
    audience: str
    epoch: str
    after: int
    upto: int
    head: int
    sha256: str
    iat: datetime
    lease_days: int = 30
    count: int | None = None
    fingerprint: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether nothing of the journal comes after this page."""
        return self.count is not None


def write_statement(statement: Statement, key: Key) -> str:
    """Return the statement as a compact JWS; raises EnvelopeError for a field that a reader would refuse."""
    payload: dict[str, Any] = {
        "iss": statement.iss,
        "audience": statement.audience,
        "epoch": statement.epoch,
        "after": statement.after,
        "upto": statement.upto,
        "head": statement.head,
        "sha256": statement.sha256,
        "iat": write_seconds(statement.iat),
        "lease": statement.lease_days,
        "count": statement.count,
        "fingerprint": statement.fingerprint,
    }
    _read_payload(Fields(payload, "statement"))
    return signatures.sign(key, TYP, payload)


def read_statement(text: str, keys: Iterable[Jwk]) -> Statement:
    """Return a statement that one of the keys has signed; raises NotVerified or EnvelopeError."""
    return _read_payload(Fields(signatures.verify(text, keys, TYP), "statement"))


def _read_payload(given: Fields) -> Statement:
    statement = Statement(
        iss=given.url("iss"),
        audience=given.text("audience", LABEL),
        epoch=given.text("epoch", LABEL),
        after=given.whole("after"),
        upto=given.whole("upto"),
        head=given.whole("head"),
        sha256=given.text("sha256", HEX),
        iat=given.seconds("iat"),
        lease_days=given.whole("lease", least=1, most=3650),
        count=given.whole("count") if given.has("count") else None,
        fingerprint=given.text("fingerprint", HEX) if given.has("fingerprint") else None,
    )
    if not statement.after <= statement.upto <= statement.head:
        raise EnvelopeError("A page lies within its journal: after <= upto <= head.")
    if (statement.count is None) != (statement.fingerprint is None):
        raise EnvelopeError("A statement has both count and fingerprint, or none.")
    if statement.is_complete and statement.upto != statement.head:
        raise EnvelopeError("Count and fingerprint stand on the page that reaches the head.")
    return statement
