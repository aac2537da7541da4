"""What the page of a partner's record says beside its content: where it comes from, notes, unknown fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound
from parkbench.records.models import REGISTER, LocalNote
from parkbench.records.queries.content import found
from parkbench.records.queries.held import unknown_fields
from parkbench.records.registry import Kind, home_note
from parkbench.records.visibility import Viewer, sections
from parkbench.ui.parts import PageHead, Partner

CONTACT = "contact"


def head_of_home(head: PageHead, *, kind: Kind, row: Any, viewer: Viewer) -> PageHead:
    """Return the head of a record as it is for its home: of a partner's, who shares it and nothing to do.

    Whoever answers for the content is whom its contact names, as far as that is shared. No query: the row
    comes with its home.
    """
    if row.home_id <= REGISTER:
        return head
    told = home_note(row.home_id, row.home.name)
    has_contact = any(spec.name == CONTACT for spec in kind.sections)
    is_shared = has_contact and CONTACT in sections(kind, row, viewer)
    name = (row.person_name or row.mailbox or "") if is_shared else ""
    mailbox = row.mailbox if is_shared else ""
    return replace(
        head,
        home=told.name,
        is_own=False,
        steward=name,
        steward_url=f"mailto:{mailbox}" if mailbox else None,
        review_due=None,
        is_overdue=False,
        visible_to="",
        sharing_url=None,
        history_url=None,
        actions=(),
        partner=Partner(
            home=told.name,
            record=f"{kind.name}/{row.uid}",
            confirmed_at=told.confirmed_at,
            problem=told.problem,
            is_responsible_shared=is_shared,
        ),
    )


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note of a member on a partner's record, and what the viewer may do with it."""

    pk: int
    text: str
    by: str
    at: datetime
    edited_at: datetime | None
    may_edit: bool
    may_delete: bool


def may_note(viewer: Viewer) -> bool:
    """Tell whether the viewer may note something on partners' records: whoever may edit anything here."""
    return viewer.is_member and viewer.may_somewhere(Action.EDIT)


def notes_of(*, row: Any, viewer: Viewer) -> list[NoteLine]:
    """Return the notes of members on a partner's record, the oldest first; one query."""
    if not viewer.is_member:
        return []
    rows = LocalNote.objects.filter(uid=row.uid, home_id=row.home_id).select_related("by")
    return [
        NoteLine(
            pk=note.pk,
            text=note.text,
            by=note.by.name if note.by else "",
            at=note.at,
            edited_at=note.edited_at,
            may_edit=is_author(note, viewer) and may_note(viewer),
            may_delete=may_delete_note(note, viewer),
        )
        for note in rows
    ]


def is_author(note: LocalNote, viewer: Viewer) -> bool:
    """Tell whether the viewer wrote this note."""
    return viewer.person_id is not None and note.by_id == viewer.person_id


def may_delete_note(note: LocalNote, viewer: Viewer) -> bool:
    """Tell whether the viewer may delete a note: its author, or who may edit everything here."""
    return viewer.is_member and (is_author(note, viewer) or viewer.may(Action.EDIT))


def partners_record(*, kind: str, uid: UUID, viewer: Viewer) -> tuple[Kind, Any]:
    """Return a partner's record that is held here; raise NotFound for any other."""
    known, row = found(kind=kind, uid=uid, viewer=viewer)
    if row.home_id <= REGISTER:
        raise NotFound(_("Notes are kept on partners' records only. Edit this one instead."))
    return known, row


def record_of_note(*, pk: int, viewer: Viewer) -> tuple[str, UUID]:
    """Return kind and id of the record a note is about; raise NotFound when it is gone or not for them."""
    note = LocalNote.objects.filter(pk=pk).first() if viewer.is_member else None
    if note is None:
        raise NotFound(_("This note is gone already."))
    return note.kind, note.uid


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A field of a partner's section that this version does not know, as the section says it."""

    section: str
    name: str
    value: str


def fields_not_understood(*, kind: Kind, row: Any, viewer: Viewer) -> list[UnknownField]:
    """Return what a partner's record says, in sections this viewer sees, that this version does not know."""
    seen = sections(kind, row, viewer)
    return [
        UnknownField(str(kind.section(section).label), name, _said(value))
        for section, fields in unknown_fields(kind, row).items()
        if section in seen
        for name, value in fields.items()
    ]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(one)}" for name, one in value.items())
    if value is None or isinstance(value, bool):
        return {True: _("yes"), False: _("no"), None: ""}[value]
    return str(value)
