"""The code by which one node invites another, and how the invited proves that it holds it.

The code is one line that people paste into a mail: "parkbench1." and base64url of, one after the other,
the SHA-256 thumbprint of the inviter's key (32 bytes), the secret (16), the expiry as whole seconds since
1970 (5, big-endian), the inviter's node id (UTF-8), and a check sum: the first 4 bytes of the SHA-256 of all
before.
Blanks and line breaks that a mail has put in are left out when it is read.

The secret itself is never sent and never stored. Both sides derive from it
    kept = SHA-256("parkbench invitation, kept" + NUL + secret)
and the invited answers with HMAC-SHA256 (RFC 2104) under `kept` of
    "parkbench invitation, answer" + NUL + SHA-256(its node document as sent).
Whoever reads `kept` cannot make the code of it, but could answer with it: delete it once used or expired.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from parkbench.envelope.errors import EnvelopeError, Mistyped, NotVerified, OutOfTime
from parkbench.envelope.fields import HEX, check_url, write_seconds
from parkbench.envelope.keys import decode, encode

LIFETIME = timedelta(days=7)
_START = "parkbench1."
_SECRET_BYTES = 16
_FIXED = 32 + _SECRET_BYTES + 5
_CHECK = 4
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where to go (node id), which key to expect there, the shared secret (16 bytes), and until when."""

    url: str
    thumbprint: str
    secret: bytes = field(repr=False)
    expires_at: datetime


def new_invitation(*, url: str, thumbprint: str, now: datetime) -> Invitation:
    """Return an invitation with a fresh secret, for 7 days."""
    expires_at = (now + LIFETIME).astimezone(UTC).replace(microsecond=0)
    return Invitation(url, thumbprint, secrets.token_bytes(_SECRET_BYTES), expires_at)


def write_code(invitation: Invitation) -> str:
    """Return the code; raises EnvelopeError for a field that a reader would refuse."""
    thumb = decode(invitation.thumbprint)
    if len(thumb) != 32 or len(invitation.secret) != _SECRET_BYTES:
        raise EnvelopeError("An invitation has a thumbprint of 32 bytes and a secret of 16.")
    expiry = write_seconds(invitation.expires_at).to_bytes(5, "big")
    content = thumb + invitation.secret + expiry + check_url(invitation.url).encode()
    return _START + encode(content + _check_sum(content))


def read_code(text: str, *, now: datetime) -> Invitation:
    """Return what a code says.

    Raises Mistyped when it was not copied as it was written, OutOfTime when it has expired, EnvelopeError
    when it was written by something else.
    """
    code = re.sub(r"\s+", "", text[:_MOST])
    if not code.startswith(_START) or len(text) > _MOST:
        raise Mistyped(f"An invitation is one line that begins with “{_START}”. Copy it anew from the mail.")
    try:
        content = decode(code.removeprefix(_START))
    except EnvelopeError as problem:
        raise Mistyped("This invitation was not copied as it was written. Copy it anew.") from problem
    content, check = content[:-_CHECK], content[-_CHECK:]
    if len(content) <= _FIXED or _check_sum(content) != check:
        raise Mistyped("This invitation was not copied as it was written. Copy it anew.")
    try:
        url = check_url(content[_FIXED:].decode())
        expires_at = datetime.fromtimestamp(int.from_bytes(content[_FIXED - 5 : _FIXED], "big"), UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise EnvelopeError(f"This invitation names no node: {problem}") from problem
    if now >= expires_at:
        raise OutOfTime(f"This invitation ended at {expires_at}; our clock says {now}. Ask for a new one.")
    return Invitation(url, encode(content[:32]), content[32 : 32 + _SECRET_BYTES], expires_at)


def stored(secret: bytes) -> str:
    """Return what the inviter keeps of a secret: 64 hex digits, of which nobody can make the code again."""
    return hashlib.sha256(b"parkbench invitation, kept\0" + secret).hexdigest()


def mac(secret: bytes, message: bytes) -> str:
    """Return the answer of the invited, 43 characters of base64url; `message` is its document as sent."""
    return _mac(stored(secret), message)


def check_mac(kept: str, message: bytes, given: str) -> None:
    """Raise NotVerified unless `given` is the answer for this message; `kept` is what `stored` returned.

    The comparison takes the same time whatever is wrong.
    """
    if not HEX.fullmatch(kept):
        raise EnvelopeError("What is kept of a secret has 64 hex digits.")
    if not hmac.compare_digest(_mac(kept, message).encode(), given.encode(errors="replace")):
        raise NotVerified("This answer was not made with the code of the invitation.")


def _mac(kept: str, message: bytes) -> str:
    content = b"parkbench invitation, answer\0" + hashlib.sha256(message).digest()
    return encode(hmac.digest(bytes.fromhex(kept), content, "sha256"))


def _check_sum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:_CHECK]
