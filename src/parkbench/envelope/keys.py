"""Keys of a node: Ed25519 (RFC 8032) as JSON Web Keys (RFC 7517, RFC 8037), named by their thumbprint."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.fields import THUMBPRINT

Key = OKPKey
"""A private key, or a public key to verify with. Its repr shows nothing of the secret."""

Jwk = dict[str, str]
"""The public half as a dict of text: kty, crv, x, kid."""

_SPOKEN = "abcdefghjklmnpqrstuvwxyz23456789"
# Points of order 1, 2, 4 and 8, in every spelling: whoever names one as a key lets anybody sign for it.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


def new_key() -> Key:
    """Return a fresh private key from the system's source of randomness."""
    return OKPKey.generate_key("Ed25519")


def private_jwk(key: Key) -> Jwk:
    """Return kty, crv, x and d: the whole key, to be kept secret; raises EnvelopeError without d."""
    if not key.is_private:
        raise EnvelopeError("This is only the public half of a key.")
    given = key.as_dict(private=True)
    return {name: str(given[name]) for name in ("kty", "crv", "x", "d")}


def read_private(given: Mapping[str, Any]) -> Key:
    """Return the private key of a dict as `private_jwk` writes it; raises EnvelopeError for anything else."""
    public = read_public(given, private=True)
    secret = given.get("d")
    if not isinstance(secret, str) or not THUMBPRINT.fullmatch(secret):
        raise EnvelopeError("A private key has a member “d” of 43 characters of base64url.")
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public["x"], "d": secret})
    except (JoseError, ValueError) as problem:
        raise EnvelopeError("The “d” of this key is no base64url.") from problem
    if _public_x(key) != public["x"]:
        raise EnvelopeError("These are not the two halves of one Ed25519 key.")
    return key


def public_jwk(key: Key) -> Jwk:
    """Return the public half as kty, crv, x and kid (its RFC 7638 thumbprint)."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": _public_x(key)}
    return {**jwk, "kid": thumbprint(jwk)}


def read_public(given: Any, *, private: bool = False) -> Jwk:
    """Return a public key as `public_jwk` writes it; other members (use, alg, x5c ...) are left out.

    Raises EnvelopeError for another type or curve, an x that is not 32 bytes in canonical base64url, a point
    of small order, a kid that is not the thumbprint, or a private half (unless `private` is set).
    """
    if not isinstance(given, Mapping) or given.get("kty") != "OKP" or given.get("crv") != "Ed25519":
        raise EnvelopeError("A key is a JSON Web Key with kty “OKP” and crv “Ed25519”.")
    if "d" in given and not private:
        raise EnvelopeError("This key holds its private half: it is burnt, make a new one.")
    x = given.get("x")
    if not isinstance(x, str):
        raise EnvelopeError("A key has a member “x”.")
    raw = decode(x)
    if len(raw) != 32 or raw[:31] + bytes([raw[31] & 0x7F]) in _SMALL_ORDER:
        raise EnvelopeError("This x is no public key of Ed25519.")
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
    jwk["kid"] = thumbprint(jwk)
    if given.get("kid", jwk["kid"]) != jwk["kid"]:
        raise EnvelopeError("The kid of a key is its RFC 7638 thumbprint.")
    return jwk


@lru_cache(maxsize=1024)
def verifier(x: str) -> Key:
    """Return the key that verifies for the x of a public key that `read_public` has passed."""
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint (RFC 7638, RFC 8037 appendix A.3) as 43 characters of base64url."""
    members = f'{{"crv":"{jwk["crv"]}","kty":"{jwk["kty"]}","x":"{jwk["x"]}"}}'
    return encode(hashlib.sha256(members.encode()).digest())


def spoken(kid: str) -> str:
    """Return 8 groups of 4 characters that two people read to each other: the first 160 bits of a thumbprint.

    Base32 in the manner of RFC 4648, five bits a character, most significant first, with the alphabet
    a-z without i and o, then 2-9: no 0, 1, i or o that could be taken for another. Raises EnvelopeError
    for anything but a thumbprint of 43 characters.
    """
    if not THUMBPRINT.fullmatch(kid):
        raise EnvelopeError("A thumbprint has 43 characters of base64url.")
    number = int.from_bytes(decode(kid)[:20], "big")
    letters = [_SPOKEN[number >> shift & 31] for shift in range(155, -1, -5)]
    return " ".join("".join(letters[at : at + 4]) for at in range(0, 32, 4))


def encode(content: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5, RFC 7515 appendix C)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url in its one spelling: no padding, no blanks, no stray bits at the end.

    Raises EnvelopeError for anything else.
    """
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
            raise ValueError("other characters")
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as problem:
        raise EnvelopeError("This is not base64url without padding.") from problem
    if encode(content) != text:
        raise EnvelopeError("This base64url has stray bits at its end.")
    return content


def _public_x(key: Key) -> str:
    return encode(key.public_key.public_bytes_raw())
