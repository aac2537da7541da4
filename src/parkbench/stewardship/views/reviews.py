"""Pages of reviews and completeness."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked
from parkbench.stewardship import forms
from parkbench.stewardship.queries.completeness import completeness as levels
from parkbench.stewardship.queries.periods import periods as kept_periods
from parkbench.stewardship.services import reviews as services
from parkbench.stewardship.tables import completeness as complete_tables
from parkbench.stewardship.tables import reviews as tables
from parkbench.stewardship.views.entry import for_members, own_address

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@for_members
def reviews(request: Asked) -> HttpResponse:
    """List what is to be looked at again."""
    page = tables.reviews_page(parameters=request.GET.dict(), viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
@for_members
def export(request: Asked, format: str) -> HttpResponse:
    """Send the list of reviews as it is narrowed."""
    kept = BytesIO()
    wish = tables.wish_of(request.GET.dict(), request.viewer)
    tables.export(form=_form(format), stream=kept, wish=wish, viewer=request.viewer)
    return _file(kept, format, "reviews")


@require_POST
@for_members
def still_right(request: Asked) -> HttpResponse:
    """Note that the ticked records are still right."""
    target = own_address(request, request.POST.get("next", ""), reverse("stewardship:reviews"))
    try:
        count = services.still_right(picks=forms.picks(request.POST.getlist("uid")), by=request.viewer)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        words = ngettext(
            "Noted: %(n)s record is still right.", "Noted: %(n)s records are still right.", count
        )
        messages.success(request, words % {"n": count})
    return redirect(target)


@for_members
def periods(request: Asked) -> HttpResponse:
    """Show and change after how many months each kind is reviewed."""
    request.viewer.check(Action.SET_POLICY)
    known = kept_periods(viewer=request.viewer)
    form = forms.PeriodsForm(request.POST if request.method == "POST" else None, periods=known)
    if form.is_bound and form.is_valid():
        services.set_periods(months=form.months(), by=request.viewer)
        messages.success(request, _("Saved. Dates that records have already stay as they are."))
        return redirect("stewardship:periods")
    context = {"form": form, "undated": [period for period in known if period.undated]}
    return render(request, "stewardship/periods.html", context, status=422 if form.errors else 200)


@require_POST
@for_members
def date_undated(request: Asked) -> HttpResponse:
    """Give every record that lacks one a review date."""
    count = services.date_undated(by=request.viewer)
    words = ngettext("%(n)s record has a review date now.", "%(n)s records have a review date now.", count)
    messages.success(request, words % {"n": count})
    return redirect("stewardship:periods")


@require_safe
@for_members
def completeness(request: Asked) -> HttpResponse:
    """Show how complete the records are and what is to be gained."""
    context = {
        "blocks": complete_tables.blocks(levels(viewer=request.viewer)),
        "actions": tables.page_actions(request.viewer)[1:],
    }
    return render(request, "stewardship/completeness.html", context)


@require_safe
@for_members
def incomplete(request: Asked) -> HttpResponse:
    """List the records of one kind with what they lack."""
    page = complete_tables.incomplete_page(parameters=request.GET.dict(), viewer=request.viewer)
    return render(request, "stewardship/incomplete.html", {"page": page})


@require_safe
@for_members
def incomplete_export(request: Asked, format: str) -> HttpResponse:
    """Send the list of records with what they lack."""
    kept = BytesIO()
    complete_tables.export(
        form=_form(format), stream=kept, parameters=request.GET.dict(), viewer=request.viewer
    )
    return _file(kept, format, "completeness")


def _form(format: str) -> str:
    if format not in TYPES:
        raise NotFound(_("This list can be exported as CSV or XLSX."))
    return format


def _file(kept: BytesIO, format: str, name: str) -> HttpResponse:
    response = HttpResponse(kept.getvalue(), content_type=TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return response
