"""Who answers for the content of a record, and when it is looked at next."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from parkbench.accounts.models import Person
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of, tell
from parkbench.records.visibility import Viewer, scopes_of


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
        raise NotFound("There is no such record here.")
    by.check(known.edit, scopes_of(known, row))
    if steward is not None and not steward.is_active:
        raise Refused(f"{steward.name} may no longer sign in. Choose somebody else as content responsible.")
    known.model._default_manager.filter(pk=row.pk).update(steward=steward, review_due_on=review_due_on)
    tell(kind, [uid])
