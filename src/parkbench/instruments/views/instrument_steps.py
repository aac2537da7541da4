"""Steps in the life of an instrument: another status, the link to its make and model, deleting, restoring."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.catalogue.queries import suggest_models
from parkbench.instruments import services
from parkbench.instruments.forms.steps import StatusForm
from parkbench.instruments.queries.instrument import editable_page, instrument_page, model_by_uid
from parkbench.instruments.rules import Status
from parkbench.instruments.views.instrument import for_members
from parkbench.lib.errors import Refused
from parkbench.records.visibility import Asked, check_ours, scopes_of


@for_members
def status(request: Asked, uid: UUID) -> HttpResponse:
    """Choose the next status among those the life cycle allows."""
    page = editable_page(uid=uid, viewer=request.viewer)
    form = StatusForm(request.POST if request.method == "POST" else None, status=page.row.status)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            services.change_status(
                uid=uid,
                status=Status(given["status"]),
                on=date.fromisoformat(given["on"]) if given["on"] else None,
                reason=given["reason"],
                by=request.viewer,
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The status is changed."))
            return redirect("instruments:instrument", uid)
    context = {"form": form, "shown": page}
    return render(request, "instruments/instrument_status.html", context, status=422 if form.errors else 200)


@for_members
def link(request: Asked, uid: UUID) -> HttpResponse:
    """Say which make and model of the catalogue it is, or that it is none of these."""
    page = editable_page(uid=uid, viewer=request.viewer)
    if request.method == "POST":
        chosen = request.POST.get("model", "")
        model = model_by_uid(uid=_uid(chosen), viewer=request.viewer) if chosen else None
        services.link_model(uid=uid, model=model, by=request.viewer)
        messages.success(
            request, _("Linked to %(model)s.") % {"model": model} if model else _("Not linked any more.")
        )
        return redirect("instruments:instrument", uid)
    said = " ".join(filter(None, [page.row.maker_text, page.row.model_text]))
    text = request.GET.get("q", page.row.model_text).replace("\x00", "").strip()[:200]
    found = suggest_models(text=text, viewer=request.viewer, limit=30) if text else []
    context = {"shown": page, "text": text, "said": said, "found": found}
    return render(request, "instruments/instrument_link.html", context)


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(_("Choose one of the makes and models in the list.")) from None


@for_members
def delete(request: Asked, uid: UUID) -> HttpResponse:
    """Ask once, then withdraw the instrument; it can be restored for 30 days."""
    page = instrument_page(uid=uid, viewer=request.viewer)
    check_ours(page.row)
    request.viewer.check(Action.DELETE, scopes_of(page.kind, page.row))
    if request.method != "POST":
        return render(request, "instruments/instrument_delete.html", {"shown": page})
    services.delete(uids=[uid], by=request.viewer)
    undo = render_to_string("instruments/instrument_deleted.html", {"row": page.row}, request=request)
    messages.success(request, undo)
    return redirect("instruments:park")


@for_members
@require_POST
def restore(request: Asked, uid: UUID) -> HttpResponse:
    """Bring a deleted instrument back."""
    services.restore(uids=[uid], by=request.viewer)
    messages.success(request, _("The instrument is back, with everything it held."))
    return redirect("instruments:instrument", uid)
