"""The endpoints: node document, listing, pages, receipts, pings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from parkbench.exchange import services
from parkbench.exchange.api.answers import asked, endpoint, zipped

MOST_RECEIPT = 16 * 1024


@endpoint("GET")
def node_document(request: HttpRequest) -> HttpResponse:
    """Who this node is, and its keys."""
    return HttpResponse(services.current_document(), content_type="application/jose+json")


@endpoint("GET")
def listing(request: HttpRequest) -> HttpResponse:
    """What is shared with the caller now."""
    content = services.listing(
        asked=asked(request, "/journals"),
        nonce=request.GET.get("nonce", ""),
        have=request.GET.getlist("have"),
    )
    return zipped(content, "application/jose")


@endpoint("GET")
def page(request: HttpRequest, audience: str) -> HttpResponse:
    """One page of a journal."""
    served = services.page(
        asked=asked(request, f"/journals/{audience}"),
        audience=audience,
        after=request.GET.get("after", ""),
        walk=request.GET.get("walk", ""),
        limit=request.GET.get("limit", ""),
    )
    response = zipped(served.content, "application/x-ndjson")
    if served.is_public:
        response.headers["Cache-Control"] = "public, no-cache"
    return response


@endpoint("POST")
def receipts(request: HttpRequest) -> HttpResponse:
    """A partner removed what left a journal."""
    services.receive_receipt(asked=asked(request, "/receipts"), text=_body(request))
    return JsonResponse({"noted": True})


@endpoint("POST")
def ping(request: HttpRequest) -> HttpResponse:
    """A partner has something new."""
    services.receive_ping(asked=asked(request, "/ping"))
    return JsonResponse({"noted": True}, status=202)


def _body(request: HttpRequest) -> str:
    """Return what was sent as text; raises NotUnderstood for what is no receipt by its size or its bytes."""
    try:
        if int(request.headers.get("Content-Length") or 0) <= MOST_RECEIPT:
            return request.body.decode("ascii")
    except ValueError:
        pass
    raise services.NotUnderstood(f"A receipt is a signed object of at most {MOST_RECEIPT} characters.")
