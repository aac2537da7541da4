"""Pages of records: history and revert, deleted records."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import forms, queries, services, tables
from parkbench.records.registry import Kind
from parkbench.records.views.addresses import context_of, found, own_address
from parkbench.records.visibility import Asked, may_edit


def history(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Show who changed what and when, newest first."""
    known, row = found(request, kind, uid)
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
        **context_of(known, row),
        "lines": tables.lines(shown, kind=known, names=names, may_revert=may_revert),
        "pager": tables.pager(page, len(entries), url=request.path),
    }
    return render(request, "records/history.html", context)


@require_POST
def revert(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Publish an earlier revision of one part again."""
    known, row = found(request, kind, uid)
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
    return redirect(own_address(request, request.POST.get("next", ""), reverse("records:deleted")))
