"""The first page: the park at a glance for members, what the organisation shows for everybody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbench.accounts.rules import Action
from parkbench.overview import queries, tables
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action as PageAction
from parkbench.ui.lists import Empty


class Asked(HttpRequest):
    """A request as the rooms get it: who looks, and who really signed in."""

    viewer: Viewer
    member: Viewer
    lens: str


@require_safe
def home(request: Asked) -> HttpResponse:
    """Show the overview that this viewer gets."""
    return _inside(request) if request.viewer.is_member else _outside(request)


def _inside(request: Asked) -> HttpResponse:
    viewer = request.viewer
    figures = queries.park_figures(viewer=viewer)
    begun = queries.start(viewer=viewer, has_instruments=bool(figures.total))
    steps = tables.steps(*begun) if begun and not begun[0].is_over else []
    context = {
        "steps": steps,
        "next_step": next((step for step in steps if step.is_current), None),
        "is_empty": not figures.total,
        "empty": _empty(viewer) if not figures.total and not steps else None,
        "stats": tables.stats(figures),
        "figures": tables.charts(figures),
        "platforms": tables.platform_blocks(figures.units),
        "changes": queries.last_changes(viewer=viewer),
        "imports": queries.last_imports(viewer=viewer),
    }
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
        "stats": tables.public_stats(shown),
        "is_signed_in": request.member.person is not None,
        "lens": request.lens,
    }
    return render(request, "overview/public.html", context)
