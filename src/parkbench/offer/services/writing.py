"""Add, edit and delete services and capabilities; and the bulk writes of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.envelope.items import read_body
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Conflict, Invalid, NotFound, Problem, Refused
from parkbench.lib.urn import parse_record_id
from parkbench.offer import rules, wire
from parkbench.offer.models import Service
from parkbench.programme.models import Platform, Unit
from parkbench.records import services as records
from parkbench.records.models import OWN, Section
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer, check_edit, scopes_of, sections

Values = Mapping[str, Any]
"""Flat values by field name of `rules.SERVICE_SECTION_OF` or `rules.CAPABILITY_SECTION_OF`; None empties."""

SECTION_OF = {"service": rules.SERVICE_SECTION_OF, "capability": rules.CAPABILITY_SECTION_OF}
TARGETS: dict[str, Any] = {"instrument_refs": Instrument, "service_refs": Service}


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Who answers for the content, and when it is looked at next."""

    steward: Person | None
    review_due_on: date | None


@transaction.atomic
def add_service(*, values: Values, by: Viewer, stewardship: Stewardship | None = None) -> UUID:
    """This function will add a service of a unit and return its uid; name and unit are required.

    Raises NotAllowed outside the viewer's units, Invalid naming each value that is wrong, Refused for a
    contact person who has not agreed to be named.
    """
    _check_named(values)
    _check_unit(values.get("unit_ref"), by)
    return _add("service", values, by, stewardship)


@transaction.atomic
def add_capability(*, values: Values, by: Viewer, stewardship: Stewardship | None = None) -> UUID:
    """This function will add a capability and return its uid; its name is required.

    One of a platform is for whoever edits that platform, one without for whoever edits everything here.
    Raises as `add_service` does, and Refused for a name that is taken.
    """
    _check_named(values)
    by.check(Action.EDIT, platform_scopes(values.get("platform_ref")))
    return _add("capability", values, by, stewardship)


def _add(kind: str, values: Values, by: Viewer, stewardship: Stewardship | None) -> UUID:
    uid = uuid4()
    filled = _with_person({}, values)
    _check_drawn_on({}, filled, by)
    bodies = wire.to_sections(kind, filled)
    _publish(kind, [Draft(uid=uid, sections=bodies, is_new=True)], by)
    _set_stewardship(kind, uid, stewardship, by)
    return uid


@transaction.atomic
def edit(
    *,
    kind: str,
    uid: UUID,
    values: Values,
    by: Viewer,
    expected: Mapping[str, int] | None = None,
    stewardship: Stewardship | None = None,
) -> tuple[str, ...]:
    """This function will set the given fields of a service or capability; returns the sections that changed.

    Raises NotFound, NotAllowed, Conflict when the ``expected`` revisions are passed, Invalid naming each
    value, Refused for a step of its life that cannot be made.
    """
    known = kind_of(kind)
    row = own_row(kind, uid)
    check_edit(known, row, by)
    seen = sections(known, row, by)
    for section in {SECTION_OF[kind][name] for name in values}:
        if section not in seen:
            by.check(known.section(section).see, scopes_of(known, row))
    _check_move(kind, row, values, by)
    now, revisions = content_of(kind, uid)
    _check_status(now, values)
    filled = _with_person(now, values)
    _check_drawn_on(now, filled, by)
    merged = {**now, **filled}
    if not str(merged.get("name") or "").strip():
        raise Invalid(Problem("Name", None, _("the name that people know it by")))
    touched = {SECTION_OF[kind][name] for name in filled}
    bodies = wire.to_sections(kind, merged)
    draft = Draft(
        uid=uid,
        sections={section: bodies.get(section, {}) for section in touched},
        expected={**revisions, **(expected or {})},
    )
    changed = _publish(kind, [draft], by)
    _set_stewardship(kind, uid, stewardship, by)
    return changed


def delete(*, kind: str, uid: UUID, by: Viewer) -> None:
    """This function will withdraw a service or capability at once and keep it restorable for 30 days.

    Raises NotFound, NotAllowed.
    """
    records.delete(kind=kind, uids=[uid], by=by)


def write(
    *,
    new: Sequence[tuple[UUID, Values]],
    by: Viewer,
    batch: UUID | None = None,
    kind: str = "service",
) -> None:
    """This function will publish new services or capabilities from flat values; rights are the caller's.

    Raises Conflict for the name of a capability that is taken.
    """
    drafts = [Draft(uid=uid, sections=wire.to_sections(kind, values), is_new=True) for uid, values in new]
    if drafts:
        _publish(kind, drafts, by, batch)


def amend(
    *, changed: Mapping[UUID, Values], by: Viewer, batch: UUID | None = None, kind: str = "service"
) -> None:
    """This function will set fields of own services or capabilities; rights are the caller's.

    Raises Conflict for the name of a capability that is taken.
    """
    now = values_of(list(changed), kind=kind)
    drafts = []
    for uid, values in changed.items():
        bodies = wire.to_sections(kind, {**now[uid], **values})
        touched = {SECTION_OF[kind][name] for name in values}
        drafts.append(Draft(uid=uid, sections={section: bodies.get(section, {}) for section in touched}))
    if drafts:
        _publish(kind, drafts, by, batch)


def values_of(uids: Sequence[UUID], *, kind: str = "service") -> dict[UUID, dict[str, Any]]:
    """Return the flat values of own live services or capabilities, from current sections; two queries."""
    rows: Any = kind_of(kind).model._default_manager
    live = set(rows.own().live().filter(uid__in=uids).values_list("uid", flat=True))
    values: dict[UUID, dict[str, Any]] = {uid: {} for uid in live}
    bodies = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True).exclude(body="")
    for uid, body in bodies.values_list("uid", "body"):
        if uid in live:
            values[uid].update(read_body(body.encode()))
    return values


def content_of(kind: str, uid: UUID) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the flat values of an own record and the revision of each section, as of the same moment."""
    values: dict[str, Any] = {}
    revisions = {spec.name: 0 for spec in kind_of(kind).sections}
    rows = Section.objects.filter(home_id=OWN, uid=uid, is_current=True)
    for section, revision, body in rows.values_list("section", "revision", "body"):
        revisions[section] = revision
        values.update(read_body(body.encode()) if body else {})
    return values, revisions


def own_row(kind: str, uid: UUID) -> Any:
    """Return an own live service or capability with where it belongs; raises NotFound."""
    related = "unit__platform" if kind == "service" else "platform"
    rows: Any = kind_of(kind).model._default_manager
    row = rows.own().live().select_related(related).filter(uid=uid).first()
    if row is None:
        raise NotFound(_("There is no such record here, or it belongs to a partner and cannot be edited."))
    return row


def unit_scopes(unit_ref: str) -> frozenset[str]:
    """Return what a grant may name to reach an own unit: the unit and its platform; empty when not here."""
    uid = parse_record_id(unit_ref).uid
    row = Unit.objects.own().live().filter(uid=uid).select_related("platform").first()
    if row is None:
        return frozenset()
    return frozenset({str(uid), *([str(row.platform.uid)] if row.platform else [])})


def platform_scopes(platform_ref: str | None) -> frozenset[str]:
    """Return what a grant may name to reach an own platform; raises Invalid when it is not here."""
    if not platform_ref:
        return frozenset()
    uid = parse_record_id(platform_ref).uid
    if not Platform.objects.own().live().filter(uid=uid).exists():
        raise Invalid(Problem("Platform", platform_ref, _("a platform that is here")))
    return frozenset({str(uid)})


def _check_named(values: Values) -> None:
    if not str(values.get("name") or "").strip():
        raise Invalid(Problem("Name", None, _("the name that people know it by")))


def _check_unit(unit_ref: str | None, by: Viewer) -> None:
    if not unit_ref:
        raise Invalid(Problem("Unit", None, _("a unit; every service belongs to one")))
    scopes = unit_scopes(unit_ref)
    if not scopes:
        raise Invalid(Problem("Unit", unit_ref, _("a unit that is here")))
    by.check(Action.EDIT, scopes)


def _check_move(kind: str, row: Any, values: Values, by: Viewer) -> None:
    """Raise NotAllowed when a record would move, unless the viewer edits by role here and there."""
    reference = "unit_ref" if kind == "service" else "platform_ref"
    if reference not in values or values[reference] == getattr(row, reference):
        return
    by.check(Action.EDIT, scopes_of(kind_of(kind), row))
    if kind == "service":
        _check_unit(values[reference], by)
    else:
        by.check(Action.EDIT, platform_scopes(values[reference]))


def _check_status(now: Values, values: Values) -> None:
    old, new = now.get("status"), values.get("status")
    if not (old and new) or new not in set(rules.Status):
        return  # the schema says what was expected
    if sentence := rules.check_step(rules.Status(old), rules.Status(new)):
        raise Invalid(Problem("Status", new, sentence), sentence)


def _check_drawn_on(now: Values, values: Values, by: Viewer) -> None:
    """Raise Refused for an instrument or service, new in the list, that is not here or not theirs to see."""
    for name, model in TARGETS.items():
        fresh = set(values.get(name) or ()) - set(now.get(name) or ())
        uids = {parse_record_id(ref).uid for ref in fresh}
        if not uids:
            continue
        known = set(model.objects.visible(by).own().filter(uid__in=uids).values_list("uid", flat=True))
        if uids - known:
            raise Refused(
                _("One of the records it draws on is not here any more. Choose from those offered.")
            )


def _with_person(now: Values, values: Values) -> dict[str, Any]:
    """Fill in a new contact person from what they said of themselves; raise Refused unless they agreed."""
    if "person_uid" not in values or values["person_uid"] == now.get("person_uid"):
        return {name: value for name, value in values.items() if not name.startswith("person_")}
    told = dict.fromkeys(("person_uid", "person_name", "person_email", "person_orcid"))
    if not values["person_uid"]:
        return {**values, **told}
    person = Person.objects.filter(uid=values["person_uid"], is_active=True, is_named_outward=True).first()
    if person is None:
        raise Refused(
            _(
                "This person has not agreed to be named outside the organisation. Use a function mailbox, or "
                "ask them to agree under “My account”."
            )
        )
    named = {"person_name": person.name, "person_email": person.email, "person_orcid": person.orcid or None}
    return {**values, **named}


def _publish(kind: str, drafts: Sequence[Draft], by: Viewer, batch: UUID | None = None) -> tuple[str, ...]:
    """Publish; a name that is taken is said in words."""
    try:
        with transaction.atomic():
            published = publish(kind=kind, drafts=drafts, by=by, batch=batch)
    except IntegrityError as error:
        raise Conflict(
            _("A %(kind)s with this name is here already. Choose another name, or edit that one.")
            % {"kind": kind_of(kind).label}
        ) from error
    return tuple(section for _uid, section in published.revisions)


def _set_stewardship(kind: str, uid: UUID, stewardship: Stewardship | None, by: Viewer) -> None:
    if stewardship is not None:
        records.set_stewardship(
            kind=kind, uid=uid, steward=stewardship.steward, review_due_on=stewardship.review_due_on, by=by
        )
