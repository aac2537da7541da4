"""What members note for themselves on partners' records; it never leaves this node."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.models import LocalNote
from parkbench.records.queries.partners import is_author, may_delete_note, may_note, partners_record
from parkbench.records.visibility import Viewer

LONGEST = 4000


def add_note(*, kind: str, uid: UUID, text: str, by: Viewer) -> LocalNote:
    """This function will keep a note on a partner's record.

    Raises NotFound when the record is not held here, NotAllowed for who may edit nothing here, Refused when
    the note is empty or too long.
    """
    _known, row = partners_record(kind=kind, uid=uid, viewer=by)
    _check(by)
    made: LocalNote = LocalNote.objects.create(
        home_id=row.home_id, kind=kind, uid=uid, text=_text(text), by=by.person, at=timezone.now()
    )
    return made


@transaction.atomic
def edit_note(*, pk: int, text: str, by: Viewer) -> LocalNote:
    """This function will change a note of one's own; raises NotFound, NotAllowed, Refused as `add_note`."""
    note = _held(pk, by)
    _check(by)
    if not is_author(note, by):
        raise NotAllowed(_("Only who wrote a note may change it. Write one of your own beside it."))
    note.text, note.edited_at = _text(text), timezone.now()
    note.save(update_fields=["text", "edited_at"])
    return note


@transaction.atomic
def delete_note(*, pk: int, by: Viewer) -> LocalNote:
    """This function will delete a note: its author may, and a manager; raises NotFound, NotAllowed."""
    note = _held(pk, by)
    if not may_delete_note(note, by):
        raise NotAllowed(_("Only who wrote a note, or a manager, may delete it."))
    note.delete()
    return note


def _held(pk: int, by: Viewer) -> LocalNote:
    """Return a note on a record that is held here; raise NotFound for any other."""
    note = LocalNote.objects.filter(pk=pk).first()
    if note is None:
        raise NotFound(_("This note is gone already."))
    _known, row = partners_record(kind=note.kind, uid=note.uid, viewer=by)
    if row.home_id != note.home_id:
        raise NotFound(_("This note is gone already."))
    return note


def _check(by: Viewer) -> None:
    if not may_note(by):
        raise NotAllowed(_("You may not write notes here. Ask somebody who may edit records."))


def _text(given: str) -> str:
    text = given.replace("\x00", "").strip()
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("A note has at most 4,000 characters. Shorten it."))
    return text
