"""Pages of service events: the list, the figures, one event, the form, the steps."""

from __future__ import annotations

import tempfile
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, NotFound, Refused
from parkbench.lib.tabular import CsvWriter, XlsxWriter
from parkbench.records.models import OURS
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Asked, check_ours, scopes_of
from parkbench.servicing import filters, services, tables
from parkbench.servicing.forms import EventForm
from parkbench.servicing.queries.event import editable_record, event_record
from parkbench.servicing.queries.rows import instrument_of, sections_to_write

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def listing(request: Asked) -> HttpResponse:
    """List the events, or what is down now."""
    wanted = filters.wanted_of(request.GET, viewer=request.viewer)
    page = tables.list_page(wanted=wanted, page=_page(request), viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def export(request: Asked, format: str) -> HttpResponseBase:
    """Send exactly the listed events as a file."""
    wanted = filters.wanted_of(request.GET, viewer=request.viewer)
    if format == "csv":
        pieces = tables.csv_of(viewer=request.viewer, wanted=wanted)
        return _named(StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8"), "csv")
    if format != "xlsx":
        raise NotFound(_("Service events can be exported as CSV or XLSX."))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    tables.xlsx_into(file, viewer=request.viewer, wanted=wanted)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="service-events.xlsx")


def _named(answer: HttpResponseBase, form: str, name: str = "service-events") -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


@require_safe
def figures(request: Asked) -> HttpResponse:
    """Add up costs and days down per instrument, make and model, unit or year."""
    shown = tables.figures_page(**_figures_asked(request))
    return render(request, "servicing/figures.html", {"page": shown.page, "shown": shown})


@require_safe
def figures_export(request: Asked, format: str) -> HttpResponseBase:
    """Send the figures as a file."""
    if format not in ("csv", "xlsx"):
        raise NotFound(_("Figures can be exported as CSV or XLSX."))
    headings, rows = tables.figures_rows(**_figures_asked(request))
    kept = BytesIO()
    with (XlsxWriter if format == "xlsx" else CsvWriter)(kept, headings) as writer:
        for row in rows:
            writer.row(row)
    sort = XLSX if format == "xlsx" else "text/csv; charset=utf-8"
    return _named(HttpResponse(kept.getvalue(), content_type=sort), format, "costs-and-days-down")


def _figures_asked(request: Asked) -> dict[str, Any]:
    asked = {name: value for name, value in request.GET.dict().items() if name != "sort"}
    return {
        "wanted": filters.wanted_of({**asked, "home": OURS}, viewer=request.viewer),
        "by": filters.by_of(request.GET),
        "sort": filters.figures_sort_of(request.GET),
        "viewer": request.viewer,
    }


@require_safe
def event(request: Asked, uid: UUID) -> HttpResponse:
    """Show one event as this viewer may see it."""
    page = event_record(uid=uid, viewer=request.viewer)
    context = {
        "head": tables.page_head(page, viewer=request.viewer),
        "parts": tables.parts_of(page),
        "shown": page,
    }
    return render(request, "servicing/event.html", context)


def add(request: Asked, uid: UUID) -> HttpResponse:
    """Note what happened to an instrument: one short form, made for a phone."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    instrument = instrument_of(uid=uid, viewer=request.viewer)
    form = EventForm(_posted(request), seen=sections_to_write(instrument=instrument, viewer=request.viewer))
    if form.is_bound and form.is_valid():
        try:
            made = services.add(instrument=uid, values=form.values(), by=request.viewer)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            url = reverse("servicing:event", args=[made])
            done = render_to_string("servicing/noted.html", {"url": url})
            messages.success(request, done)
            return redirect(instrument)
    return _form_page(request, form, instrument, instrument.get_absolute_url())


def edit(request: Asked, uid: UUID) -> HttpResponse:
    """Edit one event; who was overtaken by another editor sees both values."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    page = editable_record(uid=uid, viewer=request.viewer)
    form = EventForm(_posted(request), seen=page.seen, page=page)
    if form.is_bound and form.is_valid():
        try:
            services.edit(uid=uid, values=form.values(), expected=form.revisions(), by=request.viewer)
        except Conflict as conflict:
            form.show_conflict(event_record(uid=uid, viewer=request.viewer))
            form.refuse(conflict)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(page.row)
    return _form_page(request, form, page.row.instrument, page.row.get_absolute_url())


def _form_page(request: Asked, form: EventForm, instrument: Any, cancel_url: str) -> HttpResponse:
    context = {"form": form, "instrument": instrument, "cancel_url": cancel_url}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "servicing/form.html", context, status=status)


@require_POST
def up_again(request: Asked, uid: UUID) -> HttpResponse:
    """Note, in one tap, that an instrument is up again."""
    if not request.member.is_member:
        return redirect_to_login(_next(request))
    page = event_record(uid=uid, viewer=request.viewer)
    services.up_again(uid=uid, by=request.viewer)
    messages.success(
        request, _("%(name)s is up again since today.") % {"name": page.row.instrument_seen or page.row.name}
    )
    return redirect(_next(request, page.row.get_absolute_url()))


def delete(request: Asked, uid: UUID) -> HttpResponse:
    """Ask once, then withdraw the event; it can be restored for 30 days."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    page = event_record(uid=uid, viewer=request.viewer)
    check_ours(page.row)
    request.viewer.check(Action.DELETE, scopes_of(kind_of(services.KIND), page.row))
    if request.method != "POST":
        return render(request, "servicing/delete.html", {"shown": page})
    services.delete(uids=[uid], by=request.viewer)
    undo = render_to_string("servicing/deleted.html", {"row": page.row}, request=request)
    messages.success(request, undo)
    return redirect("servicing:events")


@require_POST
def restore(request: Asked, uid: UUID) -> HttpResponse:
    """Bring a deleted event back."""
    if not request.member.is_member:
        return redirect_to_login(reverse("servicing:events"))
    services.restore(uid=uid, by=request.viewer)
    messages.success(request, _("The service event is back, with everything it held."))
    return redirect("servicing:event", uid)


def _posted(request: Asked) -> Any:
    return request.POST if request.method == "POST" else None


def _page(request: Asked) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _next(request: Asked, fallback: str = "") -> str:
    """Return where to go back to, never to another host."""
    wish = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if is_own else fallback or reverse("servicing:events")
