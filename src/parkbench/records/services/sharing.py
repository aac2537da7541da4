"""Who may see what: the policy, exceptions per record, dates to share from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.lib import jobs
from parkbench.lib.errors import Conflict, NotFound, Refused
from parkbench.records import bulk, rules
from parkbench.records.models import (
    OWN,
    PolicyCell,
    RecordEvent,
    SharingException,
)
from parkbench.records.registry import Kind, kind_of, tell
from parkbench.records.services import gate, journals, withdrawals
from parkbench.records.services.narrowing import narrow
from parkbench.records.services.publishing import heads_of, settle_records
from parkbench.records.visibility import Viewer, scopes_of

Part = tuple[UUID, str]
Cell = tuple[str, str]
"""A kind and one of its sections."""


def set_policy(*, kind: str, section: str, mask: int, by: Viewer) -> None:
    """This function will set who sees one section of all records of a kind.

    What narrows is in force when this returns; what widens follows in a job. Raises Refused when the section
    would be shared more widely than the basics, or never leaves the organisation.
    """
    by.check(Action.SET_POLICY)
    known = kind_of(kind)
    _check_masks(known, {section: mask}, dict(_policy(kind)))
    with transaction.atomic():
        gate.close()
        cell, _is_new = PolicyCell.objects.get_or_create(kind=kind, section=section)
        is_wider = not rules.is_within(mask, cell.mask)
        if not rules.is_within(cell.mask, mask):
            withdrawals.note_cell(kind=kind, section=section, mask=rules.journals(mask))
        cell.mask = rules.journals(mask)
        cell.save(update_fields=["mask"])
        narrow(known, ("basics", *(s.name for s in known.sections)) if section == "basics" else (section,))
        if is_wider:
            jobs.enqueue("records.widen", kind=kind)


@transaction.atomic
def set_policies(
    *, cells: Mapping[Cell, int], by: Viewer, expected: Mapping[Cell, int] | None = None
) -> None:
    """This function will set several (kind, section) cells of the policy together: all of them or none.

    What narrows is in force when this returns, what widens follows in a job. ``expected`` holds the masks
    that the person had seen. Raises Conflict when one of them moved on, and what `set_policy` raises.
    """
    by.check(Action.SET_POLICY)
    gate.close()
    for kind in sorted({kind for kind, _section in cells}):
        now = dict(_policy(kind))
        after = {section: mask for (name, section), mask in cells.items() if name == kind}
        for section in after:
            seen = (expected or {}).get((kind, section), now.get(section, rules.NOBODY))
            if seen != now.get(section, rules.NOBODY):
                raise Conflict("Somebody changed the sharing policy meanwhile. Nothing of yours was saved.")
        for section, mask in rules.policy_steps(now, after):
            set_policy(kind=kind, section=section, mask=mask, by=by)


def _policy(kind: str) -> Iterable[tuple[str, int]]:
    return PolicyCell.objects.filter(kind=kind).values_list("section", "mask")


def _check_masks(kind: Kind, changed: Mapping[str, int], now: Mapping[str, int]) -> None:
    """Raise Refused unless every changed section stays within the basics and may leave at all."""
    merged = {**now, **changed}
    basics = merged.get("basics", rules.NOBODY)
    for section, mask in changed.items():
        spec = kind.section(section)
        if mask and spec.see is Action.SEE_INTERNAL:
            raise Refused(f"“{spec.label}” never leaves the organisation.")
        if section != "basics" and not rules.is_within(mask, basics):
            raise Refused(
                f"“{spec.label}” cannot be visible to more than the basics are. Share the basics first."
            )


def widen(*, kind: str) -> int:
    """This function will bring all journals of a kind in line with the policy, 1,000 records at a time.

    Each chunk is its own transaction and reads the policy afresh; running it again changes nothing.
    Returns the number of records looked at.
    """
    known = kind_of(kind)
    last, count = 0, 0
    while True:
        rows = known.model._default_manager.filter(home_id=OWN, deleted_at=None, pk__gt=last).order_by("pk")
        chunk = list(rows.values_list("pk", "uid")[: bulk.CHUNK])
        if not chunk:
            return count
        _resettle(known, [uid for _pk, uid in chunk])
        last, count = chunk[-1][0], count + len(chunk)


@transaction.atomic
def _resettle(kind: Kind, uids: list[UUID]) -> None:
    gate.enter()
    # Publishing holds the gate shared too: without the rows' locks an old digest could overwrite a new one.
    rows = kind.model._default_manager.select_for_update().filter(home_id=OWN, uid__in=uids)
    list(rows.order_by("pk").values_list("pk"))
    digests = {part: head.digest for part, head in heads_of(uids).items()}
    settle_records(kind, uids, digests)
    tell(kind.name, uids)


def share_record(
    *,
    kind: str,
    uid: UUID,
    masks: Mapping[str, int | None],
    share_from: datetime | None = None,
    by: Viewer,
) -> None:
    """This function will say, for one record, who sees which section, beside the policy.

    ``masks`` maps sections to an audience mask, or None for "as the policy says"; ``share_from`` is an
    instant in UTC before which nobody outside sees anything. In force when this returns.
    Raises NotAllowed, NotFound, and Refused when a section would be wider than the basics.
    """
    known = kind_of(kind)
    with transaction.atomic():
        gate.close()
        row = known.model._default_manager.filter(home_id=OWN, uid=uid).first()
        if row is None:
            raise NotFound("There is no such record here.")
        by.check(Action.SHARE, scopes_of(known, row))
        _check_masks(known, _merged(known, uid, masks), {})
        meant = journals.read_sharing(known, [uid])
        for section, mask in masks.items():
            known.section(section)
            _set_exception(known, uid, section, mask)
        _set_share_from(known, uid, share_from)
        digests = {part: head.digest for part, head in heads_of([uid]).items()}
        settle_records(known, [uid], digests, meant=meant)
        RecordEvent.objects.create(
            uid=uid, kind=kind, what=RecordEvent.What.SHARED, by_id=by.person_id, at=timezone.now()
        )
        tell(kind, [uid])


def _merged(kind: Kind, uid: UUID, masks: Mapping[str, int | None]) -> dict[str, int]:
    """Return what every section of the record would be visible to after the change."""
    policy = dict(_policy(kind.name))
    rows = SharingException.objects.filter(uid=uid, mask__isnull=False).values_list("section", "mask")
    exceptions: dict[str, int | None] = {**dict(rows), **masks}
    merged: dict[str, int] = {}
    for spec in kind.sections:
        chosen = exceptions.get(spec.name)
        merged[spec.name] = policy.get(spec.name, rules.NOBODY) if chosen is None else chosen
    for name, mask in merged.items():
        if masks.get(name) is None:
            # Not asked for by this change: what the basics no longer carry simply falls away.
            merged[name] = rules.clamp(mask, within=merged["basics"])
    return merged


def _set_exception(kind: Kind, uid: UUID, section: str, mask: int | None) -> None:
    if mask is None:
        SharingException.objects.filter(uid=uid, section=section).delete()
        return
    SharingException.objects.update_or_create(
        uid=uid, section=section, defaults={"kind": kind.name, "mask": rules.journals(mask)}
    )


def _set_share_from(kind: Kind, uid: UUID, share_from: datetime | None) -> None:
    if share_from is None:
        SharingException.objects.filter(uid=uid, section="").delete()
        return
    SharingException.objects.update_or_create(
        uid=uid,
        section="",
        defaults={"kind": kind.name, "share_from": share_from, "is_due": share_from > timezone.now()},
    )


def apply_due(*, now: datetime | None = None) -> int:
    """This function will share what has reached its date to share from; returns the number of records."""
    now = now or timezone.now()
    due = SharingException.objects.filter(is_due=True, share_from__lte=now)
    rows = list(due.order_by("pk").values_list("pk", "kind", "uid")[: bulk.CHUNK])
    for pk, kind, uid in rows:
        with transaction.atomic():
            _resettle(kind_of(kind), [uid])
            # Not when somebody gave it a later date while this ran.
            SharingException.objects.filter(pk=pk, share_from__lte=now).update(is_due=False)
    return len(rows)
