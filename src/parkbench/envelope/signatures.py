"""Signed objects: JWS compact serialisation (RFC 7515) with Ed25519 (RFC 9864), and nothing else.

The protected header has exactly three members: alg "Ed25519", kid (the thumbprint of the signing key) and typ
(what the object is for, RFC 8725 section 3.11, so that no object can stand in for one of another kind). Every
other member is refused: crit, b64, jwk, jku, x5u, x5c, none has a use here. Only the signature of a recovery
key on a node document carries its key, as a fourth member "jwk".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from parkbench.envelope.errors import EnvelopeError, NotVerified, TooLarge
from parkbench.envelope.items import MAX_BYTES, BodyError, body_bytes, read_body
from parkbench.envelope.keys import Jwk, Key, decode, public_jwk, read_public, verifier

ALGORITHM = "Ed25519"
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])
_REGISTRY.max_header_length = 1024
_REGISTRY.max_payload_length = MAX_BYTES * 4 // 3 + 4
_MAX_TEXT = _REGISTRY.max_payload_length + _REGISTRY.max_header_length + 200
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")


@dataclass(frozen=True, slots=True)
class Unverified:
    """A signed object taken apart: its text, the kid it names, its payload. Nothing here is proven yet."""

    text: str
    kid: str
    jwk: Jwk | None
    payload: dict[str, Any]


def sign(key: Key, typ: str, payload: dict[str, Any], *, with_jwk: bool = False) -> str:
    """Return header.payload.signature; the payload is written as `items.body_bytes` writes bodies."""
    jwk = public_jwk(key)
    header: dict[str, Any] = {"alg": ALGORITHM, "kid": jwk["kid"], "typ": typ}
    if with_jwk:
        header["jwk"] = jwk
    try:
        return jws.serialize_compact(header, body_bytes(payload), key, registry=_REGISTRY)
    except JoseError as problem:
        raise EnvelopeError(f"This cannot be signed: {problem}.") from problem


def take_apart(text: str, typ: str, *, may_carry_jwk: bool = False) -> Unverified:
    """Return the parts of a signed object of this type; raises EnvelopeError for any other shape."""
    if len(text) > _MAX_TEXT:
        raise TooLarge(f"A signed object has at most {_MAX_TEXT} characters; this one has {len(text)}.")
    parts = _SHAPE.fullmatch(text)
    if not parts:
        raise EnvelopeError("A signed object is header.payload.signature, each in base64url.")
    raw_header, raw_payload, _ = map(decode, parts.groups())
    try:
        header, payload = read_body(raw_header), read_body(raw_payload)
    except BodyError as problem:
        raise EnvelopeError(f"A signed object that cannot be read: {problem}") from problem
    names = {"alg", "kid", "typ"} | ({"jwk"} if may_carry_jwk and "jwk" in header else set())
    if set(header) != names or header["alg"] != ALGORITHM or header["typ"] != typ:
        raise NotVerified(
            f"Here the header of a signed object is alg {ALGORITHM}, kid and typ {typ}, no more."
        )
    jwk = read_public(header["jwk"]) if "jwk" in header else None
    if type(header["kid"]) is not str or (jwk is not None and jwk["kid"] != header["kid"]):
        raise NotVerified("The kid of a signed object is the thumbprint of its key.")
    return Unverified(text, header["kid"], jwk, payload)


def check(given: Unverified, keys: Iterable[Jwk]) -> str:
    """Return the kid of the key that signed; raises NotVerified when none of these keys did."""
    jwk = next((jwk for jwk in keys if jwk["kid"] == given.kid), None)
    if jwk is None:
        raise NotVerified(f"The key {given.kid:.43} is not among the keys that count here.")
    try:
        jws.deserialize_compact(given.text, verifier(read_public(jwk)["x"]), registry=_REGISTRY)
    except (JoseError, ValueError) as problem:
        raise NotVerified("The signature does not fit what it signs.") from problem
    return given.kid


def verify(text: str, keys: Iterable[Jwk], typ: str) -> dict[str, Any]:
    """Return the payload of a signed object of this type that one of these public keys has signed.

    Raises NotVerified when none of them did or the header is another, EnvelopeError for another shape.
    """
    given = take_apart(text, typ)
    check(given, keys)
    return given.payload
