"""Pages of the site itself: whether it is alive, what programs may read, the door of the sample node."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from parkbench.lib.db import is_answering
from parkbench.lib.errors import NotFound
from parkbench.records.queries import page_name
from parkbench.records.visibility import Asked
from parkbench.site import face
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


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell programs what they may read."""
    return HttpResponse(face.robots(), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest, page: int = 0) -> StreamingHttpResponse:
    """List the pages of all public records, or the lists of them; there is no such list of nothing."""
    count = face.page_count()
    if count == 0 or page > count:
        raise NotFound(_("There is nothing public here."))
    lines = face.sitemap(page or 1) if page or count == 1 else face.index(count)
    return StreamingHttpResponse(lines, content_type="application/xml; charset=utf-8")
