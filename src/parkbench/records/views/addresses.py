"""What the pages of records share: the record for a member, where to go back to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from parkbench.lib.errors import NotFound
from parkbench.records import queries
from parkbench.records.models import REGISTER
from parkbench.records.registry import Kind
from parkbench.records.visibility import Asked


def found(request: Asked, kind: str, uid: UUID) -> tuple[Kind, Any]:
    """Return the record for a member; whoever looks from outside is not told that it is here."""
    if not request.viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    known, row = queries.found(kind=kind, uid=uid, viewer=request.viewer)
    if row.home_id > REGISTER:
        raise NotFound(_("This record belongs to a partner. Its history, and who sees it, are kept there."))
    return known, row


def _page_url(kind: Kind, uid: UUID) -> str:
    """Return the record's own page; '' while its room has none."""
    try:
        return reverse(kind.page, args=[uid])
    except NoReverseMatch:
        return ""


def context_of(kind: Kind, row: Any) -> dict[str, Any]:
    """Return what every page about a record is drawn with."""
    return {"kind": kind, "row": row, "name": getattr(row, kind.title), "page_url": _page_url(kind, row.uid)}


def own_address(request: HttpRequest, wanted: str, fallback: str) -> str:
    """Return the address if it lies on this node, else the fallback."""
    hosts = {request.get_host()}
    is_own = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if wanted and is_own else fallback
