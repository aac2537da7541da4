"""Add, edit, move through the life cycle, link, delete; and the bulk writes of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.catalogue.models import DeviceModel
from parkbench.catalogue.queries import model_ids
from parkbench.envelope.items import read_body
from parkbench.instruments import rules, wire
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries import instrument as queries
from parkbench.lib import dates
from parkbench.lib.errors import Invalid, NotAllowed, NotFound, Problem, Refused
from parkbench.lib.urn import parse_record_id
from parkbench.programme.models import Unit
from parkbench.records import services as records
from parkbench.records.models import OWN, RecordEvent, Section
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import SENTENCES, Viewer, scopes_of

Values = Mapping[str, Any]
"""Flat values by field name of `wire.SECTION_OF`; None empties a field."""

KIND = "instrument"


def add(*, values: Values, by: Viewer, local: Mapping[str, Any] | None = None) -> UUID:
    """This function will add one instrument; name, unit, make and model are required.

    Raises NotAllowed outside the viewer's units, Invalid naming each value that is wrong.
    """
    _check_required(values)
    _check_unit(values["unit_ref"], by, Action.EDIT)
    given = {name: value for name, value in values.items() if value is not None}
    check_seen(given, by, unit_scopes(values["unit_ref"]))
    uid = uuid4()
    filled = _with_status_log({}, _with_person({}, given), dates.utc_now().date())
    write(new=[(uid, filled, local or {})], by=by)
    return uid


def edit(
    *,
    uid: UUID,
    values: Values,
    by: Viewer,
    expected: Mapping[str, int] | None = None,
    batch: UUID | None = None,
    local: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """This function will set the given fields of one instrument and return the sections that changed.

    ``local`` holds columns outside all sections. Raises NotFound, NotAllowed, Conflict when the ``expected``
    revisions are passed, Invalid naming each value.
    """
    with transaction.atomic():
        row = own_row(uid)
        check_edit(row, by)
        check_seen(values, by, scopes_of(kind_of(KIND), row))
        if "unit_ref" in values and values["unit_ref"] != row.unit_ref:
            # Who is only its content responsible would gain, by moving it, the rights they have elsewhere.
            by.check(Action.EDIT, scopes_of(kind_of(KIND), row))
            _check_unit(values["unit_ref"], by, Action.EDIT)
        _check_parent(row, values.get("parent_ref"))
        now, revisions = content_of(uid)
        filled = _with_status_log(now, _with_person(now, values), dates.utc_now().date())
        published = amend(
            changed={uid: filled},
            now={uid: now},
            by=by,
            batch=batch,
            expected={**revisions, **(expected or {})},
            local={uid: local or {}},
        )
    return tuple(section for _uid, section in published)


def bulk_edit(*, uids: Sequence[UUID], values: Values, by: Viewer) -> int:
    """This function will set the same fields of many instruments, all or none; returns how many changed.

    At most 1,000 at a time. Raises as edit does, for the first that cannot be edited.
    """
    if len(uids) > 1000:
        raise Refused(_("At most 1,000 instruments can be edited at once. Narrow the selection."))
    changed = 0
    with transaction.atomic():
        for uid in uids:
            changed += bool(edit(uid=uid, values=values, by=by))
    return changed


def change_status(*, uid: UUID, status: rules.Status, on: date | None, reason: str = "", by: Viewer) -> None:
    """This function will move an instrument to another status, with the day and the reason.

    The first day in service is its commissioning, when none is known; leaving "decommissioned" takes that
    date back. Raises Refused when the life cycle does not allow the step, NotFound, NotAllowed.
    """
    with transaction.atomic():
        row = own_row(uid)
        check_edit(row, by)
        now, revisions = content_of(uid)
        old = rules.Status(now["status"]) if now.get("status") else None
        if old is status:
            raise Refused(_("It is “%(status)s” already.") % {"status": rules.spoken(status)})
        if sentence := rules.check_step(old, status):
            raise Refused(sentence)
        day = on.isoformat() if on else None
        step = {"status": status.value, "on": day, "reason": reason.strip() or None}
        log = [*(now.get("status_log") or ()), {key: value for key, value in step.items() if value}]
        values = {"status": status.value, "status_on": day, "status_log": log}
        values |= _dates_of_step(now, old, status, day)
        amend(changed={uid: values}, now={uid: now}, by=by, expected=revisions)


def _dates_of_step(
    now: Values, old: rules.Status | None, new: rules.Status, day: str | None
) -> dict[str, Any]:
    """Return the dates that follow from a step of the life cycle."""
    if new is rules.Status.DECOMMISSIONED:
        return {"decommissioned_on": day} if day else {}
    if old is rules.Status.DECOMMISSIONED:
        return {"decommissioned_on": None}
    before_use = (rules.Status.PLANNED, rules.Status.ORDERED, rules.Status.COMMISSIONING)
    if new is rules.Status.IN_SERVICE and old in before_use and day and not now.get("commissioned_on"):
        return {"commissioned_on": day}
    return {}


@transaction.atomic
def link_model(*, uid: UUID, model: DeviceModel | None, by: Viewer) -> None:
    """This function will say which make and model of the catalogue an instrument is, or that it is none."""
    row = own_row(uid)
    check_edit(row, by)
    key = model.key if model else None
    pk = model_ids(keys=[key], viewer=by).get(key) if key else None
    now, revisions = content_of(uid)
    amend(
        changed={uid: {"model_key": key}},
        now={uid: now},
        by=by,
        expected=revisions,
        local={uid: {"linked_model_id": pk}},
    )
    # The body stays when the model has this key already; a link that was lost is made again.
    Instrument.objects.filter(pk=row.pk).update(linked_model_id=pk)
    RecordEvent.objects.create(
        uid=uid,
        kind=KIND,
        what=RecordEvent.What.LINKED,
        detail=str(model or "")[:300],
        by_id=by.person_id,
        at=timezone.now(),
    )


def delete(*, uids: Sequence[UUID], by: Viewer, batch: UUID | None = None) -> None:
    """This function will withdraw instruments at once and keep them restorable for 30 days.

    Raises Refused while parts of them stand on their own.
    """
    parts = Instrument.objects.own().live().filter(parent__uid__in=uids).exclude(uid__in=uids)
    if parts.exists():
        raise Refused(_("Other instruments are part of this one. Move or delete them first."))
    records.delete(kind=KIND, uids=uids, by=by, batch=batch)


def restore(*, uids: Sequence[UUID], by: Viewer) -> None:
    """This function will bring deleted instruments back."""
    records.restore(kind=KIND, uids=uids, by=by)


def write(
    *,
    new: Sequence[tuple[UUID, Values, Mapping[str, Any]]],
    by: Viewer,
    batch: UUID | None = None,
) -> None:
    """This function will publish new instruments from flat values; rights are the caller's."""
    drafts = [
        Draft(uid=uid, sections=wire.to_sections(values), is_new=True, local=local)
        for uid, values, local in new
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
    local: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> tuple[tuple[UUID, str], ...]:
    """This function will set fields of instruments whose values were just read; rights are the caller's."""
    drafts = []
    for uid, values in changed.items():
        touched = {wire.SECTION_OF[name] for name in values}
        merged = wire.to_sections({**now[uid], **values})
        sections = {section: merged.get(section, {}) for section in touched}
        seen = {section: revision for section, revision in (expected or {}).items() if section in touched}
        drafts.append(Draft(uid=uid, sections=sections, expected=seen, local=(local or {}).get(uid, {})))
    return tuple(publish(kind=KIND, drafts=drafts, by=by, batch=batch).revisions) if drafts else ()


def values_of(uids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the flat values of own live instruments, from their current sections; two queries."""
    live = set(Instrument.objects.own().live().filter(uid__in=uids).values_list("uid", flat=True))
    values: dict[UUID, dict[str, Any]] = {uid: {} for uid in live}
    rows = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True).exclude(body="")
    for uid, body in rows.values_list("uid", "body"):
        if uid in live:
            values[uid].update(read_body(body.encode()))
    return values


def content_of(uid: UUID) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the flat values of an own record and the revision of each section, as of the same moment."""
    values: dict[str, Any] = {}
    revisions = dict.fromkeys(wire.SCHEMAS, 0)
    rows = Section.objects.filter(home_id=OWN, uid=uid, is_current=True)
    for section, revision, body in rows.values_list("section", "revision", "body"):
        revisions[section] = revision
        values.update(read_body(body.encode()) if body else {})
    return values, revisions


def own_row(uid: UUID) -> Instrument:
    """Return an own live instrument with its unit and platform; raises NotFound."""
    rows = Instrument.objects.own().live().select_related("unit__platform")
    row: Instrument | None = rows.filter(uid=uid).first()
    if row is None:
        raise NotFound(
            _("There is no such instrument here, or it belongs to a partner and cannot be edited.")
        )
    return row


def unit_scopes(unit_ref: str) -> frozenset[str]:
    """Return what a grant may name to reach a unit: the unit and its platform."""
    uid = parse_record_id(unit_ref).uid
    row = Unit.objects.own().live().filter(uid=uid).select_related("platform").first()
    if row is None:
        return frozenset()
    return frozenset({str(uid), *([str(row.platform.uid)] if row.platform else [])})


def check_edit(row: Instrument, by: Viewer) -> None:
    """Raise NotAllowed unless the viewer may change it: by role, or as its content responsible."""
    if not queries.may_edit(row=row, viewer=by):
        raise NotAllowed(SENTENCES[Action.EDIT])


def _check_required(values: Values) -> None:
    titles = {
        name: wire.Basics.model_fields[name].title or name for name in ("name", "unit_ref", "model_text")
    }
    problems = [
        Problem(title, None, _("a value; it is one of the three that are required"))
        for name, title in titles.items()
        if not values.get(name)
    ]
    if problems:
        raise Invalid(problems)


def _check_unit(unit_ref: str | None, by: Viewer, action: Action) -> None:
    if not unit_ref:
        raise Invalid(Problem("Unit", None, _("a unit; every instrument belongs to one")))
    scopes = unit_scopes(unit_ref)
    if not scopes:
        raise Invalid(Problem("Unit", unit_ref, _("a unit that is here")))
    by.check(action, scopes)


def check_seen(values: Values, by: Viewer, scopes: frozenset[str]) -> None:
    """Raise NotAllowed for a field of a section the viewer may not see: nobody writes blindly."""
    kind = kind_of(KIND)
    for section in {wire.SECTION_OF[name] for name in values}:
        by.check(kind.section(section).see, scopes)


def _check_parent(row: Instrument, parent_ref: str | None) -> None:
    """Raise Refused when an instrument would become part of itself, directly or by way of its parts."""
    if not parent_ref:
        return
    parent: Instrument | None = Instrument.objects.own().filter(uid=parse_record_id(parent_ref).uid).first()
    while parent is not None:
        if parent.pk == row.pk:
            raise Refused(_("An instrument cannot be part of itself."))
        parent = parent.parent


def _with_person(now: Values, values: Values) -> dict[str, Any]:
    """Fill in a new contact person from what they said of themselves; raise Refused unless they agreed."""
    uid = values.get("person_uid")
    if not uid or uid == now.get("person_uid"):
        return dict(values)
    person = Person.objects.filter(uid=uid, is_active=True, is_named_outward=True).first()
    if person is None:
        raise Refused(
            _(
                "This person has not agreed to be named outside the organisation. Use a function mailbox, or "
                "ask them to agree under “My account”."
            )
        )
    told = {"person_name": person.name, "person_email": person.email, "person_orcid": person.orcid or None}
    return {**values, **told}


def _with_status_log(now: Values, values: dict[str, Any], today: date) -> dict[str, Any]:
    """Check the step of the life cycle and note it, unless the caller brings the log itself."""
    new = values.get("status")
    if not new or new == now.get("status"):
        return values
    old = now.get("status")
    try:
        sentence = rules.check_step(rules.Status(old) if old else None, rules.Status(new))
    except ValueError:
        return values  # no status at all: the schema says what was expected
    if sentence:
        raise Invalid(Problem("Status", new, sentence))
    if "status_log" not in values:
        on = values.get("status_on") or (today.isoformat() if old else None)
        step = {"status": new, "on": on} if on else {"status": new}
        values["status_log"] = [*(now.get("status_log") or ()), step]
        values["status_on"] = on
    return values
