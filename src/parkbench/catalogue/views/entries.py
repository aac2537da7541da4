"""Own entries: add, edit, put one in the place of a shipped one, compare the two, take back, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbench.accounts.rules import Action as Right
from parkbench.catalogue import forms, queries, services
from parkbench.lib.errors import Conflict, NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked
from parkbench.ui.parts import Change

FORMS: Mapping[str, Callable[..., Any]] = {
    "maker": forms.MakerForm,
    "technique": forms.TechniqueForm,
    "model": forms.ModelForm,
}
ADD: Mapping[str, Callable[..., UUID]] = {
    "maker": services.add_maker,
    "technique": services.add_technique,
    "model": services.add_model,
}
EDIT: Mapping[str, Callable[..., None]] = {
    "maker": services.edit_maker,
    "technique": services.edit_technique,
    "model": services.edit_model,
}


def _form(request: Asked, kind: str, initial: Mapping[str, Any]) -> Any:
    more = {"techniques": queries.technique_choices(request.viewer)} if kind == "model" else {}
    return FORMS[kind](request.POST or None, initial=initial, **more)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Asked, kind: str) -> HttpResponse:
    """The form of a new entry; ``?maker=`` fills in the maker of a model."""
    if not request.viewer.is_member:
        return redirect_to_login(request.get_full_path())
    request.viewer.check(Right.EDIT_CATALOGUE)
    form = _form(request, kind, {"maker": request.GET.get("maker", "")} if kind == "model" else {})

    def save() -> UUID:
        return ADD[kind](fields=form.values(), by=request.viewer)

    titles = {
        "maker": _("Add a maker"),
        "technique": _("Add a technique"),
        "model": _("Add a make and model"),
    }
    back = reverse(f"catalogue:{kind}s")
    return _answered(request, form, save, kind=kind, title=titles[kind], cancel_url=back)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """The form of an own entry."""
    if not request.viewer.is_member:
        return redirect_to_login(request.get_full_path())
    edited = queries.edited(kind=kind, uid=uid, viewer=request.viewer)
    form = _form(
        request, kind, {**forms.initial_of(edited.body, **edited.names), "revision": edited.revision}
    )

    def save() -> UUID:
        EDIT[kind](uid=uid, fields=form.values(), expected=form.seen_revision, by=request.viewer)
        return uid

    title = _("Edit %(name)s") % {"name": edited.row}
    return _answered(request, form, save, kind=kind, title=title, cancel_url=edited.row.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def override(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """The form of an own entry in the place of a shipped one, filled in with what that says."""
    if not request.viewer.is_member:
        return redirect_to_login(request.get_full_path())
    shipped = queries.overridden(kind=kind, uid=uid, viewer=request.viewer)
    form = _form(request, kind, forms.initial_of(shipped.body, **shipped.names))

    def save() -> UUID:
        return services.override(kind=kind, uid=uid, fields=form.values(), by=request.viewer)

    title = _("Our own entry of %(name)s") % {"name": shipped.row}
    return _answered(request, form, save, kind=kind, title=title, cancel_url=shipped.row.get_absolute_url())


@require_safe
def shipped(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """A shipped entry and the own one in its place, side by side."""
    if not request.viewer.is_member:
        return redirect_to_login(request.get_full_path())
    shown = queries.beside(kind=kind, uid=uid, viewer=request.viewer)
    context = {
        "shown": shown,
        "title": _("%(name)s: shipped and own, side by side") % {"name": shown.own},
        "take_back_url": reverse(f"catalogue:{kind}-take-back", args=[shown.own.uid]),
        "edit_url": reverse(f"catalogue:{kind}-edit", args=[shown.own.uid]),
    }
    return render(request, "catalogue/shipped.html", context)


@require_POST
def take_back(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Take the shipped entry back in the place of an own one."""
    shipped_uid = services.take_back(kind=kind, uid=uid, by=request.viewer)
    messages.success(request, _("The shipped entry stands again. Ours can be restored for 30 days."))
    return redirect(f"catalogue:{kind}", uid=shipped_uid)


@require_POST
def remove(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Delete an own entry."""
    try:
        services.remove(kind=kind, uid=uid, by=request.viewer)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(f"catalogue:{kind}", uid=uid)
    messages.success(request, _("Deleted. It can be restored for 30 days."))
    return redirect(f"catalogue:{kind}s")


def _answered(
    request: Asked, form: Any, save: Callable[[], UUID], *, kind: str, title: str, cancel_url: str
) -> HttpResponse:
    """Save what was sent and go to its page; else show the form, with what somebody else saved meanwhile."""
    changes: list[Change] = []
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            uid = save()
        except Conflict as error:
            form.refuse(error)
            changes, status = form.differences(), 409
            form.move_on()
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"catalogue:{kind}", uid=uid)
    context = {"form": form, "title": title, "changes": changes, "cancel_url": cancel_url}
    return render(request, "catalogue/form.html", context, status=status)
