"""The node document: what this node says of itself, numbered, signed, renewed before it expires."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from parkbench.envelope import items, keys
from parkbench.envelope.compression import MAX_PAGE
from parkbench.envelope.documents import TRUSTED_FOR, NodeDocument, read_document, write_document
from parkbench.exchange.models import ExchangeState, NodeKey
from parkbench.exchange.queries import API
from parkbench.exchange.services import keyring
from parkbench.records import registry
from parkbench.records.queries import own_home

KEPT = timedelta(days=60)
"""How long a key that was changed or revoked still signs documents: for whoever has not heard of it yet."""

MOST_KEYS = 8
"""How many keys a document names, and how many sign it."""
LIMITS = {
    "page_bytes": MAX_PAGE,
    "page_items": 500,
    "item_bytes": items.MAX_BYTES,
    "item_levels": items.MAX_DEPTH,
}
_EARLY, _LATE = timedelta(days=5), timedelta(days=1)


def locked_state() -> ExchangeState:
    """Return the one row of the exchange, locked: documents are numbered one after the other."""
    return ExchangeState.objects.select_for_update().get(pk=1)


def current_document() -> bytes:
    """This function will return the node document as it is served, issued or renewed when that is due."""
    state = ExchangeState.objects.get(pk=1)
    if state.document and not _is_due(state.document, timezone.now()):
        return state.document.encode()
    return renew_document().encode()


@transaction.atomic
def renew_document(*, now: datetime | None = None) -> str:
    """This function will issue a new document when what it says has changed or it expires soon.

    Makes the first key when there is none. Private halves that signed long enough are removed. Returns the
    document that counts.
    """
    now = now or timezone.now()
    state = locked_state()
    if not signing_keys().exists():
        keyring.make_signing_key()
    if _is_due(state.document, now) or _facts(parsed(state.document)) != _facts(_next(state, now)):
        issue(state=state, now=now)
    for key in NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING).exclude(retired_at=None, revoked_at=None):
        if _left_at(key) < now - KEPT:
            keyring.forget(key.kid)
    return state.document


def issue(*, state: ExchangeState, now: datetime, signers: Sequence[keys.Key] = (), step: int = 1) -> None:
    """This function will write the next document, signed by all keys at hand and by ``signers``.

    ``state`` is the locked row. Keys that were changed or revoked sign as well for 60 days: whoever trusts
    only an old one still finds its signature, however many documents were missed. A document has room for
    eight signatures: those of ``signers`` go before that of the oldest key.
    """
    document = _next(state, now, step)
    own = [keyring.private_key(jwk["kid"]) for jwk in document.keys if keyring.has_private(jwk["kid"])]
    state.document = write_document(document, [*own[: MOST_KEYS - len(signers)], *signers]).decode()
    state.document_number = document.number
    state.save(update_fields=["document", "document_number"])


def signing_keys() -> QuerySet[NodeKey]:
    """Return the keys that sign now, the newest first."""
    rows = NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING, retired_at=None, revoked_at=None)
    return rows.order_by("-made_at", "-pk")


def recovery_key() -> NodeKey | None:
    """Return the recovery key that counts, if one was made."""
    return NodeKey.objects.filter(sort=NodeKey.Sort.RECOVERY, retired_at=None).last()


@lru_cache(maxsize=512)
def parsed(document: str) -> NodeDocument:
    """Return what a document says; raises EnvelopeError when it is none. Read once, then remembered."""
    return read_document(document.encode())[0]


def _left_at(key: NodeKey) -> datetime:
    """Return when a key stopped signing anything but documents."""
    return min(at for at in (key.retired_at, key.revoked_at) if at is not None)


def kept_until(now: datetime) -> list[datetime | None]:
    """Return when each key that signs, or did so lately, leaves: the newest first, None while it signs."""
    return [None if _is_signing(row) else _left_at(row) + KEPT for row in _kept(now)]


def _is_signing(key: NodeKey) -> bool:
    return not (key.retired_at or key.revoked_at)


def _kept(now: datetime) -> list[NodeKey]:
    rows = NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING).order_by("-made_at", "-pk")
    return [row for row in rows if _is_signing(row) or _left_at(row) >= now - KEPT]


def _named_keys(now: datetime) -> list[NodeKey]:
    """Return the keys that a document names: the newest eight of those that sign or did so lately."""
    return _kept(now)[:MOST_KEYS]


def _next(state: ExchangeState, now: datetime, step: int = 1) -> NodeDocument:
    here = own_home()
    facts = registry.organisation() or registry.OrganisationFacts(here.name)
    revoked = NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING).exclude(revoked_at=None)
    recovery = recovery_key()
    return NodeDocument(
        id=here.address,
        number=state.document_number + step,
        issued_at=now.replace(microsecond=0),
        expires_at=now.replace(microsecond=0) + TRUSTED_FOR,
        organisation=facts.name,
        exchange_url=here.address + API,
        keys=tuple(row.public for row in _named_keys(now)),
        ror=facts.ror,
        mailbox=state.mailbox,
        revoked={row.kid: row.revoked_at.replace(microsecond=0) for row in revoked if row.revoked_at},
        recovery_thumbprint=recovery.kid if recovery else "",
        limits=LIMITS,
        is_public_authority=state.is_public_authority,
    )


def _facts(document: NodeDocument) -> tuple[object, ...]:
    """Return what a document says, but for its number and dates."""
    return (
        document.id,
        document.organisation,
        document.exchange_url,
        frozenset(jwk["kid"] for jwk in document.keys),
        document.ror,
        document.mailbox,
        dict(document.revoked),
        document.recovery_thumbprint,
        document.versions,
        dict(document.limits),
        document.is_public_authority,
    )


def _is_due(document: str, now: datetime) -> bool:
    """Tell whether a document is missing or expires soon.

    One with a signature that cannot be made again (by a recovery key) stays as long as it may: whoever misses
    it must verify by hand.
    """
    if not document:
        return True
    left = parsed(document).expires_at - now
    return left < (_EARLY if all(map(keyring.has_private, _signers(document))) else _LATE)


def _signers(document: str) -> list[str]:
    """Return the kids of all keys that signed a document."""
    protected = [part["protected"] for part in json.loads(document)["signatures"]]
    return [str(json.loads(keys.decode(text))["kid"]) for text in protected]
