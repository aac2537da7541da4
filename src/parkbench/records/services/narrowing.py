"""Narrowing a cell of the policy: some statements per journal, whatever the number of records.

Records that say something themselves about their sharing are few and are settled one by one; all others are
alike, and move in sets: whatever a journal beyond the new cell shows of them leaves it. In force when the
transaction is committed. Call it under the closed gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from parkbench.envelope import fingerprint
from parkbench.lib.db import is_postgres
from parkbench.records import bulk, rules
from parkbench.records.models import OWN, Audience, SharingException
from parkbench.records.registry import Kind, SectionSpec, tell_journals_moved
from parkbench.records.services import journals

NOBODY_ELSE = UUID(int=0)
"""Stands for any record about which only the policy speaks: no record has this id."""

_ALONE = "uid NOT IN (SELECT uid FROM records_sharingexception WHERE kind = %s)"
"""The condition on records of a kind about which only the policy speaks."""

Changes = Mapping[int, int]
"""Which masks become which."""


def narrow(kind: Kind, sections: Iterable[str]) -> None:
    """This function will take out of every journal what the policy no longer puts there.

    What still belongs to a narrower journal moves into it. Nothing is widened.
    """
    names = tuple(dict.fromkeys(sections))
    sharing = journals.read_sharing(kind)
    moved: dict[str, Changes] = {}
    for name in names:
        changes = _Plain(kind, kind.section(name)).narrow_to(sharing.target(NOBODY_ELSE, name))
        if changes:
            moved[name] = changes
    if moved:
        _write_masks(kind, moved)
    said = SharingException.objects.filter(kind=kind.name).order_by("uid")
    uids = list(dict.fromkeys(said.values_list("uid", flat=True)))
    for start in range(0, len(uids), bulk.CHUNK):
        _narrow_singly(kind, names, sharing, uids[start : start + bulk.CHUNK])


def _write_masks(kind: Kind, moved: Mapping[str, Changes]) -> None:
    """Write the masks of all sections in one go: rows are wide, and each is written anew as a whole."""
    quote = connection.ops.quote_name
    values, given, touched, masks = [], list[Any](), [], list[Any]()
    for name, changes in moved.items():
        mask = quote(kind.section(name).mask)
        values.append(f"{mask} = CASE {mask} {'WHEN %s THEN %s ' * len(changes)}ELSE {mask} END")
        given += [each for change in changes.items() for each in change]
        touched.append(f"{mask} IN ({', '.join(['%s'] * len(changes))})")
        masks += changes
        if name == "basics":  # what narrows is public no more
            values.append(f"is_public = is_public AND NOT {touched[-1]}")
            given += changes
    sql = f"""
        {_update()} {quote(kind.model._meta.db_table)} SET {", ".join(values)}
        WHERE home_id = %s AND ({" OR ".join(touched)}) AND {_ALONE}
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, OWN, *masks, kind.name])


def _update() -> str:
    """Return how a statement over many rows begins.

    SQLite would keep in memory what each page was before, in case that the statement alone is undone; what
    fails here fails the whole transaction.
    """
    return "UPDATE" if is_postgres() else "UPDATE OR FAIL"


def _narrow_singly(
    kind: Kind, sections: Sequence[str], sharing: journals.Sharing, uids: Sequence[UUID]
) -> None:
    entries = list(journals.entries_of(kind, uids, sections))
    held: dict[journals.Part, int] = {}
    digests: dict[journals.Part, str] = {}
    for _pk, uid, section, bit, digest, is_gone in entries:
        if not is_gone:
            held[uid, section] = held.get((uid, section), 0) | 1 << bit
            digests[uid, section] = digest
    wanted: dict[journals.Part, tuple[str, int]] = {}
    masks: dict[journals.Part, int] = {}
    for (uid, section), before in held.items():
        target = sharing.target(uid, section)
        if not rules.is_within(before, target):
            masks[uid, section] = rules.clamp(target, within=before)
            wanted[uid, section] = (digests[uid, section], masks[uid, section])
    journals.settle(kind, wanted, (entry for entry in entries if (entry[1], entry[2]) in wanted))
    journals.write_masks(kind, masks)


@dataclass(frozen=True)
class _Shown:
    """What a journal shows of records that move: how many, their part of its fingerprint, their row ids."""

    count: int = 0
    total: int = fingerprint.EMPTY
    first: int = 0
    last: int = 0

    @property
    def span(self) -> int:
        """How many numbers they take: one for each id from the first to the last, also of what stays."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class _Plain:
    """One section of all own records of a kind about which only the policy speaks."""

    kind: Kind
    spec: SectionSpec

    def narrow_to(self, target: int) -> Changes:
        """Take the section out of the journals of whoever is not in ``target``; return what masks change."""
        rows = self.kind.model._default_manager.filter(home_id=OWN).exclude(**{self.spec.mask: 0})
        masks = rows.order_by().values_list(self.spec.mask, flat=True).distinct()
        changes = {
            before: rules.clamp(target, within=before)
            for before in list(masks)
            if not rules.is_within(before, target)
        }
        bits = set(rules.bits(rules.join(before ^ after for before, after in changes.items())))
        if bits:
            rows = Audience.objects.select_for_update().filter(bit__in=bits).order_by("bit")
            self._move({audience.bit: audience for audience in rows}, target)
            tell_journals_moved(sorted(bits))
        return changes

    def _move(self, audiences: Mapping[int, Audience], target: int) -> None:
        """Empty the journals beyond ``target``; the others are those that what leaves these comes into.

        The wide rows are not looked at for it: whoever is beyond ``target`` loses every entry, and only those
        of the public or of all partners come into other journals, being in no journal beside.
        """
        for bit, audience in audiences.items():
            if rules.is_within(1 << bit, target):
                continue
            shown = self._shown(audience)
            if not shown.count:
                continue
            for narrower in rules.bits(rules.clamp(target, within=1 << bit)):
                self._enter(audiences[narrower], audience, shown)
            self._leave(audience, shown)

    def _entries(self, audience: Audience) -> tuple[str, list[Any]]:
        """Return the condition on what a journal shows of the section, and its parameters."""
        where = f"audience_id = %s AND kind = %s AND section = %s AND NOT is_gone AND {_ALONE}"
        return where, [audience.pk, self.kind.name, self.spec.name, self.kind.name]

    def _shown(self, audience: Audience) -> _Shown:
        where, given = self._entries(audience)
        kind, section = self.kind.name, self.spec.name
        count, total, ids = 0, fingerprint.EMPTY, set[int]()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, uid, digest FROM records_journalentry WHERE {where}", given)  # noqa: S608
            while rows := cursor.fetchmany(5000):
                total += sum(
                    fingerprint.entry_hash(kind, _dashed(uid), section, held) for _pk, uid, held in rows
                )
                count += len(rows)
                numbers = [row[0] for row in rows]
                ids |= {min(numbers), max(numbers)}
        return _Shown(count, total, min(ids), max(ids)) if ids else _Shown()

    def _enter(self, audience: Audience, source: Audience, shown: _Shown) -> None:
        """Let the records into a narrower journal; one that was in it before keeps its first number."""
        where, given = self._entries(source)
        sql = f"""
            INSERT INTO records_journalentry
                (audience_id, uid, kind, section, seq, entered_seq, digest, is_gone, gone_at)
            SELECT %s, uid, kind, section, id + %s, id + %s, digest, FALSE, NULL
            FROM records_journalentry WHERE {where}
            ON CONFLICT (uid, section, audience_id) DO UPDATE
                SET seq = excluded.seq, digest = excluded.digest, is_gone = FALSE, gone_at = NULL
        """  # noqa: S608
        further = audience.head + 1 - shown.first
        with connection.cursor() as cursor:
            cursor.execute(sql, [audience.pk, further, further, *given])
        total = fingerprint.add(fingerprint.from_hex(audience.fingerprint), shown.total)
        self._save(audience, shown, total, shown.count)

    def _leave(self, audience: Audience, shown: _Shown) -> None:
        where, given = self._entries(audience)
        sql = f"""
            {_update()} records_journalentry SET is_gone = TRUE, digest = '', gone_at = %s, seq = id + %s
            WHERE {where}
        """
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(sql, [now, audience.head + 1 - shown.first, *given])
        total = fingerprint.remove(fingerprint.from_hex(audience.fingerprint), shown.total)
        self._save(audience, shown, total, -shown.count)

    @staticmethod
    def _save(audience: Audience, shown: _Shown, total: int, more: int) -> None:
        audience.head += shown.span
        audience.count += more
        audience.fingerprint = fingerprint.to_hex(total)
        audience.save(update_fields=["head", "count", "fingerprint"])


def _dashed(uid: UUID | str) -> str:
    """Return a uid as fingerprints take it; SQLite keeps 32 digits without dashes."""
    text = str(uid)
    if len(text) == 36:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
