"""Pages of records: history and revert, deleted records, who sees what, view as."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import forms, queries, services, tables
from parkbench.records.models import OWN
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Asked, may_edit, scopes_of


def _found(request: Asked, kind: str, uid: UUID) -> tuple[Kind, Any]:
    """Return the record for a member; whoever looks from outside is not told that it is here."""
    if not request.viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    return queries.found(kind=kind, uid=uid, viewer=request.viewer)


def _page_url(kind: Kind, uid: UUID) -> str:
    """Return the record's own page; '' while its room has none."""
    try:
        return reverse(kind.page, args=[uid])
    except NoReverseMatch:
        return ""


def _context(kind: Kind, row: Any) -> dict[str, Any]:
    return {"kind": kind, "row": row, "name": getattr(row, kind.title), "page_url": _page_url(kind, row.uid)}


def history(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show who changed what and when, newest first."""
    known, row = _found(request, kind, uid)
    entries = tables.merged(
        queries.history(kind=known, row=row, viewer=request.viewer),
        queries.events(row=row, viewer=request.viewer),
    )
    page = tables.page_of(request.GET.get("page"), len(entries))
    shown = entries[(page - 1) * tables.ROWS : page * tables.ROWS]
    revisions = [entry for entry in shown if isinstance(entry, queries.Revision)]
    names = queries.names_of(refs=tables.references_in(revisions), viewer=request.viewer)
    may_revert = may_edit(known, row, request.viewer)
    context = {
        **_context(known, row),
        "lines": tables.lines(shown, kind=known, names=names, may_revert=may_revert),
        "pager": tables.pager(page, len(entries), url=request.path),
    }
    return render(request, "records/history.html", context)


@require_POST
def revert(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Publish an earlier revision of one part again."""
    known, row = _found(request, kind, uid)
    section, revision = request.POST.get("section", ""), request.POST.get("revision", "")
    before = queries.heads(kind=known, row=row, viewer=request.viewer).get(section, (0, {}))[0]
    try:
        done = services.revert(
            kind=kind, uid=uid, section=section, revision=forms.whole(revision), by=request.viewer
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _reverted(known, section, revision, before, bool(done.changed)))
    return redirect("records:history", kind, uid)


def _reverted(kind: Kind, section: str, revision: str, before: int, is_changed: bool) -> str:
    words = {"part": kind.section(section).label, "revision": revision, "before": before}
    if not is_changed:
        return _("“%(part)s” says the same as in revision %(revision)s already. Nothing was changed.") % words
    return (
        _("“%(part)s” is as in revision %(revision)s again. To undo this, revert to revision %(before)s.")
        % words
    )


def deleted(request: Asked) -> HttpResponse:
    """List own deleted records that this member may restore, one kind at a time."""
    if not request.member.is_member:
        return redirect_to_login(request.get_full_path())
    if not request.viewer.may_somewhere(Action.DELETE):
        request.viewer.check(Action.DELETE)
    counts = queries.deleted_counts(viewer=request.viewer)
    wanted, text = request.GET.get("kind"), request.GET.get("q", "").strip()
    kind = next((one for one, _count in counts if one.name == wanted), counts[0][0] if counts else None)
    rows: list[queries.Deleted] = []
    total, page = 0, 1
    if kind is not None:
        page = tables.page_of(
            request.GET.get("page"), {one.name: number for one, number in counts}[kind.name]
        )
        total, rows = queries.deleted_records(
            kind=kind,
            viewer=request.viewer,
            text=text,
            start=(page - 1) * tables.ROWS,
            stop=page * tables.ROWS,
        )
    described = tables.deleted_page(counts=counts, kind=kind, rows=rows, total=total, page=page, text=text)
    return render(request, "ui/list_page.html", {"page": described})


@require_POST
def restore(request: Asked, kind: str) -> HttpResponse:
    """Bring the ticked records back."""
    if not request.viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    try:
        uids = forms.uids(request.POST.getlist("uid"))
        queries.kind_named(kind)
        services.bring_back(kind=kind, uids=uids, by=request.viewer)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        done = ngettext("%(count)s record is back.", "%(count)s records are back.", len(uids))
        messages.success(request, done % {"count": len(uids)})
    return redirect(_own(request, request.POST.get("next", ""), reverse("records:deleted")))


def sharing(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show who sees each part of a record and why; those who may share it change that here."""
    known, row = _found(request, kind, uid)
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
        **_context(known, row),
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
    cells = queries.policy()
    posted = request.POST if request.method == "POST" else None
    form = forms.PolicyForm(posted, kinds=list(kinds()), policy=cells, audiences=queries.audiences())
    if form.is_valid() and form.cleaned_data["cells"] and posted is not None:
        if posted.get("step") == "confirm" and _policy_set(request, form):
            return redirect("records:policy")
        if posted.get("step") != "edit":
            return _preview(request, form)
    context = {"form": form, "rows": form.rows(queries.record_counts()), "is_silent": not any(cells.values())}
    return render(request, "records/policy.html", context, status=422 if form.errors else 200)


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
    effects = [
        (effect, queries.in_words(effect.before, known), queries.in_words(effect.after, known))
        for effect in queries.policy_effects(cells=cells)
    ]
    context = {"form": form, "effects": effects, "seen": forms.write_cells(cells, form.policy)}
    return render(request, "records/policy_preview.html", context)


@require_POST
def view_as(request: Asked) -> HttpResponse:
    """Look with the eyes of an audience until one stops; only members who may share something."""
    request.session.pop("view_as", None)
    wanted = request.POST.get("audience", "none")
    if wanted != "none":
        if not request.member.may_somewhere(Action.SHARE):
            request.member.check(Action.SHARE)
        request.session["view_as"] = forms.mask_of_eyes(wanted, queries.audiences())
    target = request.POST.get("next") or request.GET.get("next", "")
    return redirect(_own(request, target, "/"))


def _own(request: HttpRequest, wanted: str, fallback: str) -> str:
    """Return the address if it lies on this node, else the fallback."""
    hosts = {request.get_host()}
    is_own = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if wanted and is_own else fallback
