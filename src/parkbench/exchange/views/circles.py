"""A group of partners: what it is for, and who is in it, counted before it is saved."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange import forms
from parkbench.exchange.queries import circles as queries
from parkbench.exchange.services import circles as services
from parkbench.exchange.tables import pages
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import Conflict, NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked


@for_members(Action.SET_POLICY)
def circle(request: Asked, token: UUID) -> HttpResponse:
    """Show a group; what a change of members opens and closes is shown before it is saved."""
    found = queries.circle(token=token, viewer=request.viewer)
    posted = request.POST if request.method == "POST" else None
    form = forms.MembersForm(posted, candidates=found.candidates, members=found.members)
    if form.is_valid():
        members = frozenset(form.cleaned_data["members"])
        if request.POST.get("step") == "confirm" and _saved(request, token, members):
            return redirect("exchange:circle", token)
        effects = queries.member_effects(found, members=members)
        if effects:
            return render(request, "exchange/circle_preview.html", _preview(found, members, effects))
        messages.info(request, _("The members are exactly these already."))
    context = {
        "circle": found,
        "form": form,
        "terms_form": forms.TermsOfCircleForm.of(None, found.terms),
        "members": [one for one in found.candidates if one.pk in found.members],
    }
    return render(request, "exchange/circle.html", context, status=422 if form.errors else 200)


def _saved(request: Asked, token: UUID, members: frozenset[int]) -> bool:
    """Tell whether the members could be changed as it was shown; else say why."""
    expected = forms.read_numbers(request.POST.get("seen", ""))
    try:
        services.set_members(token=token, members=members, expected=expected, by=request.viewer)
    except NotAllowed:
        raise
    except (Conflict, NotFound) as refusal:
        messages.error(request, refusal.sentence)
        return False
    messages.success(request, _("Saved. What is closed is closed now; who came in is told at once."))
    return True


def _preview(
    circle: queries.Circle, members: frozenset[int], effects: list[queries.MemberEffect]
) -> dict[str, object]:
    law = [effect.partner.home.name for effect in effects if effect.is_under_law]
    return {
        "circle": circle,
        "effects": effects,
        "members": sorted(members),
        "seen": forms.write_numbers(circle.members),
        "warning": pages.law(law) if law else "",
    }


@for_members(Action.SET_POLICY)
def circle_terms(request: Asked, token: UUID) -> HttpResponse:
    """Save what a group is for."""
    found = queries.circle(token=token, viewer=request.viewer)
    form = forms.TermsOfCircleForm.of(request.POST if request.method == "POST" else None, found.terms)
    if form.is_valid():
        try:
            services.set_terms(token=token, **form.cleaned_data, by=request.viewer)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("exchange:circle", token)
    context = {"circle": found, "form": form}
    return render(request, "exchange/circle_terms.html", context, status=422 if form.errors else 200)
