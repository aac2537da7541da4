"""The first page: the park at a glance for members, what the organisation shows for everybody else."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound
from parkbench.overview import queries, services
from parkbench.overview.queries.brief import brief as brief_of
from parkbench.overview.queries.overview import overview
from parkbench.overview.tables import changes, pages
from parkbench.overview.tables.front import public_stats
from parkbench.overview.tables.printing import pdf_of
from parkbench.records.visibility import Asked, Viewer
from parkbench.ui.lists import Action as PageAction
from parkbench.ui.lists import Empty


@require_safe
def home(request: Asked) -> HttpResponse:
    """Show the overview that this viewer gets."""
    return _inside(request) if request.viewer.is_member else _outside(request)


def _inside(request: Asked) -> HttpResponse:
    viewer = request.viewer
    seen = overview(viewer=viewer, of=request.GET.get("of", ""))
    if not request.lens and "HX-Request" not in request.headers:
        services.note_visit(by=viewer, last_seen_at=seen.last_seen_at)
    context = pages.overview_page(seen)
    if context["is_empty"] and not context["steps"]:
        context["empty"] = _empty(viewer)
    return render(request, "overview/overview.html", context)


def _empty(viewer: Viewer) -> Empty:
    if not viewer.may_somewhere(Action.IMPORT):
        return Empty(_("No instruments yet"), _("They appear here once somebody has imported them."))
    return Empty(
        _("No instruments yet"),
        _("Bring the sheet you already keep. You see what it would do before anything is stored."),
        PageAction(_("Import a sheet"), reverse("intake:sources"), is_primary=True),
    )


def _outside(request: Asked) -> HttpResponse:
    shown = queries.shown(viewer=request.viewer)
    context = {
        "shown": shown,
        "stats": public_stats(shown),
        "is_signed_in": request.member.person is not None,
        "lens": request.lens,
    }
    return render(request, "overview/public.html", context)


@require_safe
def changed(request: Asked) -> HttpResponse:
    """List what changed since the last visit, or in a longer time."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    _check_inside(request)
    page = changes.changes_page(parameters=request.GET.dict(), viewer=request.viewer)
    return render(request, "ui/list_page.html", {"page": page})


@require_safe
def brief(request: Asked) -> HttpResponse:
    """Send the brief: two printed pages about the whole organisation or a part of it."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    _check_inside(request)
    told = brief_of(viewer=request.viewer, of=request.GET.get("of", ""), now=timezone.now())
    response = HttpResponse(pdf_of(told), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="brief.pdf"'
    return response


def _check_inside(request: Asked) -> None:
    """Raise NotFound for borrowed eyes from outside: visitors and partners have no such page."""
    if not request.viewer.is_member:
        raise NotFound(_("There is no such page for who looks from outside."))
