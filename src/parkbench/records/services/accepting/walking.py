"""Walks: a journal is read from its start, and what it does not name any more is swept."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from parkbench.envelope import fingerprint
from parkbench.lib.db import Turns
from parkbench.lib.errors import Conflict, NotFound
from parkbench.records import bulk
from parkbench.records.models import HeldJournal, Home, Membership
from parkbench.records.services.accepting import applying, holding, keeping
from parkbench.records.services.accepting.names import Part
from parkbench.records.services.accepting.pages import announce, is_as_told, read_rows


def begin_walk(
    *, home: int, audience: UUID, epoch: UUID, head: int = 0, sort: str = "", name: str = ""
) -> HeldJournal:
    """This function will begin to read a journal of a partner from its start, the first time or again.

    ``head`` is the partner's head now; it stays with the journal until the walk ends.
    What is held stays held meanwhile; `end_walk` sweeps what the walk did not meet. Raises NotFound for a
    home that is not a partner's.
    """
    with transaction.atomic():
        place = holding.locked_home(home)
        journal = HeldJournal.objects.filter(home=place, audience=audience).first()
        if journal is None:
            journal = HeldJournal(home=place, audience=audience)
        if journal.pk is None or journal.epoch != epoch:
            journal.unequal_head, journal.removed_seq = None, 0
        journal.epoch, journal.sort, journal.name = epoch, sort[:10], name[:100]
        journal.seq, journal.head, journal.walk, journal.is_walking = 0, head, journal.walk + 1, True
        journal.told_count, journal.told_fingerprint = None, ""
        journal.save()
    return journal


def end_walk(*, home: int, audience: UUID) -> int:
    """This function will sweep what a walk did not meet, and return how many entries that were.

    1,000 sections a transaction; it may run again after a crash. When the journal then does not equal what
    the last page signed, ``unequal_head`` keeps the walk from being repeated before the partner's
    head or epoch changes. Raises NotFound for no such journal, Conflict while its last page is missing.
    """
    journal = _journal(home, audience)
    if journal.told_count is None:
        raise Conflict("The walk through this journal has not come to its last page.")
    swept = _sweep(journal, is_all=False)
    with transaction.atomic():
        place = holding.locked_home(home)
        journal = _journal(place.pk, audience)
        if not is_as_told(journal):
            _count_afresh(journal)
        is_equal = is_as_told(journal)
        journal.is_walking, journal.head = False, journal.seq
        journal.unequal_head = None if is_equal else journal.seq
        if is_equal:
            journal.equal_at = timezone.now()
        journal.save()
    return swept


def drop_journal(*, home: int, audience: UUID) -> int:
    """This function will empty a journal that a partner's listing names no longer; returns how many entries.

    What no other journal names is hidden at once, and removed by `settle_departures`. 1,000 sections a
    transaction; it may run again after a crash, and does nothing when the journal is not here.
    """
    journal = HeldJournal.objects.filter(home_id=home, audience=audience).first()
    if journal is None:
        return 0
    swept = _sweep(journal, is_all=True)
    HeldJournal.objects.filter(pk=journal.pk).delete()
    return swept


def _journal(home: int, audience: UUID) -> HeldJournal:
    journal = HeldJournal.objects.filter(home_id=home, audience=audience).first()
    if journal is None:
        raise NotFound("There is no such journal of this partner here.")
    return journal


def _sweep(journal: HeldJournal, *, is_all: bool) -> int:
    turns = Turns()
    count = 0
    while True:
        turns.begin()
        with transaction.atomic():
            home = holding.locked_home(journal.home_id)
            journal = HeldJournal.objects.select_for_update().get(pk=journal.pk)
            rows = Membership.objects.filter(home=home, audience=journal.audience)
            swept = _sweep_chunk(home, journal, rows if is_all else rows.filter(walk__lt=journal.walk))
        turns.end()
        if not swept:
            return count
        count += swept


def _sweep_chunk(home: Home, journal: HeldJournal, rows: QuerySet[Membership]) -> int:
    chunk = list(rows.values_list("pk", "uid", "section", "kind", "digest")[: bulk.CHUNK])
    if not chunk:
        return 0
    Membership.objects.filter(pk__in=[pk for pk, *_rest in chunk]).delete()
    keeping.recount(
        journal, [((uid, section), (kind, held), None) for _pk, uid, section, kind, held in chunk]
    )
    journal.save(update_fields=["count", "fingerprint"])
    let_go(home, {(uid, section) for _pk, uid, section, _kind, _digest in chunk})
    return len(chunk)


def let_go(home: Home, parts: set[Part]) -> None:
    """This function will hide those of these sections that no journal names any more."""
    left = keeping.without_members(home.pk, parts)
    if not left:
        return
    held = holding.read(home, {uid for uid, _section in left})
    gone = [(held.kept[part].kind, part) for part in left if part in held.kept]
    read_rows(held, gone)
    changed = applying.hide(held, gone)
    keeping.mark_left(held, [part for _kind, part in gone])
    announce(home.pk, changed)


def _count_afresh(journal: HeldJournal) -> None:
    """Count the memberships themselves: a sum that went wrong must not look like a partner's fault."""
    total, count = fingerprint.EMPTY, 0
    rows = Membership.objects.filter(home_id=journal.home_id, audience=journal.audience)
    for entry in rows.values_list("kind", "uid", "section", "digest").iterator(5000):
        total, count = fingerprint.add(total, fingerprint.entry_hash(*entry)), count + 1
    journal.count, journal.fingerprint = count, fingerprint.to_hex(total)
