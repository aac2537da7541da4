"""Writes on persons, grants, one-time links and sign-in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from parkbench.accounts.models import FailedSignIn, Grant, OneTimeLink, Person
from parkbench.accounts.rules import Role, check_grant
from parkbench.lib.errors import Refused

LINK_LIFE = timedelta(days=7)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_PER_EMAIL = 5
MOST_FAILURES_PER_ADDRESS = 30


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def add_person(*, email: str, name: str, orcid: str = "") -> Person:
    """This function will add a person without a password.

    Raises Refused when the e-mail is no address or is here already.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(f"'{email}' is not an e-mail address. Expected something like name@institute.org.") from None
    if Person.objects.filter(email__iexact=email).exists():
        raise Refused(f"Somebody with the e-mail {email} is here already.")
    person = Person(email=email, name=name.strip() or email.split("@")[0], orcid=orcid.strip())
    person.set_unusable_password()
    person.save()
    return person


@transaction.atomic
def grant(*, person: Person, role: Role, scope: str = "", granted_by: Person | None = None) -> Grant:
    """This function will let a person hold a role; holding it already is no error.

    Raises Refused when the role and the scope do not fit.
    """
    problem = check_grant(role, scope)
    if problem:
        raise Refused(problem)
    held, _is_new = Grant.objects.get_or_create(
        person=person, role=role.value, scope=scope, defaults={"granted_by": granted_by}
    )
    return held


@transaction.atomic
def revoke(*, grant: Grant) -> None:
    """This function will take a grant back.

    Raises Refused when nobody active would administer the node afterwards.
    """
    if grant.role == Role.ADMINISTRATOR.value:
        _check_another_administrator(grant.person)
    grant.delete()


def _check_another_administrator(person: Person) -> None:
    others = Grant.objects.filter(role=Role.ADMINISTRATOR.value, person__is_active=True)
    if not others.exclude(person=person).exists():
        raise Refused("This is the last administrator. Make somebody else administrator first.")


@transaction.atomic
def change_person(*, person: Person, name: str, orcid: str, is_active: bool, is_named_outward: bool) -> Person:
    """This function will change what is known of a person.

    Raises Refused when the last administrator would be shut out.
    """
    if person.is_active and not is_active and person.grants.filter(role=Role.ADMINISTRATOR.value).exists():
        _check_another_administrator(person)
    person.name, person.orcid = name.strip(), orcid.strip()
    person.is_active, person.is_named_outward = is_active, is_named_outward
    person.save()
    return person


@transaction.atomic
def make_link(*, person: Person) -> str:
    """This function will return a secret that lets the person set a password once within 7 days."""
    OneTimeLink.objects.filter(person=person, used_at=None).delete()
    secret = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        person=person, digest=_digest(secret), expires_at=timezone.now() + LINK_LIFE
    )
    return secret


def person_of_link(*, secret: str) -> Person | None:
    """Return whom this link is for, while it is unused and in time."""
    link = (
        OneTimeLink.objects.filter(digest=_digest(secret), used_at=None, expires_at__gt=timezone.now())
        .select_related("person")
        .first()
    )
    return link.person if link and link.person.is_active else None


@transaction.atomic
def use_link(*, secret: str, password: str) -> Person:
    """This function will set the password and spend the link.

    Raises Refused when the link is spent or too old, or the password is too weak.
    """
    link = (
        OneTimeLink.objects.select_for_update()
        .filter(digest=_digest(secret), used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if link is None or not link.person.is_active:
        raise Refused("This link was used already or is too old. Ask your administrator for a new one.")
    person = link.person
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    person.set_password(password)
    person.save(update_fields=["password"])
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return person


def check_throttle(*, email: str, address: str) -> None:
    """Raise Refused when this e-mail or this network address failed too often in 15 minutes."""
    since = timezone.now() - WINDOW
    for key, most in _throttle_keys(email, address):
        if FailedSignIn.objects.filter(key=key, at__gt=since).count() >= most:
            raise Refused("Too many failed attempts. Wait 15 minutes, then try again.")


def note_failure(*, email: str, address: str) -> None:
    """This function will count one failed sign-in and forget those older than a day."""
    now = timezone.now()
    FailedSignIn.objects.filter(at__lt=now - timedelta(days=1)).delete()
    FailedSignIn.objects.bulk_create(
        [FailedSignIn(key=key, at=now) for key, _most in _throttle_keys(email, address)]
    )


def note_success(*, person: Person, address: str) -> None:
    """This function will note the visit and forget this person's failures."""
    key = next(iter(_throttle_keys(person.email, address)))[0]
    FailedSignIn.objects.filter(key=key).delete()
    Person.objects.filter(pk=person.pk).update(seen_at=timezone.now())


def _throttle_keys(email: str, address: str) -> list[tuple[str, int]]:
    return [
        (_digest("email:" + email.strip().casefold()), MOST_FAILURES_PER_EMAIL),
        (_digest("address:" + address), MOST_FAILURES_PER_ADDRESS),
    ]
