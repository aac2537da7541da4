"""Add and edit an instrument; what the form suggests while one types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbench.accounts.queries import person_by_uid
from parkbench.accounts.rules import Action
from parkbench.catalogue.queries import suggest_makers, suggest_models
from parkbench.instruments import services
from parkbench.instruments.forms.funding import typed_lines
from parkbench.instruments.forms.instrument import InstrumentForm
from parkbench.instruments.queries.instrument import (
    InstrumentPage,
    editable_page,
    suggest_instruments,
    values_at,
)
from parkbench.instruments.queries.offer import Offer, offer_for, offer_for_new
from parkbench.instruments.views.instrument import for_members
from parkbench.lib.errors import Conflict, NotFound, Refused
from parkbench.records.visibility import Asked, Viewer


@for_members
def add(request: Asked) -> HttpResponse:
    """Add an instrument: three things are required."""
    viewer = request.viewer
    if not viewer.may_somewhere(Action.EDIT):
        viewer.check(Action.EDIT)
    offer = offer_for_new(viewer=viewer)
    if request.method != "POST":
        return _form_page(request, InstrumentForm(offer=offer, is_new=True, said=_asked_for(request, offer)))
    form = InstrumentForm(request.POST, offer=offer, is_new=True)
    if form.is_valid():
        try:
            uid = services.add_by_hand(values=form.values(), stewardship=_stewardship(form), by=viewer)
        except Refused as refusal:
            form.take(refusal)
        else:
            messages.success(request, _("Added."))
            return redirect("instruments:instrument", uid)
    return _form_page(request, form, status=422)


def _asked_for(request: Asked, offer: Offer) -> dict[str, str]:
    """Return what the address that led here knows already: the unit, the make and model."""
    said = {
        "unit": offer.name_of("unit", request.GET.get("unit", "")),
        "model_text": request.GET.get("model", ""),
    }
    if len(offer.units) == 1:
        said["unit"] = offer.units[0][1]
    return {name: text[:300] for name, text in said.items() if text}


@for_members
def edit(request: Asked, uid: UUID) -> HttpResponse:
    """Change an instrument; what somebody else changed meanwhile is shown, never overwritten."""
    page = editable_page(uid=uid, viewer=request.viewer)
    offer = offer_for(page=page, viewer=request.viewer)
    if request.method != "POST":
        form = InstrumentForm(offer=offer, values=page.values, revisions=page.revisions)
        return _form_page(request, form, page=page)
    form = _posted(request, page, offer)
    if form.is_valid():
        try:
            _save(form, page, request.viewer)
        except Conflict as conflict:
            return _conflict_page(request, form, page, conflict)
        except Refused as refusal:
            form.take(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("instruments:instrument", uid)
    return _form_page(request, form, page=page, status=422)


def _posted(request: Asked, page: InstrumentPage, offer: Offer) -> InstrumentForm:
    """Return the posted form, which began with the values at the revisions its editor saw."""
    form = InstrumentForm(request.POST, offer=offer, values=page.values, revisions=page.revisions)
    seen = form.seen_revisions(page.revisions)
    if seen == page.revisions:
        return form
    values = values_at(row=page.row, revisions=seen, viewer=request.viewer)
    return InstrumentForm(request.POST, offer=offer, values=values, revisions=page.revisions)


def _save(form: InstrumentForm, page: InstrumentPage, by: Viewer) -> None:
    services.edit_by_hand(
        uid=page.row.uid,
        values=form.changed_values(),
        expected=form.seen_revisions(page.revisions),
        stewardship=_stewardship(form) if form.has_new_stewardship() else None,
        by=by,
    )


def _stewardship(form: InstrumentForm) -> services.Stewardship | None:
    given = form.cleaned_data
    if not (given.get("steward") or given.get("review_due_on") or form.has_new_stewardship()):
        return None
    due = given.get("review_due_on")
    return services.Stewardship(
        steward=person_by_uid(uid=UUID(given["steward"])) if given.get("steward") else None,
        review_due_on=date.fromisoformat(due) if due else None,
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both changed: what they saved, what I typed."""

    label: str
    theirs: str
    mine: str


def _conflict_page(
    request: Asked, form: InstrumentForm, page: InstrumentPage, conflict: Conflict
) -> HttpResponse:
    """Show theirs beside mine: the form holds theirs, but for what I changed myself."""
    now = editable_page(uid=page.row.uid, viewer=request.viewer)
    offer = offer_for(page=now, viewer=request.viewer)
    theirs = InstrumentForm(offer=offer, values=now.values, revisions=now.revisions)
    mine = {name: form[name].value() for name in form.fields if _is_mine(form, name)}
    clashes = [
        Clash(
            str(theirs.fields[name].label),
            _in_words(theirs, name, theirs[name].value()),
            _in_words(theirs, name, said),
        )
        for name, said in mine.items()
        if name in theirs.fields
        and _in_words(theirs, name, said) != _in_words(theirs, name, theirs[name].value())
    ]
    if form.funding is not None and "funding" in form.changed_values():
        mine["funding"] = typed_lines(form.funding)
    again = InstrumentForm(offer=offer, values=now.values, revisions=now.revisions, said=mine)
    more = {"conflict": conflict.sentence, "clashes": clashes}
    return _form_page(request, again, page=now, status=409, **more)


def _is_mine(form: InstrumentForm, name: str) -> bool:
    """Tell whether the editor changed this field from what they had before them."""
    if name.startswith(("revision_", "seen_")):
        return False
    return _in_words(form, name, form[name].value()) != _in_words(form, name, form.initial.get(name))


def _in_words(form: InstrumentForm, name: str, value: Any) -> str:
    """Return a field's value as text, choices by their labels."""
    chosen = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value or "")]
    labels = {str(key): str(label) for key, label in getattr(form.fields[name], "choices", ())}
    return ", ".join(sorted(labels.get(one, one).strip() for one in chosen if one))


def _form_page(
    request: Asked,
    form: InstrumentForm,
    *,
    page: InstrumentPage | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "form": form,
        "shown": page,
        "cancel_url": page.row.get_absolute_url() if page else reverse("instruments:park"),
        "may_add_places": request.viewer.may(Action.EDIT_PROGRAMME),
        **more,
    }
    return render(request, "instruments/form.html", context, status=status)


@require_safe
@for_members
def suggest(request: Asked, field: str) -> HttpResponse:
    """Answer what may be meant while somebody types."""
    text = request.GET.get(field, "").replace("\x00", "").strip()[:200]
    viewer = request.viewer
    if field == "model_text":
        found = [one.label for one in suggest_models(text=text, viewer=viewer)]
    elif field == "maker_text":
        found = [one.label for one in suggest_makers(text=text, viewer=viewer)]
    elif field == "parent":
        found = [label for _uid, label in suggest_instruments(text=text, viewer=viewer)] if text else []
    else:
        raise NotFound(_("Nothing is suggested for this field."))
    return render(request, "ui/options.html", {"options": found})
