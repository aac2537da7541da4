"""How other nodes are answered: bytes, or one sentence with its status; no cookies, nothing in caches."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from parkbench.exchange import services
from parkbench.lib.errors import Refused

Endpoint = Callable[..., HttpResponse]

STATUS: tuple[tuple[type[Refused], int], ...] = (
    (services.NotUnderstood, 400),
    (services.Unauthorised, 401),
    (services.NotReadable, 404),
    (services.CursorGone, 410),
    (services.TooOften, 429),
    (services.Paused, 503),
)


def endpoint(method: str) -> Callable[[Endpoint], Endpoint]:
    """Let an endpoint take one method, answer refusals by their status, and name our time in each reply.

    The requests carry signed tokens and no cookies, so there is nothing that a forged form could use.
    """

    def wrap(act: Endpoint) -> Endpoint:
        @csrf_exempt
        @wraps(act)
        def answer(request: HttpRequest, **parts: str) -> HttpResponse:
            response = _tried(act, request, parts) if request.method == method else _not_allowed(method)
            response.headers["Date"] = http_date()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return answer

    return wrap


def _not_allowed(method: str) -> HttpResponse:
    return HttpResponseNotAllowed([method])


def _tried(act: Endpoint, request: HttpRequest, parts: dict[str, str]) -> HttpResponse:
    try:
        return act(request, **parts)
    except Refused as refusal:
        return refused(refusal)


def refused(refusal: Refused) -> HttpResponse:
    """Return the reply to a refusal; raise one that the protocol does not know: it is ours to mend."""
    status = next((code for kind, code in STATUS if isinstance(refusal, kind)), None)
    if status is None:
        raise refusal
    response = JsonResponse({"problem": refusal.sentence}, status=status)
    if isinstance(refusal, services.Unauthorised):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, (services.TooOften, services.Paused)):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def asked(request: HttpRequest, path: str) -> services.Asked:
    """Return what the services need to know of a request; ``path`` as it follows the exchange address."""
    return services.Asked(
        method=request.method or "",
        path=path,
        token=request.headers.get("Authorization", ""),
        address=address_of(request),
    )


def address_of(request: HttpRequest) -> str:
    """Return where the request comes from: the last hop that our own proxy saw, else the connection's."""
    hops = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and hops:
        return hops.split(",")[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def zipped(content: bytes, kind: str) -> HttpResponse:
    """Return gzipped bytes, as they are whatever the request accepts: the protocol knows no other writing."""
    return HttpResponse(content, content_type=kind, headers={"Content-Encoding": "gzip"})
