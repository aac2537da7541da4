"""First contact: invite a partner, accept an invitation, confirm who it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.exchange import client
from parkbench.exchange.forms import CodeForm, InviteForm, TermsForm
from parkbench.exchange.queries import partners as queries
from parkbench.exchange.rules import fit
from parkbench.exchange.services import invitations, trust
from parkbench.exchange.services import partners as services
from parkbench.exchange.services.ourselves import ourselves
from parkbench.exchange.tables import pages, words
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.visibility import Asked


@for_members(Action.OPERATE)
def invite(request: Asked) -> HttpResponse:
    """Make an invitation; its code is shown in this one answer and never again."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        try:
            invitation, code = invitations.invite(name=form.cleaned_data["name"], by=request.viewer)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            own = ourselves()
            until = words.exact(invitation.expires_at)
            context = {
                "invitation": invitation,
                "code": code,
                "until": until,
                "mail": pages.mail(own, code, until),
                "own": own,
            }
            return render(request, "exchange/invited.html", context)
    return render(request, "exchange/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@for_members(Action.OPERATE)
def withdraw(request: Asked, pk: int) -> HttpResponse:
    """Make an invitation void."""
    invitations.withdraw_invitation(pk=pk, by=request.viewer)
    messages.success(request, _("The invitation does not count any more."))
    return redirect("exchange:partners")


@for_members(Action.OPERATE)
def accept(request: Asked) -> HttpResponse:
    """Paste a code, see who stands behind it, then answer."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            if request.POST.get("step") == "confirm":
                return _accepted(request, code)
            met = invitations.look(code=code, fetch=client.fetch_document, by=request.viewer)
            return render(request, "exchange/met.html", _met_context(met, code))
        except NotAllowed:
            raise
        except Refused as refusal:
            form.refuse(refusal)
    return render(request, "exchange/accept.html", {"form": form}, status=422 if form.errors else 200)


def _accepted(request: Asked, code: str) -> HttpResponse:
    partner = invitations.accept(
        code=code, fetch=client.fetch_document, send=client.send_acceptance, by=request.viewer
    )
    messages.success(
        request, _("%(name)s has your answer. Now confirm who it is.") % {"name": partner.home.name}
    )
    return redirect("exchange:confirm", partner.pk)


def _met_context(met: invitations.Met, code: str) -> dict[str, object]:
    law = [fit(met.document.organisation)] if met.document.is_public_authority else []
    return {
        "facts": pages.met_facts(met),
        "name": fit(met.document.organisation),
        "fingerprint": pages.met_fingerprint(met),
        "warning": pages.law(law) if law else "",
        "code": code,
    }


@for_members(Action.OPERATE)
def confirm(request: Asked, pk: int) -> HttpResponse:
    """Compare fingerprints, enter the terms, let a partner in."""
    partner = queries.partner(pk=pk, viewer=request.viewer)
    who = queries.identity(partner)
    form = TermsForm(request.POST or None, initial={"fingerprint": who.fingerprint})
    if form.is_valid():
        try:
            services.confirm(partner_id=pk, terms=form.terms, fingerprint=form.compared, by=request.viewer)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Confirmed. What the policy opens to partners is open to it now."))
            return redirect("exchange:partner", pk)
    context = {
        "partner": partner,
        "who": who,
        "own": ourselves(),
        "facts": pages.identity_facts(who),
        "warning": pages.warning(partner),
        "form": form,
    }
    return render(request, "exchange/confirm.html", context, status=422 if form.errors else 200)


@for_members(Action.OPERATE)
def new_key(request: Asked, pk: int) -> HttpResponse:
    """Compare the fingerprint of a key that nobody known vouches for, and trust it."""
    partner = queries.partner(pk=pk, viewer=request.viewer)
    if request.method == "POST":
        compared = request.POST.get("fingerprint", "")
        trust.trust_new_key(partner_id=pk, fingerprint=compared, by=request.viewer)
        messages.success(request, _("The new key counts from now on."))
        return redirect("exchange:partner", pk)
    context = {"partner": partner, "who": queries.identity(partner)}
    return render(request, "exchange/new_key.html", context)
