"""Members' notes on partners' records: add, change, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records import queries, services
from parkbench.records.visibility import Asked


@require_POST
def add(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Keep a note on a partner's record."""
    if not request.member.is_member:
        return redirect_to_login("/")
    try:
        services.add_note(kind=kind, uid=uid, text=request.POST.get("text", ""), by=request.viewer)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect(queries.page_name(kind=kind, uid=uid, viewer=request.viewer), uid)


@require_POST
def edit(request: Asked, pk: int) -> HttpResponse:
    """Change a note of one's own."""
    if not request.member.is_member:
        return redirect_to_login("/")
    kind, uid = queries.record_of_note(pk=pk, viewer=request.viewer)
    try:
        services.edit_note(pk=pk, text=request.POST.get("text", ""), by=request.viewer)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect(queries.page_name(kind=kind, uid=uid, viewer=request.viewer), uid)


@require_POST
def delete(request: Asked, pk: int) -> HttpResponse:
    """Delete a note."""
    if not request.member.is_member:
        return redirect_to_login("/")
    gone = services.delete_note(pk=pk, by=request.viewer)
    messages.success(request, _("The note is gone."))
    return redirect(queries.page_name(kind=gone.kind, uid=gone.uid, viewer=request.viewer), gone.uid)
