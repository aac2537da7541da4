"""Pages of services, their prices and capabilities."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, Refused
from parkbench.offer import services, tables
from parkbench.offer.forms import FORMS, OfferForm, PriceList
from parkbench.offer.queries import pages as queries
from parkbench.offer.queries.choices import offered_for
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Asked, check_ours

SORTS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LISTS = {"service": "services", "capability": "capabilities"}


@require_safe
def listing(request: Asked, kind: str) -> HttpResponse:
    """List services or capabilities."""
    wanted = tables.wanted_of(request.GET, viewer=request.viewer)
    page = tables.list_page(kind=kind, wanted=wanted, viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def export(request: Asked, kind: str, form: str) -> HttpResponse:
    """Send a list, exactly as it is narrowed and sorted, as XLSX or CSV."""
    wanted = tables.wanted_of(request.GET, viewer=request.viewer)
    content = tables.export_rows(what=LISTS[kind], wanted=wanted, viewer=request.viewer, format=form)
    response = HttpResponse(content, content_type=SORTS[form])
    response["Content-Disposition"] = f'attachment; filename="{LISTS[kind]}.{form}"'
    return response


@require_safe
def record(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show one service or capability as this viewer may see it."""
    page = queries.offer_page(kind=kind, uid=uid, viewer=request.viewer)
    lines = page.body("prices").get("prices") or ()
    context = {
        "head": tables.page_head(page=page, viewer=request.viewer),
        "shown": page,
        "parts": tables.parts_of(page=page),
        "prices": tables.price_groups(lines, today=timezone.localdate().isoformat()),
    }
    return render(request, f"offer/{kind}.html", context)


@require_safe
def price(request: Asked, uid: UUID) -> HttpResponse:
    """Lead from one price line to the list it stands in."""
    service = queries.service_of_line(line=uid, viewer=request.viewer)
    return redirect(f"{reverse('offer:service', args=[service])}#prices")


def add(request: Asked, kind: str) -> HttpResponse:
    """Add a service or a capability."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    viewer = request.viewer
    if not viewer.may_somewhere(Action.EDIT):
        viewer.check(Action.EDIT)
    place = request.GET.get("unit") or request.GET.get("platform") or ""
    offered = offered_for(kind=kind, viewer=viewer, unit=place)
    form = FORMS[kind](_posted(request), offered=offered, place=place)
    if form.is_bound and form.is_valid():
        save = services.add_service if kind == "service" else services.add_capability
        try:
            uid = save(values=form.values(), stewardship=form.stewardship(), by=viewer)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Added."))
            return redirect(f"offer:{kind}", uid)
    return _form_page(request, form, cancel_url=reverse(f"offer:{LISTS[kind]}"))


def edit(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Edit one record; who was overtaken by another editor sees both values."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    viewer = request.viewer
    page = queries.editable_page(kind=kind, uid=uid, viewer=viewer)
    form = FORMS[kind](_posted(request), offered=offered_for(kind=kind, viewer=viewer, page=page), page=page)
    if form.is_bound and form.is_valid():
        try:
            services.edit(kind=kind, uid=uid, by=viewer, **form.given())
        except Conflict as conflict:
            form.show_conflict(queries.editable_page(kind=kind, uid=uid, viewer=viewer))
            form.refuse(conflict)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(page.row)
    return _form_page(request, form, cancel_url=page.row.get_absolute_url())


def prices(request: Asked, uid: UUID) -> HttpResponse:
    """Edit the price list of a service; “another line” asks for empty rows and saves nothing."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    page = queries.editable_page(kind="service", uid=uid, viewer=request.viewer)
    kept = page.body("prices").get("prices") or ()
    form = PriceList(_posted(request), lines=kept, revision=page.revisions.get("prices", 0))
    if request.method == "POST" and "another" in request.POST:
        form = form.with_another_row(request.POST)
    elif request.method == "POST" and form.is_valid() and _prices_saved(request, uid, form):
        return redirect(f"{page.row.get_absolute_url()}#prices")
    context = {"form": form, "shown": page, "cancel_url": page.row.get_absolute_url()}
    return render(request, "offer/prices_form.html", context, status=422 if form.has_errors else 200)


def _prices_saved(request: Asked, uid: UUID, form: PriceList) -> bool:
    try:
        services.set_prices(uid=uid, lines=form.lines(), expected=form.revision, by=request.viewer)
    except Refused as refusal:
        form.problems.append(refusal.sentence)
        return False
    messages.success(request, _("The prices are saved."))
    return True


@require_POST
def delete(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Withdraw one record; it can be restored for 30 days."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    row = queries.fetch(kind=kind, uid=uid, viewer=request.viewer)
    check_ours(row)
    services.delete(kind=kind, uid=uid, by=request.viewer)
    words = _("“%(name)s” is deleted. It can be restored for 30 days under “Deleted”.") % {"name": row.name}
    messages.success(request, words)
    return redirect(f"offer:{LISTS[kind]}")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(request: Asked, form: OfferForm, *, cancel_url: str) -> HttpResponse:
    if form.page:
        title = _("Edit %(name)s") % {"name": form.page.row.name}
    else:
        title = _("Add a %(kind)s") % {"kind": kind_of(form.kind).label}
    context = {"form": form, "title": title, "cancel_url": cancel_url}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "offer/form.html", context, status=status)
