"""One page of the site itself: whether it is alive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from parkbench.lib.db import is_answering


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 and "ok" when the database answers, else 503; no details for strangers."""
    if is_answering():
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse("not ok", content_type="text/plain", status=503)
