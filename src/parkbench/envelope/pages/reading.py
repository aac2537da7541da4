"""Reading a page: the signature, then the digest, then the lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parkbench.envelope.compression import MAX_PAGE
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, TooLarge
from parkbench.envelope.fields import check_made
from parkbench.envelope.keys import Jwk
from parkbench.envelope.pages.lines import BadItem, Entry, Gone, Item, read_line
from parkbench.envelope.pages.statements import Statement, read_statement

MOST_ITEMS = 10_000
_MAX_STATEMENT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A verified page: its statement, its usable entries in rising seq, and those that cannot be used."""

    statement: Statement
    items: tuple[Item | Gone, ...]
    bad: tuple[BadItem, ...] = ()


def read_page(
    content: bytes,
    *,
    keys: Iterable[Jwk],
    iss: str,
    audience: str,
    epoch: str,
    after: int,
    now: datetime,
    max_age: timedelta | None = None,
) -> Page:
    """Return the page of unzipped bytes (see `compression.unzip`) that was asked for.

    `max_age` None lets pages of any age through, as files and bundles need. Raises NotVerified when none of
    the keys signed it or the bytes are not those signed, NotForUs for another iss, journal, epoch or start,
    OutOfTime for one from more than 5 minutes ahead or older than `max_age`, TooLarge over 8 MiB or 10,000
    items, EnvelopeError for a page of another shape. Nothing of such a page may be used. A single entry that
    breaks a rule is no error: it is reported in `bad`, and still counts as a member where it can.
    """
    if len(content) > MAX_PAGE:
        raise TooLarge(f"A page has at most {MAX_PAGE} bytes; this one has {len(content)}.")
    statement, lines = _verified(content, keys)
    asked = (iss, audience, epoch, after)
    if (statement.iss, statement.audience, statement.epoch, statement.after) != asked:
        raise NotForUs(f"This page is from {statement.iss}, and not what was asked for.")
    check_made(statement.iat, now, "This page", max_age)
    entries = tuple(map(read_line, _lines(lines)))
    check_order(statement, entries)
    return Page(
        statement,
        tuple(entry for entry in entries if not isinstance(entry, BadItem)),
        tuple(entry for entry in entries if isinstance(entry, BadItem)),
    )


def check_order(statement: Statement, entries: Sequence[Entry]) -> None:
    """Raise EnvelopeError unless seq rises from after to upto, and no section of a record stands twice."""
    before = statement.after
    for entry in entries:
        if not before < entry.seq <= statement.upto:
            raise EnvelopeError(f"The seq {entry.seq} does not rise, or lies outside of its page.")
        before = entry.seq
    if not statement.is_complete and (before != statement.upto or not entries):
        raise EnvelopeError("A page that is not the last one has entries, the last of them its upto.")
    named = [(entry.uid, entry.section) for entry in entries if entry.uid and entry.section]
    if len(set(named)) != len(named):
        raise EnvelopeError("A section of a record stands twice on this page.")


def _verified(content: bytes, keys: Iterable[Jwk]) -> tuple[Statement, bytes]:
    end = content.find(b"\n", 0, _MAX_STATEMENT)
    if end < 0:
        raise EnvelopeError("A page begins with one line of statement.")
    try:
        first = content[:end].decode("ascii")
    except UnicodeDecodeError as problem:
        raise EnvelopeError("The statement of a page is no signed object.") from problem
    statement = read_statement(first, keys)
    lines = content[end + 1 :]
    if digest(lines) != statement.sha256:
        raise NotVerified("The bytes of this page are not those that were signed.")
    return statement, lines


def _lines(lines: bytes) -> list[bytes]:
    if lines and not lines.endswith(b"\n"):
        raise EnvelopeError("Each line of a page ends with a newline.")
    if lines.count(b"\n") > MOST_ITEMS:
        raise TooLarge(f"A page has at most {MOST_ITEMS} items.")
    return lines[:-1].split(b"\n") if lines else []
