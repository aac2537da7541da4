"""Delete, restore, purge, revert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.envelope.items import read_body
from parkbench.lib.errors import Conflict, NotFound, Refused
from parkbench.records.models import OWN, RecordEvent, Section, SharingException
from parkbench.records.registry import Kind, kind_of, kinds, tell
from parkbench.records.services import gate, journals
from parkbench.records.services.publishing import Draft, Published, heads_of, publish, settle_records
from parkbench.records.visibility import Viewer, check_edit, scopes_of, sections

RESTORABLE = timedelta(days=30)
GONE = "There is no such record here; it may have been removed for good."


def delete(*, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID | None = None) -> None:
    """This function will withdraw own records now and keep them restorable for 30 days.

    Raises NotFound when one is not here, NotAllowed when one may not be deleted by this viewer.
    """
    _move(
        kind_of(kind),
        uids,
        by=by,
        what=RecordEvent.What.DELETED,
        deleted_at=timezone.now(),
        batch=batch,
    )


def restore(*, kind: str, uids: Sequence[UUID], by: Viewer) -> None:
    """This function will bring deleted records back, to the audiences that the policy gives them now.

    Raises NotFound when one is not here or was purged, NotAllowed as delete does, Conflict when another
    record took its name meanwhile.
    """
    try:
        _move(kind_of(kind), uids, by=by, what=RecordEvent.What.RESTORED, deleted_at=None, batch=None)
    except IntegrityError as error:
        raise Conflict("Another record has this name by now. Rename that one first, then restore.") from error


def bring_back(*, kind: str, uids: Sequence[UUID], by: Viewer) -> None:
    """This function will restore deleted records with all the checks that their room makes; all or none.

    Raises what `restore` raises and what the room's own restoring raises.
    """
    known = kind_of(kind)
    if known.restore is None:
        restore(kind=kind, uids=uids, by=by)
        return
    with transaction.atomic():
        for uid in uids:
            known.restore(uid=uid, by=by)


def _move(
    kind: Kind,
    uids: Sequence[UUID],
    *,
    by: Viewer,
    what: RecordEvent.What,
    deleted_at: datetime | None,
    batch: UUID | None,
) -> None:
    with transaction.atomic():
        gate.enter()
        paths = [path.rpartition("__")[0] for path in kind.scope_paths if "__" in path]
        known = kind.model._default_manager.filter(home_id=OWN, uid__in=uids).select_related(*paths)
        # Locked in the order in which publishing locks them, or two of these could wait for each other.
        rows: list[Any] = list(known.select_for_update(of=("self",)).order_by("pk"))
        if len(rows) != len(set(uids)):
            raise NotFound(GONE)
        for row in rows:
            if row.deleted_at is not None and not by.may(Action.DELETE, scopes_of(kind, row)):
                raise NotFound(GONE)  # whoever may not restore it is not told that it was here
            by.check(Action.DELETE, scopes_of(kind, row))
        meant = journals.read_sharing(kind, uids) if deleted_at is not None else None
        kind.model._default_manager.filter(home_id=OWN, uid__in=uids).update(deleted_at=deleted_at)
        digests = {part: head.digest for part, head in heads_of(uids).items()}
        settle_records(kind, uids, digests, meant=meant)
        now = timezone.now()
        RecordEvent.objects.bulk_create(
            RecordEvent(uid=uid, kind=kind.name, what=what, by_id=by.person_id, at=now, batch=batch)
            for uid in uids
        )
        tell(kind.name, uids)


def revert(*, kind: str, uid: UUID, section: str, revision: int, by: Viewer) -> Published:
    """This function will publish an earlier revision of a section again.

    Raises NotFound when that revision is not kept or not theirs to see, NotAllowed when the viewer may not
    edit it, or may not edit where it lay then, Conflict when another record took its name meanwhile, and
    what `publish` raises.
    """
    known = kind_of(kind)
    rows = known.model._default_manager.filter(home_id=OWN, uid=uid, deleted_at=None)
    row = rows.first()
    old = Section.objects.filter(home_id=OWN, uid=uid, section=section, revision=revision).first()
    # A part that is not theirs to see has, for them, no revisions either.
    if row is None or old is None or section not in sections(known, row, by):
        raise NotFound("This revision is not kept here.")
    check_edit(known, row, by)
    if section == "basics" and not old.body:
        raise Refused("There was nothing yet to go back to.")
    body = read_body(old.body.encode()) if old.body else {}
    try:
        with transaction.atomic():
            done = publish(kind=kind, drafts=[Draft(uid=uid, sections={section: body})], by=by)
            _check_move(known, row, rows.get(), by)
            return done
    except IntegrityError as error:
        raise Conflict("Another record has the name it had then. Rename that one first.") from error


def _check_move(kind: Kind, before: Any, after: Any, by: Viewer) -> None:
    """Raise NotAllowed when a record moved, unless the viewer may edit by role where it lay and lies."""
    old, new = scopes_of(kind, before), scopes_of(kind, after)
    if old != new:
        by.check(kind.edit, old)
        by.check(kind.edit, new - {str(after.uid)})


def purge(*, now: datetime | None = None) -> int:
    """This function will remove for good what was deleted more than 30 days ago; returns how many records.

    The journal's gone rows stay, so that readers still hear of the departure.
    """
    before = (now or timezone.now()) - RESTORABLE
    count = 0
    for kind in kinds():
        rows = kind.model._default_manager.filter(home_id=OWN, deleted_at__lt=before)
        uids = list(rows.values_list("uid", flat=True)[:1000])
        if not uids:
            continue
        with transaction.atomic():
            Section.objects.filter(home_id=OWN, uid__in=uids).delete()
            SharingException.objects.filter(uid__in=uids).delete()
            RecordEvent.objects.filter(uid__in=uids).delete()
            kind.model._default_manager.filter(home_id=OWN, uid__in=uids).delete()
            tell(kind.name, uids)
        count += len(uids)
    return count
