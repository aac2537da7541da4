"""Reads on what people keep of lists: their columns, their named filters."""

from __future__ import annotations

from django.db.models import Q

from parkbench.records.models import (
    ListColumns,
    SavedFilter,
)
from parkbench.records.visibility import Viewer


def kept_columns(*, list_name: str, viewer: Viewer) -> list[str]:
    """Return the columns a person chose for a list, else nothing."""
    if viewer.person_id is None:
        return []
    rows = ListColumns.objects.filter(person_id=viewer.person_id, list_name=list_name)
    return list(rows.values_list("columns", flat=True).first() or [])


def saved_filters(*, list_name: str, viewer: Viewer) -> list[SavedFilter]:
    """Return the person's own filters and those shared with all members, by name."""
    if viewer.person_id is None or not viewer.is_member:
        return []
    rows = SavedFilter.objects.filter(list_name=list_name)
    return list(rows.filter(Q(person_id=viewer.person_id) | Q(is_shared=True)))
