"""What people keep of lists, for every list alike: columns, named filters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.records.services import lists
from parkbench.records.views.addresses import own_address
from parkbench.records.visibility import Asked


@require_POST
def columns(request: Asked, list_name: str) -> HttpResponse:
    """Keep the columns a person chose for a list."""
    chosen = request.POST.getlist("column")[:100]
    lists.keep_columns(list_name=list_name[:40], columns=chosen, by=request.member)
    return redirect(own_address(request, request.POST.get("next", ""), "/"))


@require_POST
def save_filter(request: Asked, list_name: str) -> HttpResponse:
    """Keep a list under a name."""
    target = own_address(request, request.POST.get("next", ""), "/")
    try:
        kept = lists.save_filter(
            list_name=list_name[:40],
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            is_shared=bool(request.POST.get("is_shared")),
            by=request.member,
        )
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": kept.name})
    return redirect(target)


@require_POST
def delete_filter(request: Asked, pk: int) -> HttpResponse:
    """Forget a saved filter."""
    lists.delete_filter(pk=pk, by=request.member)
    messages.success(request, _("The saved filter is gone."))
    return redirect(own_address(request, request.POST.get("next", ""), "/"))
