"""One page of a partner's journal, taken in as a whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.lib.errors import Conflict, NotFound
from parkbench.records import registry
from parkbench.records.models import HeldJournal, Home, SectionProblem
from parkbench.records.registry import Kind, kind_of
from parkbench.records.services.accepting import applying, holding, keeping
from parkbench.records.services.accepting.applying import BASICS
from parkbench.records.services.accepting.holding import Holding
from parkbench.records.services.accepting.judging import Fit, Flaw, judge
from parkbench.records.services.accepting.names import Part, journal_id

if TYPE_CHECKING:
    from parkbench.envelope.pages import BadItem, Item, Page, Statement

MOST_REVISION = 2**31 - 1
MOST_SCHEMA = 2**15 - 1


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a page did: sections newly held, with new content, held no more; entries that cannot be used.

    ``count`` and ``fingerprint`` are of what is held of the journal now. ``is_equal`` tells, on the last
    page, whether they are what the partner signed.
    """

    added: int
    changed: int
    removed: int
    problems: int
    count: int
    fingerprint: str
    is_complete: bool
    is_equal: bool


@dataclass(frozen=True, slots=True)
class Named:
    """An entry by which a section is a member: what is known of it, and its body if there is one."""

    kind: str
    digest: str
    revision: int
    schema: int = 0
    at: datetime | None = None
    body: bytes = b""
    flaw: Flaw | None = None


@dataclass(slots=True)
class _Page:
    """A page sorted by what its entries do: sections that are named, sections that left."""

    named: dict[Part, Named] = field(default_factory=dict)
    gone: set[Part] = field(default_factory=set)

    @property
    def uids(self) -> set[UUID]:
        """The records that the page speaks of."""
        return {uid for uid, _section in self.named} | {uid for uid, _section in self.gone}


def accept_page(*, home: int, page: Page) -> Accepted:
    """This function will take in one verified page of a journal in one transaction, all or nothing.

    It writes memberships, bodies, columns and the cursor together; an entry that cannot be used is noted and
    still counts. What no journal names any more is hidden at once, and removed by `settle_departures`.
    Raises Conflict when the page does not follow what is held (cursor or epoch), NotFound for a journal whose
    walk was not begun.
    """
    with transaction.atomic():
        place = holding.locked_home(home)
        journal = _locked_journal(place, page.statement)
        sorted_page = _sorted(page)
        held = holding.read(place, sorted_page.uids)
        before = keeping.members_of(journal, sorted_page.uids)
        left = _write_members(journal, sorted_page, before, held)
        outcome = _take_in(place, held, sorted_page, left, journal.epoch)
        is_equal = _move_cursor(journal, page.statement)
        announce(home, outcome.changed)
    return Accepted(
        added=len(sorted_page.named.keys() - before.keys()) if before else len(sorted_page.named),
        changed=len(outcome.stored),
        removed=len(left),
        problems=outcome.problems + sum(not bad.is_member for bad in page.bad),
        count=journal.count,
        fingerprint=journal.fingerprint,
        is_complete=page.statement.is_complete,
        is_equal=is_equal,
    )


def _locked_journal(home: Home, statement: Statement) -> HeldJournal:
    rows = HeldJournal.objects.select_for_update().filter(home=home)
    journal = rows.filter(audience=journal_id(statement.audience)).first()
    if journal is None:
        raise NotFound("This journal was not begun; a page of it cannot be taken in.")
    if journal.epoch != journal_id(statement.epoch) or journal.seq != statement.after:
        raise Conflict(
            f"This page follows number {statement.after}, what is held ends at number {journal.seq}, "
            "or the two are of different epochs. Nothing was taken in."
        )
    return journal


def _sorted(page: Page) -> _Page:
    found = _Page()
    for entry in page.items:
        if hasattr(entry, "body"):  # asked so: its class comes with the signing library, needed nowhere here
            found.named[entry.uid, entry.section] = _named(cast("Item", entry))
        else:
            found.gone.add((entry.uid, entry.section))
    for bad in page.bad:
        if bad.is_member:
            found.named[cast("UUID", bad.uid), bad.section or ""] = _named_badly(bad)
    return found


def _named(item: Item) -> Named:
    return Named(
        item.kind,
        item.digest,
        min(item.revision, MOST_REVISION),
        min(item.schema, MOST_SCHEMA),
        item.at,
        item.body,
    )


def _named_badly(bad: BadItem) -> Named:
    flaw = Flaw(SectionProblem.Sort.BAD.value, bad.reason, keeps_body=False)
    revision = min(bad.revision or 0, MOST_REVISION)
    return Named(bad.kind or "", bad.digest or "", revision, flaw=flaw)


def _write_members(
    journal: HeldJournal, page: _Page, before: Mapping[Part, keeping.Member], held: Holding
) -> set[Part]:
    """Write the memberships and count them; return the sections that no journal names any more."""
    keeping.write_members(
        journal, [(part, each.kind, each.digest, each.revision) for part, each in page.named.items()]
    )
    gone = page.gone & before.keys()
    keeping.drop_members(journal, gone)
    changes: list[tuple[Part, keeping.Member | None, keeping.Member | None]] = [
        (part, before.get(part), (each.kind, each.digest)) for part, each in page.named.items()
    ]
    changes += [(part, before[part], None) for part in gone]
    keeping.recount(journal, changes)
    return keeping.without_members(held.home_id, gone)


@dataclass(slots=True)
class Outcome:
    """What taking in changed: bodies stored, uids per kind that others hear of, problems that stand."""

    stored: set[Part] = field(default_factory=set)
    changed: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    problems: int = 0

    def add(self, changed: Mapping[str, Iterable[UUID]]) -> None:
        """Take up uids per kind that changed."""
        for name, uids in changed.items():
            self.changed[name].update(uids)


def _take_in(home: Home, held: Holding, page: _Page, left: set[Part], epoch: UUID) -> Outcome:
    """Hide what left, keep the bodies that are new, and show what can be used of them."""
    outcome = Outcome()
    read_rows(held, [(held.kept[part].kind, part) for part in left if part in held.kept])
    read_rows(held, [(each.kind, part) for part, each in page.named.items()])
    outcome.stored = {part for part, each in page.named.items() if _is_newer(held, part, each, epoch)}
    _replace_kinds(held, page, outcome)
    verdicts = {part: _verdict(held, part, page.named[part]) for part in outcome.stored}
    bodies = {part: _kept_body(page.named[part], verdicts[part], epoch) for part in outcome.stored}
    outcome.add(applying.hide(held, [(held.kept[part].kind, part) for part in left if part in held.kept]))
    keeping.mark_left(held, left & held.kept.keys())
    keeping.write_bodies(held, bodies)
    settle_verdicts(home, held, verdicts, outcome)
    outcome.problems = len(held.problems & page.named.keys())
    return outcome


def read_rows(held: Holding, parts: Iterable[tuple[str, Part]]) -> None:
    """Read the rows of these sections, given as (kind, part); kinds that are not known have none."""
    wanted: dict[str, tuple[Kind, set[UUID]]] = {}
    for name, (uid, _section) in parts:
        if name not in wanted:
            try:
                wanted[name] = (kind_of(name), set())
            except KeyError:
                continue
        wanted[name][1].add(uid)
    holding.read_rows(held, wanted)


def _is_newer(held: Holding, part: Part, named: Named, epoch: UUID) -> bool:
    """Tell whether an entry's body takes the place of the one held, if one is."""
    kept = held.kept.get(part)
    if kept is None or kept.batch != epoch or kept.kind != named.kind:
        return True
    was_lost = kept.is_empty and kept.revision == named.revision and named.flaw is None
    return named.revision > kept.revision or was_lost


def _replace_kinds(held: Holding, page: _Page, outcome: Outcome) -> None:
    """Take down what a section showed under another kind: an id is of one kind at a time."""
    other = [
        (held.kept[part].kind, part)
        for part in outcome.stored
        if part in held.kept and held.kept[part].kind != page.named[part].kind
    ]
    if other:
        read_rows(held, other)
        outcome.add(applying.hide(held, other))
        for name, uids in _by_kind(other).items():
            rows = held.rows.get(name, {})
            gone = [uid for uid in uids if uid in rows and BASICS not in rows[uid].shown]
            kind_rows = kind_of(name).model._default_manager.filter(home_id=held.home_id, uid__in=gone)
            kind_rows.delete()
            for uid in gone:
                del rows[uid]


def _by_kind(parts: Iterable[tuple[str, Part]]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for name, (uid, section) in parts:
        if section == BASICS:
            found[name].append(uid)
    return {name: uids for name, uids in found.items() if _is_known(name)}


def _is_known(name: str) -> bool:
    try:
        kind_of(name)
    except KeyError:
        return False
    return True


def _verdict(held: Holding, part: Part, named: Named) -> Fit | Flaw:
    if named.flaw is not None:
        return named.flaw
    uid, section = part
    if section == BASICS and (named.kind, uid) in held.taken:
        return applying.TAKEN
    assert named.at is not None  # noqa: S101 - only entries with a flaw have no instant
    return judge(kind=named.kind, uid=uid, section=section, schema=named.schema, body=named.body, at=named.at)


def _kept_body(named: Named, verdict: Fit | Flaw, epoch: UUID) -> tuple[Any, ...]:
    """Return the values of `keeping.COLUMNS`."""
    is_kept = not isinstance(verdict, Flaw) or verdict.keeps_body
    text = named.body.decode() if is_kept else ""
    at = named.at or timezone.now()
    return (named.kind, named.revision, named.schema, text, named.digest, at, epoch)


def settle_verdicts(
    home: Home,
    held: Holding,
    verdicts: Mapping[Part, Fit | Flaw],
    outcome: Outcome,
) -> None:
    """This function will show what fits and note what does not, which shows nothing any more."""
    fits: list[Fit] = [verdict for verdict in verdicts.values() if isinstance(verdict, Fit)]
    flaws = {
        part: (held.kept[part].kind, verdict)
        for part, verdict in verdicts.items()
        if isinstance(verdict, Flaw)
    }
    keeping.drop_problems(held, verdicts.keys() - flaws.keys() if flaws else verdicts)
    applied = applying.apply(home, held, fits)
    outcome.add(applied.changed)
    flaws.update(applied.flaws)
    outcome.add(applying.hide(held, [(name, part) for part, (name, _flaw) in flaws.items()]))
    keeping.write_problems(held, flaws)


def _move_cursor(journal: HeldJournal, statement: Statement) -> bool:
    """Write where the journal stands now; return whether it holds what the last page signed."""
    journal.seq = statement.upto
    if not journal.is_walking:  # during a walk it stays the one at which the walk began
        journal.head = statement.head
    is_equal = False
    if statement.is_complete:
        journal.told_count, journal.told_fingerprint = statement.count, statement.fingerprint or ""
        is_equal = is_as_told(journal)
        if is_equal and not journal.is_walking:
            journal.equal_at, journal.unequal_head = timezone.now(), None
    journal.save()
    return is_equal


def is_as_told(journal: HeldJournal) -> bool:
    """Tell whether count and fingerprint are what the partner signed at the end of the journal."""
    return (journal.count, journal.fingerprint) == (journal.told_count, journal.told_fingerprint)


def announce(home: int, changed: Mapping[str, Iterable[UUID]]) -> None:
    """Let the rooms derive what follows from changed rows of a partner, then everybody else hear of them."""
    sets = [(name, sorted(uids)) for name, uids in changed.items() if uids]
    for name, uids in sets:
        registry.tell_accepted(name, home, uids)
    for name, uids in sets:
        registry.tell_of_partners(name, uids)
