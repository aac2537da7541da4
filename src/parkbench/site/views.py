"""Pages of the site itself: whether it is alive, and the door of the sample node."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from parkbench.lib.db import is_answering
from parkbench.records.queries import page_name
from parkbench.records.visibility import Asked
from parkbench.site.demo import doorway


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 and "ok" when the database answers, else 503; no details for strangers."""
    if is_answering():
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse("not ok", content_type="text/plain", status=503)


@require_safe
def permalink(request: Asked, kind: str, uid: UUID) -> HttpResponse:
    """Lead from a record id (`<node>/id/<kind>/<uid>`) to its page; what one may not know of is not there."""
    return redirect(page_name(kind=kind, uid=uid, viewer=request.viewer), uid)


@never_cache
@require_GET
def demo_sign_in(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in as the director of the sample node by its one-time link; there is no such page elsewhere."""
    if not doorway.is_inside(request.user):
        login(request, doorway.enter(secret))
    return redirect("overview:home")
