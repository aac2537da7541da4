"""Journals: bring what each audience may see now in line with the policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.envelope import fingerprint
from parkbench.records import bulk, rules
from parkbench.records.models import (
    OWN,
    Audience,
    JournalEntry,
    PolicyCell,
    SharingException,
)
from parkbench.records.registry import Kind, tell_journals_moved

Part = tuple[UUID, str]
"""A record's uid and the name of one of its sections."""


@dataclass
class Sharing:
    """The policy of one kind and the exceptions of some records, read once under the gate."""

    kind: Kind
    policy: dict[str, int]
    exceptions: dict[Part, int] = field(default_factory=dict)
    embargoed: set[UUID] = field(default_factory=set)

    def target(self, uid: UUID, section: str) -> int:
        """Return the journals that a section of a live record belongs to now."""
        if uid in self.embargoed or self.kind.section(section).see is Action.SEE_INTERNAL:
            return rules.NOBODY
        basics = self._wish(uid, "basics")
        if section == "basics":
            return rules.journals(basics)
        return rules.clamp(self._wish(uid, section), within=basics)

    def sooner_or_later(self, uid: UUID, section: str) -> int:
        """Return the journals that a section is meant for: also those that it waits for until its date."""
        if self.kind.section(section).see is Action.SEE_INTERNAL:
            return rules.NOBODY
        return rules.clamp(self._wish(uid, section), within=self._wish(uid, "basics"))

    def _wish(self, uid: UUID, section: str) -> int:
        return self.exceptions.get((uid, section), self.policy.get(section, rules.NOBODY))


def read_sharing(kind: Kind, uids: Sequence[UUID] | None = None, *, now: datetime | None = None) -> Sharing:
    """Read a kind's policy and the exceptions of these records (None: of all), under the gate."""
    now = now or timezone.now()
    cells = PolicyCell.objects.filter(kind=kind.name).values_list("section", "mask")
    sharing = Sharing(kind, dict(cells))
    rows = SharingException.objects.filter(kind=kind.name)
    if uids is not None:
        rows = rows.filter(uid__in=uids)
    for uid, section, mask, share_from in rows.values_list("uid", "section", "mask", "share_from"):
        if mask is not None:
            sharing.exceptions[uid, section] = mask
        elif share_from is not None and share_from > now:
            sharing.embargoed.add(uid)
    return sharing


@dataclass
class _Moves:
    """What enters, changes and leaves, per audience bit."""

    enter: dict[int, list[tuple[Part, str]]] = field(default_factory=lambda: defaultdict(list))
    change: dict[int, list[tuple[int, Part, str, str]]] = field(default_factory=lambda: defaultdict(list))
    leave: dict[int, list[tuple[int, Part, str]]] = field(default_factory=lambda: defaultdict(list))
    again: dict[int, list[tuple[int, Part, str]]] = field(default_factory=lambda: defaultdict(list))

    def touched(self) -> set[int]:
        """The bits of the audiences whose journals move."""
        return {
            bit for part in (self.enter, self.change, self.leave, self.again) for bit in part if part[bit]
        }


Entry = tuple[int, UUID, str, int, str, bool]
"""id, uid, section, audience bit, digest, is_gone of a journal row."""


def entries_of(
    kind: Kind, uids: Sequence[UUID] | None = None, sections: Sequence[str] = ()
) -> Iterable[Entry]:
    """Read journal rows of a kind, gone ones too, for these records (None: all) and sections (none: all)."""
    rows = JournalEntry.objects.filter(kind=kind.name)
    if uids is not None:
        rows = rows.filter(uid__in=uids)
    if sections:
        rows = rows.filter(section__in=sections)
    return rows.values_list("id", "uid", "section", "audience__bit", "digest", "is_gone").iterator(5000)


def settle(kind: Kind, wanted: Mapping[Part, tuple[str, int]], entries: Iterable[Entry]) -> None:
    """This function will move the given sections in and out of journals.

    ``wanted`` maps each section to (digest, journals mask), mask 0 = nowhere; ``entries`` are the rows the
    journals hold for them. Audience rows are locked here, ascending, once, as the last locks of the
    transaction; seq is drawn under them.
    """
    moves = _plan(wanted, entries)
    touched = moves.touched()
    if not touched:
        return
    audiences = Audience.objects.select_for_update().filter(bit__in=touched).order_by("bit")
    for audience in audiences:
        _apply(kind, audience, moves)
    tell_journals_moved(sorted(touched))


def _plan(wanted: Mapping[Part, tuple[str, int]], entries: Iterable[Entry]) -> _Moves:
    moves = _Moves()
    held: dict[Part, int] = defaultdict(int)
    for pk, uid, section, bit, digest, is_gone in entries:
        part = (uid, section)
        if part not in wanted:
            continue
        new_digest, mask = wanted[part]
        is_wanted = bool(mask >> bit & 1)
        held[part] |= 1 << bit
        if is_wanted and is_gone:
            moves.again[bit].append((pk, part, new_digest))
        elif is_wanted and digest != new_digest:
            moves.change[bit].append((pk, part, digest, new_digest))
        elif not is_wanted and not is_gone:
            moves.leave[bit].append((pk, part, digest))
    for part, (digest, mask) in wanted.items():
        for bit in rules.bits(mask & ~held[part]):
            moves.enter[bit].append((part, digest))
    return moves


def _apply(kind: Kind, audience: Audience, moves: _Moves) -> None:
    """Write one audience's moves.

    A section that comes back keeps its row and its first entered_seq: whoever learnt of it then must also
    hear when it leaves again.
    """
    bit, seq = audience.bit, audience.head
    total = fingerprint.from_hex(audience.fingerprint)
    now = timezone.now()
    amended: list[tuple[int, str, bool, datetime | None, int]] = []
    kept = [(pk, part, "", new) for pk, part, new in moves.again[bit]]
    kept += [(pk, part, old, "") for pk, part, old in moves.leave[bit]]
    for pk, part, old, new in kept + moves.change[bit]:
        seq += 1
        total = _swap(total, kind.name, part, old, new)
        amended.append((seq, new, not new, None if new else now, pk))
    inserted = []
    for (uid, section), new in moves.enter[bit]:
        seq += 1
        total = _swap(total, kind.name, (uid, section), "", new)
        inserted.append((audience.pk, uid, kind.name, section, seq, seq, new, False))
    bulk.amend(JournalEntry, columns=("seq", "digest", "is_gone", "gone_at"), rows=amended, key=("id",))
    columns = ("audience_id", "uid", "kind", "section", "seq", "entered_seq", "digest", "is_gone")
    bulk.upsert(JournalEntry, columns=columns, rows=inserted)
    audience.head, audience.fingerprint = seq, fingerprint.to_hex(total)
    audience.count += len(inserted) + len(moves.again[bit]) - len(moves.leave[bit])
    audience.save(update_fields=["head", "fingerprint", "count"])


def _swap(total: int, kind: str, part: Part, old: str, new: str) -> int:
    """Return the fingerprint after an entry changed its digest; '' stands for not being there."""
    uid, section = part
    if old:
        total = fingerprint.remove(total, fingerprint.entry_hash(kind, uid, section, old))
    if new:
        total = fingerprint.add(total, fingerprint.entry_hash(kind, uid, section, new))
    return total


def write_masks(kind: Kind, masks: Mapping[Part, int]) -> None:
    """This function will keep the rows' audience columns in line with what was settled."""
    by_section: dict[str, list[tuple[int | bool | UUID, ...]]] = defaultdict(list)
    for (uid, section), mask in masks.items():
        if section == "basics":
            by_section[section].append((mask, mask == rules.PUBLIC, OWN, uid))
        else:
            by_section[section].append((mask, OWN, uid))
    for section, rows in by_section.items():
        columns = (
            (kind.section(section).mask, "is_public")
            if section == "basics"
            else (kind.section(section).mask,)
        )
        bulk.amend(kind.model, columns=columns, rows=rows, key=("home_id", "uid"))
