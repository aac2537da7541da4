"""What this node answers to those who read: the listing, and pages of its journals, signed and gzipped."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.envelope.compression import zip_bytes
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.fields import LABEL
from parkbench.envelope.keys import Key
from parkbench.envelope.listings import MOST_JOURNALS, Have, JournalState, Listing, read_have, write_listing
from parkbench.envelope.pages import Gone, Item, write_page
from parkbench.exchange.models import Partner, Receipt
from parkbench.exchange.queries import Listed, NodeNow, listed_journals, node_now, readable
from parkbench.exchange.rules import READS, State
from parkbench.exchange.services import epoch, keyring
from parkbench.exchange.services.callers import Asked, known, opened
from parkbench.exchange.services.refusals import CursorGone, NotReadable, NotUnderstood, Paused
from parkbench.lib.db import snapshot
from parkbench.lib.errors import Refused
from parkbench.records.models import Audience
from parkbench.records.queries import JournalLine, JournalPage, journal_page
from parkbench.records.services import apply_due

log = logging.getLogger(__name__)

PUBLIC = "public"
"""What may stand in the address for the id of the public journal."""

MOST_ITEMS = 500
_CURSOR = re.compile(r"([0-9a-f-]{36})\.(0|[1-9][0-9]{0,17})")
_SORTS = {Audience.Sort.CIRCLE.value: "group"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader wants to go on: after a seq of an epoch, and the head at which its walk began."""

    epoch: str
    after: int
    began: int
    limit: int


@dataclass(frozen=True, slots=True)
class Served:
    """A page as bytes; ``is_public`` tells that everybody may have it."""

    content: bytes
    is_public: bool


def listing(*, asked: Asked, nonce: str, have: Sequence[str]) -> bytes:
    """This function will say to a partner what is shared with it now, and note what it says to have.

    Each answer has a number above the last. A partner that has more than we ever gave out read from a node
    that was set back: a new epoch makes all read again. Raises what `known` raises, and NotUnderstood.
    """
    node, found = known(asked=asked)
    haves = _read_haves(nonce, have)
    key = signing_key(node)
    apply_due()
    partner, journals, used = _stand(found.partner, node, haves)
    return zip_bytes(
        write_listing(
            Listing(
                iss=node.address,
                aud=partner.home.address,
                nonce=nonce,
                number=partner.number_sent,
                iat=timezone.now(),
                state=partner.state,  # type: ignore[arg-type]  # only LISTED states come here
                journals=tuple(journal_told(each, used, node.lease_days) for each in journals),
            ),
            key,
        ).encode()
    )


@transaction.atomic
def _stand(found: Partner, node: NodeNow, haves: Mapping[str, Have]) -> tuple[Partner, list[Listed], UUID]:
    """Draw the number first: what a later number says was read later."""
    partner = Partner.objects.select_for_update(of=("self",)).select_related("home").get(pk=found.pk)
    partner.number_sent += 1
    partner.fetched_at = timezone.now()
    partner.save(update_fields=["number_sent", "fetched_at"])
    if State(partner.state) not in READS:
        return partner, [], node.epoch
    journals = listed_journals(partner=partner, epoch=node.epoch)
    ours = str(node.epoch)
    told = [(each, haves[str(each.token)]) for each in journals if str(each.token) in haves]
    current = [(each, said.seq) for each, said in told if said.epoch == ours]
    if any(seq > each.head for each, seq in current):
        reason = f"{partner} has read further in our journals than they reach."
        epoch.renew_for(known=node.epoch, reason=reason)
        return partner, journals, node_now().epoch
    _note_fetched(partner, node.epoch, current)
    return partner, journals, node.epoch


def _note_fetched(partner: Partner, now: UUID, current: Iterable[tuple[Listed, int]]) -> None:
    at = timezone.now()
    Receipt.objects.bulk_create(
        Receipt(partner=partner, audience_id=each.pk, sort=Receipt.Sort.FETCHED, epoch=now, seq=seq, at=at)
        for each, seq in current
        if seq > each.fetched_seq
    )


def journal_told(each: Listed, used: UUID, lease_days: int) -> JournalState:
    """Return what a listing says of a journal."""
    return JournalState(
        audience=str(each.token),
        epoch=str(used),
        head=each.head,
        count=each.count,
        fingerprint=each.fingerprint,
        lease_days=lease_days,
        sort=_SORTS.get(each.sort, each.sort),
        name=each.name,
        purpose=each.purpose,
    )


def _read_haves(nonce: str, have: Sequence[str]) -> dict[str, Have]:
    if not LABEL.fullmatch(nonce):
        raise NotUnderstood("A listing is asked for with nonce=, 1 to 64 letters, digits, - and _.")
    if len(have) > MOST_JOURNALS:
        raise NotUnderstood(f"A reader names at most {MOST_JOURNALS} journals.")
    try:
        return {said.audience: said for said in map(read_have, have)}
    except EnvelopeError as problem:
        raise NotUnderstood(f"{problem}") from problem


def page(*, asked: Asked, audience: str, after: str = "", walk: str = "", limit: str = "") -> Served:
    """This function will give out one page of a journal to whoever may read it.

    Raises what `opened` raises, NotReadable for a journal that is not there or not for this caller,
    NotUnderstood for a cursor of another shape, CursorGone for one from which one cannot read on.
    """
    node, found = opened(asked=asked)
    token = None if audience == PUBLIC else _token(audience)
    apply_due()
    key = signing_key(node)
    # Of one instant: a partner that is let out between the two reads must not be given what came after.
    with snapshot():
        partner = found.partner if found and found.reads else None
        journal = readable(token=token, partner=partner, epoch=node.epoch)
        if journal is None:
            raise NotReadable
        cursor = _cursor(after, walk, limit, node)
        part = journal_page(
            audience=journal.audience,
            after=cursor.after,
            since=journal.since,
            began=cursor.began,
            limit=cursor.limit,
            given=None if journal.is_public else journal.given,
        )
    _check_cursor(cursor, node, part)
    # Once: what leaves from now on leaves after the place noted then. Reading anew would else fill the disk.
    if partner is not None and part.lines and part.upto > journal.given:
        note_given(partner=partner, audience=journal.audience, node=node, seq=part.upto)
    return Served(written(part, node=node, key=key, after=cursor.after), part.state.sort == PUBLIC)


def note_given(*, partner: Partner, audience: int, node: NodeNow, seq: int) -> None:
    """This function will note that a partner was given a journal as far as this: it may hold that now."""
    Receipt.objects.create(
        partner=partner,
        audience_id=audience,
        sort=Receipt.Sort.GIVEN,
        epoch=node.epoch,
        seq=seq,
        at=timezone.now(),
    )


def written(part: JournalPage, *, node: NodeNow, key: Key, after: int) -> bytes:
    """Return a page as it goes over the wire, into a bundle and into static files."""
    state = part.state
    return write_page(
        key,
        iss=node.address,
        audience=str(state.audience),
        epoch=str(node.epoch),
        after=after,
        upto=part.upto,
        head=state.head,
        iat=timezone.now(),
        items=map(_line, part.lines),
        lease_days=node.lease_days,
        count=state.count if part.is_complete else None,
        fingerprint=state.fingerprint if part.is_complete else None,
    )


def _line(line: JournalLine) -> Item | Gone:
    if line.body is None or line.at is None:
        return Gone(line.seq, line.uid, line.section, line.kind)
    return Item(line.seq, line.kind, line.uid, line.section, line.revision, line.schema, line.at, line.body)


def _token(audience: str) -> UUID:
    try:
        token = UUID(audience)
    except ValueError:
        raise NotReadable from None
    if str(token) != audience:
        raise NotReadable
    return token


def _cursor(after: str, walk: str, limit: str, node: NodeNow) -> Cursor:
    """Read where to go on; nothing means the start of the journal."""
    parts = _CURSOR.fullmatch(after or f"{node.epoch}.0")
    if not parts or not re.fullmatch(r"0|[1-9][0-9]{0,17}", walk or "0"):
        raise NotUnderstood("A page is asked for with after=<epoch>.<seq> and, in a walk, walk=<seq>.")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", limit or "1") or int(limit or 1) > MOST_ITEMS:
        raise NotUnderstood(f"A page has 1 to {MOST_ITEMS} entries.")
    return Cursor(parts[1], int(parts[2]), int(walk or 0), int(limit or MOST_ITEMS))


def _check_cursor(cursor: Cursor, node: NodeNow, part: JournalPage) -> None:
    """Raise CursorGone for another epoch, a place above the head, or one below the floor.

    Below the floor some departures are forgotten. Whoever is on a walk from the start that began above it
    never held what left before, and goes on.
    """
    state = part.state
    is_other = cursor.epoch != str(node.epoch) or max(cursor.after, cursor.began) > state.head
    if is_other or (cursor.after > 0 and max(cursor.after, cursor.began) < state.floor_seq):
        raise CursorGone


def signing_key(node: NodeNow) -> Key:
    """Return the key that signs; raises Paused, and tells the operator, when it is not at hand."""
    try:
        return keyring.private_key(node.kid)
    except Refused as problem:
        log.error("Nothing can be served: %s", problem)
        raise Paused from problem
