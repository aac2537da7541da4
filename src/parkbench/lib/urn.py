"""Record ids `<node url>/id/<kind>/<uuid>`, and the fixed ids of the shipped register."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from parkbench.lib.errors import Invalid, Problem

REGISTER_NAMESPACE = UUID("6f1d5c1e-52f5-5f0b-9a3c-0d6b7c1f4a10")
"""Never change: every node derives the ids of shipped makers, models and techniques from it."""

_KIND = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MARK = "/id/"
_EXPECTED = "a record id such as https://node.example/id/instrument/<uuid>, in lower case"


@dataclass(frozen=True, slots=True)
class RecordId:
    """The parts of a record id: the node's URL without a final slash, the kind, the uid."""

    node: str
    kind: str
    uid: UUID

    def __str__(self) -> str:
        return f"{self.node}{_MARK}{self.kind}/{self.uid}"


def node_url(text: str) -> str:
    """Return the node URL in its one spelling (no final slash, lower-case host); raise Invalid otherwise."""
    expected = "an http or https address without query, fragment or password"
    try:
        parts = urlsplit(text.strip())
        is_bad = not parts.hostname or parts.port == 0
    except ValueError as error:
        raise Invalid(Problem("node", text, expected)) from error
    if is_bad or parts.scheme not in ("https", "http"):
        raise Invalid(Problem("node", text, expected))
    if parts.query or parts.fragment or "@" in parts.netloc or re.search(r"\s", parts.geturl()):
        raise Invalid(Problem("node", text, expected))
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def record_id(*, node: str, kind: str, uid: UUID) -> str:
    """Return the id of a record of that node; raise Invalid for a kind that is no lower-case word."""
    if not _KIND.fullmatch(kind):
        raise Invalid(Problem("kind", kind, "a lower-case word such as instrument"))
    return f"{node.rstrip('/')}{_MARK}{kind}/{uid}"


def parse_record_id(text: str) -> RecordId:
    """Return the parts of a record id; raise Invalid unless it is spelt exactly as `record_id` writes it."""
    node, mark, tail = text.rpartition(_MARK)
    kind, slash, uid = tail.partition("/")
    if not (mark and slash and _KIND.fullmatch(kind) and _UUID.fullmatch(uid)):
        raise Invalid(Problem("record id", text, _EXPECTED))
    try:
        is_plain = node_url(node) == node
    except Invalid as error:
        raise Invalid(Problem("record id", text, _EXPECTED)) from error
    if not is_plain:
        raise Invalid(Problem("record id", text, _EXPECTED))
    return RecordId(node=node, kind=kind, uid=UUID(uid))


def register_uid(kind: str, key: str) -> UUID:
    """Return the UUIDv5 of a shipped register entry from its kind and canonical key (alike on all nodes)."""
    if not _KIND.fullmatch(kind):
        raise Invalid(Problem("kind", kind, "a lower-case word such as maker"))
    if not key or key != key.strip():
        raise Invalid(Problem("key", key, "a canonical key without surrounding spaces"))
    return uuid5(REGISTER_NAMESPACE, f"{kind}:{key}")
