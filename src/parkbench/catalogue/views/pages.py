"""Lists of models, makers and techniques, the page of each, suggestions, files."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbench.accounts.rules import Action as Right
from parkbench.catalogue import queries, tables
from parkbench.catalogue.filters import maker_filter, model_filter, technique_home
from parkbench.lib.errors import NotFound
from parkbench.records.models import OURS
from parkbench.records.queries import own_address
from parkbench.records.visibility import Asked, Viewer
from parkbench.ui.lists import Action


@require_safe
def models(request: Asked) -> HttpResponse:
    """The list of makes and models."""
    viewer = request.viewer
    wanted = model_filter(request.GET, viewer)
    found = queries.found_models(wanted=wanted, viewer=viewer)
    actions = [
        Action(_("Makers"), reverse("catalogue:makers")),
        Action(_("Techniques"), reverse("catalogue:techniques")),
        *_add(viewer, _("Add a make and model"), "catalogue:model-add"),
    ]
    page = tables.models_list(found=found, wanted=wanted, query=request.GET, viewer=viewer, actions=actions)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def makers(request: Asked) -> HttpResponse:
    """The list of makers."""
    wanted = maker_filter(request.GET, request.viewer)
    found = queries.found_makers(wanted=wanted, viewer=request.viewer)
    actions = _add(request.viewer, _("Add a maker"), "catalogue:maker-add")
    page = tables.makers_list(
        found=found, wanted=wanted, query=request.GET, viewer=request.viewer, actions=actions
    )
    return render(request, "catalogue/makers.html", {"page": page})


@require_safe
def techniques(request: Asked) -> HttpResponse:
    """The tree of techniques."""
    home = technique_home(request.GET, request.viewer)
    nodes = queries.technique_tree(viewer=request.viewer, home=home)
    context = {
        "title": _("Techniques"),
        "nodes": nodes,
        "homes": tables.technique_homes(home=home, total=len(nodes), viewer=request.viewer),
        "has_homes": home != OURS,
        "actions": _add(request.viewer, _("Add a technique"), "catalogue:technique-add"),
        "exports": tables.exports_of("techniques", request.GET),
    }
    return render(request, "catalogue/techniques.html", context)


@require_safe
def export(request: Asked, name: str, format: str) -> HttpResponse:
    """Send exactly the listed rows as a file."""
    if format not in tables.FORMATS:
        raise NotFound(_("This can be exported as CSV, XLSX or JSON lines."))
    readers: dict[str, Any] = {"models": model_filter, "makers": maker_filter, "techniques": technique_home}
    if name not in readers:
        raise NotFound(_("There is no such list here."))
    wanted = readers[name](request.GET, request.viewer)
    kept = BytesIO()
    tables.write(name, format, kept, viewer=request.viewer, wanted=wanted)
    response = HttpResponse(kept.getvalue(), content_type=tables.FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return response


@require_safe
def model(request: Asked, uid: UUID) -> HttpResponse:
    """The page of a make and model."""
    page = queries.model_page(uid=uid, viewer=request.viewer)
    head = tables.model_head(page=page, viewer=request.viewer, permalink=_permalink(request))
    cards = tables.model_facts(page)
    return render(request, "catalogue/model.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def maker(request: Asked, uid: UUID) -> HttpResponse:
    """The page of a maker."""
    page = queries.maker_page(uid=uid, viewer=request.viewer)
    head = tables.maker_head(page=page, viewer=request.viewer, permalink=_permalink(request))
    cards = tables.maker_facts(page)
    return render(request, "catalogue/maker.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def technique(request: Asked, uid: UUID) -> HttpResponse:
    """The page of a technique."""
    page = queries.technique_page(uid=uid, viewer=request.viewer)
    head = tables.technique_head(page=page, viewer=request.viewer, permalink=_permalink(request))
    cards = tables.technique_facts(page)
    return render(request, "catalogue/technique.html", {"head": head, "shown": page, "cards": cards})


@require_safe
def suggest(request: Asked, name: str) -> HttpResponse:
    """Answer what is being typed with models, makers or techniques, as options."""
    found = {
        "models": queries.suggest_models,
        "makers": queries.suggest_makers,
        "techniques": queries.suggest_techniques,
    }[name](text=_typed(request), viewer=request.viewer)
    return render(request, "ui/options.html", {"options": [one.label for one in found]})


def _add(viewer: Viewer, label: str, name: str) -> list[Action]:
    if not viewer.may(Right.EDIT_CATALOGUE):
        return []
    return [Action(label, reverse(name), is_primary=True)]


def _permalink(request: Asked) -> str:
    return f"{own_address().rstrip('/')}{request.path}"


def _typed(request: Asked) -> str:
    """Return what is being typed; the parameter bears the name of the field it is typed into."""
    return str(next(iter(request.GET.values()), ""))[:200]
