"""Add, edit, close, delete and restore service events; and the bulk writes of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.items import read_body
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Invalid, NotFound, Problem, Refused
from parkbench.lib.urn import parse_record_id, record_id
from parkbench.records import services as records
from parkbench.records.models import OWN, RecordEvent, Section
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer, check_edit, scopes_of
from parkbench.servicing import rules, wire
from parkbench.servicing.models import ServiceEvent

Values = Mapping[str, Any]
"""Flat values by field name of `rules.SECTION_OF`; None empties a field."""

KIND = "service-event"
REQUIRED = ("instrument_ref", "happened_on", "event_kind")


def add(*, instrument: UUID, values: Values, by: Viewer) -> UUID:
    """This function will note what happened to an own instrument and return the event's uid.

    The day and the kind are required; without a summary it is “Failure, 2025-03-04”. Raises NotFound for an
    instrument that is not here, NotAllowed outside the viewer's units and for parts of a record they may not
    see, Invalid naming each value that is wrong.
    """
    row = _own_instrument(instrument)
    scopes = scopes_of(kind_of("instrument"), row)
    by.check(Action.EDIT, scopes)
    _check_seen(values, by, scopes)
    ref = record_id(node=own_address(), kind="instrument", uid=instrument)
    uid = uuid4()
    write(new=[(uid, {**values, "instrument_ref": ref})], by=by)
    return uid


@transaction.atomic
def edit(*, uid: UUID, values: Values, by: Viewer, expected: Mapping[str, int] | None = None) -> None:
    """This function will set the given fields of one event; those not given stay.

    ``expected`` is the revision of each section that the editor had seen. Raises NotFound, NotAllowed,
    Conflict when a section moved on, Invalid naming each value.
    """
    row = _own_event(uid)
    kind = kind_of(KIND)
    check_edit(kind, row, by)
    _check_seen(values, by, scopes_of(kind, row))
    new = values.get("instrument_ref", row.instrument_ref)
    if new != row.instrument_ref:
        # Who is only its content responsible would gain, by moving it, the rights they have elsewhere.
        by.check(Action.EDIT, scopes_of(kind, row))
        other = _own_instrument(parse_record_id(new).uid)
        by.check(Action.EDIT, scopes_of(kind_of("instrument"), other))
    now, revisions = content_of(uid)
    amend(changed={uid: values}, now={uid: now}, by=by, expected={**revisions, **(expected or {})})


@transaction.atomic
def up_again(*, uid: UUID, by: Viewer, on: date | None = None) -> None:
    """This function will note that an instrument is up again, today unless a day is given.

    Raises Refused when it is not down, or not yet, NotFound, NotAllowed.
    """
    row = _own_event(uid)
    check_edit(kind_of(KIND), row, by)
    day = on or timezone.localdate()
    if not row.still_down:
        raise Refused(_("It is up again already. Open the event to correct the day."))
    if day < row.happened_on:
        raise Refused(_("It cannot be up again before it happened. Correct the day on the event first."))
    now, revisions = content_of(uid)
    values = {"ended_on": day.isoformat(), "still_down": None}
    amend(changed={uid: values}, now={uid: now}, by=by, expected=revisions)


def delete(*, uids: Sequence[UUID], by: Viewer, batch: UUID | None = None) -> None:
    """This function will withdraw events at once and keep them restorable for 30 days."""
    records.delete(kind=KIND, uids=uids, by=by, batch=batch)


@transaction.atomic
def restore(*, uid: UUID, by: Viewer) -> None:
    """This function will bring a deleted event back. Raises Refused while its instrument is deleted."""
    if by.may(Action.DELETE) and ServiceEvent.objects.own().filter(uid=uid, instrument=None).exists():
        raise Refused(_("Its instrument was removed for good; the event cannot come back without it."))
    records.restore(kind=KIND, uids=[uid], by=by)
    if ServiceEvent.objects.own().filter(uid=uid, instrument__deleted_at=None).exists():
        return
    raise Refused(_("Its instrument is deleted. Restore that first; its service events come back with it."))


def write(*, new: Sequence[tuple[UUID, Values]], by: Viewer, batch: UUID | None = None) -> None:
    """This function will publish new events from flat values; rights are the caller's.

    Raises Invalid when a required value is missing or two of them contradict each other.
    """
    drafts = [
        Draft(uid=uid, sections=wire.to_sections(_settled(values, {})), is_new=True) for uid, values in new
    ]
    if drafts:
        publish(kind=KIND, drafts=drafts, by=by, batch=batch)


def amend(
    *,
    changed: Mapping[UUID, Values],
    now: Mapping[UUID, Values],
    by: Viewer,
    batch: UUID | None = None,
    expected: Mapping[str, int] | None = None,
) -> None:
    """This function will set fields of events whose values were just read; rights are the caller's."""
    drafts = []
    for uid, values in changed.items():
        settled = _settled({**now[uid], **values}, now[uid])
        bodies = wire.to_sections(settled)
        touched = {rules.SECTION_OF[name] for name in values}
        sections = {section: bodies.get(section, {}) for section in touched}
        seen = {section: revision for section, revision in (expected or {}).items() if section in touched}
        drafts.append(Draft(uid=uid, sections=sections, expected=seen))
    if drafts:
        publish(kind=KIND, drafts=drafts, by=by, batch=batch)


def values_of(uids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the flat values of own live events, from their current sections; two queries."""
    live = set(ServiceEvent.objects.own().live().filter(uid__in=uids).values_list("uid", flat=True))
    values: dict[UUID, dict[str, Any]] = {uid: {} for uid in live}
    rows = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True).exclude(body="")
    for uid, body in rows.values_list("uid", "body"):
        if uid in live:
            values[uid].update(read_body(body.encode()))
    return values


def content_of(uid: UUID) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the flat values of an own event and the revision of each section, as of the same moment."""
    values: dict[str, Any] = {}
    revisions = dict.fromkeys(wire.SCHEMAS, 0)
    rows = Section.objects.filter(home_id=OWN, uid=uid, is_current=True)
    for section, revision, body in rows.values_list("section", "revision", "body"):
        revisions[section] = revision
        values.update(read_body(body.encode()) if body else {})
    return values, revisions


def follow_instruments(kind: str, uids: Sequence[UUID]) -> None:
    """This function will delete the events of instruments that were deleted, and bring them back with them.

    Called inside the transaction of every change of records; one query unless instruments came or went.
    """
    if kind != "instrument":
        return
    rows = ServiceEvent.objects.own().filter(instrument__uid__in=uids, instrument__home_id=OWN)
    gone = rows.live().exclude(instrument__deleted_at=None)
    back = rows.exclude(deleted_at=None).filter(instrument__deleted_at=None)
    found = gone.values_list("uid", "instrument__uid", "deleted_at").union(
        back.values_list("uid", "instrument__uid", "deleted_at"), all=True
    )
    moved = list(found)
    leaving = [uid for uid, _instrument, deleted_at in moved if deleted_at is None]
    if leaving:
        records.delete(kind=KIND, uids=leaving, by=Viewer.operator())
    returning = [(uid, instrument, at) for uid, instrument, at in moved if at is not None]
    if returning:
        _bring_back(returning)


def _bring_back(moved: Sequence[tuple[UUID, UUID, Any]]) -> None:
    """Restore what went with its instrument; what was deleted before that stays deleted."""
    events = RecordEvent.objects.filter(
        kind="instrument",
        uid__in={instrument for _uid, instrument, _at in moved},
        what__in=(RecordEvent.What.DELETED, RecordEvent.What.RESTORED),
    )
    told: dict[tuple[UUID, str], Any] = {
        (uid, what): at for uid, what, at in events.values_list("uid", "what").annotate(Max("at"))
    }
    returning = []
    for uid, instrument, deleted_at in moved:
        left = told.get((instrument, RecordEvent.What.DELETED.value))
        came = told.get((instrument, RecordEvent.What.RESTORED.value))
        if left and came and left <= deleted_at <= came:
            returning.append(uid)
    if returning:
        records.restore(kind=KIND, uids=returning, by=Viewer.operator())


def _settled(values: Values, before: Values) -> dict[str, Any]:
    """Return the values with what follows from them: an end closes, a summary that nobody gave is made.

    Raises Invalid for what is missing or contradicts itself.
    """
    done = {name: value for name, value in values.items() if not _is_empty(value)}
    if before.get("still_down") and (done.get("ended_on") or "down_tenths" in done):
        done.pop("still_down", None)
    titles = wire.Basics.model_fields
    missing = [name for name in REQUIRED if name not in done]
    if missing:
        raise Invalid(Problem(titles[name].title or name, None, _("a value")) for name in missing)
    field, expected = rules.check_course(done)
    if expected:
        raise Invalid(Problem(titles[field].title or field, done.get(field), expected))
    if "name" not in done or (_is_made(before) and done["name"] == before["name"]):
        done["name"] = _summary(done)
    return done


def _is_empty(value: Any) -> bool:
    """Tell whether a value says nothing; 0 does."""
    return value is None or value is False or value == ""


def _is_made(values: Values) -> bool:
    """Tell whether the summary is the one that was made for want of another."""
    return bool(values.get("name")) and values["name"] == _summary(values)


def _summary(values: Values) -> str:
    try:
        return rules.summary_of(values["event_kind"], values["happened_on"])
    except ValueError:
        return str(values["event_kind"])  # no kind at all: the schema says what was expected


def _own_instrument(uid: UUID) -> Instrument:
    rows = Instrument.objects.own().live().select_related("unit__platform")
    row: Instrument | None = rows.filter(uid=uid).first()
    if row is None:
        raise NotFound(
            _("There is no such instrument here, or it belongs to a partner, who keeps its service events.")
        )
    return row


def _own_event(uid: UUID) -> ServiceEvent:
    rows = ServiceEvent.objects.own().live().select_related("instrument__unit__platform")
    row: ServiceEvent | None = rows.filter(uid=uid, instrument__deleted_at=None).first()
    if row is None:
        raise NotFound(_("There is no such service event here, or it belongs to a partner."))
    return row


def _check_seen(values: Values, by: Viewer, scopes: frozenset[str]) -> None:
    """Raise NotAllowed for a field of a section the viewer may not see: nobody writes blindly."""
    kind = kind_of(KIND)
    for section in {rules.SECTION_OF[name] for name in values}:
        by.check(kind.section(section).see, scopes)
