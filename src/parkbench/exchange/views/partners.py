"""Pages of partners: the list, one partner, its ledger, reading it now, looking with its eyes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.exchange.forms import FreezeForm
from parkbench.exchange.queries import partners as queries
from parkbench.exchange.services import partners as services
from parkbench.exchange.services import pauses
from parkbench.exchange.tables import authority, lists, pages, panels, words
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked


@require_safe
@for_members()
def partners(request: Asked) -> HttpResponse:
    """List the partners and the open invitations."""
    lines = queries.partners(viewer=request.viewer)
    may_invite = request.viewer.may(Action.OPERATE)
    invitations = queries.open_invitations(viewer=request.viewer) if may_invite else []
    context = {
        "page": lists.partners_page(lines, query=request.GET.get("q", ""), viewer=request.viewer),
        "invitations": lists.invitation_lines(invitations),
        "pause": queries.is_paused(),
        "may_resume": may_invite,
    }
    return render(request, "exchange/partners.html", context)


@require_safe
@for_members()
def partner(request: Asked, pk: int) -> HttpResponse:
    """Show one partner: who it is, how the exchange stands, what is shared both ways."""
    found = queries.partner(pk=pk, viewer=request.viewer)
    line, who = queries.line_of(found), queries.identity(found)
    context = {
        "partner": found,
        "who": who,
        "state": lists.state_of(found),
        "next_step": words.next_step(found),
        "warning": pages.warning(found),
        "identity": pages.identity_facts(who),
        "terms": pages.terms_facts(found),
        "standing": pages.state_facts(found),
        "held": pages.held_lines(line.held, home_id=found.home_id),
        "journals": pages.journal_facts(queries.held_journals(found, viewer=request.viewer)),
        "problem_count": line.problem_count,
        "problems": pages.problem_lines(queries.problems(found)) if line.problem_count else [],
        "runs": pages.run_lines(queries.runs(found)),
        "actions": pages.head_actions(found, request.viewer),
        "ledger": panels.partner_ledger(found, viewer=request.viewer),
        "pause": queries.is_paused(),
        "law": authority.panel(found, viewer=request.viewer),
        "freeze_form": FreezeForm(),
    }
    return render(request, "exchange/partner.html", context)


@require_safe
@for_members()
def partner_ledger(request: Asked, pk: int) -> HttpResponse:
    """Show a partner's ledger, or draw it once more on a page that watches it."""
    found = queries.partner(pk=pk, viewer=request.viewer)
    request.viewer.check(Action.SET_POLICY)
    context = {"partner": found, "ledger": panels.partner_ledger(found, viewer=request.viewer)}
    name = "partner_ledger" if _is_piece(request) else "ledger_page"
    return _either(render(request, f"exchange/{name}.html", context))


@require_safe
@for_members()
def record_ledger(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Draw what partners hold of a record once more; whoever asks for the whole page is led to it."""
    panel = panels.on_sharing(ids=[f"{kind}/{uid}"], viewer=request.viewer)
    if panel is None:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    if not _is_piece(request):
        return _either(redirect("records:sharing", kind, uid))
    return _either(render(request, "exchange/record_ledger.html", dict(panel.context)))


@require_POST
@for_members(Action.SET_POLICY)
def pull(request: Asked, pk: int) -> HttpResponse:
    """Have a partner's journals read now."""
    try:
        found = services.pull_now(partner_id=pk, by=request.viewer)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("%(name)s is read now. The result stands under “Last readings” in a moment.")
        messages.success(request, said % {"name": found.home.name})
    return redirect("exchange:partner", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members()
def preview(request: Asked, pk: int) -> HttpResponse:
    """Look at the whole node as this partner may hold it, until one stops."""
    if request.method != "POST":  # an address alone changes nothing: the button is on the partner's page
        return redirect("exchange:partner", pk)
    if not request.viewer.may_somewhere(Action.SHARE):
        request.viewer.check(Action.SHARE)
    found = queries.partner(pk=pk, viewer=request.viewer)
    request.session["view_as"] = queries.mask_of(found)
    request.session["view_as_name"] = found.home.name
    return redirect("/")


def _is_piece(request: Asked) -> bool:
    """Tell whether a page that is open already asks for a piece of itself."""
    return "HX-Request" in request.headers


def _either(response: HttpResponse) -> HttpResponse:
    """Say to whoever keeps answers that this one depends on who asks for it: a page or a piece of one."""
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@for_members(Action.OPERATE)
def resume_exchange(request: Asked) -> HttpResponse:
    """Go on with the exchange after a pause."""
    pauses.resume(by=request.viewer)
    messages.success(request, _("The exchange goes on."))
    return redirect("exchange:partners")
