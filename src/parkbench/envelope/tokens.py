"""The token of a request: a JWT (RFC 7519) in the shape of RFC 7523, bound to one request as in RFC 9449.

Claims: iss and sub = the caller's node id, aud = the configured id of the node that is called, iat, exp (at
most 60 seconds later), jti (128 random bits), htm and htu = method and address of the request, the address
without query and fragment. The header's typ is "parkbench-token+jwt".
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from parkbench.envelope import signatures
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, OutOfTime
from parkbench.envelope.fields import LABEL, Fields, write_seconds
from parkbench.envelope.keys import Jwk, Key

TYP = "parkbench-token+jwt"
MOST_SECONDS = 60
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Token:
    """Who asks: the node, the key it used, the token's own id, and when it ends."""

    iss: str
    kid: str
    jti: str
    exp: datetime


def write_token(
    key: Key,
    *,
    iss: str,
    aud: str,
    htm: str,
    htu: str,
    now: datetime,
    lifetime: int = MOST_SECONDS,
    jti: str | None = None,
) -> str:
    """Return a token for one request, valid for `lifetime` seconds; `jti` is drawn at random unless given.

    Raises EnvelopeError for more than 60 seconds or a field that a reader would refuse.
    """
    made = write_seconds(now)
    if not 0 < lifetime <= MOST_SECONDS:
        raise EnvelopeError(f"A token lives for at most {MOST_SECONDS} seconds.")
    claims = {
        "iss": iss,
        "sub": iss,
        "aud": aud,
        "iat": made,
        "exp": made + lifetime,
        "jti": jti or secrets.token_urlsafe(16),
        "htm": htm,
        "htu": _bare(htu),
    }
    given = Fields(claims, "token")
    given.url("iss"), given.url("aud"), given.text("jti", LABEL), given.text("htm", most=10)
    return signatures.sign(key, TYP, claims)


def read_token(
    text: str,
    *,
    keys_of: Callable[[str, str], Jwk | None],
    aud: str,
    htm: str,
    htu: str,
    now: datetime,
) -> Token:
    """Return who asks. `keys_of(iss, kid)` gives the pinned key of that node, or None.

    Raises NotVerified for an unknown key or a wrong signature, NotForUs for another audience or request,
    OutOfTime outside iat .. exp (30 seconds are allowed for clocks that differ), EnvelopeError for another
    shape. Whether the jti was used before is the caller's to know: keep it until exp + 30 seconds.
    """
    parts = signatures.take_apart(text, TYP)
    given = Fields(parts.payload, "token")
    iss = given.url("iss")
    jwk = keys_of(iss, parts.kid)
    if jwk is None:
        raise NotVerified(f"{iss} has no key {parts.kid:.43} that we know.")
    signatures.check(parts, [jwk])
    if given.text("sub") != iss:
        raise EnvelopeError("A token speaks for the node that signed it: sub is iss.")
    if given.text("aud") != aud or given.text("htm") != htm or given.text("htu", most=2000) != _bare(htu):
        raise NotForUs("This token is for another node or another request.")
    starts_at, exp = given.seconds("iat"), given.seconds("exp")
    if not starts_at < exp <= starts_at + timedelta(seconds=MOST_SECONDS):
        raise EnvelopeError(f"A token lives for at most {MOST_SECONDS} seconds.")
    if not starts_at - SKEW <= now < exp + SKEW:
        raise OutOfTime(f"This token counts from {starts_at} to {exp}; our clock says {now}.")
    return Token(iss, parts.kid, given.text("jti", LABEL), exp)


def _bare(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]
