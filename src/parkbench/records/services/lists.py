"""What people keep of lists: their columns, their named filters."""

from __future__ import annotations

from collections.abc import Sequence

from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.models import ListColumns, SavedFilter
from parkbench.records.visibility import Viewer


def keep_columns(*, list_name: str, columns: Sequence[str], by: Viewer) -> None:
    """This function will remember which columns a person wants to see; none = the usual ones again."""
    if by.person is None:
        raise NotAllowed("Sign in to keep your own columns.")
    if not columns:
        ListColumns.objects.filter(person=by.person, list_name=list_name).delete()
        return
    ListColumns.objects.update_or_create(
        person=by.person, list_name=list_name, defaults={"columns": list(columns)}
    )


def save_filter(*, list_name: str, name: str, query: str, is_shared: bool, by: Viewer) -> SavedFilter:
    """This function will keep a filter under a name; the same name again replaces it.

    Raises Refused without a name, NotAllowed for visitors.
    """
    if by.person is None:
        raise NotAllowed("Sign in to keep a filter.")
    if not by.is_member:
        raise NotAllowed("You have no role here yet. Ask an administrator for one, then keep the filter.")
    name = " ".join(name.split())[:80]
    if not name:
        raise Refused("Give the filter a name.")
    kept, _is_new = SavedFilter.objects.update_or_create(
        person=by.person,
        list_name=list_name,
        name=name,
        defaults={"query": query[:2000], "is_shared": is_shared},
    )
    return kept


def delete_filter(*, pk: int, by: Viewer) -> None:
    """This function will forget one of the person's own filters; raises NotFound for anybody else's."""
    gone, _rows = SavedFilter.objects.filter(pk=pk, person_id=by.person_id or 0).delete()
    if not gone:
        raise NotFound("This filter is not yours or is gone already.")
