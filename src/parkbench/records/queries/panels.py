"""What records tell below a partner's record: members' notes, and what this version does not understand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.lib.errors import NotFound
from parkbench.records.queries.partners import fields_not_understood, may_note, notes_of, partners_record
from parkbench.records.registry import Kind
from parkbench.records.visibility import Viewer
from parkbench.ui.slots import Panel


def notes(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the notes of members on a partner's record; ``ids`` is one "<kind>/<uid>"; two queries."""
    found = _record(ids, viewer)
    if found is None:
        return None
    known, row = found
    lines = notes_of(row=row, viewer=viewer)
    if not lines and not may_note(viewer):
        return None
    context = {"kind_name": known.name, "uid": row.uid, "notes": lines, "may_add": may_note(viewer)}
    return Panel(_("Our notes"), "records/notes_panel.html", context)


def unknown(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the fields of a partner's record that this version does not know; two queries."""
    found = _record(ids, viewer)
    if found is None:
        return None
    known, row = found
    fields = fields_not_understood(kind=known, row=row, viewer=viewer)
    if not fields:
        return None
    title = _("Not understood by this version")
    return Panel(title, "records/unknown_panel.html", {"fields": fields})


def _record(ids: Sequence[str], viewer: Viewer) -> tuple[Kind, Any] | None:
    kind, _mark, uid = ids[0].partition("/")
    try:
        return partners_record(kind=kind, uid=UUID(uid), viewer=viewer)
    except NotFound:
        return None
