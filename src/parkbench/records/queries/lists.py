"""Reads on lists: whose records they show, and what people keep of them: columns and named filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.records.models import (
    ALL,
    OURS,
    PARTNERS,
    REGISTER,
    Home,
    ListColumns,
    SavedFilter,
)
from parkbench.records.visibility import Viewer
from parkbench.ui import lists
from parkbench.ui.lists import ColumnChoice, HomeChoice, ListPage

Count = Callable[[str], int]
"""How many rows the list has, all its conditions in force, of the homes that are asked for."""


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


def partners() -> list[tuple[int, str]]:
    """Return number and name of every partner whose records may be here; one small query."""
    return list(Home.objects.filter(pk__gt=REGISTER).order_by("name", "pk").values_list("pk", "name"))


def home_asked(text: str, viewer: Viewer) -> str:
    """Return whose records an address asks for: own, partners, all, or a partner's number as text.

    Own unless it says something else that makes sense; and always for who is no member.
    """
    if not viewer.is_member:
        return OURS
    if text in (PARTNERS, ALL):
        return text
    is_one = text.isascii() and text.isdigit() and len(text) < 9 and int(text) > REGISTER
    return str(int(text)) if is_one else OURS


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose records a list shows: ``count`` tells how many of other homes, ``url`` the address of those."""

    home: str
    count: Count
    url: Callable[[str], str]
    own_label: str = ""


def home_choices(*, viewer: Viewer, whose: Whose, total: int) -> list[HomeChoice]:
    """Return the ways to own, partners' and all records, and to each partner's; nothing on a node alone.

    ``total`` is the number of rows shown now. One query on a node alone, two otherwise, three when one
    partner is asked for.
    """
    known = partners() if viewer.is_member else []
    if not known:
        return []
    home, count, url = whose.home, whose.count, whose.url
    counts = {home: total}
    if PARTNERS not in counts and home in (OURS, ALL):
        counts[PARTNERS] = count(PARTNERS)
    for each in (OURS, PARTNERS):
        if each not in counts:
            counts[each] = counts[ALL] - counts[PARTNERS] if home == ALL else count(each)
    counts[ALL] = counts[OURS] + counts[PARTNERS]
    labels = {OURS: whose.own_label or _("Own"), PARTNERS: _("Partners"), ALL: _("All")}
    labels |= {
        str(pk): name for pk, name in known if home == str(pk) or (home == PARTNERS and len(known) > 1)
    }
    return [
        HomeChoice(label, counts.get(each), url("" if each == OURS else each), is_on=each == home)
        for each, label in labels.items()
    ]


def completed(
    page: ListPage,
    *,
    list_name: str,
    columns: Sequence[tuple[str, Any]],
    shown: Collection[str],
    whose: Whose | None,
    viewer: Viewer,
) -> ListPage:
    """Return a list page with what every list has: whose records, choice of columns, saved filters.

    ``columns`` are (key, label) of all that may be shown; a choice is for who is signed in.
    Two queries, two more where there are partners.
    """
    choices = [ColumnChoice(key, str(label), is_shown=key in shown) for key, label in columns]
    return replace(
        page,
        homes=home_choices(viewer=viewer, whose=whose, total=page.pager.total) if whose else (),
        column_choices=choices if viewer.person_id else (),
        columns_url=reverse("records:list-columns", args=[list_name]),
        saved_filters=_saved(page, list_name, viewer),
        save_filter_url=reverse("records:list-filters", args=[list_name]) if viewer.person_id else None,
    )


def _saved(page: ListPage, list_name: str, viewer: Viewer) -> list[lists.SavedFilter]:
    return [
        lists.SavedFilter(
            name=saved.name,
            url=f"{page.url}?{saved.query}",
            is_shared=saved.is_shared,
            delete_url=reverse("records:list-filter-delete", args=[saved.pk])
            if saved.person_id == viewer.person_id
            else None,
            is_on=bool(saved.query) and saved.query == page.current_query,
        )
        for saved in saved_filters(list_name=list_name, viewer=viewer)
    ]


def chosen_columns(*, list_name: str, known: Sequence[str], viewer: Viewer) -> tuple[str, ...]:
    """Return which of these columns to show: those a person chose, else all; the first one always.

    The shown ones keep their order. One query for who is signed in.
    """
    kept = set(kept_columns(list_name=list_name, viewer=viewer)) & set(known)
    return tuple(key for key in known if not kept or key in kept or key == known[0])
