"""The bundle: a listing and all pages it names, in one file, for partners between whom no port is open.

The file is a row of frames, each a line of ASCII ended by a newline that tells what follows and its length in
bytes, then these bytes:

    parkbench-bundle-1
    document 812            the origin's node document (may be absent)
    listing 1433            the listing, with the nonce "bundle"
    page <audience> 20114   the pages, gzipped as on the wire, journal after journal in the order of
    page <audience> 1921    the listing, each from its start to its head
    end

The frames name no files, so there are no paths to trick. The listing is signed, and so is every page; the
pages of a journal must join without a gap and reach the head, count and fingerprint that the listing states.
The lease is renewed from the iat of the listing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from parkbench.envelope import documents
from parkbench.envelope.compression import MAX_PAGE, unzip
from parkbench.envelope.errors import EnvelopeError, NotForUs, TooLarge
from parkbench.envelope.keys import Jwk
from parkbench.envelope.listings import JournalState, Listing, read_listing
from parkbench.envelope.pages import Page, read_page

NONCE = "bundle"
"""The nonce of a listing in a bundle; no request over the wire uses it."""

_MAGIC = b"parkbench-bundle-1\n"
_LONGEST_LINE = 120
_MOST = {b"document": documents.MAX_BYTES, b"listing": 512 * 1024, b"page": MAX_PAGE + 64 * 1024}
_FRAME = re.compile(rb"(?:(document|listing)|page ([A-Za-z0-9_-]{1,64})) ([1-9][0-9]{0,8})\n")
_END = b"end\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified listing, and its pages as they are read off the file, each verified.

    Walk through `pages` to the end before anything is applied (and then read the file once more): what is
    missing at the end shows only there.
    """

    listing: Listing
    text: str
    pages: Iterator[Page]


def write_bundle(
    out: BinaryIO, *, listing: str, pages: Iterable[tuple[str, bytes]], document: bytes | None = None
) -> None:
    """Write a bundle: the listing as `write_listing` gave it, then (audience, page as `write_page` gave it).

    The pages are taken one by one, never all at once. Raises TooLarge for a part over its limit.
    """
    out.write(_MAGIC)
    if document is not None:
        _write_frame(out, b"document", document)
    _write_frame(out, b"listing", listing.encode())
    for audience, page in pages:
        _write_frame(out, b"page " + audience.encode(), page)
    out.write(_END)


def document_of(file: BinaryIO) -> bytes | None:
    """Return the node document that a bundle carries, unread, or None; raises EnvelopeError for another file.

    Go back to the start of the file before reading the bundle.
    """
    _check_magic(file)
    what, _, content = _read_frame(file)
    return content if what == b"document" else None


def read_bundle(
    file: BinaryIO,
    *,
    keys: Iterable[Jwk],
    iss: str,
    aud: str,
    now: datetime,
    last_number: int = 0,
    last_digest: str = "",
) -> Bundle:
    """Return the listing of a bundle and an iterator over its pages.

    The listing is checked as by `listings.read_listing` (a number that does not rise is refused); each
    page as by `pages.read_page`, when it is reached. Raises as they do; also EnvelopeError for a file of
    another shape, cut short or going on after its end, NotForUs for pages that are not of the listing.
    """
    trusted = tuple(keys)
    _check_magic(file)
    what, _, content = _read_frame(file)
    if what == b"document":
        what, _, content = _read_frame(file)
    if what != b"listing":
        raise EnvelopeError("A bundle begins with a listing.")
    text = _ascii(content)
    listing = read_listing(
        text,
        keys=trusted,
        iss=iss,
        aud=aud,
        nonce=NONCE,
        now=now,
        last_number=last_number,
        last_digest=last_digest,
    )
    return Bundle(listing, text, _pages(file, listing, trusted, now))


def _pages(file: BinaryIO, listing: Listing, keys: tuple[Jwk, ...], now: datetime) -> Iterator[Page]:
    for journal in listing.journals:
        after, is_open = 0, True
        while is_open:
            page = _next_page(file, listing.iss, journal, after, keys=keys, now=now)
            after, is_open = page.statement.upto, page.statement.upto < journal.head
            if not is_open:
                _check_end(page, journal)
            yield page
    if _read_frame(file)[0] != b"end" or file.read(1):
        raise EnvelopeError("Something follows the last page of this bundle.")


def _next_page(
    file: BinaryIO, iss: str, journal: JournalState, after: int, *, keys: tuple[Jwk, ...], now: datetime
) -> Page:
    what, audience, content = _read_frame(file)
    if what != b"page" or audience != journal.audience.encode():
        raise NotForUs(f"A page of the journal {journal.audience} is missing in this bundle.")
    page = read_page(
        unzip([content]),
        keys=keys,
        iss=iss,
        audience=journal.audience,
        epoch=journal.epoch,
        after=after,
        now=now,
    )
    if page.statement.head != journal.head:
        raise NotForUs(f"A page of the journal {journal.audience} is of another time than the listing.")
    return page


def _check_end(page: Page, journal: JournalState) -> None:
    if (page.statement.count, page.statement.fingerprint) != (journal.count, journal.fingerprint):
        raise NotForUs(f"The journal {journal.audience} ends otherwise than the listing says.")


def _write_frame(out: BinaryIO, start: bytes, content: bytes) -> None:
    line = start + b" %d\n" % len(content)
    most = _MOST[start.split()[0]]
    if len(content) > most:
        raise TooLarge(f"{start.decode()}: at most {most} bytes, not {len(content)}.")
    if not _FRAME.fullmatch(line):
        raise EnvelopeError(f"{start!r:.90} is no frame of a bundle.")
    out.write(line)
    out.write(content)


def _check_magic(file: BinaryIO) -> None:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise EnvelopeError("This file is no bundle of Parkbench.")


def _read_frame(file: BinaryIO) -> tuple[bytes, bytes, bytes]:
    line = file.readline(_LONGEST_LINE)
    if line == _END:
        return b"end", b"", b""
    parts = _FRAME.fullmatch(line)
    if not parts:
        raise EnvelopeError("This bundle is cut short, or no bundle.")
    what, audience, length = parts[1] or b"page", parts[2] or b"", int(parts[3])
    most = _MOST[what]
    if length > most:
        raise TooLarge(f"A {what.decode()} in a bundle has at most {most} bytes.")
    content = file.read(length)
    if len(content) != length:
        raise EnvelopeError("This bundle is cut short.")
    return what, audience, content


def _ascii(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as problem:
        raise EnvelopeError("The listing of this bundle is no signed object.") from problem
