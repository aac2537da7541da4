"""One line of a page: an entry that is live, gone, or bad."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.fields import MOST, NAME, Fields, write_instant
from parkbench.envelope.items import MAX_BYTES, read_body

BODY = b',"body":'
_MAX_START = 4096
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Item:
    """A live entry: `body` is the bytes that the origin stored, `at` the second of their revision, UTC."""

    seq: int
    kind: str
    uid: UUID
    section: str
    revision: int
    schema: int
    at: datetime
    body: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the body as 64 hex digits."""
        return digest(self.body)


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that has left the journal."""

    seq: int
    uid: UUID
    section: str
    kind: str


@dataclass(frozen=True, slots=True)
class BadItem:
    """An entry that cannot be used, and why; it is a member of the journal when kind .. digest are known."""

    seq: int
    reason: str
    kind: str | None = None
    uid: UUID | None = None
    section: str | None = None
    digest: str | None = None
    revision: int | None = None

    @property
    def is_member(self) -> bool:
        """Whether enough is known for it to count in the fingerprint."""
        return None not in (self.kind, self.uid, self.section, self.digest)


Entry = Item | Gone | BadItem


def write_line(item: Item | Gone) -> bytes:
    """Return the line of an entry with its newline.

    Raises EnvelopeError for names, numbers or instants that would not read back, and for a body that is over
    256 KiB, holds a newline or is no JSON object from its first byte to its last. What else may be wrong
    inside a body is for the reader to find: the bytes are sent as they are stored.
    """
    if not (NAME.fullmatch(item.kind) and NAME.fullmatch(item.section)):
        raise EnvelopeError(
            f"{item.kind!r:.60} and {item.section!r:.60} are no names of a kind and a section."
        )
    if max(len(item.kind), len(item.section)) > _NAME_LENGTH or not 0 < item.seq <= MOST:
        raise EnvelopeError(f"Entry {item.seq} has a name that is too long, or no seq.")
    start = f'{{"seq":{item.seq},"kind":"{item.kind}","uid":"{item.uid}","section":"{item.section}"'
    if isinstance(item, Gone):
        return start.encode() + b',"gone":true}\n'
    if not (0 < item.revision <= MOST and 0 < item.schema <= MOST):
        raise EnvelopeError(f"Entry {item.seq} has no revision or no schema.")
    body = item.body
    if len(body) > MAX_BYTES or b"\n" in body or not (body.startswith(b"{") and body.endswith(b"}")):
        raise EnvelopeError(f"The body of entry {item.seq} is no JSON object on one line of at most 256 KiB.")
    start += f',"revision":{item.revision},"schema":{item.schema},"at":"{write_instant(item.at)}"'
    return b"".join((start.encode(), BODY, body, b"}\n"))


def read_line(line: bytes) -> Entry:
    """Return the entry of a line without its newline; raises EnvelopeError when its seq is unreadable."""
    cut = line.find(BODY)
    start = line if cut < 0 else line[:cut] + b"}"
    if len(start) > _MAX_START or (cut >= 0 and not line.endswith(b"}")):
        raise EnvelopeError("A line of this page is no entry.")
    given = read_body(start)
    fields = Fields(given, "entry")
    seq = fields.whole("seq", least=1)
    body = line[cut + len(BODY) : -1] if cut >= 0 else None
    try:
        return _entry(seq, fields, given, body)
    except EnvelopeError as problem:
        return _bad(seq, fields, body, str(problem))


def _entry(seq: int, fields: Fields, given: dict[str, Any], body: bytes | None) -> Entry:
    kind, section = _name(fields, "kind"), _name(fields, "section")
    uid = fields.uid("uid")
    if "gone" in given and body is None and fields.flag("gone"):
        return Gone(seq, uid, section, kind)
    if body is None or "gone" in given or "body" in given:
        raise EnvelopeError("An entry has one body, its last member, or is gone.")
    revision, schema = fields.whole("revision", least=1), fields.whole("schema", least=1)
    at = fields.instant("at")
    read_body(body)
    return Item(seq, kind, uid, section, revision, schema, at, body)


def _bad(seq: int, fields: Fields, body: bytes | None, reason: str) -> BadItem:
    """Keep what is known of an entry: it counts as a member as long as its name and its bytes are clear."""
    known: dict[str, Any] = {}
    for name, read in (
        ("kind", lambda: _name(fields, "kind")),
        ("uid", lambda: fields.uid("uid")),
        ("section", lambda: _name(fields, "section")),
        ("revision", lambda: fields.whole("revision", least=1)),
    ):
        try:
            known[name] = read()
        except EnvelopeError:
            known[name] = None
    return BadItem(seq, reason[:500], digest=None if body is None else digest(body), **known)


def _name(fields: Fields, name: str) -> str:
    return fields.text(name, NAME, most=_NAME_LENGTH)
