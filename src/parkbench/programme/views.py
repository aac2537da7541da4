"""Pages of the programme: the organisation, platforms, units and sites."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, Refused
from parkbench.lib.tabular.write import CsvWriter, XlsxWriter
from parkbench.programme import queries, services, tables
from parkbench.programme.forms import FORMS, RecordForm
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Asked

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def listing(request: Asked, kind: str) -> HttpResponse:
    """List platforms, units or sites."""
    page = tables.list_page(kind=kind, parameters=request.GET.dict(), viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


def export(request: Asked, kind: str, form: str) -> HttpResponse:
    """Send a list, exactly as it is narrowed and sorted, as XLSX or CSV."""
    headings, rows = tables.export_rows(kind=kind, parameters=request.GET.dict(), viewer=request.viewer)
    kept = BytesIO()
    writer = XlsxWriter(kept, headings) if form == "xlsx" else CsvWriter(kept, headings)
    for row in rows:
        writer.row(row)
    writer.close()
    sort = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    response = HttpResponse(kept.getvalue(), content_type=sort)
    response["Content-Disposition"] = f'attachment; filename="{kind}s.{form}"'
    return response


def record(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show one record."""
    page = queries.record_page(kind=kind, uid=uid, viewer=request.viewer)
    context = {
        "head": tables.page_head(page=page, viewer=request.viewer),
        "basics": tables.section_facts(page=page, section="basics"),
        "contact": tables.section_facts(page=page, section="contact"),
        "is_contact_hidden": tables.is_contact_hidden(page=page),
        "uid": tables.slot_id(page=page),
        **queries.parts_of(row=page.row, kind=kind, viewer=request.viewer),
    }
    return render(request, f"programme/{kind}.html", context)


def add(request: Asked, kind: str) -> HttpResponse:
    """Add a platform, unit or site."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    request.viewer.check(Action.EDIT_PROGRAMME)
    form = FORMS[kind](_posted(request), viewer=request.viewer)
    if form.is_bound and form.is_valid():
        try:
            uid = services.add(
                kind=kind, fields=form.given_fields(), contact=form.given_contact(), by=request.viewer
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Added."))
            return redirect(f"programme:{kind}", uid)
    return _form_page(request, form, cancel_url=reverse(f"programme:{kind}s"))


def edit(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Edit one record; who was overtaken by another editor sees both values."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    page = queries.record_page(kind=kind, uid=uid, viewer=request.viewer, is_editing=True)
    form = FORMS[kind](_posted(request), viewer=request.viewer, page=page)
    if form.is_bound and form.is_valid():
        try:
            services.edit(kind=kind, uid=uid, by=request.viewer, **form.given())
        except Conflict as conflict:
            form.show_conflict(queries.record_page(kind=kind, uid=uid, viewer=request.viewer))
            form.refuse(conflict)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(page.row)
    return _form_page(request, form, cancel_url=page.row.get_absolute_url())


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(request: Asked, form: RecordForm, *, cancel_url: str) -> HttpResponse:
    title = _("Add a %(kind)s") % {"kind": kind_of(form.kind).label}
    if form.page:
        title = _("Edit %(name)s") % {"name": form.page.row.name}
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "title": title, "cancel_url": cancel_url}
    return render(request, "programme/form.html", context, status=status)


@require_POST
def delete(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Delete one record, then offer to restore it."""
    services.delete(kind=kind, uid=uid, by=request.viewer)
    return redirect(f"programme:{kind}-restore", uid)


def restore(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Say that a record is deleted and, on POST, bring it back."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    if request.method == "POST":
        services.restore(kind=kind, uid=uid, by=request.viewer)
        messages.success(request, _("Restored."))
        return redirect(f"programme:{kind}", uid)
    row = queries.deleted(kind=kind, uid=uid, viewer=request.viewer)
    context = {"row": row, "list_url": reverse(f"programme:{kind}s")}
    return render(request, "programme/deleted.html", context)
