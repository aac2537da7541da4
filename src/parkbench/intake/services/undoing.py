"""Undo: every field that still holds what the import wrote goes back, what it made is taken away again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Held, Role
from parkbench.envelope.items import read_body
from parkbench.intake.models import Batch, SourceRow
from parkbench.intake.queries import batch_of, later_batches
from parkbench.intake.registry import Target, target_of
from parkbench.intake.rules import BatchState
from parkbench.intake.services.batches import move
from parkbench.lib import jobs
from parkbench.lib.db import Turns
from parkbench.lib.errors import Refused
from parkbench.records.bulk import CHUNK, amend
from parkbench.records.models import OWN, Section
from parkbench.records.queries import referred_to
from parkbench.records.registry import Kind, kind_of
from parkbench.records.services import Draft, delete, gate, publish
from parkbench.records.visibility import Viewer

PAGE = 2_000
"""Sections in one transaction: some hundreds of records."""
LISTED = 2_000
"""Kept fields that are listed by name; beyond that they are only counted."""

Beat = Callable[[int], None]
Body = dict[str, Any]


@dataclass(slots=True)
class _Part:
    """One section the import wrote: as it was before, as written, as it is now."""

    before: Body = field(default_factory=dict)
    wrote: Body | None = None
    now: Body = field(default_factory=dict)
    by: str = ""

    @property
    def is_touched(self) -> bool:
        """Whether the section holds anything else than the import wrote."""
        return self.now != (self.wrote or {})


@dataclass(frozen=True, slots=True)
class _Whose:
    """The record a section belongs to; ``is_made``: by the import that is undone."""

    uid: UUID
    title: str
    is_made: bool


@dataclass(slots=True)
class _Back:
    """What undoing comes to on one page: bodies to publish, records to delete, fields kept."""

    drafts: dict[UUID, dict[str, Body]] = field(default_factory=lambda: defaultdict(dict))
    deleted: list[UUID] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)


def start_undo(*, batch_id: UUID, by: Viewer) -> Batch:
    """This function will queue the undoing of an import. Raises NotFound and Refused as ``undo`` does."""
    batch = batch_of(pk=batch_id, viewer=by)
    _check_last(batch)
    with transaction.atomic():
        moved = move(batch_id=batch.pk, to=BatchState.UNDOING)
        jobs.enqueue("intake.undo", batch=str(batch.pk))
    return moved


def undo(*, batch_id: UUID, by: Viewer, beat: Beat | None = None) -> Batch:
    """This function will undo an import whole, or go on undoing it after a kill.

    A field goes back to what it was if it still holds what the import wrote; the others are listed in the
    result. Records that it made and nobody changed since are deleted. Raises NotFound, and Refused when a
    later import of the same source stands on it.
    """
    batch = batch_of(pk=batch_id, viewer=by)
    _check_last(batch)
    batch = move(batch_id=batch_id, to=BatchState.UNDOING)
    target = target_of(batch.source.target)
    # Whoever may import here may undo it, also where deleting is not theirs otherwise.
    acting = Viewer(grants=(Held(Role.ADMINISTRATOR),), person=by.person)
    done, turns = 0, Turns()
    turns.begin()
    while page := _undo_page(batch.pk, target, acting):
        turns.end()
        done += page
        if beat:
            beat(done)
        turns.begin()
    while _forget_rows(batch):
        pass
    _unmake(batch.pk, target, acting)
    with transaction.atomic():
        batch = move(batch_id=batch_id, to=BatchState.UNDONE)
        batch.undone_at = timezone.now()
        batch.save(update_fields=["undone_at"])
    return batch


def _check_last(batch: Batch) -> None:
    later = later_batches(batch)
    if later:
        raise Refused(
            f"“{later[0].file_name}” was imported from this source after it and stands on it. "
            "Undo that import first."
        )


@transaction.atomic
def _undo_page(batch_id: UUID, target: Target, by: Viewer) -> int:
    """Undo some hundreds of records; returns how many, 0 at the end."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.state != BatchState.UNDOING:
        raise Refused("This import is being worked on elsewhere. Look at its page for how far it is.")
    gate.enter()
    kind = kind_of(target.kind)
    written = Section.objects.filter(
        batch=batch_id, kind=kind.name, home_id=OWN, pk__gt=int(batch.cursor or 0)
    )
    rows = list(written.order_by("pk").values_list("pk", "uid")[:PAGE])
    if not rows:
        return 0
    if len(rows) == PAGE and len({uid for _pk, uid in rows}) > 1:
        # The sections of a record stand together; the last one on the page may be cut in two.
        rows = [row for row in rows if row[1] != rows[-1][1]]
    uids = list(dict.fromkeys(uid for _pk, uid in rows))
    back = _looked_at(kind, uids, batch_id)
    _publish_back(kind, back, by)
    if back.deleted:
        delete(kind=kind.name, uids=back.deleted, by=by, batch=batch_id)
    result = batch.result.setdefault("undo", {"records": 0, "deleted": 0, "kept_count": 0, "kept": []})
    result["records"] += len(uids)
    result["deleted"] += len(back.deleted)
    result["kept_count"] += len(back.kept)
    result["kept"] = (result["kept"] + back.kept)[:LISTED]
    batch.cursor, batch.beat_at = str(rows[-1][0]), timezone.now()
    batch.save(update_fields=["result", "cursor", "beat_at"])
    return len(uids)


def _looked_at(kind: Kind, uids: Sequence[UUID], batch_id: UUID) -> _Back:
    parts, made = _parts(uids, batch_id)
    live = kind.model._default_manager.select_for_update().filter(home_id=OWN, uid__in=uids, deleted_at=None)
    titles = dict(live.order_by("pk").values_list("uid", kind.title))
    back = _Back()
    for uid, sections in parts.items():
        if uid not in titles:
            continue
        if uid in made and not any(part.is_touched for part in sections.values()):
            back.deleted.append(uid)
            continue
        for name, part in sections.items():
            if part.wrote is not None:
                _undo_part(kind, name, part, _Whose(uid, titles[uid], uid in made), back)
    return back


def _parts(uids: Sequence[UUID], batch_id: UUID) -> tuple[dict[UUID, dict[str, _Part]], set[UUID]]:
    """Read the history of these records in one query: parts by record and section, and what was made."""
    parts: dict[UUID, dict[str, _Part]] = defaultdict(lambda: defaultdict(_Part))
    made: set[UUID] = set()
    rows = Section.objects.filter(home_id=OWN, uid__in=uids).order_by("pk")
    columns = ("uid", "section", "revision", "body", "is_current", "batch", "by__name")
    for uid, name, revision, text, is_current, batch, who in rows.values_list(*columns):
        part, body = parts[uid][name], read_body(text.encode()) if text else {}
        if batch == batch_id:
            part.wrote = body
            if name == "basics" and revision == 1:
                made.add(uid)
        elif part.wrote is None:
            part.before = body
        if is_current:
            part.now, part.by = body, who or ""
    return parts, made


def _undo_part(kind: Kind, name: str, part: _Part, whose: _Whose, back: _Back) -> None:
    """Put back, in one section, what still holds what the import wrote; list the rest."""
    fields = kind.section(name).schema.model_fields
    written = part.wrote or {}
    body = dict(part.now)
    for key in {**part.before, **written}:
        before, wrote, now = part.before.get(key), written.get(key), part.now.get(key)
        if before in (wrote, now):
            continue
        if now == wrote and not (whose.is_made and fields[key].is_required()):
            body[key] = before
            continue
        words = f"changed since by {part.by}" if now != wrote and part.by else "changed since"
        why = "required" if now == wrote else words
        label = fields[key].title or key
        value = str("" if now is None else now)
        back.kept.append(
            {"uid": str(whose.uid), "title": whose.title, "field": label, "value": value, "why": why}
        )
    body = {key: value for key, value in body.items() if value is not None}
    if body != part.now:
        back.drafts[whose.uid][name] = body


def _publish_back(kind: Kind, back: _Back, by: Viewer) -> None:
    _publish_some(kind, [Draft(uid=uid, sections=bodies) for uid, bodies in back.drafts.items()], back, by)


def _publish_some(kind: Kind, drafts: Sequence[Draft], back: _Back, by: Viewer) -> None:
    """Publish the bodies; what no longer fits together once some fields went back stays, and is listed."""
    if not drafts:
        return
    try:
        with transaction.atomic():
            publish(kind=kind.name, drafts=drafts, by=by)
    except Refused as error:
        if len(drafts) == 1:
            uid = str(drafts[0].uid)
            back.kept.append({"uid": uid, "title": "", "field": "", "value": "", "why": error.sentence})
            return
        half = len(drafts) // 2
        _publish_some(kind, drafts[:half], back, by)
        _publish_some(kind, drafts[half:], back, by)


@transaction.atomic
def _forget_rows(batch: Batch) -> bool:
    """Remove what the source said in this import, 1,000 rows at a time; what it said before counts again."""
    gone = list(SourceRow.objects.filter(batch_id=batch.pk).order_by("pk").values_list("pk", "key")[:CHUNK])
    flagged = SourceRow.objects.filter(source_id=batch.source_id, missing_batch=batch.pk)
    if not gone:
        flagged.update(missing_batch=None)
        return False
    SourceRow.objects.filter(pk__in=[pk for pk, _key in gone]).delete()
    keys = [key for _pk, key in gone]
    last: dict[str, int] = {}
    held: set[str] = set()
    rows = SourceRow.objects.filter(source_id=batch.source_id, key__in=keys).order_by("pk")
    for pk, key, is_current in rows.values_list("pk", "key", "is_current"):
        last[key] = pk
        if is_current:
            held.add(key)
    again = [(True, pk) for key, pk in last.items() if key not in held]
    amend(SourceRow, columns=("is_current",), rows=again, key=("id",))
    return True


@transaction.atomic
def _unmake(batch_id: UUID, target: Target, by: Viewer) -> None:
    """Delete what the import made beside its records, where nothing else uses it by now."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    made: Mapping[str, Mapping[str, str]] = batch.made
    still: dict[str, list[str]] = {}
    for kind, names in made.items():
        # What stands in it may be of any room: a service, a capability, something made by hand since.
        kept = referred_to(kind=kind, uids=map(UUID, names))
        uids = [UUID(uid) for uid in names if UUID(uid) not in kept]
        deleted = {str(uid) for uid in target.unmake(kind=kind, uids=uids, by=by, batch=batch_id)}
        used = sorted(name for uid, name in names.items() if uid not in deleted)
        if used:
            still[kind] = used
    batch.result.setdefault("undo", {})["still_used"] = still
    batch.save(update_fields=["result"])
