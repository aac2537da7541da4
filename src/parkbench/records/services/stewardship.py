"""Who answers for the content of a record, and when it is looked at next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.models import OWN, RecordEvent
from parkbench.records.registry import Kind, kind_of, tell
from parkbench.records.visibility import Viewer, check_edit, scopes_of

GONE = "There is no such record here."


@transaction.atomic
def set_stewardship(
    *, kind: str, uid: UUID, steward: Person | None, review_due_on: date | None, by: Viewer
) -> None:
    """This function will say who is responsible for the content and when it is reviewed next.

    Raises NotFound, NotAllowed, and Refused when the person may no longer sign in.
    """
    known = kind_of(kind)
    row = known.model._default_manager.filter(home_id=OWN, uid=uid, deleted_at=None).first()
    if row is None:
        raise NotFound(GONE)
    by.check(known.edit, scopes_of(known, row))
    _check_active(steward)
    known.model._default_manager.filter(pk=row.pk).update(steward=steward, review_due_on=review_due_on)
    tell(kind, [uid])


@transaction.atomic
def confirm(*, kind: str, uids: Sequence[UUID], review_due_on: date | None, by: Viewer) -> int:
    """This function will note that the content of these records is still right; returns how many.

    All or none: whoever answers for a record or may change it may confirm it. ``review_due_on`` is when they
    are looked at next. Raises NotFound, NotAllowed.
    """
    known = kind_of(kind)
    rows = _locked(known, uids)
    for row in rows:
        check_edit(known, row, by)
    _own(known, uids).update(review_due_on=review_due_on)
    detail = ""
    if review_due_on:
        detail = _("next review on %(day)s") % {"day": formats.date_format(review_due_on, "j F Y")}
    _note(known, uids, RecordEvent.What.REVIEWED, by, detail)
    tell(kind, uids)
    return len(rows)


@transaction.atomic
def hand_over(
    *, kind: str, uids: Sequence[UUID], steward: Person | None, by: Viewer, is_undo: bool = False
) -> int:
    """This function will make somebody else answer for these records; returns how many.

    Only who may change them by role. ``is_undo`` lets them go back to somebody who may not sign in any more.
    Raises NotFound, NotAllowed, and Refused when the person may no longer sign in.
    """
    known = kind_of(kind)
    rows = _locked(known, uids)
    for row in rows:
        by.check(known.edit, scopes_of(known, row))
    if not is_undo:
        _check_active(steward)
    _own(known, uids).update(steward=steward)
    # No name in words: whoever is erased later would stay in them.
    _note(known, uids, RecordEvent.What.HANDED_ON, by, "")
    tell(kind, uids)
    return len(rows)


def date_reviews(*, kind: str, review_due_on: date, uids: Sequence[UUID] | None = None) -> int:
    """This function will give own records without a review date this one; returns how many.

    Without ``uids`` all of the kind. Nobody hears of it: the date is no content.
    """
    rows = _own(kind_of(kind), uids).filter(review_due_on=None)
    return int(rows.update(review_due_on=review_due_on))


def _own(kind: Kind, uids: Sequence[UUID] | None) -> Any:
    rows = kind.model._default_manager.filter(home_id=OWN, deleted_at=None)
    return rows if uids is None else rows.filter(uid__in=uids)


def _locked(kind: Kind, uids: Sequence[UUID]) -> list[Any]:
    """Return the rows in the order in which publishing locks them; raise NotFound when one is not here."""
    paths = [path.rpartition("__")[0] for path in kind.scope_paths if "__" in path]
    rows = _own(kind, uids).select_related(*paths).select_for_update(of=("self",)).order_by("pk")
    found: list[Any] = list(rows)
    if len(found) != len(set(uids)):
        raise NotFound(GONE)
    return found


def _check_active(person: Person | None) -> None:
    if person is not None and not person.is_active:
        raise Refused(f"{person.name} may no longer sign in. Choose somebody else as content responsible.")


def _note(kind: Kind, uids: Sequence[UUID], what: RecordEvent.What, by: Viewer, detail: str) -> None:
    now = timezone.now()
    RecordEvent.objects.bulk_create(
        RecordEvent(uid=uid, kind=kind.name, what=what, by_id=by.person_id, at=now, detail=detail)
        for uid in uids
    )
