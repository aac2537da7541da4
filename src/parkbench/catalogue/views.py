"""Pages of the catalogue: makes and models, makers, techniques; forms of own entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbench.accounts.rules import Action as Right
from parkbench.catalogue import forms, queries, services, tables
from parkbench.catalogue.filters import model_filter
from parkbench.lib.errors import Conflict, Refused
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action
from parkbench.ui.parts import Change


def _viewer(request: HttpRequest) -> Viewer:
    return cast(Viewer, request.viewer)  # type: ignore[attr-defined]


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """The list of makes and models."""
    viewer = _viewer(request)
    wanted = model_filter(request.GET)
    found = queries.found_models(wanted=wanted, viewer=viewer)
    actions = [
        Action(_("Makers"), reverse("catalogue:makers")),
        Action(_("Techniques"), reverse("catalogue:techniques")),
        *_add(viewer, _("Add a make and model"), "catalogue:model-add"),
    ]
    page = tables.models_list(found=found, wanted=wanted, query=request.GET, viewer=viewer, actions=actions)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def makers(request: HttpRequest) -> HttpResponse:
    """The list of makers."""
    viewer = _viewer(request)
    actions = _add(viewer, _("Add a maker"), "catalogue:maker-add")
    page = tables.makers_list(makers=queries.maker_list(viewer=viewer), actions=actions)
    return render(request, "catalogue/makers.html", {"page": page})


@require_safe
def techniques(request: HttpRequest) -> HttpResponse:
    """The tree of techniques."""
    context = {"title": _("Techniques"), "nodes": queries.technique_tree(viewer=_viewer(request))}
    return render(request, "catalogue/techniques.html", context)


@require_safe
def model(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The page of a make and model."""
    viewer = _viewer(request)
    page = queries.model_page(uid=uid, viewer=viewer)
    head = tables.model_head(page=page, viewer=viewer, permalink=_permalink(request))
    cards = tables.model_facts(page)
    return render(request, "catalogue/model.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def maker(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The page of a maker."""
    viewer = _viewer(request)
    page = queries.maker_page(uid=uid, viewer=viewer)
    head = tables.maker_head(page=page, viewer=viewer, permalink=_permalink(request))
    cards = tables.maker_facts(page)
    return render(request, "catalogue/maker.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def technique(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The page of a technique."""
    viewer = _viewer(request)
    page = queries.technique_page(uid=uid, viewer=viewer)
    head = tables.technique_head(page=page, viewer=viewer, permalink=_permalink(request))
    cards = tables.technique_facts(page)
    return render(request, "catalogue/technique.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def suggest_models(request: HttpRequest) -> HttpResponse:
    """Answer what is being typed with models, as options."""
    found = queries.suggest_models(text=_typed(request), viewer=_viewer(request))
    return render(request, "ui/options.html", {"options": [one.label for one in found]})


@require_safe
def suggest_makers(request: HttpRequest) -> HttpResponse:
    """Answer what is being typed with makers, as options."""
    found = queries.suggest_makers(text=_typed(request), viewer=_viewer(request))
    return render(request, "ui/options.html", {"options": [one.label for one in found]})


@require_http_methods(["GET", "HEAD", "POST"])
def maker_add(request: HttpRequest) -> HttpResponse:
    """The form of a new maker."""
    viewer = _viewer(request)
    if not viewer.is_member:
        return redirect_to_login(request.get_full_path())
    viewer.check(Right.EDIT_CATALOGUE)
    form = forms.MakerForm(request.POST or None)

    def save() -> UUID:
        return services.add_maker(fields=form.values(), by=viewer)

    return _answered(request, form, save, page="catalogue:maker", title=_("Add a maker"))


@require_http_methods(["GET", "HEAD", "POST"])
def maker_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form of an own maker."""
    viewer = _viewer(request)
    if not viewer.is_member:
        return redirect_to_login(request.get_full_path())
    edited = queries.edited_maker(uid=uid, viewer=viewer)
    initial = {**forms.initial_of(edited.body, successor=edited.successor), "revision": edited.revision}
    form = forms.MakerForm(request.POST or None, initial=initial)

    def save() -> UUID:
        services.edit_maker(uid=uid, fields=form.values(), expected=form.seen_revision, by=viewer)
        return uid

    title = _("Edit %(name)s") % {"name": edited.maker}
    back = edited.maker.get_absolute_url()
    return _answered(request, form, save, page="catalogue:maker", title=title, cancel_url=back)


@require_http_methods(["GET", "HEAD", "POST"])
def model_add(request: HttpRequest) -> HttpResponse:
    """The form of a new make and model; ``?maker=`` fills in the maker."""
    viewer = _viewer(request)
    if not viewer.is_member:
        return redirect_to_login(request.get_full_path())
    viewer.check(Right.EDIT_CATALOGUE)
    choices = queries.technique_choices(viewer)
    initial = {"maker": request.GET.get("maker", "")}
    form = forms.ModelForm(request.POST or None, techniques=choices, initial=initial)

    def save() -> UUID:
        return services.add_model(fields=form.values(), by=viewer)

    return _answered(request, form, save, page="catalogue:model", title=_("Add a make and model"))


@require_http_methods(["GET", "HEAD", "POST"])
def model_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form of an own make and model."""
    viewer = _viewer(request)
    if not viewer.is_member:
        return redirect_to_login(request.get_full_path())
    edited = queries.edited_model(uid=uid, viewer=viewer)
    names = {"maker": edited.maker, "successor": edited.successor}
    initial = {**forms.initial_of(edited.body, **names), "revision": edited.revision}
    form = forms.ModelForm(
        request.POST or None, techniques=queries.technique_choices(viewer), initial=initial
    )

    def save() -> UUID:
        services.edit_model(uid=uid, fields=form.values(), expected=form.seen_revision, by=viewer)
        return uid

    title = _("Edit %(name)s") % {"name": edited.model}
    back = edited.model.get_absolute_url()
    return _answered(request, form, save, page="catalogue:model", title=title, cancel_url=back)


def _answered(
    request: HttpRequest,
    form: forms.EntryForm,
    save: Callable[[], UUID],
    *,
    page: str,
    title: str,
    cancel_url: str = "",
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
            return redirect(page, uid=uid)
    context = {"form": form, "title": title, "changes": changes}
    context["cancel_url"] = cancel_url or reverse("catalogue:models")
    return render(request, "catalogue/form.html", context, status=status)


def _add(viewer: Viewer, label: str, name: str) -> list[Action]:
    if not viewer.may(Right.EDIT_CATALOGUE):
        return []
    return [Action(label, reverse(name), is_primary=True)]


def _permalink(request: HttpRequest) -> str:
    return request.build_absolute_uri(request.path)


def _typed(request: HttpRequest) -> str:
    """Return what is being typed; the parameter bears the name of the field it is typed into."""
    return str(next(iter(request.GET.values()), ""))[:200]
