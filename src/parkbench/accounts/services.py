"""Writes on persons, grants, one-time links and sign-in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import FailedSignIn, Grant, OneTimeLink, Person
from parkbench.accounts.rules import Role, check_grant
from parkbench.lib import jobs
from parkbench.lib.errors import Refused
from parkbench.lib.identifiers import check_orcid

LINK_LIFE = timedelta(days=7)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_PER_EMAIL = 5
MOST_FAILURES_PER_ADDRESS = 30
LONGEST_PASSWORD = 1024
"""Hashing takes time with the length: a password of megabytes would keep the node busy."""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def add_person(*, email: str, name: str, orcid: str = "") -> Person:
    """This function will add a person without a password.

    Raises Refused when the e-mail is no address or is here already, or the ORCID is none.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            _("“%(email)s” is not an e-mail address. Expected something like name@institute.org.")
            % {"email": email}
        ) from None
    if Person.objects.filter(email__iexact=email).exists():
        raise Refused(_("Somebody with the e-mail %(email)s is here already.") % {"email": email})
    person = Person(email=email, name=name.strip() or email.split("@")[0], orcid=_checked_orcid(orcid))
    person.set_unusable_password()
    person.save()
    return person


@transaction.atomic
def invite_person(
    *, email: str, name: str, orcid: str = "", role: Role, scope: str = "", granted_by: Person | None = None
) -> tuple[Person, str]:
    """This function will add a person with a first role; returns them and the secret of their one-time link.

    Raises what `add_person` and `grant` raise; then nobody was added.
    """
    person = add_person(email=email, name=name, orcid=orcid)
    grant(person=person, role=role, scope=scope, granted_by=granted_by)
    return person, make_link(person=person)


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
def change_person(
    *, person: Person, name: str, orcid: str, is_active: bool, is_named_outward: bool
) -> Person:
    """This function will change what is known of a person.

    Whoever withdraws the agreement to be named outside is taken out of every contact section by a job;
    whoever may no longer sign in is signed out. Raises Refused when the last administrator would be shut
    out, the name is empty, the ORCID is none, or the person was erased.
    """
    before = Person.objects.select_for_update().get(pk=person.pk)
    if before.is_erased:
        raise Refused(_("This person was erased and cannot be changed. Add them again if they came back."))
    if before.is_active and not is_active and before.grants.filter(role=Role.ADMINISTRATOR.value).exists():
        _check_another_administrator(before)
    if not name.strip():
        raise Refused(_("The name is missing. Give the name that colleagues know."))
    person.name, person.orcid = name.strip(), _checked_orcid(orcid)
    person.is_active, person.is_named_outward = is_active, is_named_outward
    person.save(update_fields=["name", "orcid", "is_active", "is_named_outward"])
    if before.is_named_outward and not is_named_outward:
        jobs.enqueue("programme.forget_person", uid=str(person.uid))
    if not is_active:
        OneTimeLink.objects.filter(person=person, used_at=None).delete()
        _end_sessions(person)
    return person


@transaction.atomic
def erase_person(*, person: Person) -> Person:
    """This function will replace a person by "former staff", for good.

    Name, e-mail and ORCID go, and with them grants, links, sessions and failed sign-ins; a job takes the
    person out of every contact section and its history. What they did stays, done by "former staff".
    Raises Refused for the last administrator.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.is_active and person.grants.filter(role=Role.ADMINISTRATOR.value).exists():
        _check_another_administrator(person)
    FailedSignIn.objects.filter(key=_email_key(person.email)).delete()
    _end_sessions(person)
    Grant.objects.filter(person=person).delete()
    OneTimeLink.objects.filter(person=person).delete()
    person.name, person.orcid = _("Former staff"), ""
    person.email = f"former-staff-{person.uid}@erased.invalid"
    person.is_active = person.is_named_outward = False
    person.is_erased = True
    person.last_login = person.seen_at = None
    person.set_unusable_password()
    person.save()
    jobs.enqueue("programme.forget_person", uid=str(person.uid))
    return person


def _checked_orcid(orcid: str) -> str:
    try:
        return check_orcid(orcid) if orcid.strip() else ""
    except ValueError as error:
        raise Refused(_("“%(orcid)s”: %(why)s.") % {"orcid": orcid.strip(), "why": error}) from None


def _end_sessions(person: Person) -> None:
    """Sign a person out everywhere; a session names its person only inside its own data."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


@transaction.atomic
def make_link(*, person: Person) -> str:
    """This function will return a secret that lets the person set a password once within 7 days.

    Earlier links of this person stop working. Raises Refused when the person may not sign in.
    """
    if not person.is_active:
        raise Refused(
            _("%(name)s may not sign in. Allow it first, then make a link.") % {"name": person.name}
        )
    OneTimeLink.objects.filter(person=person, used_at=None).delete()
    secret = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(person=person, digest=_digest(secret), expires_at=timezone.now() + LINK_LIFE)
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
    _set_password(person, password)
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return person


@transaction.atomic
def change_password(*, person: Person, current: str, password: str) -> Person:
    """This function will give a person another password; everywhere else they are signed out.

    Raises Refused when the current password is wrong or the new one too weak.
    """
    if not person.check_password(current):
        raise Refused(_("This is not your current password. Nothing was changed."))
    _set_password(person, password)
    return person


def _set_password(person: Person, password: str) -> None:
    """Check and keep a password; sessions hold its hash, so those begun with the old one end."""
    if len(password) > LONGEST_PASSWORD:
        raise Refused(_("This password is too long. Use at most 1,024 characters."))
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    person.set_password(password)
    person.save(update_fields=["password"])


def check_sign_in(*, email: str, password: str, address: str) -> Person:
    """This function will return the person with this e-mail and password and note the visit.

    Not one transaction: a failure must stay counted when the refusal is raised. Raises Refused, with the
    same words whatever is wrong, and in other words only when there were too many failures.
    """
    check_throttle(email=email, address=address)
    found = authenticate(username=email.strip(), password=password[:LONGEST_PASSWORD])
    if not isinstance(found, Person):
        note_failure(email=email, address=address)
        raise Refused(
            _("E-mail and password do not fit together. Try again, or ask an administrator for a new link.")
        )
    note_success(person=found, address=address)
    return found


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
    FailedSignIn.objects.filter(key=_email_key(person.email)).delete()
    Person.objects.filter(pk=person.pk).update(seen_at=timezone.now())


def _email_key(email: str) -> str:
    return _digest("email:" + email.strip().casefold())


def _throttle_keys(email: str, address: str) -> list[tuple[str, int]]:
    return [
        (_email_key(email), MOST_FAILURES_PER_EMAIL),
        (_digest("address:" + address), MOST_FAILURES_PER_ADDRESS),
    ]
