"""Whole partners: hidden while their lease or an agreement says so, shown again, removed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from parkbench.lib.db import Turns
from parkbench.records import bulk, registry
from parkbench.records.models import HELD, HeldJournal, Home, Membership, Section, SectionProblem
from parkbench.records.registry import Kind, kinds, tell_of_partners
from parkbench.records.services.accepting.again import try_again
from parkbench.records.services.accepting.holding import locked_home
from parkbench.records.services.accepting.leaving import Departed


def hide_home(*, home: int) -> int:
    """This function will hide every row of a partner at once, without losing any; returns how many.

    What arrives meanwhile is hidden too. Does nothing to what is hidden already. Raises NotFound for a home
    that is not a partner's.
    """
    now = timezone.now()
    with transaction.atomic():
        place = locked_home(home)
        if place.hidden_at is None:
            Home.objects.filter(pk=home).update(hidden_at=now)
        rows = (kind.model._default_manager.filter(home_id=home, deleted_at=None) for kind in kinds())
        return sum(each.update(deleted_at=now) for each in rows)


def show_home(*, home: int) -> int:
    """This function will show again what `hide_home` hid, as far as it is still held; returns how many rows.

    Frozen records stay hidden.
    1,000 rows a transaction; it may run again after a crash. Raises NotFound as `hide_home` does.
    """
    with transaction.atomic():
        locked_home(home)
        Home.objects.filter(pk=home).update(hidden_at=None)
    return sum(_in_turns(home, lambda kind=kind: _show_chunk(home, kind)) for kind in kinds())  # type: ignore[misc]


def _show_chunk(home: int, kind: Kind) -> int:
    rows = kind.model._default_manager.filter(home_id=home, audience_mask=HELD, deleted_at__isnull=False)
    rows = rows.exclude(uid__in=registry.frozen_of(home))
    found = list(rows.values_list("pk", "uid")[: bulk.CHUNK])
    kind.model._default_manager.filter(pk__in=[pk for pk, _uid in found]).update(deleted_at=None)
    if found:
        tell_of_partners(kind.name, [uid for _pk, uid in found])
    return len(found)


def purge_home(*, home: int) -> Departed:
    """This function will remove everything that is held of a partner: hidden at once, then for good.

    Journals, memberships, bodies, problems and rows go, 1,000 a transaction, then the words that they left in
    the search index and in the database's log. It may run again after a crash, and goes on where it was.
    Raises NotFound as `hide_home` does.
    """
    hide_home(home=home)
    HeldJournal.objects.filter(home_id=home).delete()
    for model in (Membership, SectionProblem):
        _in_turns(home, lambda model=model: len(_removed(model, home)))  # type: ignore[misc]
    sections = _in_turns(home, lambda: len(_removed(Section, home)))
    records = sum(_in_turns(home, lambda kind=kind: _remove_rows(home, kind)) for kind in kinds())  # type: ignore[misc]
    try_again()
    registry.scrub()
    Home.objects.filter(pk=home).update(hidden_at=None)
    return Departed(records, sections)


def _removed(model: type[Model], home: int) -> list[int]:
    rows = model._default_manager.filter(home_id=home)
    found = list(rows.values_list("pk", flat=True)[: bulk.CHUNK])
    model._default_manager.filter(pk__in=found).delete()
    return found


def _remove_rows(home: int, kind: Kind) -> int:
    rows = kind.model._default_manager.filter(home_id=home)
    found: list[tuple[int, UUID]] = list(rows.values_list("pk", "uid")[: bulk.CHUNK])
    kind.model._default_manager.filter(pk__in=[pk for pk, _uid in found]).delete()
    if found:
        tell_of_partners(kind.name, [uid for _pk, uid in found])
    return len(found)


def _in_turns(home: int, chunk: Callable[[], int]) -> int:
    """Do chunks, each in a transaction under the lock of the home, until one finds nothing; add them up."""
    turns = Turns()
    count = 0
    while True:
        turns.begin()
        with transaction.atomic():
            locked_home(home)
            done = chunk()
        turns.end()
        if not done:
            return count
        count += done
