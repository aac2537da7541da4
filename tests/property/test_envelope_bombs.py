"""Thirty files that grow, nest or never end: each refused, or read, in under 2 seconds and 64 MiB."""

import gc
import io
import itertools
import json
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, ALPHA_KEY, ALPHA_PUBLIC, BETA, CIRCLE, EPOCH, NOW
from parkbench.envelope import (
    acknowledgements,
    bundles,
    documents,
    invitations,
    listings,
    pages,
    tokens,
)
from parkbench.envelope.compression import unzip, zip_bytes
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.items import body_bytes
from parkbench.envelope.keys import encode
from parkbench.envelope.pages.statements import Statement, write_statement

MIB = 1024 * 1024
MOST_SECONDS, MOST_BYTES = 2, 64 * MIB
START = (
    b'{"seq":%d,"kind":"instrument","uid":"00000000-0000-4000-8000-%012d","section":"basics","revision":1,'
    b'"schema":1,"at":"2026-11-28T14:03:07Z","body":'
)


def zeros(size: int, *, wbits: int = 31) -> bytes:
    """Return so many zeros, zipped: a thousandth of their size. The end of the member is left out."""
    packer = zlib.compressobj(6, zlib.DEFLATED, wbits)
    start = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    block = raw.compress(bytes(16 * MIB)) + raw.flush(zlib.Z_FULL_FLUSH)
    return start + block * (size // (16 * MIB) - 1)


def room_taken() -> int:
    """Return the most bytes this process has held since `forget_room`, resident (Linux, proc(5))."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_room() -> int:
    """Begin to measure anew; return what is held now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return room_taken()


def chunks(content: bytes, size: int = 64 * 1024) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def read_page(content: bytes) -> Any:
    return pages.read_page(
        content, keys=[ALPHA_PUBLIC], iss=ALPHA, audience=CIRCLE, epoch=EPOCH, after=0, now=NOW
    )


def read_zipped(content: bytes) -> Any:
    return read_page(unzip(chunks(content)))


def read_listing(text: str) -> Any:
    return listings.read_listing(
        text, keys=[ALPHA_PUBLIC], iss=ALPHA, aud=BETA, nonce=cast.NONCE_SENT, now=NOW
    )


def read_bundle(content: bytes) -> Any:
    file = io.BytesIO(content)
    bundle = bundles.read_bundle(file, keys=[ALPHA_PUBLIC], iss=ALPHA, aud=BETA, now=NOW)
    return list(bundle.pages)


def read_token(text: str) -> Any:
    return tokens.read_token(
        text, keys_of=lambda iss, kid: cast.BETA_PUBLIC, aud=ALPHA, htm="GET", htu=ALPHA, now=NOW
    )


def read_receipt(text: str) -> Any:
    return acknowledgements.read_receipt(text, keys=[cast.BETA_PUBLIC], iss=BETA, aud=ALPHA, now=NOW)


def accept(content: bytes) -> Any:
    return documents.accept(cast.DOCUMENT, content, now=NOW + timedelta(hours=1))


def page_of(*bodies: bytes) -> bytes:
    """Return lines under a good signature: the bomb of a partner who is trusted."""
    lines = b"".join(START % (n, n) + body + b"}\n" for n, body in enumerate(bodies, 1))
    return under_statement(lines, len(bodies))


def under_statement(lines: bytes, upto: int) -> bytes:
    given = Statement(ALPHA, CIRCLE, EPOCH, 0, upto, upto, digest(lines), NOW, 30, 1, "0" * 64)
    return write_statement(given, ALPHA_KEY).encode() + b"\n" + lines


def signed(payload: bytes, typ: str, key: Any = ALPHA_KEY) -> str:
    """Sign any bytes under a good header."""
    header = {"alg": "Ed25519", "kid": cast.keys.public_jwk(key)["kid"], "typ": typ}
    start = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
    return f"{start}.{encode(key.private_key.sign(start.encode()))}"


def endless(piece: bytes, first: bytes = b"") -> Iterator[bytes]:
    return itertools.chain([first], itertools.repeat(piece))


ROOM = 250_000
GZIP_START = zip_bytes(b"a")[:10]
ZEROS = zeros(256 * MIB)
BOMBS: dict[str, Callable[[], tuple[Callable[[Any], Any], Any]]] = {
    "a gigabyte of zeros": lambda: (read_zipped, zeros(1024 * MIB)),
    "a gigabyte of zeros in one chunk": lambda: (lambda c: unzip([c]), zeros(1024 * MIB)),
    "one byte over the limit": lambda: (read_zipped, zip_bytes(bytes(8 * MIB + 1))),
    "gzip in gzip": lambda: (read_zipped, zip_bytes(ZEROS)),
    "a thousand members": lambda: (read_zipped, zip_bytes(b"a" * 1000) * 1000),
    "a good page and a bomb": lambda: (read_zipped, cast.page() + zeros(256 * MIB)),
    "zlib instead of gzip": lambda: (read_zipped, zeros(256 * MIB, wbits=15)),
    "raw deflate": lambda: (read_zipped, zeros(256 * MIB, wbits=-15)),
    "a file name without end": lambda: (unzip, endless(b"x" * MIB, b"\x1f\x8b\x08\x08" + bytes(6))),
    "a comment without end": lambda: (unzip, endless(b"x" * MIB, b"\x1f\x8b\x08\x10" + bytes(6))),
    "blocks of nothing without end": lambda: (unzip, endless(b"\0\0\0\xff\xff" * 10_000, GZIP_START)),
    "chunks of one byte": lambda: (lambda c: unzip(chunks(c, 1)), zeros(256 * MIB)),
    "a body of 100,000 levels": lambda: (read_page, page_of(b'{"a":' + b"[" * 100_000)),
    "a page of deep bodies": lambda: (read_page, page_of(*[b'{"a":' + b"[" * ROOM] * 30)),
    "a page of objects in objects": lambda: (read_page, page_of(*[b'{"a":' * 50_000] * 30)),
    "a page of empty objects": lambda: (
        read_page,
        page_of(*[b'{"a":[' + b"{}," * (ROOM // 3) + b"{}]}"] * 30),
    ),
    "a page of numbers": lambda: (read_page, page_of(*[b'{"a":[' + b"1," * (ROOM // 2) + b"1]}"] * 30)),
    "a page of names": lambda: (
        read_page,
        page_of(*[b"{" + b",".join(b'"%x":1' % n for n in range(25_000)) + b"}"] * 28),
    ),
    "a page of one name": lambda: (read_page, page_of(*[b"{" + b'"a":1,' * 40_000 + b'"a":1}'] * 30)),
    "a page of long numbers": lambda: (
        read_page,
        page_of(*[b'{"a":[' + b",".join([b"9" * 4300] * 58) + b"]}"] * 30),
    ),
    "one number of 8 MiB": lambda: (read_page, page_of(b'{"a":' + b"9" * (8 * MIB - 2000) + b"}")),
    "a page of escapes": lambda: (read_page, page_of(*[b'{"a":"' + b"\\u00e5" * 40_000 + b'"}'] * 30)),
    "a page of newlines": lambda: (read_page, under_statement(b"\n" * (8 * MIB - 2000), 9)),
    "one line of 8 MiB": lambda: (read_page, under_statement(b"x" * (8 * MIB - 2000) + b"\n", 9)),
    "a statement without end": lambda: (read_page, b"x" * (8 * MIB)),
    "a listing of deep JSON": lambda: (read_listing, signed(b'{"a":' + b"[" * 190_000, listings.TYP)),
    "a listing of 50,000 rows": lambda: (
        read_listing,
        signed(body_bytes({"journals": [[]] * 60_000}), listings.TYP),
    ),
    "a receipt of 64 MiB": lambda: (read_receipt, "A" * (64 * MIB)),
    "a token of dots": lambda: (read_token, "." * (16 * MIB)),
    "a token of many claims": lambda: (
        read_token,
        signed(body_bytes({f"{n:x}": n for n in range(15_000)}), tokens.TYP, cast.BETA_KEY),
    ),
    "a document of 64 MiB": lambda: (accept, b" " * (64 * MIB) + cast.document()),
    "a document of deep JSON": lambda: (accept, b'{"payload":' + b"[" * 60_000),
    "a document of signatures": lambda: (
        accept,
        json.dumps({"payload": "e30", "signatures": [{}] * 9_000}).encode(),
    ),
    "a code of 64 MiB": lambda: (
        lambda text: invitations.read_code(text, now=NOW),
        "parkbench1. " * 5_000_000,
    ),
    "a have of 16 MiB": lambda: (listings.read_have, "a" * (16 * MIB) + ":e.1"),
    "a bundle that says it is large": lambda: (read_bundle, b"parkbench-bundle-1\nlisting 999999999\n"),
    "a bundle of one line": lambda: (read_bundle, b"parkbench-bundle-1\n" + b"x" * (64 * MIB)),
    "a bundle with a bomb for a page": lambda: (
        read_bundle,
        cast.bundle()[: cast.bundle().index(b"page ")] + b"page public %d\n" % len(ZEROS) + ZEROS,
    ),
}
# What keeps the limits is read: ordinary, or told as bad line by line.
ORDINARY = {f"a page of {what}" for what in ("empty objects", "numbers", "names", "long numbers", "escapes")}
BAD_LINES = {
    "a body of 100,000 levels",
    "a page of deep bodies",
    "a page of objects in objects",
    "a page of one name",
    "one number of 8 MiB",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_neither_grows_nor_lasts(name: str) -> None:
    read, bomb = BOMBS[name]()
    before = forget_room()
    started = time.process_time()
    if name in ORDINARY | BAD_LINES:
        page = read(bomb)
        assert bool(page.bad) == (name in BAD_LINES)
    else:
        with pytest.raises(EnvelopeError):
            read(bomb)
    seconds = time.process_time() - started
    assert seconds < MOST_SECONDS
    assert room_taken() - before < MOST_BYTES


def test_there_are_at_least_thirty_bombs_and_the_measure_sees_one() -> None:
    assert len(BOMBS) >= 30
    before = forget_room()
    assert len(bytes(MOST_BYTES).replace(b"\0", b"x")) == MOST_BYTES
    assert room_taken() - before > 0.9 * MOST_BYTES
