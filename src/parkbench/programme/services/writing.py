"""Add and edit the organisation, platforms, units and sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, NotAllowed, NotFound, Refused
from parkbench.lib.urn import record_id
from parkbench.programme import queries
from parkbench.programme.rules import fold_name
from parkbench.records.models import OWN, Home
from parkbench.records.queries import heads, own_address
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish, set_stewardship
from parkbench.records.visibility import Viewer


class OrganisationFields(TypedDict, total=False):
    """What may be said of the organisation; None or '' empties a field, an absent one stays."""

    name: str
    short_name: str | None
    ror: str | None
    country: str | None
    url: str | None
    description: str | None


class PlatformFields(TypedDict, total=False):
    """What may be said of a platform; None or '' empties a field, an absent one stays."""

    name: str
    short_name: str | None
    url: str | None
    description: str | None


class UnitFields(TypedDict, total=False):
    """What may be said of a unit; ``platform`` is the uid of an own platform."""

    name: str
    short_name: str | None
    platform: UUID | None
    host_name: str | None
    host_ror: str | None
    url: str | None
    description: str | None


class SiteFields(TypedDict, total=False):
    """What may be said of a site."""

    name: str
    address: str | None
    city: str | None
    country: str | None


class ContactFields(TypedDict, total=False):
    """How to reach a platform or a unit; ``person`` must have agreed to be named outside."""

    mailbox: str | None
    contact_url: str | None
    person: Person | None


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Who is responsible for the content and when it is reviewed next."""

    steward: Person | None
    review_due_on: date | None


def add_platform(
    *, by: Viewer, contact: ContactFields | None = None, **fields: Unpack[PlatformFields]
) -> UUID:
    """This function will add a platform and return its uid. Raises what `add` raises."""
    return add(kind="platform", fields=fields, contact=contact, by=by)


def add_unit(*, by: Viewer, contact: ContactFields | None = None, **fields: Unpack[UnitFields]) -> UUID:
    """This function will add a unit and return its uid. Raises what `add` raises."""
    return add(kind="unit", fields=fields, contact=contact, by=by)


def add_site(*, by: Viewer, **fields: Unpack[SiteFields]) -> UUID:
    """This function will add a site and return its uid. Raises what `add` raises."""
    return add(kind="site", fields=fields, by=by)


def edit_platform(
    *,
    uid: UUID,
    by: Viewer,
    expected: Mapping[str, int] | None = None,
    contact: ContactFields | None = None,
    **fields: Unpack[PlatformFields],
) -> None:
    """This function will change what is said of a platform. Raises what `edit` raises."""
    edit(kind="platform", uid=uid, fields=fields, contact=contact, expected=expected, by=by)


def edit_unit(
    *,
    uid: UUID,
    by: Viewer,
    expected: Mapping[str, int] | None = None,
    contact: ContactFields | None = None,
    **fields: Unpack[UnitFields],
) -> None:
    """This function will change what is said of a unit. Raises what `edit` raises."""
    edit(kind="unit", uid=uid, fields=fields, contact=contact, expected=expected, by=by)


def edit_site(
    *, uid: UUID, by: Viewer, expected: Mapping[str, int] | None = None, **fields: Unpack[SiteFields]
) -> None:
    """This function will change what is said of a site. Raises what `edit` raises."""
    edit(kind="site", uid=uid, fields=fields, expected=expected, by=by)


@transaction.atomic
def set_organisation(
    *, by: Viewer, expected: Mapping[str, int] | None = None, **fields: Unpack[OrganisationFields]
) -> UUID:
    """This function will say what organisation this node belongs to and return its uid.

    The node's home takes the same name. Raises what `add` and `edit` raise.
    """
    uid = queries.organisation_uid()
    if uid is None:
        return add(kind="organisation", fields=fields, by=by)
    edit(kind="organisation", uid=uid, fields=fields, expected=expected, by=by)
    return uid


@transaction.atomic
def add(*, kind: str, fields: Mapping[str, Any], contact: ContactFields | None = None, by: Viewer) -> UUID:
    """This function will add a platform, unit, site or the organisation and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit, NotFound for a platform that is not here,
    Refused for a name that is taken or a contact person who has not agreed to be named.
    """
    by.check(Action.EDIT_PROGRAMME)
    uid = uuid4()
    sections: dict[str, Mapping[str, Any]] = {"basics": _basics(kind, fields, {}, by)}
    if contact is not None:
        sections["contact"] = _contact(contact, {})
    _publish_named(kind, Draft(uid=uid, sections=sections, is_new=True), by)
    return uid


@transaction.atomic
def edit(
    *,
    kind: str,
    uid: UUID,
    fields: Mapping[str, Any],
    contact: ContactFields | None = None,
    expected: Mapping[str, int] | None = None,
    stewardship: Stewardship | None = None,
    by: Viewer,
) -> None:
    """This function will change what is said of a record; what is not given stays.

    ``expected`` is the revision of each section that the editor had seen. Raises Conflict when one moved on,
    NotAllowed also when a unit would move to another platform by somebody who may not edit the programme, and
    what `add` raises.
    """
    known = kind_of(kind)
    row = queries.fetch(kind=kind, uid=uid, viewer=by)
    queries.check_edit(kind=known, row=row, viewer=by)
    current = heads(kind=known, row=row, viewer=by)
    revisions = {spec.name: current.get(spec.name, (0, {}))[0] for spec in known.sections}
    basics = current.get("basics", (0, {}))[1]
    _check_platform_stays(fields, basics, by)
    sections: dict[str, Mapping[str, Any]] = {"basics": _basics(kind, fields, basics, by, uid)}
    if contact is not None:
        sections["contact"] = _contact(contact, current.get("contact", (0, {}))[1])
    draft = Draft(uid=uid, sections=sections, expected={**revisions, **(expected or {})})
    _publish_named(kind, draft, by)
    if stewardship is not None and stewardship != Stewardship(row.steward, row.review_due_on):
        set_stewardship(
            kind=kind,
            uid=uid,
            steward=stewardship.steward,
            review_due_on=stewardship.review_due_on,
            by=by,
        )


def _basics(
    kind: str, fields: Mapping[str, Any], now: Mapping[str, Any], by: Viewer, uid: UUID | None = None
) -> dict[str, Any]:
    """Return the complete new body of the basics."""
    body = {**now, **{name: value for name, value in fields.items() if name != "platform"}}
    body["name"] = " ".join(str(body.get("name") or "").split())
    if not body["name"]:
        raise Refused(_("The name is missing. Give the name that people know it by."))
    if kind != "organisation":
        _check_name_is_free(kind, body["name"], uid)
    if "platform" in fields:
        body["platform_ref"] = _platform_ref(fields["platform"], by)
    return body


def _check_name_is_free(kind: str, name: str, uid: UUID | None) -> None:
    """Raise Refused when another own record of the kind bears the name, whatever its case."""
    rows = queries.NAMED[kind].objects.live().own().exclude(uid=uid).values_list("name", flat=True)
    if fold_name(name) in {fold_name(other) for other in rows}:
        raise Refused(
            _("A %(kind)s named “%(name)s” is here already. Choose another name, or edit that one.")
            % {"kind": kind_of(kind).label, "name": name}
        )


def _platform_ref(uid: UUID | None, by: Viewer) -> str | None:
    if uid is None:
        return None
    row = queries.fetch(kind="platform", uid=uid, viewer=by)
    if row.home_id != OWN:
        raise NotFound(_("A unit can only lie in a platform of this organisation."))
    return record_id(node=own_address(), kind="platform", uid=uid)


def _check_platform_stays(fields: Mapping[str, Any], now: Mapping[str, Any], by: Viewer) -> None:
    """Raise NotAllowed when a unit would move by somebody who may not edit the programme."""
    if "platform" not in fields or by.may(Action.EDIT_PROGRAMME):
        return
    if _platform_ref(fields["platform"], by) != now.get("platform_ref"):
        raise NotAllowed(_("Only a manager may move a unit to another platform."))


def _contact(given: ContactFields, now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the complete new body of the contact section, the person's columns copied from the person."""
    body = {**now, **{name: value for name, value in given.items() if name != "person"}}
    if "person" not in given:
        return body
    body = {name: value for name, value in body.items() if not name.startswith("person_")}
    person = given["person"]
    if person is None:
        return body
    if not (person.is_active and person.is_named_outward):
        raise Refused(
            _(
                "%(name)s has not agreed to be named outside the organisation. Use a function mailbox, or "
                "ask %(name)s to agree under “My account”."
            )
            % {"name": person.name}
        )
    return {
        **body,
        "person_uid": str(person.uid),
        "person_name": person.name,
        "person_email": person.email,
        "person_orcid": person.orcid,
    }


def _publish_named(kind: str, draft: Draft, by: Viewer) -> None:
    """Publish; a name that somebody else took at the same moment is a conflict, said in words."""
    try:
        with transaction.atomic():
            publish(kind=kind, drafts=[draft], by=by)
            if kind == "organisation":
                Home.objects.filter(pk=OWN).update(name=draft.sections["basics"]["name"])
    except IntegrityError as error:
        raise Conflict(
            _("Somebody added a %(kind)s with this name at the same moment. Choose another name.")
            % {"kind": kind_of(kind).label}
        ) from error
