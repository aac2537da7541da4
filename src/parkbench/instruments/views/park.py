"""The machine park: list, facets, figures, exports, own columns, saved filters, bulk edit."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from parkbench.accounts.rules import Action
from parkbench.instruments import filters, services, tables
from parkbench.instruments.forms.bulk import BulkForm
from parkbench.instruments.queries import park as queries
from parkbench.instruments.queries.conditions import Wanted, uuids
from parkbench.instruments.views.listing import facets_of, figures_of, list_page
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.models import OURS
from parkbench.records.queries import kept_columns
from parkbench.records.services import lists
from parkbench.records.visibility import Asked

LIST = "instruments"
CACHED_SECONDS = 300


@require_GET
def park(request: Asked) -> HttpResponse:
    """Show one page of the machine park."""
    kept = kept_columns(list_name=LIST, viewer=request.viewer)
    wanted, problems = filters.wanted_of(request.GET, viewer=request.viewer, kept_columns=kept)
    for problem in problems:
        messages.warning(request, problem)
    found = queries.park_page(viewer=request.viewer, wanted=wanted, page=_page(request))
    page = list_page(request, wanted=wanted, found=found, kept=kept)
    return render(request, "instruments/park.html", {"page": page})


@require_GET
def facets(request: Asked) -> HttpResponse:
    """Show the facets of the list, fetched after it and kept while nothing changes."""
    wanted, _problems = filters.wanted_of(request.GET, viewer=request.viewer)
    found = _remembered(request, wanted, "facets", queries.facets)
    return render(request, "ui/filters.html", {"facets": facets_of(wanted, found)})


@require_GET
def figures(request: Asked) -> HttpResponse:
    """Show age and status of the listed instruments as pictures."""
    wanted, _problems = filters.wanted_of(request.GET, viewer=request.viewer)
    found = _remembered(request, wanted, "figures", queries.figures)
    return render(request, "ui/figures.html", {"figures": figures_of(wanted, *found)})


@require_GET
def export(request: Asked, format: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """Send exactly the listed rows and columns as a file."""
    kept = kept_columns(list_name=LIST, viewer=request.viewer)
    wanted, _problems = filters.wanted_of(request.GET, viewer=request.viewer, kept_columns=kept)
    if format == "csv":
        answer = StreamingHttpResponse(
            tables.csv_of(viewer=request.viewer, wanted=wanted), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="machine-park.csv"'
        return answer
    if format != "xlsx":
        raise NotFound(_("The machine park can be exported as CSV or XLSX."))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    tables.xlsx_into(file, viewer=request.viewer, wanted=wanted)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="machine-park.xlsx")


@require_GET
def condition(request: Asked) -> HttpResponse:
    """Narrow the list by one more condition: go to the address that says it."""
    query = filters.with_condition(
        request.GET.get("query", ""),
        column=request.GET.get("column", ""),
        how=request.GET.get("how", ""),
        value=request.GET.get("value", ""),
    )
    return redirect(f"{reverse('instruments:park')}?{query}")


@require_POST
def columns(request: Asked) -> HttpResponse:
    """Keep the columns a person chose; visitors get them in the address."""
    chosen = request.POST.getlist("column")
    if request.member.person is None:
        return redirect(_with(_next(request), columns=chosen))
    lists.keep_columns(list_name=LIST, columns=chosen, by=request.member)
    return redirect(_with(_next(request), columns=[]))


@require_POST
def save_filter(request: Asked) -> HttpResponse:
    """Keep the list under a name."""
    kept = lists.save_filter(
        list_name=LIST,
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_shared=bool(request.POST.get("is_shared")),
        by=request.member,
    )
    messages.success(request, _("Saved as “%(name)s”.") % {"name": kept.name})
    return redirect(f"{reverse('instruments:park')}?{kept.query}")


@require_POST
def delete_filter(request: Asked, pk: int) -> HttpResponse:
    """Forget a saved filter."""
    lists.delete_filter(pk=pk, by=request.member)
    messages.success(request, _("The saved filter is gone."))
    return redirect(_next(request))


@require_POST
def bulk(request: Asked) -> HttpResponse:
    """Ask what to change in the ticked instruments, then change it in all or none."""
    if not request.viewer.may_somewhere(Action.EDIT):
        return redirect_to_login(_next(request))
    form = BulkForm(request.POST if "field" in request.POST else None, viewer=request.viewer)
    uids = uuids(request.POST.getlist("uid"))
    if not uids:
        messages.warning(request, _("Tick the instruments to change first."))
        return redirect(_next(request))
    if request.POST.get("action") == "delete":
        services.delete(uids=uids, by=request.viewer)
        messages.success(request, _("Deleted. They can be restored for 30 days."))
        return redirect(_next(request))
    if form.is_bound and form.is_valid() and _bulk_edited(request, form, uids):
        return redirect(_next(request))
    context = {"form": form, "uids": uids, "next": _next(request), "count": len(uids)}
    return render(request, "instruments/bulk.html", context, status=422 if form.is_bound else 200)


def _bulk_edited(request: Asked, form: BulkForm, uids: list[UUID]) -> bool:
    try:
        count = services.bulk_edit(uids=uids, values=form.values(), by=request.viewer)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    words = ngettext("%(n)s instrument changed.", "%(n)s instruments changed.", count) % {"n": count}
    messages.success(request, words)
    return True


def _page(request: Asked) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 9 else 1


def _remembered(request: Asked, wanted: Wanted, what: str, read: Callable[..., Any]) -> Any:
    """Return what was read for this list, kept while nothing changes; of partners' rows nothing is kept.

    What a partner takes back is gone from every count at once.
    """
    if wanted.home != OURS:
        return read(viewer=request.viewer, wanted=wanted)
    key = _cache_key(request, what)
    found = cache.get(key)
    if found is None:
        found = read(viewer=request.viewer, wanted=wanted)
        cache.set(key, found, CACHED_SECONDS)
    return found


def _cache_key(request: Asked, what: str) -> str:
    """Name an answer by who looks, what is asked, the day and the state of the data."""
    viewer = request.viewer
    seen = f"{viewer.grants!r}|{viewer.mask}|{viewer.behind!r}|{viewer.person_id if viewer.is_member else ''}"
    text = f"{what}|{seen}|{request.GET.urlencode()}|{queries.version()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _next(request: Asked) -> str:
    """Return where to go back to, never to another host."""
    wish = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if is_own else reverse("instruments:park")


def _with(address: str, *, columns: list[str]) -> str:
    path, _mark, query = address.partition("?")
    pairs = [(name, value) for name, value in parse_qsl(query) if name != "columns"]
    pairs += [("columns", key) for key in columns]
    return f"{path}?{urlencode(pairs)}" if pairs else path
