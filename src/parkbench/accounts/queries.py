"""Reads on persons and grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from parkbench.accounts.models import Grant, Person, RoleChoices
from parkbench.accounts.registry import scopes
from parkbench.accounts.rules import Held, Role
from parkbench.lib.errors import NotFound


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant in words; ``scope`` is '' for the whole node."""

    pk: int
    role: str
    scope: str

    def __str__(self) -> str:
        return f"{self.role}: {self.scope}" if self.scope else self.role


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with what they hold, in words."""

    person: Person
    grants: tuple[GrantLine, ...]


def grants_of(*, person_id: int) -> tuple[Held, ...]:
    """Return what a person holds, in one query."""
    rows = Grant.objects.filter(person_id=person_id).order_by("id").values_list("role", "scope")
    return tuple(Held(Role(role), scope) for role, scope in rows)


def person_by_email(*, email: str) -> Person | None:
    """Return the person with this e-mail, whatever its capitals."""
    return Person.objects.filter(email__iexact=email.strip()).first()


def person_by_uid(*, uid: UUID) -> Person:
    """Return the person; raise NotFound when there is none."""
    found = Person.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such person here."))
    return found


def grant_by_id(*, person: Person, pk: int) -> Grant:
    """Return one grant of a person; raise NotFound when it was revoked already."""
    found = person.grants.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This was revoked already."))
    return found


def grant_held(*, person: Person, role: Role, scope: str) -> Grant:
    """Return the grant by which a person holds a role; raise NotFound when they do not."""
    found = person.grants.filter(role=role.value, scope=scope).first()
    if found is None:
        sentence = _("%(name)s does not hold the role %(role)s there.")
        raise NotFound(sentence % {"name": person.name, "role": role})
    return found


def has_administrator() -> bool:
    """Tell whether anybody active administers this node."""
    return Grant.objects.filter(role=Role.ADMINISTRATOR.value, person__is_active=True).exists()


def people(*, text: str = "", is_managing: bool = False) -> list[PersonLine]:
    """Return people by name, with their grants in words; the same few queries for any number.

    ``text`` narrows by what is shown: the name, for those who manage people also the e-mail. Only they see
    people who may not sign in; nobody sees who was erased. Never ordered by what somebody does.
    """
    rows = Person.objects.filter(is_erased=False).prefetch_related("grants").order_by("name", "pk")
    if not is_managing:
        rows = rows.filter(is_active=True)
    if text:
        rows = rows.filter(Q(name__icontains=text) | (Q(email__icontains=text) if is_managing else Q()))
    named = scope_names()
    return [PersonLine(person, _grants(person, named)) for person in rows]


def person_line(*, uid: UUID) -> PersonLine:
    """Return one person with their grants in words; raise NotFound when there is none or they were erased."""
    person = person_by_uid(uid=uid)
    if person.is_erased:
        raise NotFound(_("This person was erased."))
    return PersonLine(person, _grants(person, scope_names()))


def scope_names() -> Mapping[str, str]:
    """Return uid > name with sort of everything a grant may hold for."""
    return {choice.uid: choice.label for choice in scopes()}


def _grants(person: Person, named: Mapping[str, str]) -> tuple[GrantLine, ...]:
    return tuple(
        GrantLine(
            pk=grant.pk,
            role=str(RoleChoices(grant.role).label),
            scope=named.get(grant.scope, _("something deleted")) if grant.scope else "",
        )
        for grant in sorted(person.grants.all(), key=lambda grant: grant.pk)
    )
