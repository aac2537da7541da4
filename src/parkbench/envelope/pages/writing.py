"""Writing a page."""

from collections.abc import Iterable
from datetime import datetime

from parkbench.envelope.compression import MAX_PAGE, zip_bytes
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import TooLarge
from parkbench.envelope.keys import Key
from parkbench.envelope.pages.lines import Gone, Item, write_line
from parkbench.envelope.pages.reading import MOST_ITEMS, check_order
from parkbench.envelope.pages.statements import Statement, write_statement


def write_page(
    key: Key,
    *,
    iss: str,
    audience: str,
    epoch: str,
    after: int,
    upto: int,
    head: int,
    iat: datetime,
    items: Iterable[Item | Gone],
    lease_days: int = 30,
    count: int | None = None,
    fingerprint: str | None = None,
) -> bytes:
    """Return a page, gzipped; equal arguments give equal bytes.

    `upto` is the seq of the last item, or the head when count and fingerprint (64 hex digits) are given.
    Raises TooLarge over 8 MiB unzipped or 10,000 items, EnvelopeError for what a reader would refuse.
    """
    entries = tuple(items)
    lines = b"".join(map(write_line, entries))
    statement = Statement(
        iss, audience, epoch, after, upto, head, digest(lines), iat, lease_days, count, fingerprint
    )
    written = write_statement(statement, key).encode() + b"\n" + lines
    if len(written) > MAX_PAGE or len(entries) > MOST_ITEMS:
        raise TooLarge(f"A page has at most {MAX_PAGE} bytes and {MOST_ITEMS} items.")
    check_order(statement, entries)
    return zip_bytes(written)
