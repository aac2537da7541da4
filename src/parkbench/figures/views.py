"""Pages of use: the list, one year, entering a month."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbench.figures import rules, services, tables
from parkbench.figures.forms import MonthForm, initial_of
from parkbench.figures.queries import panels, years
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotFound, Refused
from parkbench.lib.tabular import CsvWriter, XlsxWriter
from parkbench.records.visibility import Asked

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
def listing(request: Asked) -> HttpResponse:
    """List the years of use."""
    page = tables.list_page(parameters=request.GET.dict(), viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def export(request: Asked, format: str) -> HttpResponse:
    """Send the list, exactly as it is narrowed and sorted, as XLSX or CSV."""
    if format not in TYPES:
        raise NotFound(_("The list comes as XLSX or CSV."))
    headings, rows = tables.export_rows(parameters=request.GET.dict(), viewer=request.viewer)
    kept = BytesIO()
    writer = XlsxWriter(kept, headings) if format == "xlsx" else CsvWriter(kept, headings)
    for row in rows:
        writer.row(row)
    writer.close()
    response = HttpResponse(kept.getvalue(), content_type=TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="use.{format}"'
    return response


@require_safe
def year(request: Asked, uid: UUID) -> HttpResponse:
    """Show one year of one instrument, month by month."""
    page = years.year_page(uid=uid, viewer=request.viewer)
    context = {
        "head": tables.page_head(page, viewer=request.viewer),
        **panels.of_year(page.use),
    }
    return render(request, "figures/year.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def month(request: Asked, uid: UUID) -> HttpResponse:
    """Enter one month of an instrument."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    instrument = years.instrument_to_enter(uid=uid, viewer=request.viewer)
    form = _form(request, instrument)
    if form.is_bound and form.is_valid():
        try:
            saved = services.enter_month(instrument=uid, by=request.viewer, **form.given())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("figures:year", saved)
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "instrument": instrument, "cancel_url": instrument.get_absolute_url()}
    return render(request, "figures/month.html", context, status=status)


def _form(request: Asked, instrument: Instrument) -> MonthForm:
    has_groups = years.may_tell_groups(instrument=instrument, viewer=request.viewer)
    if request.method == "POST":
        return MonthForm(request.POST, has_groups=has_groups)
    number = panels.span(1)[0]
    asked = request.GET.get("month", "").split("-")
    if (
        len(asked) == 2
        and all(part.isdecimal() and len(part) <= 4 for part in asked)
        and 1 <= int(asked[1]) <= 12
    ):
        number = rules.month_number(int(asked[0]), int(asked[1]))
    chosen, which = rules.year_and_month(number)
    values, revisions = services.held(instrument=instrument.uid, year=chosen)
    return MonthForm(initial=initial_of(values, chosen, which, revisions), has_groups=has_groups)


@require_POST
def delete(request: Asked, uid: UUID) -> HttpResponse:
    """Delete one year, then offer to restore it."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    services.delete(uid=uid, by=request.viewer)
    return redirect("figures:restore", uid)


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: Asked, uid: UUID) -> HttpResponse:
    """Say that a year is deleted and, on POST, bring it back."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    row = years.deleted_year(uid=uid, viewer=request.viewer)
    if request.method == "POST":
        services.restore(uid=uid, by=request.viewer)
        messages.success(request, _("Restored."))
        return redirect("figures:year", uid)
    return render(request, "figures/deleted.html", {"row": row})
