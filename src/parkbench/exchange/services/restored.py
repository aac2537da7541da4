"""After a backup was put back: what was withdrawn since stays so, and partners read again from the start.

Yesterday's database knows neither today's narrowings nor today's keys nor how far partners have read. The
log of withdrawals, the keys in the node's folder and numbers far ahead make up for it. Source: exchange.md 3.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from parkbench.envelope import keys as jose
from parkbench.envelope.errors import EnvelopeError
from parkbench.exchange.models import ExchangeState, JournalGrant, NodeKey, Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import epoch, keyring
from parkbench.exchange.services.documents import issue, locked_state
from parkbench.exchange.services.keys import RECOVERY_STEP, REVOKED
from parkbench.exchange.services.pauses import pause
from parkbench.records import services as records
from parkbench.records.models import PolicyCell, SharingException
from parkbench.records.registry import kinds
from parkbench.records.services import withdrawals
from parkbench.records.visibility import Viewer

AHEAD = 10_000_000
"""How far the numbers of listings go ahead: past every one that was given out after the backup."""

SLACK = timedelta(minutes=6)
"""A clock may have gone back by 5 minutes unnoticed; narrowing a little more than needed leaks nothing."""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What was done after a restore: lines replayed, and whether the exchange waits for an administrator."""

    line_count: int
    reader_count: int
    is_paused: bool


def after_restore(*, made_at: datetime) -> Closed:
    """This function will bring the exchange of a restored node into a state that leaks nothing.

    Narrowings since ``made_at`` are done again, revoked keys stay revoked, all journals get a new epoch, and
    what is held of partners is hidden until they were read again. Without the log of withdrawals the
    exchange is paused until an administrator has looked at what is shared.
    """
    is_kept = withdrawals.is_kept()
    since = made_at - SLACK
    lines = list(withdrawals.lines_since(since=since))
    others = withdrawals.replay(since=since)
    readers = _drop_readers(others)
    for kind in kinds():
        records.widen(kind=kind.name)
    _take_keys(others)
    _go_ahead()
    epoch.renew(known=ExchangeState.objects.get(pk=1).epoch, reason="a backup was put back.")
    _hide_partners()
    must_pause = not is_kept and _shares_anything()
    if must_pause:
        pause(
            reason=_(
                "A backup was put back, and the log of withdrawals is not in the node's folder: what was "
                "withdrawn after the backup may be shared again. Look at the sharing policy and at the "
                "records that changed since, then go on."
            ),
            by=Viewer.operator(),
        )
    return Closed(line_count=len(lines), reader_count=readers, is_paused=must_pause)


def _shares_anything() -> bool:
    return (
        PolicyCell.objects.exclude(mask=0).exists()
        or SharingException.objects.filter(mask__gt=0).exists()
        or Partner.objects.exists()
    )


@transaction.atomic
def _drop_readers(lines: Iterable[withdrawals.Line]) -> int:
    """Let partners read no journal that they were taken out of since, unless they were let in again."""
    count = 0
    for audience, partner in _readers_out(lines):
        grants = JournalGrant.objects.filter(audience__token=audience, partner__home__address=partner)
        count += grants.delete()[0]
    return count


def _readers_out(lines: Iterable[withdrawals.Line]) -> list[tuple[str, str]]:
    """Return which reader is out of which journal after these lines, in their order."""
    out: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for line in lines:
        what = line.get("what")
        if what not in (withdrawals.READER, withdrawals.BACK):
            continue
        pair = line["audience"], line["partner"]
        if what == withdrawals.READER:
            out[pair].append(datetime.fromisoformat(line["at"]))
        else:
            since, until = (datetime.fromisoformat(line[name]) for name in ("since", "until"))
            out[pair] = [at for at in out[pair] if not since <= at <= until]
    return [pair for pair, times in out.items() if times]


@transaction.atomic
def _take_keys(lines: Iterable[withdrawals.Line]) -> None:
    """Know again the keys that lie in the folder, and take back no revocation."""
    revoked = {
        line["kid"]: parse_datetime(line["at"]) or timezone.now()
        for line in lines
        if line.get("what") == REVOKED
    }
    known = set(NodeKey.objects.values_list("kid", flat=True))
    for path in sorted(keyring.folder().glob("*.json")):
        try:
            public = jose.public_jwk(jose.read_private(json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, OSError, EnvelopeError):
            continue  # not one of ours; it signs nothing
        if public["kid"] in known or path.stem != public["kid"]:
            continue  # known already, or a copy under another name, which could not be found to sign with
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        NodeKey.objects.create(kid=public["kid"], sort=NodeKey.Sort.SIGNING, public=public, made_at=made_at)
    for kid, at in revoked.items():
        NodeKey.objects.filter(kid=kid, revoked_at=None).update(revoked_at=at)


@transaction.atomic
def _go_ahead() -> None:
    """Issue a document and number listings past everything that partners may have seen after the backup."""
    Partner.objects.update(number_sent=F("number_sent") + AHEAD)
    state = locked_state()
    if state.document:
        if not NodeKey.objects.filter(sort=NodeKey.Sort.SIGNING, retired_at=None, revoked_at=None).exists():
            keyring.make_signing_key()
        issue(state=state, now=timezone.now(), step=RECOVERY_STEP)


def _hide_partners() -> None:
    """Hide what is held of partners until a verified pull has reached the head."""
    now = timezone.now()
    for partner in Partner.objects.exclude(state=State.ENDED):
        records.hide_home(home=partner.home_id)
    Partner.objects.exclude(state=State.ENDED).update(
        hidden_at=now, next_pull_at=now, pulling_since=None, ping_wanted_at=None
    )
