"""Delete and restore platforms, units and sites."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound, Refused
from parkbench.programme import queries
from parkbench.programme.rules import fold_name
from parkbench.records import services as records
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer


@transaction.atomic
def delete(*, kind: str, uid: UUID, by: Viewer) -> None:
    """This function will withdraw a platform, unit or site and keep it restorable for 30 days.

    Raises NotFound, NotAllowed, and Refused while something still depends on it or for the organisation.
    """
    row = queries.fetch(kind=kind, uid=uid, viewer=by)
    by.check(Action.EDIT_PROGRAMME)
    if kind not in queries.NAMED:
        raise Refused(_("A node cannot be without its organisation. Edit it instead."))
    depending = queries.dependents(kind=kind, uid=uid)
    if depending:
        words = ", ".join(f"{count} {label}" for label, count in depending)
        raise Refused(
            _("“%(name)s” still has %(what)s. Move or delete them first.") % {"name": row.name, "what": words}
        )
    records.delete(kind=kind, uids=[uid], by=by)


@transaction.atomic
def restore(*, kind: str, uid: UUID, by: Viewer) -> None:
    """This function will bring a deleted platform, unit or site back.

    Raises NotFound when it is not kept any more, NotAllowed, and Refused when its name was taken meanwhile or
    its platform is deleted.
    """
    by.check(Action.EDIT_PROGRAMME)
    if kind not in queries.NAMED:
        raise NotFound(_("There is nothing to restore here."))
    rows = queries.NAMED[kind].objects.own().filter(uid=uid)
    row = rows.exclude(deleted_at=None).first()
    if row is None:
        raise NotFound(_("There is nothing to restore here; after 30 days it is removed for good."))
    names = queries.NAMED[kind].objects.live().own().values_list("name", flat=True)
    if fold_name(row.name) in {fold_name(name) for name in names}:
        raise Refused(
            _("Another %(kind)s is named “%(name)s” by now. Rename that one first, then restore.")
            % {"kind": kind_of(kind).label, "name": row.name}
        )
    platform = row.platform if kind == "unit" else None
    if platform is not None and platform.home_id == OWN and platform.deleted_at is not None:
        raise Refused(_("Its platform “%(name)s” is deleted. Restore that first.") % {"name": platform.name})
    records.restore(kind=kind, uids=[uid], by=by)
