"""Handing over: all or chosen records of somebody go to somebody else, and back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.lib.errors import Conflict, NotFound, Refused
from parkbench.records import services as records
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import HandedRecord, Handover
from parkbench.stewardship.queries.handovers import answers_for_anything, held_by
from parkbench.stewardship.services.reviews import MOST, Pick, by_kind


@transaction.atomic
def hand_over(
    *, giver: Person | None, taker: Person, by: Viewer, picks: Sequence[Pick] | None = None
) -> Handover:
    """This function will make ``taker`` answer for what ``giver``, or nobody, answers for.

    Without ``picks`` all that the viewer may hand over. Raises Refused when there is nothing, Conflict when
    something chosen was handed over meanwhile, NotFound, NotAllowed.
    """
    if giver is not None and giver.pk == taker.pk:
        raise Refused(_("Choose two different people."))
    held = [(kind, uid) for kind, uid, *_rest in held_by(person=giver, viewer=by)]
    wanted = held if picks is None else list(dict.fromkeys(picks))
    if not wanted:
        raise Refused(_("There is nothing to hand over. Tick the records first."))
    if not set(wanted) <= set(held):
        raise Conflict(
            _("Some of these records changed hands meanwhile, or are not yours to hand over. Look again.")
        )
    done = Handover.objects.create(giver=giver, taker=taker, by=by.person)
    for kind, uids in by_kind(wanted).items():
        _move(kind, uids, taker, by)
        HandedRecord.objects.bulk_create(HandedRecord(handover=done, kind=kind, uid=uid) for uid in uids)
    return done


def _move(kind: str, uids: Sequence[UUID], to: Person | None, by: Viewer, *, is_undo: bool = False) -> None:
    for start in range(0, len(uids), MOST):
        records.hand_over(kind=kind, uids=uids[start : start + MOST], steward=to, by=by, is_undo=is_undo)


@transaction.atomic
def undo(*, pk: int, by: Viewer) -> int:
    """This function will give a handover back; returns how many records went.

    Records that were handed on since, or are deleted, stay as they are. Only who made the handover undoes it.
    Raises NotFound, Refused when it was undone already, NotAllowed when they may no longer change a record.
    """
    rows = Handover.objects.select_for_update().filter(pk=pk, by_id=by.person_id)
    done = rows.first() if by.person_id is not None else None
    if done is None:
        raise NotFound(_("There is no such handover here."))
    if done.undone_at is not None:
        raise Refused(_("This handover was undone already."))
    count = 0
    for kind, uids in by_kind(list(done.records.values_list("kind", "uid"))).items():
        rows_still = kind_of(kind).model._default_manager.filter(
            home_id=OWN, deleted_at=None, uid__in=uids, steward_id=done.taker_id
        )
        still = list(rows_still.values_list("uid", flat=True))
        _move(kind, still, done.giver, by, is_undo=True)
        count += len(still)
    Handover.objects.filter(pk=pk).update(undone_at=timezone.now())
    return count


def leaving_url(uid: UUID) -> str:
    """Return where to hand over what a person answers for; '' when that is nothing."""
    return f"{reverse('stewardship:handover')}?person={uid}" if answers_for_anything(uid=uid) else ""
