"""The cast of the tests: nodes, people and records, all made THROUGH services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from parkbench.accounts import services as accounts
from parkbench.accounts.models import Person
from parkbench.accounts.queries import grants_of
from parkbench.accounts.rules import Role
from parkbench.envelope.digests import digest
from parkbench.envelope.items import body_bytes
from parkbench.instruments import services as instruments
from parkbench.instruments.wire import CURRENCIES
from parkbench.lib.urn import record_id
from parkbench.records.bulk import upsert
from parkbench.records.models import HELD, Home, Section
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of, tell
from parkbench.records.services import Draft, publish
from parkbench.records.services.references import resolve
from parkbench.records.visibility import Viewer

OPERATOR = Viewer.operator()


def person(name: str, *roles: tuple[Role, str] | Role) -> Person:
    """Add somebody with roles; a role with a scope is a pair."""
    somebody = accounts.add_person(email=f"{name.casefold()}@alpha.example", name=name)
    for role in roles:
        which, scope = role if isinstance(role, tuple) else (role, "")
        accounts.grant(person=somebody, role=which, scope=scope)
    return somebody


def viewer(somebody: Person) -> Viewer:
    """Look with this person's eyes."""
    return Viewer(grants=grants_of(person_id=somebody.pk), person=somebody)


def seen_by(name: str, *roles: tuple[Role, str] | Role) -> Viewer:
    """Add somebody and look with their eyes: Ada (steward), Ben (reader), Cleo (no role)."""
    return viewer(person(name, *roles))


def unit(name: str = "Light microscopy", **basics: Any) -> UUID:
    """Add a unit."""
    uid = uuid4()
    publish(
        kind="unit",
        drafts=[Draft(uid=uid, sections={"basics": {"name": name, **basics}}, is_new=True)],
        by=OPERATOR,
    )
    return uid


def unit_ref(uid: UUID) -> str:
    """Return a unit's id as a section names it."""
    return record_id(node=own_address(), kind="unit", uid=uid)


def instrument(name: str, unit_uid: UUID, model: str = "Zeiss LSM 980", **values: Any) -> UUID:
    """Add an instrument; prices are in SEK unless said otherwise."""
    for price, currency in CURRENCIES.items():
        if price in values:
            values.setdefault(currency, "SEK")
    basics = {"name": name, "unit_ref": unit_ref(unit_uid), "model_text": model}
    return instruments.add(values={**basics, **values}, by=OPERATOR)


def partner(name: str = "Beta", number: int = 3) -> Home:
    """Add the home of a partner, or return the one that is here."""
    address = f"https://{name.casefold()}.example"
    found: Home = Home.objects.get_or_create(pk=number, defaults={"address": address, "name": name})[0]
    return found


def partner_row(
    kind: str, home: Home, sections: Mapping[str, Mapping[str, Any]], uid: UUID | None = None
) -> UUID:
    """Put a partner's record straight into the tables, these sections held and no other.

    A body may hold fields that this version does not know; they stay in its text alone.
    """
    known, uid, at = kind_of(kind), uid or uuid4(), timezone.now()
    values: dict[str, Any] = {}
    for name, body in sections.items():
        spec = known.section(name)
        told = {field: value for field, value in body.items() if field in spec.schema.model_fields}
        checked = spec.schema.model_validate(told).model_dump(mode="json", exclude_none=True)
        values |= {**known.columns(name, checked), spec.mask: HELD, spec.at: at}
        text = body_bytes(dict(body))
        Section.objects.create(
            uid=uid,
            home=home,
            kind=kind,
            section=name,
            revision=1,
            body=text.decode(),
            digest=digest(text),
            at=at,
        )
    found = resolve(known, list(sections.values()))
    for name, target in known.references.items():
        if ref := values.get(f"{name}_ref"):
            values[f"{name}_id"] = found.get((target, ref))
    extra = {
        field.column: field.get_default()
        for field in known.model._meta.concrete_fields
        if not field.primary_key and not field.null and field.has_default() and field.column not in values
    }
    row = {**extra, **values, "uid": uid, "home_id": home.pk}
    upsert(known.model, columns=list(row), rows=[list(row.values())])
    tell(kind, [uid])
    return uid


def partner_ref(home: Home, kind: str, uid: UUID) -> str:
    """Return the id of a partner's record as a section names it."""
    return record_id(node=home.address, kind=kind, uid=uid)
