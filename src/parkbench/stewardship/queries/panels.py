"""What stewardship tells on pages of rooms below: on a record, on one's account, on a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.records.registry import kinds
from parkbench.records.visibility import Viewer, may_edit
from parkbench.stewardship.queries.completeness import lacks, level_of, wanted_of
from parkbench.stewardship.queries.periods import months_of
from parkbench.stewardship.queries.scopes import own_rows
from parkbench.stewardship.rules import Level
from parkbench.ui.slots import Panel

TONES = {Level.NONE: "quiet", Level.BRONZE: "warn", Level.SILVER: "info", Level.GOLD: "good"}


def words_of(level: Level) -> str:
    """Return a level as people read it."""
    return {
        Level.NONE: _("not yet bronze"),
        Level.BRONZE: _("bronze"),
        Level.SILVER: _("silver"),
        Level.GOLD: _("gold"),
    }[level]


def on_record(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return how complete an own record is and, for who may say so, that it is still right; two queries.

    ``ids`` is one "<kind>/<uid>". Members only.
    """
    name, _mark, uid = ids[0].partition("/")
    kind = next((one for one in kinds() if one.name == name), None)
    if kind is None or not viewer.is_member:
        return None
    wanted = wanted_of(kind, viewer)
    paths = [path.rpartition("__")[0] for path in kind.scope_paths if "__" in path]
    flags = {f"lacks_{place}": lacks(one) for place, one in enumerate(wanted)}
    rows: Any = own_rows(kind, viewer).filter(uid=UUID(uid)).select_related(*paths)
    row = rows.annotate(level=level_of(wanted), **flags).first()
    if row is None:
        return None
    may_confirm = may_edit(kind, row, viewer)
    months = months_of(kind=kind.name) if may_confirm else None
    missing = [one for place, one in enumerate(wanted) if getattr(row, f"lacks_{place}")]
    if not wanted and not months:
        return None
    level = Level(row.level)
    context = {
        "is_wanted": bool(wanted),
        "level": words_of(level),
        "tone": TONES[level],
        "missing": [(one.label, words_of(one.level), TONES[one.level]) for one in missing],
        "record": f"{kind.name}:{uid}",
        "months": months,
        "page_url": reverse(kind.page, args=[row.uid]),
        "list_url": f"{reverse('stewardship:completeness')}#{kind.name}",
    }
    return Panel("", "stewardship/record_panel.html", context)


def on_me(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the ways to what one answers for, one's mail and one's calendars; no query."""
    if not viewer.is_member:
        return None
    return Panel(_("What I answer for"), "stewardship/me_panel.html")


def on_person(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the way to hand over what a person answers for; no query."""
    if not viewer.may(Action.SHARE):
        return None
    url = f"{reverse('stewardship:handover')}?person={ids[0]}"
    return Panel(_("What they answer for"), "stewardship/person_panel.html", {"url": url})
