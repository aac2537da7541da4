"""Keeping: bodies, memberships and problems, as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from parkbench.envelope import fingerprint
from parkbench.records import bulk
from parkbench.records.models import LEFT, HeldJournal, Membership, Section, SectionProblem
from parkbench.records.services.accepting.holding import Holding, Kept
from parkbench.records.services.accepting.judging import MOST, Flaw
from parkbench.records.services.accepting.names import Part

Member = tuple[str, str]
"""Kind and digest of a membership: what its entry in the fingerprint is made of."""


def members_of(journal: HeldJournal, uids: Collection[UUID]) -> dict[Part, Member]:
    """Return the memberships of these records in one journal."""
    rows = _of_records(journal.home_id, uids).filter(audience=journal.audience)
    return {
        (uid, section): (kind, digest)
        for uid, section, kind, digest in rows.values_list("uid", "section", "kind", "digest")
    }


def _of_records(home_id: int, uids: Collection[UUID]) -> QuerySet[Membership]:
    """Return the memberships of these records, found by record.

    By its home SQLite without statistics of the table would read the whole journal for each page: the home is
    compared as a sum, which no index holds.
    """
    return Membership.objects.alias(of=F("home_id") + 0).filter(of=home_id, uid__in=uids)


def write_members(journal: HeldJournal, rows: Iterable[tuple[Part, str, str, int]]) -> None:
    """This function will write memberships given as (part, kind, digest, revision)."""
    bulk.upsert(
        Membership,
        columns=("home_id", "audience", "kind", "uid", "section", "digest", "revision", "walk"),
        rows=[
            (journal.home_id, journal.audience, kind, uid, section, digest, revision, journal.walk)
            for (uid, section), kind, digest, revision in rows
        ],
        key=("uid", "section", "audience", "home_id"),
    )


def drop_members(journal: HeldJournal, parts: Collection[Part]) -> None:
    """This function will remove memberships of one journal."""
    bulk.remove(
        Membership,
        rows=[(uid, section, journal.audience, journal.home_id) for uid, section in parts],
        key=("uid", "section", "audience", "home_id"),
    )


def without_members(home_id: int, parts: Collection[Part]) -> set[Part]:
    """Return those of these sections that no journal of the partner names."""
    if not parts:
        return set()
    named = _of_records(home_id, {uid for uid, _section in parts})
    return set(parts) - set(named.values_list("uid", "section"))


def recount(journal: HeldJournal, changes: Iterable[tuple[Part, Member | None, Member | None]]) -> None:
    """Bring a journal's count and fingerprint in line with (part, before, after); the caller saves it."""
    total = fingerprint.from_hex(journal.fingerprint)
    for (uid, section), before, after in changes:
        if before == after:
            continue
        if before is not None:
            journal.count -= 1
            total = fingerprint.remove(total, fingerprint.entry_hash(before[0], uid, section, before[1]))
        if after is not None:
            journal.count += 1
            total = fingerprint.add(total, fingerprint.entry_hash(after[0], uid, section, after[1]))
    journal.fingerprint = fingerprint.to_hex(total)


COLUMNS = ("kind", "revision", "schema", "body", "digest", "at", "batch")


def write_bodies(holding: Holding, bodies: Mapping[Part, tuple[Any, ...]]) -> None:
    """This function will keep bodies, given as the values of `COLUMNS`, in the place of those held."""
    new, known = [], []
    for part, values in bodies.items():
        if part in holding.kept:
            known.append((*values, *part, holding.home_id))
        else:
            new.append((*values, *part, holding.home_id, True))
    bulk.upsert(Section, columns=(*COLUMNS, "uid", "section", "home_id", "is_current"), rows=new)
    bulk.amend(Section, columns=COLUMNS, rows=known, key=("uid", "section", "home_id"))
    for part, (kind, revision, _schema, body, digest, _at, batch) in bodies.items():
        holding.kept[part] = Kept(kind, revision, digest, batch, not body)


def mark_left(holding: Holding, parts: Iterable[Part]) -> None:
    """This function will mark bodies that no journal names any more, for the end of the pull.

    What is known of them says so too: basics that come in the same page show no section that just left.
    """
    gone = list(parts)
    bulk.amend(
        Section,
        columns=("batch",),
        rows=[(LEFT, uid, section, holding.home_id) for uid, section in gone],
        key=("uid", "section", "home_id"),
    )
    for part in gone:
        holding.kept[part] = replace(holding.kept[part], batch=LEFT)


def write_problems(holding: Holding, flaws: Mapping[Part, tuple[str, Flaw]]) -> None:
    """This function will note, per section and with its kind, why it cannot be used."""
    now = timezone.now()
    bulk.upsert(
        SectionProblem,
        columns=("home_id", "kind", "uid", "section", "sort", "reason", "at"),
        rows=[
            (holding.home_id, kind, uid, section, flaw.sort, flaw.reason[:MOST], now)
            for (uid, section), (kind, flaw) in flaws.items()
        ],
        key=("home_id", "uid", "section"),
    )
    holding.problems.update(flaws)


def drop_problems(holding: Holding, parts: Iterable[Part]) -> None:
    """This function will forget the problems of sections that can be used by now."""
    mended: Sequence[Part] = [part for part in parts if part in holding.problems] if holding.problems else []
    bulk.remove(
        SectionProblem,
        rows=[(holding.home_id, uid, section) for uid, section in mended],
        key=("home_id", "uid", "section"),
    )
    holding.problems.difference_update(mended)


def of_parts(parts: Iterable[Part]) -> Q:
    """Return the condition that picks the rows of these sections, grouped by section."""
    found = Q(pk__in=())
    by_section: dict[str, list[UUID]] = {}
    for uid, section in parts:
        by_section.setdefault(section, []).append(uid)
    for section, uids in by_section.items():
        found |= Q(section=section, uid__in=uids)
    return found
