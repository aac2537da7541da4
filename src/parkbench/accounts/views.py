"""Pages of accounts: sign-in, the one-time link, my account, people."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from parkbench.accounts import forms, queries, services, tables
from parkbench.accounts.models import Person
from parkbench.accounts.registry import leaving_url
from parkbench.accounts.rules import Action, Role
from parkbench.lib.errors import NotFound, Refused

More = ParamSpec("More")


class Looker(Protocol):
    """Whoever looks at a page, as far as accounts needs to know them."""

    person: Person

    @property
    def is_member(self) -> bool: ...

    def may(self, action: Action) -> bool: ...

    def check(self, action: Action) -> None: ...


class Asked(HttpRequest):
    """A request as the rooms get it: who looks, and who really signed in."""

    viewer: Looker
    member: Looker


View = Callable[Concatenate[Asked, More], HttpResponse]


def for_administrators(view: View[More]) -> View[More]:
    """Let only those in who manage people; whoever has not signed in may do so first."""

    @wraps(view)
    def checked(request: Asked, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        if not request.member.is_member:
            return redirect_to_login(request.get_full_path())
        request.viewer.check(Action.MANAGE_PEOPLE)
        return view(request, *args, **kwargs)

    return checked


def _done(form: Form, act: Callable[[], object]) -> bool:
    """Tell whether a valid form could be acted on; a refusal is shown at the top of the form."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _address(request: HttpRequest) -> str:
    """Return where the request comes from: the last hop that our own proxy saw, else the connection's."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and hops:
        return str(hops).split(",")[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _next(request: HttpRequest, wanted: str) -> str:
    """Return where to go after sign-in: only ever to this node."""
    own = {request.get_host()}
    if wanted and url_has_allowed_host_and_scheme(wanted, own, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: Asked) -> HttpResponse:
    """Sign in with e-mail and password."""
    form = forms.SignInForm(_posted(request), initial={"next": request.GET.get("next", "")})
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(_next(request, request.GET.get("next", "")))

    def act() -> None:
        given = form.cleaned_data
        person = services.check_sign_in(
            email=given["email"], password=given["password"], address=_address(request)
        )
        login(request, person)

    if _done(form, act):
        return redirect(_next(request, form.cleaned_data["next"]))
    return render(request, "accounts/sign_in.html", {"form": form}, status=_status(form))


@require_POST
def sign_out(request: Asked) -> HttpResponse:
    """Sign out, then show the start page."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(settings.LOGIN_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password", "again")
def link(request: Asked, secret: str) -> HttpResponse:
    """Choose a password by a one-time link; only the POST spends it, so that mail scanners do not."""
    person = services.person_of_link(secret=secret)
    if person is None:
        raise NotFound(_("This link was used already or is too old. Ask your administrator for a new one."))
    form = forms.NewPasswordForm(_posted(request))

    def act() -> None:
        found = services.use_link(secret=secret, password=form.cleaned_data["password"])
        services.note_success(person=found, address=_address(request))
        login(request, found)

    if _done(form, act):
        messages.success(request, _("Your password is set and you are signed in."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/link.html", {"form": form, "person": person}, status=_status(form))


class LinkSecrets(logging.Filter):
    """Keeps the secrets of one-time links and calendars out of the log: whoever reads it could use them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secret in the address that Django logs with a refusal or an error."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                re.sub(r"/(link|calendar)/[^/\s]+", r"/\1/...", one) if isinstance(one, str) else one
                for one in record.args
            )
        return True


@never_cache
def me(request: Asked) -> HttpResponse:
    """Show and change what is known of oneself."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    person = request.member.person
    form = forms.MeForm(_posted(request), initial=forms.facts_of(person))
    if _done(
        form, lambda: services.change_person(person=person, is_active=person.is_active, **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return redirect("accounts:me")
    return _me_page(request, form, forms.ChangePasswordForm())


@never_cache
@require_POST
@sensitive_post_parameters()
def password(request: Asked) -> HttpResponse:
    """Change one's own password and stay signed in here."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("accounts:me"))
    person = request.member.person
    form = forms.ChangePasswordForm(_posted(request))

    def act() -> None:
        given = form.cleaned_data
        services.change_password(person=person, current=given["current"], password=given["password"])
        update_session_auth_hash(request, person)

    if _done(form, act):
        messages.success(request, _("Your password is changed. Elsewhere you are signed out."))
        return redirect("accounts:me")
    return _me_page(request, forms.MeForm(initial=forms.facts_of(person)), form)


def _me_page(request: Asked, form: Form, password_form: Form) -> HttpResponse:
    line = queries.person_line(uid=request.member.person.uid)
    status = max(_status(form), _status(password_form))
    context = {"form": form, "password_form": password_form, "line": line}
    return render(request, "accounts/me.html", context, status=status)


def people(request: Asked) -> HttpResponse:
    """List the people of this node: names for members, everything for those who manage them."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    request.viewer.check(Action.SEE)
    is_managing = request.viewer.may(Action.MANAGE_PEOPLE)
    text = request.GET.get("q", "").strip()
    lines = queries.people(text=text, is_managing=is_managing)
    page = tables.people_page(lines=lines, text=text, is_managing=is_managing)
    return render(request, "ui/list_page.html", {"page": page})


@for_administrators
def person_add(request: Asked) -> HttpResponse:
    """Add somebody, then show their one-time link."""
    form = forms.AddPersonForm(_posted(request))
    made: list[tuple[Person, str]] = []

    def act() -> None:
        given = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
        made.append(services.invite_person(**given, granted_by=request.member.person))

    if _done(form, act):
        return _link_page(request, *made[0])
    return render(request, "accounts/person_add.html", {"form": form}, status=_status(form))


@for_administrators
def person(request: Asked, uid: UUID) -> HttpResponse:
    """Show a person with their roles; change what is known of them."""
    line = queries.person_line(uid=uid)
    form = forms.PersonForm(_posted(request), initial=forms.facts_of(line.person))
    was_active = line.person.is_active
    if _done(form, lambda: services.change_person(person=line.person, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        left = was_active and not line.person.is_active
        return redirect((leaving_url(uid) if left else "") or reverse("accounts:person", args=[uid]))
    return _person_page(request, uid, form, forms.GrantForm())


@for_administrators
@require_POST
def grant(request: Asked, uid: UUID) -> HttpResponse:
    """Let a person hold a role."""
    holder = queries.person_line(uid=uid).person
    form = forms.GrantForm(_posted(request))

    def act() -> None:
        role, scope = Role(form.cleaned_data["role"]), form.cleaned_data["scope"]
        services.grant(person=holder, role=role, scope=scope, granted_by=request.member.person)

    if _done(form, act):
        messages.success(request, _("The role is given."))
        return redirect("accounts:person", uid)
    return _person_page(request, uid, forms.PersonForm.of(holder), form)


def _person_page(request: Asked, uid: UUID, form: Form, grant_form: Form) -> HttpResponse:
    line = queries.person_line(uid=uid)
    status = max(_status(form), _status(grant_form))
    context = {"line": line, "form": form, "grant_form": grant_form}
    return render(request, "accounts/person.html", context, status=status)


@for_administrators
@require_POST
def revoke(request: Asked, uid: UUID, pk: int) -> HttpResponse:
    """Take a role back."""
    holder = queries.person_line(uid=uid).person
    services.revoke(grant=queries.grant_by_id(person=holder, pk=pk))
    messages.success(request, _("The role is taken back."))
    return redirect("accounts:person", uid)


@never_cache
@for_administrators
@require_POST
def new_link(request: Asked, uid: UUID) -> HttpResponse:
    """Make a new one-time link and show it once."""
    holder = queries.person_line(uid=uid).person
    return _link_page(request, holder, services.make_link(person=holder))


def _link_page(request: Asked, person: Person, secret: str) -> HttpResponse:
    """Show the link in the answer itself: it is kept nowhere and cannot be shown again."""
    url = request.build_absolute_uri(reverse("accounts:link", args=[secret]))
    response = render(request, "accounts/person_link.html", {"person": person, "url": url})
    response["Cache-Control"] = "no-store"
    return response


@for_administrators
@require_POST
def erase(request: Asked, uid: UUID) -> HttpResponse:
    """Replace a person by "former staff"."""
    services.erase_person(person=queries.person_line(uid=uid).person)
    messages.success(request, _("The person is erased. Their name leaves contacts and history now."))
    return redirect("accounts:people")
