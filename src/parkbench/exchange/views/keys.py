"""This node's keys: the fingerprint, rotate, revoke, the recovery sheet to print."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.exchange import queries, services
from parkbench.exchange.forms import RecoveryForm, RevokeForm
from parkbench.exchange.services.ourselves import ourselves
from parkbench.exchange.tables import pages
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import NotAllowed, Refused
from parkbench.records.visibility import Asked


@require_safe
@for_members(Action.OPERATE)
def keys(request: Asked) -> HttpResponse:
    """Show by which keys others know this node."""
    return render(request, "exchange/keys.html", _context())


@require_POST
@for_members(Action.OPERATE)
def rotate(request: Asked) -> HttpResponse:
    """Make a new signing key, vouched for by the old one."""
    try:
        services.rotate_key(by=request.viewer)
    except NotAllowed:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("There is a new key. Partners take it by themselves, within half a day."))
    return redirect("exchange:keys")


@require_POST
@for_members(Action.OPERATE)
def revoke(request: Asked) -> HttpResponse:
    """Say to all partners that a key counts no more."""
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            services.revoke_key(**form.cleaned_data, by=request.viewer)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The key is revoked. Partners hear of it within half a day."))
            return redirect("exchange:keys")
    return render(request, "exchange/keys.html", _context(revoke_form=form), status=422)


@require_POST
@never_cache
@for_members(Action.OPERATE)
def recovery(request: Asked) -> HttpResponse:
    """Make the recovery key and show its sheet, this once."""
    form = RecoveryForm(request.POST)
    if form.is_valid():
        try:
            secret = services.make_recovery_key(current=form.cleaned_data["current"], by=request.viewer)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            context = {"rows": pages.sheet_rows(secret), "own": ourselves()}
            return render(request, "exchange/recovery_sheet.html", context)
    return render(request, "exchange/keys.html", _context(recovery_form=form), status=422)


def _context(**forms: object) -> dict[str, object]:
    known = queries.own_keys()
    return {
        "own": ourselves(),
        "keys": pages.key_lines(known),
        "has_recovery": any(key.is_recovery and key.is_in_use for key in known),
        "revoke_form": RevokeForm(),
        "recovery_form": RecoveryForm(),
        **forms,
    }
