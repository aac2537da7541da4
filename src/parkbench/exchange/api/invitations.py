"""What an invited node sends: its document, with the proof that it holds the code."""

from __future__ import annotations

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from parkbench.envelope.answers import MAX_BYTES
from parkbench.exchange.api.answers import address_of
from parkbench.exchange.queries.partners import is_paused
from parkbench.exchange.services import invitations
from parkbench.lib.errors import Refused

WINDOW = 900
"""Seconds over which answers are counted."""
MOST_PER_ADDRESS = 20
MOST_OF_ALL = 200


@csrf_exempt
@never_cache
@require_POST
def answer(request: HttpRequest) -> JsonResponse:
    """Take the answer to an invitation: 202, or 403 with the same sentence whatever is wrong with it."""
    if _is_too_often(address_of(request)):
        return _refused(429, "Too many answers. Come back later.", retry_after=WINDOW)
    if is_paused() is not None:
        return _refused(503, "This node exchanges nothing just now.", retry_after=600)
    written = _body(request)
    if written is None:
        return _refused(413, f"An answer to an invitation has at most {MAX_BYTES} bytes.")
    try:
        invitations.receive_acceptance(written=written)
    except Refused as refusal:
        return _refused(403, refusal.sentence)
    return JsonResponse({"state": "pending"}, status=202)


def _body(request: HttpRequest) -> bytes | None:
    """Return what was sent, read no further than an answer may be long; None for more."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length[:12]) > MAX_BYTES:
        return None
    written = request.read(MAX_BYTES + 1)
    return written if len(written) <= MAX_BYTES else None


def _is_too_often(address: str) -> bool:
    """Count an answer of this address and of all; tell whether either is more than anybody needs."""
    limits = ((f"answers:{_place(address)}", MOST_PER_ADDRESS), ("answers", MOST_OF_ALL))
    counts = []
    for key, most in limits:
        cache.add(key, 0, WINDOW)
        try:
            counts.append(cache.incr(key) > most)
        except ValueError:  # it ran out between the two
            cache.set(key, 1, WINDOW)
    return any(counts)


def _place(address: str) -> str:
    """Return whom an address counts for: itself, or with IPv6 its network, of which one caller has plenty."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
    return str(known)


def _refused(status: int, sentence: str, *, retry_after: int | None = None) -> JsonResponse:
    response = JsonResponse({"refused": sentence}, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
