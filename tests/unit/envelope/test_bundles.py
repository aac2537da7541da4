"""One file in the place of a wire."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, ALPHA_KEY, ALPHA_PUBLIC, BETA, BUNDLE_LISTING, CIRCLE, GAMMA, ITEMS, NOW
from parkbench.envelope.bundles import document_of, read_bundle, write_bundle
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, RolledBack, TooLarge
from parkbench.envelope.listings import write_listing

ASKED: dict[str, Any] = {"keys": [ALPHA_PUBLIC], "iss": ALPHA, "aud": BETA, "now": NOW}
WHOLE = cast.bundle()
TEXT = write_listing(BUNDLE_LISTING, ALPHA_KEY)
EMPTY = ("public", cast.page(audience="public", upto=0, head=0, items=(), count=0, fingerprint="0" * 64))
FIRST = (CIRCLE, cast.page(upto=7, items=ITEMS[:2], count=None, fingerprint=None))
LAST = (CIRCLE, cast.page(after=7, items=ITEMS[2:]))


def read(content: bytes, **changed: Any) -> list[Any]:
    """Return all entries of a bundle, read to its end."""
    bundle = read_bundle(io.BytesIO(content), **{**ASKED, **changed})
    return [item for page in bundle.pages for item in page.items]


def bundled(*pages: tuple[str, bytes], listing: str = TEXT) -> bytes:
    out = io.BytesIO()
    write_bundle(out, listing=listing, pages=pages)
    return out.getvalue()


def test_it_reads_the_listing_and_every_page() -> None:
    bundle = read_bundle(io.BytesIO(WHOLE), **ASKED)
    assert (bundle.listing, bundle.text) == (BUNDLE_LISTING, TEXT)
    assert [page.statement.audience for page in bundle.pages] == ["public", CIRCLE, CIRCLE]
    assert read(WHOLE) == list(ITEMS)
    assert read(bundled(EMPTY, FIRST, LAST)) == list(ITEMS)


def test_a_bundle_may_carry_the_node_document() -> None:
    assert document_of(io.BytesIO(WHOLE)) == cast.document()
    assert document_of(io.BytesIO(bundled(EMPTY, FIRST, LAST))) is None
    with pytest.raises(EnvelopeError, match="no bundle of Parkbench"):
        document_of(io.BytesIO(b"PK\x03\x04"))


def test_pages_are_read_and_written_one_by_one() -> None:
    file = io.BytesIO(WHOLE)
    bundle = read_bundle(file, **ASKED)
    before = file.tell()
    next(bundle.pages)
    assert before < file.tell() < len(WHOLE) / 2 + before
    asked: list[int] = []

    def pages() -> Iterator[tuple[str, bytes]]:
        for number, page in enumerate((EMPTY, FIRST, LAST)):
            asked.append(out.tell())
            yield page
            assert number == len(asked) - 1

    out = io.BytesIO()
    write_bundle(out, listing=TEXT, pages=pages())
    assert asked == sorted(set(asked))


@pytest.mark.parametrize("number", [41, 42])
def test_an_older_bundle_is_refused(number: int) -> None:
    with pytest.raises(RolledBack):
        read(WHOLE, last_number=number)
    assert read(WHOLE, last_number=41, last_digest=digest(TEXT.encode())) == list(ITEMS)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"keys": [cast.GAMMA_PUBLIC]}, NotVerified),
        ({"iss": GAMMA}, NotForUs),
        ({"aud": GAMMA}, NotForUs),
        ({"now": NOW - timedelta(hours=1)}, EnvelopeError),
    ],
)
def test_a_bundle_for_somebody_else_is_refused(changed: dict[str, Any], error: Any) -> None:
    with pytest.raises(error):
        read(WHOLE, **changed)


def test_the_listing_of_a_live_answer_is_no_bundle() -> None:
    live = write_listing(replace(BUNDLE_LISTING, nonce=cast.NONCE_SENT), ALPHA_KEY)
    with pytest.raises(NotForUs, match="nonce"):
        read(bundled(EMPTY, FIRST, LAST, listing=live))


@pytest.mark.parametrize(
    "pages",
    [
        (),
        (EMPTY,),
        (FIRST, LAST),
        (EMPTY, FIRST),
        (EMPTY, LAST),
        (EMPTY, LAST, FIRST),
        (EMPTY, FIRST, FIRST, LAST),
        (EMPTY, FIRST, LAST, LAST),
        (EMPTY, ("public", FIRST[1]), LAST),
        (EMPTY, FIRST, (CIRCLE, EMPTY[1])),
        (EMPTY, (CIRCLE, cast.page(head=10, upto=7, items=ITEMS[:2], count=None, fingerprint=None)), LAST),
        (EMPTY, FIRST, (CIRCLE, cast.page(after=7, items=ITEMS[2:], count=3))),
        (EMPTY, FIRST, (CIRCLE, cast.page(after=7, items=ITEMS[2:], count=None, fingerprint=None))),
    ],
)
def test_pages_that_are_missing_or_of_another_time_are_refused(pages: Any) -> None:
    with pytest.raises(EnvelopeError):
        read(bundled(*pages))


def test_a_bundle_cut_anywhere_is_refused() -> None:
    for cut in range(0, len(WHOLE), 7):
        with pytest.raises(EnvelopeError):
            read(WHOLE[:cut])
    for tail in (b"\n", b"end\n", WHOLE):
        with pytest.raises(EnvelopeError, match="follows the last page"):
            read(WHOLE + tail)


MAGIC = b"parkbench-bundle-1\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        MAGIC,
        MAGIC + b"end\n",
        MAGIC + b"listing 3\nabc",
        MAGIC + b"listing 3\n\xff\xff\xff",
        MAGIC + b"listing -3\nabc",
        MAGIC + b"listing 03\nabc",
        MAGIC + b"listing 999999999\nabc",
        MAGIC + b"page ../../etc/passwd 3\nabc",
        MAGIC + b"page a 3\nabc",
        MAGIC + b"document 3\nabcdocument 3\nabc",
        MAGIC + b"document abc\n",
        MAGIC + b"x" * 500,
        WHOLE.replace(b"bundle-1", b"bundle-2"),
    ],
)
def test_a_file_of_another_shape_is_refused(content: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read(content)


@pytest.mark.parametrize(
    ("pages", "listing"),
    [
        ([("a/../b", b"x")], TEXT),
        ([("a", b"")], TEXT),
        ([("a", b"x" * (9 * 1024 * 1024))], TEXT),
        ([], "x" * 600_000),
    ],
)
def test_it_writes_no_frame_that_would_not_read_back(pages: Any, listing: str) -> None:
    with pytest.raises(EnvelopeError):
        write_bundle(io.BytesIO(), listing=listing, pages=pages)


def test_a_part_over_its_limit_is_named() -> None:
    with pytest.raises(TooLarge, match="A listing in a bundle"):
        read(MAGIC + b"listing 600000\n" + b"x" * 600_000)
