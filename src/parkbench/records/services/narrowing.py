"""Narrowing a cell of the policy: some statements per journal, whatever the number of records.

Records that say something themselves about their sharing are few and are settled one by one; all others are
alike, and move in sets. In force when the transaction is committed. Call it under the closed gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from parkbench.envelope import fingerprint
from parkbench.records import bulk, rules
from parkbench.records.models import OWN, Audience, SharingException
from parkbench.records.registry import Kind, SectionSpec, tell_journals_moved
from parkbench.records.services import journals

_ASIDE = "narrowing_moves"
"""A table of this connection alone, so that what moves is looked for once per journal, not at every step."""

NOBODY_ELSE = UUID(int=0)
"""Stands for any record about which only the policy speaks: no record has this id."""


def narrow(kind: Kind, sections: Iterable[str]) -> None:
    """This function will take out of every journal what the policy no longer puts there.

    What still belongs to a narrower journal moves into it. Nothing is widened.
    """
    names = tuple(dict.fromkeys(sections))
    sharing = journals.read_sharing(kind)
    for name in names:
        _Plain(kind, kind.section(name)).narrow_to(sharing.target(NOBODY_ELSE, name))
    said = SharingException.objects.filter(kind=kind.name).order_by("uid")
    uids = list(dict.fromkeys(said.values_list("uid", flat=True)))
    for start in range(0, len(uids), bulk.CHUNK):
        _narrow_singly(kind, names, sharing, uids[start : start + bulk.CHUNK])


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


@dataclass
class _Plain:
    """One section of all own records of a kind about which only the policy speaks."""

    kind: Kind
    spec: SectionSpec

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.kind.model._meta.db_table)

    @property
    def _mask(self) -> str:
        return connection.ops.quote_name(self.spec.mask)

    def narrow_to(self, target: int) -> None:
        """Move every record that is seen by more than ``target``, mask by mask: few are in use at a time."""
        rows = self.kind.model._default_manager.filter(home_id=OWN).exclude(**{self.spec.mask: 0})
        for before in list(rows.order_by().values_list(self.spec.mask, flat=True).distinct()):
            if not rules.is_within(before, target):
                self._move(before, rules.clamp(target, within=before))

    def _move(self, before: int, after: int) -> None:
        bits = set(rules.bits(before ^ after))
        audiences = list(Audience.objects.select_for_update().filter(bit__in=bits).order_by("bit"))
        source = Audience.objects.get(bit=next(rules.bits(before)))
        for audience in audiences:
            if after >> audience.bit & 1:
                self._enter(audience, source, before)
        for audience in audiences:
            if before >> audience.bit & 1:
                self._leave(audience, before)
        self._write_mask(before, after)
        tell_journals_moved(sorted(bits))

    def _moving(self, before: int) -> tuple[str, list[Any]]:
        """Return the condition on the records that move, and its parameters."""
        alone = "uid NOT IN (SELECT uid FROM records_sharingexception WHERE kind = %s)"
        return f"home_id = %s AND {self._mask} = %s AND {alone}", [OWN, before, self.kind.name]

    def _set_aside(self, audience: Audience, before: int) -> tuple[int, int]:
        """Note the journal rows of what moves; return what they add to a fingerprint, and how many."""
        moving, given = self._moving(before)
        sql = f"""
            CREATE TEMPORARY TABLE {_ASIDE} AS
            SELECT id, uid, digest, ROW_NUMBER() OVER (ORDER BY id) AS place FROM records_journalentry
            WHERE audience_id = %s AND kind = %s AND section = %s AND NOT is_gone
                AND uid IN (SELECT uid FROM {self._table} WHERE {moving})
        """  # noqa: S608
        total, count = fingerprint.EMPTY, 0
        kind, section = self.kind.name, self.spec.name
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_ASIDE}")
            cursor.execute(sql, [audience.pk, kind, section, *given])
            cursor.execute(f"SELECT uid, digest FROM {_ASIDE}")  # noqa: S608
            while rows := cursor.fetchmany(5000):
                total += sum(fingerprint.entry_hash(kind, _dashed(uid), section, held) for uid, held in rows)
                count += len(rows)
        return total, count

    def _enter(self, audience: Audience, source: Audience, before: int) -> None:
        """Let the records into a narrower journal; one that was in it before keeps its first number."""
        total, count = self._set_aside(source, before)
        sql = f"""
            INSERT INTO records_journalentry
                (audience_id, uid, kind, section, seq, entered_seq, digest, is_gone, gone_at)
            SELECT %s, uid, %s, %s, %s + place, %s + place, digest, FALSE, NULL FROM {_ASIDE} WHERE TRUE
            ON CONFLICT (uid, section, audience_id) DO UPDATE
                SET seq = excluded.seq, digest = excluded.digest, is_gone = FALSE, gone_at = NULL
        """  # noqa: S608
        given: list[Any] = [audience.pk, self.kind.name, self.spec.name, audience.head, audience.head]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
        self._save(audience, fingerprint.add(fingerprint.from_hex(audience.fingerprint), total), count, count)

    def _leave(self, audience: Audience, before: int) -> None:
        total, count = self._set_aside(audience, before)
        sql = f"""
            UPDATE records_journalentry
            SET is_gone = TRUE, digest = '', gone_at = %s, seq = %s + leaving.place
            FROM {_ASIDE} AS leaving
            WHERE records_journalentry.id = leaving.id
        """  # noqa: S608
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(sql, [now, audience.head])
            cursor.execute(f"DROP TABLE {_ASIDE}")
        left = fingerprint.remove(fingerprint.from_hex(audience.fingerprint), total)
        self._save(audience, left, count, -count)

    @staticmethod
    def _save(audience: Audience, total: int, moved: int, more: int) -> None:
        audience.head += moved
        audience.count += more
        audience.fingerprint = fingerprint.to_hex(total)
        audience.save(update_fields=["head", "count", "fingerprint"])

    def _write_mask(self, before: int, after: int) -> None:
        columns, values = f"{self._mask} = %s", [after]
        if self.spec.name == "basics":
            columns, values = f"{columns}, is_public = %s", [after, after == rules.PUBLIC]
        where, given = self._moving(before)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {self._table} SET {columns} WHERE {where}", [*values, *given])  # noqa: S608


def _dashed(uid: UUID | str) -> str:
    """Return a uid as fingerprints take it; SQLite keeps 32 digits without dashes."""
    text = str(uid)
    if len(text) == 36:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
