"""Changing this node's keys: each change is a new document that the old keys or the recovery key sign."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.envelope import keys as jose
from parkbench.envelope.errors import EnvelopeError
from parkbench.exchange.models import NodeKey
from parkbench.exchange.services import keyring
from parkbench.exchange.services.documents import (
    KEPT,
    MOST_KEYS,
    issue,
    kept_until,
    locked_state,
    recovery_key,
    signing_keys,
)
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.services import withdrawals
from parkbench.records.visibility import Viewer

log = logging.getLogger(__name__)

REVOKED = "revoked key"
"""How the log of withdrawals calls it: a backup put back must not bring such a key back."""
RECOVERY_STEP = 1000
"""How far a recovery goes ahead in numbers: past the documents that a thief may have issued."""


@transaction.atomic
def rotate_key(*, by: Viewer) -> NodeKey:
    """This function will make a new signing key; the next document is signed by the old one and the new one.

    Raises NotAllowed for anybody but an administrator; Refused when the old private half is not here, or when
    a document has no place for one more: a key that partners may still count on would drop out of it.
    """
    by.check(Action.OPERATE)
    state, now = locked_state(), timezone.now()
    kept = kept_until(now)
    if len(kept) >= MOST_KEYS:
        raise Refused(_no_place(len(kept) - 1, min(filter(None, kept))))
    old = signing_keys().first()
    if old is not None:
        keyring.private_key(old.kid)  # without its signature no partner would follow
    signing_keys().update(retired_at=now)
    made = keyring.make_signing_key()
    issue(state=state, now=now)
    return made


def _no_place(count: int, free: datetime) -> str:
    return (
        f"The key was changed {count} times in {KEPT.days} days. One change more, and partners who have not "
        f"read this node since the first would have to compare its key by hand. Change it again after "
        f"{free:%Y-%m-%d}. A key that was stolen or lost can be revoked at any time."
    )


@transaction.atomic
def revoke_key(*, kid: str, by: Viewer, reason: str) -> NodeKey | None:
    """This function will say to all partners that a signing key counts no more from now on.

    ``kid`` is its thumbprint, or the same as people read it to each other. When it was the one that signs, a
    new one is made and returned. Raises NotAllowed, NotFound when this node has no such key, Refused when it
    was revoked before.
    """
    by.check(Action.OPERATE)
    state, now = locked_state(), timezone.now()
    key = _named(kid)
    if key.revoked_at is not None:
        raise Refused(f"This key was revoked on {key.revoked_at:%Y-%m-%d} already.")
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    made = None if signing_keys().exists() else keyring.make_signing_key()
    withdrawals.note([{"what": REVOKED, "kid": key.kid}])
    issue(state=state, now=now)
    log.warning("The key %s was revoked: %s", key.kid, reason)
    return made


@transaction.atomic
def make_recovery_key(*, by: Viewer, current: str = "") -> str:
    """This function will make the recovery key and return its private half, the only time that it is told.

    It is kept on paper, away from the server; this node keeps its thumbprint. To replace one, ``current``
    must be what stands on its sheet: partners accept a new one only from the old. Raises NotAllowed, Refused
    when ``current`` is missing or another.
    """
    by.check(Action.OPERATE)
    state, now = locked_state(), timezone.now()
    held = recovery_key()
    signers = [_read_sheet(current, held)] if held is not None else []
    NodeKey.objects.filter(sort=NodeKey.Sort.RECOVERY, retired_at=None).update(retired_at=now)
    key = jose.new_key()
    public = jose.public_jwk(key)
    NodeKey.objects.create(kid=public["kid"], sort=NodeKey.Sort.RECOVERY, public=public, made_at=now)
    if not signing_keys().exists():
        keyring.make_signing_key()
    issue(state=state, now=now, signers=signers)
    return json.dumps(jose.private_jwk(key), separators=(",", ":"))


@transaction.atomic
def recover(*, sheet: str, by: Viewer) -> NodeKey:
    """This function will make a new signing key when the old ones were lost or stolen, and revoke those.

    ``sheet`` is what stands on the recovery sheet. The document is signed by the recovery key and the new
    key, with a number far ahead of the last. Raises NotAllowed, Refused when there is no recovery key or this
    is not the one.
    """
    by.check(Action.OPERATE)
    state, now = locked_state(), timezone.now()
    key = _read_sheet(sheet, recovery_key())
    stolen = NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING, revoked_at=None)
    withdrawals.note([{"what": REVOKED, "kid": kid} for kid in stolen.values_list("kid", flat=True)])
    stolen.update(revoked_at=now)
    made = keyring.make_signing_key()
    issue(state=state, now=now, signers=[key], step=RECOVERY_STEP)
    log.warning("The keys of this node were replaced by its recovery key.")
    return made


def _named(text: str) -> NodeKey:
    wanted = "".join(text.split())
    for key in NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING):
        if wanted in (key.kid, jose.spoken(key.kid).replace(" ", "")):
            return key
    raise NotFound(f"This node has no signing key {text}. `parkbench keys show` lists them.")


def _in_braces(text: str) -> str:
    """Return what stands in braces, in one line: a sheet shows rows, a file may have words around them."""
    return "".join(text[text.find("{") : text.rfind("}") + 1].split())


def _read_sheet(text: str, held: NodeKey | None) -> jose.Key:
    if held is None:
        raise Refused("This node has no recovery key. Make one with: parkbench keys recovery-sheet")
    try:
        key = jose.read_private(json.loads(_in_braces(text)))
    except (ValueError, TypeError, EnvelopeError) as error:
        raise Refused("This is no recovery key. It is what the sheet shows in braces.") from error
    if jose.public_jwk(key)["kid"] != held.kid:
        raise Refused(
            f"This is another key than the recovery key of this node, which begins with {held.kid[:8]}."
        )
    return key
