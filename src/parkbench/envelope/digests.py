"""The name of some bytes: their SHA-256."""

import hashlib


def digest(content: bytes) -> str:
    """Return the SHA-256 (FIPS 180-4) of the bytes as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()
