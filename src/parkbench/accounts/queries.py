"""Reads on persons and grants."""

from __future__ import annotations

from parkbench.accounts.models import Grant, Person
from parkbench.accounts.rules import Held, Role


def grants_of(*, person_id: int) -> tuple[Held, ...]:
    """Return what a person holds, in one query."""
    rows = Grant.objects.filter(person_id=person_id).order_by("id").values_list("role", "scope")
    return tuple(Held(Role(role), scope) for role, scope in rows)


def person_by_email(*, email: str) -> Person | None:
    """Return the person with this e-mail, whatever its capitals."""
    return Person.objects.filter(email__iexact=email.strip()).first()


def has_administrator() -> bool:
    """Tell whether anybody active administers this node."""
    return Grant.objects.filter(role=Role.ADMINISTRATOR.value, person__is_active=True).exists()
