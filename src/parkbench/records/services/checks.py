"""Checks of the whole node: journals against policy, rows against sections, history against itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from parkbench.envelope import fingerprint
from parkbench.envelope.digests import digest
from parkbench.envelope.items import BodyError, read_body
from parkbench.lib.db import snapshot
from parkbench.lib.errors import shorten
from parkbench.records import bulk, rules
from parkbench.records.models import OWN, Audience, JournalEntry, Section, SharingException
from parkbench.records.registry import Kind, kinds
from parkbench.records.services import journals
from parkbench.records.services.differences import Difference, as_read
from parkbench.records.services.held_checks import check_held
from parkbench.records.services.references import resolve

Part = tuple[UUID, str]
DIGITS = 64
"""Of a SHA-256, in hexadecimal."""


@dataclass(slots=True)
class _Chunk:
    """Some own records of one kind, with all that is compared about them."""

    kind: Kind
    rows: Sequence[Model]
    bodies: dict[Part, Mapping[str, Any]] = field(default_factory=dict)
    digests: dict[Part, str] = field(default_factory=dict)

    @property
    def uids(self) -> list[UUID]:
        return [row.uid for row in self.rows]  # type: ignore[attr-defined]


def verify() -> Iterator[Difference]:
    """Yield every difference between what is kept and what should follow from it; writes nothing.

    Works on one snapshot of the database and 1,000 records at a time, whatever their number.
    """
    with snapshot():
        for audience in Audience.objects.order_by("bit"):
            yield from _journal(audience)
        for kind in kinds():
            yield from _strays(kind)
            for rows in _chunks(kind):
                yield from check_records(kind, rows)
        yield from _unknown_kinds()
        yield from check_held()


def check_records(kind: Kind, rows: Sequence[Model]) -> Iterator[Difference]:
    """Yield the differences of these own rows of one kind: history, typed columns, journals, masks."""
    chunk = _Chunk(kind, rows)
    yield from _history(chunk)
    yield from _columns(chunk)
    yield from _sharing(chunk)


def _chunks(kind: Kind) -> Iterator[Sequence[Model]]:
    last = 0
    while True:
        rows = kind.model._default_manager.filter(home_id=OWN, pk__gt=last).order_by("pk")[: bulk.CHUNK]
        chunk = list(rows)
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk


def _journal(audience: Audience) -> Iterator[Difference]:
    """Check one journal against its own head: numbers once and in bounds, count and fingerprint."""
    total, count, last = fingerprint.EMPTY, 0, 0
    columns = ("kind", "uid", "section", "digest", "is_gone", "seq", "entered_seq")
    rows = JournalEntry.objects.filter(audience=audience).order_by("seq").values_list(*columns)
    for kind, uid, section, held, is_gone, seq, entered in rows.iterator(5000):
        for check, expected, found in _entry(
            held=held, is_gone=is_gone, seq=seq, entered=entered, last=last, head=audience.head
        ):
            yield Difference(check, kind, uid, section, f"{audience.name}: {expected}", found)
        last = seq
        if not is_gone:
            count += 1
            if _is_digest(held):
                total = fingerprint.add(total, fingerprint.entry_hash(kind, uid, section, held))
    if count != audience.count:
        yield Difference("journal count", "", None, "", f"{audience.name}: {count}", str(audience.count))
    if fingerprint.to_hex(total) != audience.fingerprint:
        wanted = f"{audience.name}: {fingerprint.to_hex(total)}"
        yield Difference("journal fingerprint", "", None, "", wanted, audience.fingerprint)


def _entry(
    *, held: str, is_gone: bool, seq: int, entered: int, last: int, head: int
) -> Iterator[tuple[str, str, str]]:
    """Yield check, expected and found for one journal row; ``last`` is the number of the row before it."""
    if seq == last:
        yield "journal number", "each number once", str(seq)
    if not 0 < entered <= seq <= head:
        yield "journal number", f"0 < entered <= number <= {head}", f"{entered}, {seq}"
    if not is_gone and not _is_digest(held):
        yield "journal digest", "64 hexadecimal digits", shorten(held) or "nothing"


def _is_digest(text: str) -> bool:
    return len(text) == DIGITS and set(text) <= set("0123456789abcdef")


def _strays(kind: Kind) -> Iterator[Difference]:
    """Check that nothing is shared or kept of records that are not here."""
    here = kind.model._default_manager.filter(home_id=OWN).values("uid")
    shared = JournalEntry.objects.filter(kind=kind.name, is_gone=False).exclude(uid__in=here)
    for uid, section in shared.values_list("uid", "section").iterator(5000):
        yield Difference(
            "journal entry", kind.name, uid, section, "no entry, there is no such record", "an entry"
        )
    kept = Section.objects.filter(kind=kind.name, home_id=OWN).exclude(uid__in=here)
    for uid, section in kept.values_list("uid", "section").distinct().iterator(5000):
        yield Difference("history", kind.name, uid, section, "a record that it belongs to", "none")


def _unknown_kinds() -> Iterator[Difference]:
    names = [kind.name for kind in kinds()]
    for rows, check in (
        (JournalEntry.objects.filter(is_gone=False), "journal entry"),
        (Section.objects.filter(home_id=OWN), "history"),
    ):
        for name, uid, section in rows.exclude(kind__in=names).values_list("kind", "uid", "section")[
            : bulk.CHUNK
        ]:
            yield Difference(check, name, uid, section, "a kind of record that this version knows", name)


def _history(chunk: _Chunk) -> Iterator[Difference]:
    """Check revisions, digests and the one current revision; keep the current bodies for what follows."""
    rows = Section.objects.filter(home_id=OWN, uid__in=chunk.uids).order_by("uid", "section", "revision")
    last: tuple[UUID, str, int] | None = None
    current: dict[Part, list[int]] = defaultdict(list)
    newest: dict[Part, int] = {}
    for row in rows.iterator(2000):
        part = (row.uid, row.section)
        wanted = last[2] + 1 if last and last[:2] == part else 1
        if row.revision != wanted:
            yield _of(chunk, "revision", part, wanted, row.revision)
        last = (*part, row.revision)
        newest[part] = row.revision
        yield from _bytes_of(chunk, row)
        if row.is_current:
            current[part].append(row.revision)
    for part, revision in newest.items():
        if current[part] != [revision]:
            found = ", ".join(map(str, current[part])) or "none"
            yield _of(chunk, "current revision", part, f"{revision} alone", found)
    for uid in chunk.uids:
        if (uid, "basics") not in newest:
            yield _of(chunk, "history", (uid, "basics"), "at least one revision", "none")


def _bytes_of(chunk: _Chunk, row: Section) -> Iterator[Difference]:
    """Check the bytes of one revision; the current one is kept as what the row should say."""
    part = (row.uid, row.section)
    made = digest(row.body.encode()) if row.body else ""
    if made != row.digest:
        yield _of(chunk, "digest", part, f"{made or 'none'} (revision {row.revision})", row.digest or "none")
    if row.kind != chunk.kind.name or row.section not in _names(chunk.kind):
        found = f"{row.kind}.{row.section}"
        yield _of(chunk, "history", part, f"a section of {chunk.kind.name} that this version knows", found)
        return
    if not row.is_current:
        return
    try:
        chunk.bodies[part] = read_body(row.body.encode()) if row.body else {}
        chunk.digests[part] = row.digest
    except BodyError as error:
        yield _of(chunk, "body", part, "a JSON object", str(error))


def _names(kind: Kind) -> set[str]:
    return {spec.name for spec in kind.sections}


def _columns(chunk: _Chunk) -> Iterator[Difference]:
    """Check that each row's typed columns say what its current sections say."""
    resolved = resolve(chunk.kind, chunk.bodies.values())
    columns = {column.attname: column for column in chunk.kind.model._meta.concrete_fields}
    for row in chunk.rows:
        for spec in chunk.kind.sections:
            part = (row.uid, spec.name)  # type: ignore[attr-defined]
            for name, expected in wanted_columns(chunk.kind, spec.name, chunk.bodies.get(part, {}), resolved):
                found = getattr(row, name)
                if as_read(columns[name], expected) != as_read(columns[name], found):
                    yield _of(chunk, "row", part, f"{name} = {_shown(expected)}", _shown(found))


def wanted_columns(
    kind: Kind, section: str, body: Mapping[str, Any], resolved: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, Any]]:
    """Yield each typed column of a section with the value that its body gives it."""
    values = kind.columns(section, body)
    yield from values.items()
    for name, target in kind.references.items():
        if f"{name}_ref" in values:
            ref = values[f"{name}_ref"]
            yield f"{name}_id", resolved.get((target, ref)) if ref else None


def _shown(value: object) -> str:
    return "nothing" if value is None or value == "" else shorten(str(value))


def _sharing(chunk: _Chunk) -> Iterator[Difference]:
    """Check journals and masks against what policy, exceptions, dates and deletion give each section."""
    now = timezone.now()
    sharing = journals.read_sharing(chunk.kind, chunk.uids, now=now)
    settling = _settling(chunk.uids, now)
    held, digests = _held(chunk)
    for row in chunk.rows:
        uid: UUID = row.uid  # type: ignore[attr-defined]
        for spec in chunk.kind.sections:
            part = (uid, spec.name)
            kept = chunk.digests.get(part, "")
            is_live = bool(kept) and row.deleted_at is None  # type: ignore[attr-defined]
            target = sharing.target(uid, spec.name) if is_live else rules.NOBODY
            mask = held.pop(part, rules.NOBODY)
            if uid in settling and mask == rules.NOBODY:
                target = rules.NOBODY  # its date has come and the job that shares it has not run yet
            if mask != target:
                yield _of(chunk, "journal entry", part, _audiences(target), _audiences(mask))
            if mask and digests[part] != {kept}:
                found = ", ".join(sorted(digests[part] - {kept}))
                yield _of(chunk, "journal digest", part, kept or "none", found)
            yield from _masks(chunk, row, part, target)
    for part, mask in held.items():
        yield _of(chunk, "journal entry", part, _audiences(rules.NOBODY), _audiences(mask))


def _masks(chunk: _Chunk, row: Model, part: Part, target: int) -> Iterator[Difference]:
    spec = chunk.kind.section(part[1])
    mask = getattr(row, spec.mask)
    if mask != target:
        yield _of(chunk, "mask", part, _audiences(target), _audiences(mask))
    is_public = getattr(row, "is_public", False)
    if part[1] == "basics" and is_public != (target == rules.PUBLIC):
        yield _of(chunk, "public", part, target == rules.PUBLIC, is_public)


def _held(chunk: _Chunk) -> tuple[dict[Part, int], dict[Part, set[str]]]:
    """Return the journals in which each section is live, and the digests that they tell."""
    held: dict[Part, int] = defaultdict(int)
    digests: dict[Part, set[str]] = defaultdict(set)
    for _pk, uid, section, bit, told, is_gone in journals.entries_of(chunk.kind, chunk.uids):
        if not is_gone:
            held[uid, section] |= 1 << bit
            digests[uid, section].add(told)
    return held, digests


def _settling(uids: Iterable[UUID], now: datetime) -> set[UUID]:
    due = SharingException.objects.filter(uid__in=uids, is_due=True, share_from__lte=now)
    return set(due.values_list("uid", flat=True))


def _audiences(mask: int) -> str:
    return "audience " + ", ".join(map(str, rules.bits(mask))) if mask else "nobody outside"


def _of(chunk: _Chunk, check: str, part: Part, expected: object, found: object) -> Difference:
    return Difference(check, chunk.kind.name, part[0], part[1], str(expected), str(found))
