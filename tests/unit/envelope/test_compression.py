"""gzip with a hard cap."""

import gzip
import itertools
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.envelope.compression import unzip, zip_bytes
from parkbench.envelope.errors import EnvelopeError, TooLarge

SMALL = zip_bytes(b"some text " * 50)


@given(st.binary(max_size=3000), st.integers(1, 400))
def test_what_is_zipped_is_unzipped_whatever_the_chunks(content: bytes, size: int) -> None:
    packed = zip_bytes(content)
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert unzip(chunks) == content == gzip.decompress(packed)
    assert unzip([*chunks, b""], limit=len(content)) == content
    if content:
        with pytest.raises(TooLarge, match="come out"):
            unzip(chunks, limit=len(content) - 1)


def test_equal_bytes_give_equal_bytes() -> None:
    assert zip_bytes(b"a") == zip_bytes(b"a")


@pytest.mark.parametrize("cut", range(len(SMALL)))
def test_a_member_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(EnvelopeError, match="cut short"):
        unzip([SMALL[:cut]])


@pytest.mark.parametrize("tail", [b"x", b"\0", SMALL, b"\n"])
def test_anything_after_the_member_is_refused(tail: bytes) -> None:
    for chunks in ([SMALL + tail], [SMALL, tail]):
        with pytest.raises(EnvelopeError, match="follows the end"):
            unzip(chunks)


@pytest.mark.parametrize(
    "content", [b"text", zlib.compress(b"a"), SMALL[:30] + b"\xff" + SMALL[31:], SMALL[:-1] + b"\xff"]
)
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(EnvelopeError, match="no gzip"):
        unzip([content])


def test_what_holds_nothing_cannot_be_sent_for_ever() -> None:
    def endless() -> Iterator[bytes]:
        yield SMALL[:10]
        yield from itertools.repeat(b"\0\0\0\xff\xff" * 1000)  # stored blocks of no bytes

    with pytest.raises(TooLarge, match="came in"):
        unzip(endless(), limit=1000)
