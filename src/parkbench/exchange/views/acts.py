"""Suspend, resume and end a partnership: first what follows, then the act."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.queries import partners as queries
from parkbench.exchange.services import partners as services
from parkbench.exchange.tables import pages
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked

ACTS = {"suspend": services.suspend, "resume": services.resume, "end": services.end}


@for_members(Action.OPERATE)
def act(request: Asked, pk: int, name: str) -> HttpResponse:
    """Say what follows from an act on a partnership; do it when that is confirmed."""
    if name not in ACTS:
        raise NotFound(_("There is no such page here."))
    partner = queries.partner(pk=pk, viewer=request.viewer)
    if request.method == "POST":
        try:
            ACTS[name](partner_id=pk, by=request.viewer)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("Done. It is in force now."))
        return redirect("exchange:partner", pk)
    context = {"partner": partner, "act": pages.act(name, queries.line_of(partner))}
    return render(request, "exchange/act.html", context)
