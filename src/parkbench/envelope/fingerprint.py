"""The fingerprint of a journal: one number that two nodes compare instead of their lists.

The fingerprint of a set of entries is the sum, modulo 2**256, of one hash per entry. The order of arrival
does not matter, and an entry is added or taken away in constant time. An entry's hash is the SHA-256, read as
a big-endian number, of its four fields one after the other, each framed as

    length of the field in bytes (4 bytes, unsigned, big-endian) + the field in UTF-8

in the order kind, uid (36 characters, lower case, as in RFC 9562), section, digest (64 lower-case hex
digits). The lengths keep ("ab", "c") apart from ("a", "bc"). A fingerprint is written as 64 lower-case hex
digits; that of no entries is 64 zeros. `tests/vectors/fingerprint.json` holds golden values.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from parkbench.envelope.errors import EnvelopeError

Entry = tuple[str, UUID | str, str, str]

EMPTY = 0
_MODULUS = 1 << 256
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_HEX = re.compile(r"[0-9a-f]{64}").fullmatch
_UID_LENGTH = (36).to_bytes(4, "big")
_DIGEST_LENGTH = (64).to_bytes(4, "big")


def entry_hash(kind: str, uid: UUID | str, section: str, digest: str) -> int:
    """Return the number that one live entry adds; 0 <= number < 2**256.

    Raises EnvelopeError when the uid is not a lower-case UUID or the digest not 64 lower-case hex digits.
    """
    uid_text = str(uid)
    if not _UID(uid_text):
        raise EnvelopeError(f"A uid is a lower-case UUID of 36 characters, not {uid_text!r}.")
    if not _HEX(digest):
        raise EnvelopeError(f"A digest is 64 lower-case hex digits, not {digest!r}.")
    before, between = _frames(kind, section)
    framed = before + uid_text.encode() + between + digest.encode()
    return int.from_bytes(hashlib.sha256(framed).digest(), "big")


@lru_cache(maxsize=1024)
def _frames(kind: str, section: str) -> tuple[bytes, bytes]:
    """Return what stands before the uid and what stands between uid and digest: alike for many entries."""
    kind_bytes, section_bytes = kind.encode(), section.encode()
    before = len(kind_bytes).to_bytes(4, "big") + kind_bytes + _UID_LENGTH
    return before, len(section_bytes).to_bytes(4, "big") + section_bytes + _DIGEST_LENGTH


def add(fingerprint: int, entry: int) -> int:
    """Return the fingerprint after the entry with this hash has come in."""
    return (fingerprint + entry) % _MODULUS


def remove(fingerprint: int, entry: int) -> int:
    """Return the fingerprint after the entry with this hash has gone."""
    return (fingerprint - entry) % _MODULUS


def fingerprint_of(entries: Iterable[Entry]) -> int:
    """Return the fingerprint of entries given as (kind, uid, section, digest); raises as `entry_hash`."""
    return sum(entry_hash(*entry) for entry in entries) % _MODULUS


def to_hex(fingerprint: int) -> str:
    """Return the fingerprint as 64 lower-case hex digits; raises EnvelopeError outside 0 .. 2**256 - 1."""
    if not 0 <= fingerprint < _MODULUS:
        raise EnvelopeError("A fingerprint lies between 0 and 2**256 - 1.")
    return f"{fingerprint:064x}"


def from_hex(text: str) -> int:
    """Return the fingerprint written as 64 lower-case hex digits; raises EnvelopeError for anything else."""
    if not _HEX(text):
        raise EnvelopeError(f"A fingerprint is 64 lower-case hex digits, not {text!r}.")
    return int(text, 16)
