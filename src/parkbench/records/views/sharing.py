"""Who sees what: of one record, by policy; groups of partners; looking with somebody else's eyes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Invalid, NotAllowed, NotFound, Refused
from parkbench.records import forms, queries, services, tables
from parkbench.records.models import OWN, Audience
from parkbench.records.registry import kinds
from parkbench.records.views.addresses import context_of, found, own_address
from parkbench.records.visibility import Asked, scopes_of


def sharing(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show who sees each part of a record and why; those who may share it change that here."""
    known, row = found(request, kind, uid)
    may_share = row.home_id == OWN and request.viewer.may(Action.SHARE, scopes_of(known, row))
    if request.method == "POST":
        request.viewer.check(Action.SHARE, scopes_of(known, row))
    reach = queries.reach_of(kind=known, row=row, viewer=request.viewer)
    audiences, share_from = queries.audiences(), queries.share_from(uid=uid)
    policy = {section: mask for (name, section), mask in queries.policy().items() if name == kind}
    written = queries.written(kind=known, row=row, viewer=request.viewer)
    posted = request.POST if request.method == "POST" else None
    form = forms.SharingForm(posted, reach=reach, policy=policy, share_from=share_from, audiences=audiences)
    if form.is_valid() and _shared(request, form, kind, uid):
        messages.success(request, _("Saved. It is in force now."))
        return redirect("records:sharing", kind, uid)
    context = {
        **context_of(known, row),
        "form": form if may_share else None,
        "lines": tables.sharing_lines(reach, kind=known, share_from=share_from, written=written),
        "share_from": share_from,
        "is_own": row.home_id == OWN,
        "eyes": tables.eyes(audiences) if may_share else [],
    }
    return render(request, "records/sharing.html", context, status=422 if form.errors else 200)


def _shared(request: Asked, form: forms.SharingForm, kind: str, uid: UUID) -> bool:
    """Tell whether the sharing could be saved; a refusal is shown at the top of the form."""
    given = form.cleaned_data
    try:
        services.share_record(
            kind=kind, uid=uid, masks=given["masks"], share_from=given["share_from"], by=request.viewer
        )
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


def policy(request: Asked) -> HttpResponse:
    """Show and change who sees which part of each kind; what a change does is said before it is done."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    request.viewer.check(Action.SET_POLICY)
    cells, audiences = queries.policy(), queries.audiences()
    form = forms.PolicyForm(_answers(request), kinds=list(kinds()), policy=cells, audiences=audiences)
    step = request.POST.get("step")
    if form.is_valid() and form.cleaned_data["cells"]:
        if step == "confirm" and _policy_set(request, form):
            return redirect("records:policy")
        if step != "edit":
            return _preview(request, form)
    elif form.is_bound and not form.errors:
        messages.info(request, _("The policy says exactly this already. Nothing would change."))
    context = {
        "form": form,
        "rows": form.rows(queries.record_counts()),
        "is_silent": not any(cells.values()),
        "ready": tables.ready_cards(queries.ready_policies(policy=cells)),
        "eyes": tables.eyes(audiences),
    }
    return render(request, "records/policy.html", context, status=422 if form.errors else 200)


def _answers(request: Asked) -> QueryDict | dict[str, str] | None:
    """Return what was answered cell by cell, or what a ready policy answers; None for nothing."""
    if request.method != "POST":
        return None
    wanted = request.POST.get("ready")
    if wanted is None:
        return request.POST
    ready = queries.ready_named(wanted)
    if ready is None:
        raise NotFound(_("There is no such ready policy."))
    return forms.ready_answers(queries.ready_cells(ready))


def _policy_set(request: Asked, form: forms.PolicyForm) -> bool:
    """Tell whether the policy could be set as it was previewed; else say why at the top."""
    try:
        services.set_policies(
            cells=form.cleaned_data["cells"],
            expected=forms.read_cells(request.POST.get("seen", "")),
            by=request.viewer,
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return False
    messages.success(
        request, _("Saved. What is closed is closed now; what is opened follows within minutes.")
    )
    return True


def _preview(request: Asked, form: forms.PolicyForm) -> HttpResponse:
    """Show what the change does; nothing is saved yet."""
    cells, known = form.cleaned_data["cells"], queries.audiences()
    effects = tables.effect_lines(queries.policy_effects(cells=cells), known=known)
    context = {"form": form, "effects": effects, "seen": forms.write_cells(cells, form.policy)}
    context["totals"] = tables.effect_totals(effects)
    return render(request, "records/policy_preview.html", context)


@require_POST
def view_as(request: Asked) -> HttpResponse:
    """Look with the eyes of an audience until one stops; only members who may share something."""
    for kept in ("view_as", "view_as_name"):
        request.session.pop(kept, None)
    wanted = request.POST.get("audience", "none")
    if wanted != "none":
        if not request.member.may_somewhere(Action.SHARE):
            request.member.check(Action.SHARE)
        request.session["view_as"] = forms.mask_of_eyes(wanted, queries.audiences())
    target = request.POST.get("next") or request.GET.get("next", "")
    return redirect(own_address(request, target, "/"))


def groups(request: Asked) -> HttpResponse:
    """List the groups of partners and name a new one."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    request.viewer.check(Action.SET_POLICY)
    form = forms.GroupForm(request.POST or None)
    if form.is_valid():
        try:
            services.add_audience(
                sort=Audience.Sort.CIRCLE, name=form.cleaned_data["name"], by=request.viewer
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Added. Nothing is shared with it yet."))
            return redirect("records:groups")
    circles = [one for one in queries.audiences() if one.sort == Audience.Sort.CIRCLE]
    context = {"form": form, "groups": queries.groups_in_use(groups=circles)}
    return render(request, "records/groups.html", context, status=422 if form.errors else 200)


@require_POST
def group_rename(request: Asked, pk: int) -> HttpResponse:
    """Give a group of partners another name."""
    try:
        services.rename_group(pk=pk, name=request.POST.get("name", ""), by=request.viewer)
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Renamed."))
    return redirect("records:groups")


@require_POST
def group_remove(request: Asked, pk: int) -> HttpResponse:
    """Remove a group of partners with which nothing was ever shared."""
    try:
        services.remove_group(pk=pk, by=request.viewer)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Removed."))
    return redirect("records:groups")
