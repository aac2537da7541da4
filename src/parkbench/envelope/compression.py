"""gzip (RFC 1952) with a hard cap on what comes out, whatever goes in."""

import zlib
from collections.abc import Iterable

from parkbench.envelope.errors import EnvelopeError, TooLarge

MAX_PAGE = 8 * 1024 * 1024
"""The most bytes that a page may have unzipped."""

_WBITS = 31  # gzip, and nothing else
_SLACK = 64 * 1024  # what gzip may add to bytes that do not shrink


def zip_bytes(content: bytes) -> bytes:
    """Return one gzip member without name and time, so that equal bytes give equal bytes."""
    packer = zlib.compressobj(6, zlib.DEFLATED, _WBITS)
    return packer.compress(content) + packer.flush()


def unzip(chunks: Iterable[bytes], *, limit: int = MAX_PAGE) -> bytes:
    """Return what one gzip member holds, from chunks of any size as they come off the wire.

    Raises TooLarge as soon as more than `limit` bytes would come out (or went in: blocks that hold nothing
    could be sent for ever), EnvelopeError for other bytes, a member cut short, or anything after it, a
    second member included. Never holds more than about twice `limit` and one chunk.
    """
    unpacker = zlib.decompressobj(_WBITS)
    pieces: list[bytes] = []
    came_out = went_in = 0
    for chunk in chunks:
        went_in += len(chunk)
        if went_in > limit + _SLACK:
            raise TooLarge(f"More than {limit} bytes came in.")
        if unpacker.eof and chunk:
            raise EnvelopeError("Something follows the end of the gzip member.")
        try:
            pieces.append(unpacker.decompress(chunk, limit - came_out + 1))
        except zlib.error as problem:
            raise EnvelopeError(f"These bytes are no gzip: {problem}.") from problem
        came_out += len(pieces[-1])
        if came_out > limit:
            raise TooLarge(f"More than {limit} bytes come out of this gzip.")
        if unpacker.unused_data:
            raise EnvelopeError("Something follows the end of the gzip member.")
    if not unpacker.eof:
        raise EnvelopeError("This gzip was cut short.")
    return b"".join(pieces)
