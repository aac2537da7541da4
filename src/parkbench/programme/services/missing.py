"""What an import names and the node does not have yet."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, Problem, shorten
from parkbench.programme.queries import names_of
from parkbench.programme.rules import fold_name
from parkbench.records import bulk
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

MAKEABLE = ("platform", "unit", "site")


def make_missing(
    *, kind: str, names: Iterable[str], by: Viewer, batch: UUID | None = None
) -> dict[str, UUID]:
    """This function will find own platforms, units or sites by name and make those that are not here.

    A name matches whatever its case and spaces; a short name counts too unless two records bear it.
    Returns each given name with its uid; names that differ only so share one. Running it again makes nothing.
    Raises ValueError for a kind that is not made by name, Invalid for a name that is empty or over 200
    characters, NotAllowed when something is missing and the viewer may not change the programme, Conflict
    when somebody made the same name at the same moment.
    """
    if kind not in MAKEABLE:
        raise ValueError(f"{kind} is not made by name; only {', '.join(MAKEABLE)} are.")
    wanted = {name: fold_name(name) for name in names}
    if not all(wanted.values()):
        raise Invalid(Problem(kind, "", _("a name")))
    try:
        with transaction.atomic():
            known = names_of(kind=kind, viewer=by)
            fresh: dict[str, str] = {}
            for name, folded in wanted.items():
                if folded not in known:
                    fresh.setdefault(folded, " ".join(name.split()))
            _check_may_make(kind, list(fresh.values()), by)
            known.update(_made(kind, fresh, by, batch))
    except IntegrityError as error:
        raise Conflict(
            _("Somebody added one of these names at the same moment. Nothing was added; please try again.")
        ) from error
    return {name: known[folded] for name, folded in wanted.items()}


def _check_may_make(kind: str, names: list[str], by: Viewer) -> None:
    if not names or by.may(Action.EDIT_PROGRAMME):
        return
    shown = ", ".join(f"“{shorten(name)}”" for name in names[:5])
    more = _(" and %(count)s more") % {"count": len(names) - 5} if len(names) > 5 else ""
    raise NotAllowed(
        _("There is no %(kind)s named %(names)s here. Correct the name, or ask a manager to add it.")
        % {"kind": kind, "names": shown + more}
    )


def _made(kind: str, fresh: dict[str, str], by: Viewer, batch: UUID | None) -> dict[str, UUID]:
    made = {folded: uuid4() for folded in fresh}
    drafts = [
        Draft(uid=made[folded], sections={"basics": {"name": name}}, is_new=True)
        for folded, name in fresh.items()
    ]
    for start in range(0, len(drafts), bulk.CHUNK):
        publish(kind=kind, drafts=drafts[start : start + bulk.CHUNK], by=by, batch=batch)
    return made
