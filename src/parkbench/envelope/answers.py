"""What the invited sends back: which invitation it answers, its node document, and that it was invited.

A JSON object as `items.body_bytes` writes it: `invitation` (the name of the invitation, 32 hex digits, drawn
from what both sides derive from the secret; it tells nothing of it), `document` (the node document as text,
byte for byte as it was signed) and `mac` (see `invitations.mac`, over the bytes of that text).
"""

import hashlib
import re
from dataclasses import dataclass

from parkbench.envelope.documents import MAX_BYTES as MAX_DOCUMENT
from parkbench.envelope.errors import EnvelopeError, TooLarge
from parkbench.envelope.fields import HEX, Fields
from parkbench.envelope.invitations import mac, stored
from parkbench.envelope.items import body_bytes, read_body

MAX_BYTES = 64 * 1024
"""The most bytes of an answer, its document among them."""

_NAME = re.compile(r"[0-9a-f]{32}")
_MAC = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an invitation, read and not yet proven."""

    invitation: str
    document: bytes
    mac: str


def invitation_name(kept: str) -> str:
    """Return by which name an invitation is answered; `kept` is what `invitations.stored` returned."""
    if not HEX.fullmatch(kept):
        raise EnvelopeError("What is kept of a secret has 64 hex digits.")
    return hashlib.sha256(b"parkbench invitation, name\0" + bytes.fromhex(kept)).hexdigest()[:32]


def write_answer(*, secret: bytes, document: bytes) -> bytes:
    """Return the answer of the invited; raises TooLarge when its document leaves no room for the rest."""
    written = body_bytes(
        {
            "invitation": invitation_name(stored(secret)),
            "document": document.decode(),
            "mac": mac(secret, document),
        }
    )
    if len(written) > MAX_BYTES:
        raise TooLarge(f"An answer to an invitation has at most {MAX_BYTES} bytes.")
    return written


def read_answer(written: bytes) -> Answer:
    """Return what an answer says; nothing is proven. Raises EnvelopeError for any other bytes."""
    if len(written) > MAX_BYTES:
        raise TooLarge(f"An answer to an invitation has at most {MAX_BYTES} bytes.")
    given = Fields(read_body(written), "answer to an invitation")
    return Answer(
        invitation=given.text("invitation", _NAME),
        document=given.text("document", most=MAX_DOCUMENT).encode(),
        mac=given.text("mac", _MAC),
    )
