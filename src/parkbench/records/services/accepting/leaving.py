"""The end of a pull: what left is removed for good, and only then may "removed" be said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from parkbench.lib.db import Turns
from parkbench.records import bulk, registry
from parkbench.records.models import LEFT, Home, Section, SectionProblem
from parkbench.records.registry import kind_of, kinds, tell_of_partners
from parkbench.records.services.accepting.again import try_again
from parkbench.records.services.accepting.applying import BASICS
from parkbench.records.services.accepting.holding import locked_home
from parkbench.records.services.accepting.keeping import of_parts
from parkbench.records.services.accepting.names import Part


@dataclass(frozen=True, slots=True)
class Departed:
    """What was removed for good: whole records, and sections (those of whole records too)."""

    records: int
    sections: int


def settle_departures(*, home: int) -> Departed:
    """This function will remove for good what no journal of a partner names any more; at the end of a pull.

    Bodies, problems and rows go, 1,000 sections a transaction; then the words that they left in the search
    index and in the database's log. When it returns, "removed" may be said. It may run again after a crash.
    """
    records, sections = 0, 0
    turns = Turns()
    while True:
        turns.begin()
        with transaction.atomic():
            place = locked_home(home)
            found = _remove_chunk(place)
        turns.end()
        if not found.sections and not found.records:
            break
        records, sections = records + found.records, sections + found.sections
    if sections or records:
        try_again(home=home)
        registry.scrub()
    return Departed(records, sections)


def _remove_chunk(home: Home) -> Departed:
    left = Section.objects.filter(home=home, batch=LEFT).order_by("pk")[: bulk.CHUNK]
    rows = list(left.values_list("pk", "kind", "uid", "section"))
    parts: list[Part] = [(uid, section) for _pk, _kind, uid, section in rows]
    Section.objects.filter(pk__in=[pk for pk, *_rest in rows]).delete()
    if parts:
        SectionProblem.objects.filter(of_parts(parts), home=home).delete()
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for _pk, name, uid, section in rows:
        if section == BASICS:
            by_kind[name].append(uid)
    for uid, name in _without_usable_basics(home):
        by_kind[name].append(uid)
    return Departed(sum(remove_rows(home.pk, name, uids) for name, uids in by_kind.items()), len(rows))


def _without_usable_basics(home: Home) -> list[tuple[UUID, str]]:
    """Return records whose basics came as something that cannot be used: their old row must go as well."""
    bad = SectionProblem.objects.filter(home=home, section=BASICS)
    return [(uid, kind) for uid, kind in bad.values_list("uid", "kind")]


def remove_rows(home: int, name: str, uids: list[UUID]) -> int:
    """This function will remove these rows of a partner unless they are shown; returns how many."""
    if name not in {kind.name for kind in kinds()}:
        return 0
    kind = kind_of(name)
    rows = kind.model._default_manager.filter(home_id=home, uid__in=uids, audience_mask=0)
    gone = list(rows.values_list("uid", flat=True))
    if gone:
        kind.model._default_manager.filter(home_id=home, uid__in=gone).delete()
        tell_of_partners(name, gone)
    return len(gone)
