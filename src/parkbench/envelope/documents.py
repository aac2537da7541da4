"""The node document: who a node is, its keys, and how the next document takes over from the last.

On the wire it is a JWS in general JSON serialisation (RFC 7515 section 7.2.1): {"payload": ..., "signatures":
[{"protected": ..., "signature": ...}, ...]}, one signature for each signer, no unprotected header. Each
signature is checked by itself, as the compact form protected.payload.signature. The payload is a JSON object;
instants are whole seconds since 1970 (NumericDate, RFC 7519 section 2). Members that a reader does not know
are left alone. A signer whose key the document does not contain (the last key, the recovery key) puts its
public key into the protected header; a reader uses it only when its thumbprint is the one it has pinned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parkbench.envelope import signatures
from parkbench.envelope.errors import (
    EnvelopeError,
    KeyChanged,
    NotForUs,
    NotVerified,
    OutOfTime,
    RolledBack,
    TooLarge,
)
from parkbench.envelope.fields import THUMBPRINT, Fields, check_made, check_url, write_seconds
from parkbench.envelope.items import body_bytes, read_body
from parkbench.envelope.keys import Jwk, Key, public_jwk, read_public
from parkbench.envelope.signatures import Unverified

TYP = "parkbench-node+jws"
TRUSTED_FOR = timedelta(days=7)
MAX_BYTES = 64 * 1024
MOST_NUMBER = 2**31 - 1
_MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class NodeDocument:
    """What a node says of itself; all texts are plain text, `revoked` maps kid to the instant it ended."""

    id: str
    number: int
    issued_at: datetime
    expires_at: datetime
    organisation: str
    exchange_url: str
    keys: tuple[Jwk, ...]
    ror: str = ""
    mailbox: str = ""
    revoked: Mapping[str, datetime] = field(default_factory=dict)
    recovery_thumbprint: str = ""
    versions: tuple[int, ...] = (1,)
    limits: Mapping[str, int] = field(default_factory=dict)
    is_public_authority: bool = False
    moved_to: str = ""

    def keys_at(self, instant: datetime) -> tuple[Jwk, ...]:
        """Return the keys that count for what was signed at this instant: all but those revoked by then."""
        return tuple(
            jwk for jwk in self.keys if jwk["kid"] not in self.revoked or instant < self.revoked[jwk["kid"]]
        )

    def trusted_until(self, fetched_at: datetime) -> datetime:
        """Return when what was fetched at this instant stops being trusted: after 7 days, or as it says."""
        return min(self.expires_at, fetched_at + TRUSTED_FOR)


def write_document(document: NodeDocument, signers: Sequence[Key]) -> bytes:
    """Return the document as signed JSON; equal documents and signers give equal bytes.

    Raises EnvelopeError when `read_document` would refuse it: a field of the wrong shape, more than 7 days
    from issue to expiry, no signature by a key that it contains.
    """
    kids = {jwk["kid"] for jwk in document.keys}
    signed = [
        signatures.sign(key, TYP, _payload(document), with_jwk=public_jwk(key)["kid"] not in kids)
        for key in signers
    ]
    parts = [text.split(".") for text in signed]
    written = body_bytes(
        {
            "payload": parts[0][1] if parts else "",
            "signatures": [{"protected": part[0], "signature": part[2]} for part in parts],
        }
    )
    read_document(written)
    return written


def read_document(written: bytes) -> tuple[NodeDocument, tuple[str, ...]]:
    """Return a document, and the kids of the keys it contains that signed it; who it is from is not proven.

    Raises NotVerified when no key that it contains (and has not revoked) signed it, or one signed it wrongly;
    EnvelopeError when it is no document.
    """
    parts = _take_apart(written)
    document = _read_payload(Fields(parts[0].payload, "node document"))
    return document, _self_signed(document, parts)


def accept(pinned: NodeDocument, offered: bytes, *, now: datetime) -> NodeDocument:
    """Return the document to pin from now on: the offered one, once it may take over from the pinned one.

    It must be signed by a key that it contains, and by a key of the pinned document that is not revoked or by
    the pinned recovery key; have a higher number (or be the pinned one again); keep every revocation; be of
    the same node or of the one that the pinned document has moved to; be issued by now and not expired. Only
    the recovery key may replace the recovery key.

    Raises KeyChanged when neither signed, RolledBack for a lower number, NotForUs for another node, OutOfTime
    when expired or from the future, NotVerified or EnvelopeError as `read_document`.
    """
    parts = _take_apart(offered)
    document = _read_payload(Fields(parts[0].payload, "node document"))
    _self_signed(document, parts)
    if document.id not in {pinned.id, pinned.moved_to}:
        raise NotForUs(f"This is the document of {document.id}, not of {pinned.id}.")
    is_recovered = _signed_by_recovery(pinned, parts)
    if not is_recovered and not _signed_by_pinned(pinned, parts, now):
        raise KeyChanged(f"The keys of {pinned.id} have changed, and no key we know vouches for it.")
    if not is_recovered and pinned.recovery_thumbprint not in {"", document.recovery_thumbprint}:
        raise KeyChanged(f"The recovery key of {pinned.id} has changed, and the old one did not sign.")
    _check_order(pinned, document)
    check_made(document.issued_at, now, "This node document")
    if now >= document.expires_at:
        raise OutOfTime(f"This node document expired at {document.expires_at}; our clock says {now}.")
    return document


def _check_order(pinned: NodeDocument, document: NodeDocument) -> None:
    if document.number < pinned.number:
        raise RolledBack(f"Document {document.number} is older than {pinned.number}, which we know.")
    if document.number == pinned.number and document != pinned:
        raise RolledBack(f"There are two different documents with the number {pinned.number}.")
    for kid, ended_at in pinned.revoked.items():
        if kid not in document.revoked or document.revoked[kid] > ended_at:
            raise RolledBack(f"The revocation of the key {kid} was taken back.")


def _self_signed(document: NodeDocument, parts: Iterable[Unverified]) -> tuple[str, ...]:
    keys = {jwk["kid"]: jwk for jwk in document.keys_at(document.issued_at)}
    kids = tuple(signatures.check(part, [keys[part.kid]]) for part in parts if part.kid in keys)
    if not kids:
        raise NotVerified("No key that this node document contains has signed it.")
    return kids


def _signed_by_pinned(pinned: NodeDocument, parts: Iterable[Unverified], now: datetime) -> bool:
    keys = {jwk["kid"]: jwk for jwk in pinned.keys_at(now)}
    return bool([signatures.check(part, [keys[part.kid]]) for part in parts if part.kid in keys])


def _signed_by_recovery(pinned: NodeDocument, parts: Iterable[Unverified]) -> bool:
    by = [part for part in parts if part.jwk is not None and part.kid == pinned.recovery_thumbprint]
    return bool([signatures.check(part, [part.jwk]) for part in by if part.jwk is not None])


def _take_apart(written: bytes) -> list[Unverified]:
    """Return one signed object for each signature, at least one, each by another key; nothing is proven."""
    if len(written) > MAX_BYTES:
        raise TooLarge(f"A node document has at most {MAX_BYTES} bytes; this one has {len(written)}.")
    outer = read_body(written)
    given = Fields(outer, "node document")
    payload = given.text("payload", most=MAX_BYTES)
    entries = given.many("signatures", most=_MOST_KEYS)
    if set(outer) != {"payload", "signatures"} or not entries:
        raise EnvelopeError("A node document is a payload and its signatures.")
    parts = []
    for entry in entries:
        one = Fields(entry, "signature")
        if set(entry) != {"protected", "signature"}:
            raise EnvelopeError("A signature is its protected header and its value, no more.")
        text = f"{one.text('protected', most=2000)}.{payload}.{one.text('signature')}"
        parts.append(signatures.take_apart(text, TYP, may_carry_jwk=True))
    if len({part.kid for part in parts}) != len(parts):
        raise EnvelopeError("A key signs a node document once.")
    return parts


def _payload(document: NodeDocument) -> dict[str, Any]:
    return {
        "id": document.id,
        "number": document.number,
        "issued": write_seconds(document.issued_at),
        "expires": write_seconds(document.expires_at),
        "organisation": document.organisation,
        "ror": document.ror or None,
        "mailbox": document.mailbox or None,
        "keys": list(document.keys),
        "revoked": {kid: write_seconds(at) for kid, at in document.revoked.items()},
        "recovery": document.recovery_thumbprint or None,
        "exchange": document.exchange_url,
        "versions": list(document.versions),
        "limits": dict(document.limits),
        "public_authority": document.is_public_authority,
        "moved_to": document.moved_to or None,
    }


def _read_payload(given: Fields) -> NodeDocument:
    keys = tuple(read_public(jwk) for jwk in given.many("keys", most=_MOST_KEYS))
    if not keys or len({jwk["kid"] for jwk in keys}) != len(keys):
        raise EnvelopeError("A node document contains one to eight different keys.")
    issued_at, expires_at = given.seconds("issued"), given.seconds("expires")
    if not issued_at < expires_at <= issued_at + TRUSTED_FOR:
        raise EnvelopeError("A node document expires after its issue, at most 7 days after.")
    versions = given.many("versions", most=20)
    if not versions or any(type(version) is not int for version in versions):
        raise EnvelopeError("A node document names the versions of the protocol as whole numbers.")
    limits = Fields(given.table("limits", most=20), "limits")
    return NodeDocument(
        id=given.url("id"),
        number=given.whole("number", least=1, most=MOST_NUMBER),
        issued_at=issued_at,
        expires_at=expires_at,
        organisation=given.text("organisation"),
        exchange_url=given.url("exchange"),
        keys=keys,
        ror=check_url(given.text("ror")) if given.has("ror") else "",
        mailbox=given.words("mailbox", most=254),
        revoked=_revoked(given.table("revoked", most=100)),
        recovery_thumbprint=given.text("recovery", THUMBPRINT) if given.has("recovery") else "",
        versions=tuple(versions),
        limits={name: limits.whole(name) for name in given.table("limits", most=20)},
        is_public_authority=given.flag("public_authority"),
        moved_to=given.url("moved_to") if given.has("moved_to") else "",
    )


def _revoked(table: dict[str, Any]) -> dict[str, datetime]:
    given = Fields(table, "revoked keys")
    for kid in table:
        if not THUMBPRINT.fullmatch(kid):
            raise EnvelopeError("Revoked keys are named by their thumbprint.")
    return {kid: given.seconds(kid) for kid in table}
