"""Public access: what this node says of itself, frozen records for the archivist, the file of disposals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.rules import Action
from parkbench.exchange.forms import FreezeForm, NodeForm
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.queries import partners
from parkbench.exchange.services import authority as services
from parkbench.exchange.services import freezing
from parkbench.exchange.tables import authority as tables
from parkbench.exchange.views.entry import for_members
from parkbench.lib.errors import NotAllowed, Refused
from parkbench.records.visibility import Asked


@for_members(Action.OPERATE)
def node(request: Asked) -> HttpResponse:
    """Show and change what this node says of itself."""
    posted = request.POST if request.method == "POST" else None
    form = NodeForm.of(posted, queries.node_state(viewer=request.viewer))
    if form.is_valid():
        try:
            services.describe_node(**form.cleaned_data, by=request.viewer)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. Partners hear of it within half a day."))
            return redirect("exchange:node")
    return render(request, "exchange/node.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@for_members(Action.OPERATE)
def freeze(request: Asked, pk: int) -> HttpResponse:
    """Freeze a record of a partner under a request for access."""
    found = partners.partner(pk=pk, viewer=request.viewer)
    form = FreezeForm(request.POST)
    if form.is_valid():
        try:
            row = freezing.freeze(partner_id=pk, **form.cleaned_data, by=request.viewer)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Frozen. Nobody but administrators sees it, on this page alone."))
            return redirect("exchange:frozen-record", row.pk)
    return render(request, "exchange/freeze.html", {"partner": found, "form": form}, status=422)


@require_safe
@never_cache
@for_members(Action.OPERATE)
def frozen_records(request: Asked) -> HttpResponse:
    """List the records that are frozen, and the cases that were closed last."""
    rows = queries.frozen_records(viewer=request.viewer)
    released = queries.released_records(viewer=request.viewer)
    homes = queries.partners_of_homes([*rows, *released])
    context = {"lines": tables.frozen_lines(rows, homes), "released": tables.frozen_lines(released, homes)}
    return render(request, "exchange/frozen.html", context)


@require_safe
@never_cache
@for_members(Action.OPERATE)
def frozen_record(request: Asked, pk: int) -> HttpResponse:
    """Show the archivist what is kept of a frozen record."""
    row = queries.frozen_record(pk=pk, viewer=request.viewer)
    context = {"row": row, "facts": tables.frozen_facts(row), "parts": tables.part_lines(row)}
    return render(request, "exchange/frozen_record.html", context)


@require_POST
@for_members(Action.OPERATE)
def release(request: Asked, pk: int) -> HttpResponse:
    """End the freeze of a record."""
    row = freezing.release(frozen_id=pk, by=request.viewer)
    said = _(
        "Released: case %(case)s. What its owner still shares is shown again; what it took back is gone."
    )
    messages.success(request, said % {"case": row.case})
    return redirect("exchange:frozen")


@require_safe
@for_members(Action.OPERATE)
def disposals(request: Asked, pk: int) -> HttpResponse:
    """Send everything that was disposed of of a partner's, for the archive."""
    found = partners.partner(pk=pk, viewer=request.viewer)
    content = b"".join(tables.disposals_csv(found))
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{tables.filename(found)}"'
    return answer
