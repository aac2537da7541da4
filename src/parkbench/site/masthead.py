"""What header and footer of every page say of this node and of who looks."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.records.queries import own_home
from parkbench.records.visibility import Viewer
from parkbench.site.face import face_of
from parkbench.ui.navigation import Account, Masthead


def masthead(request: HttpRequest) -> Masthead:
    """Describe this node, whose account it is, and whose eyes are borrowed.

    One query; a few more where a visitor reads the page of a public record.
    """
    home = own_home()
    # A page that fails before the viewer is known is still drawn, as for a visitor.
    member: Viewer = getattr(request, "member", Viewer.public())
    return Masthead(
        name=home.name,
        is_sample=home.is_sample,
        responsible="",
        node_id=home.address,
        version=_version(),
        home_url=_url("overview:home") or "/",
        search_url=_url("search:search"),
        sign_in_url=_url("accounts:sign-in"),
        account=_account(member),
        face=face_of(request),
        viewing_as=getattr(request, "lens", ""),
        stop_viewing_url=f"{reverse('records:view-as')}?{urlencode({'next': request.get_full_path()})}",
    )


@cache
def _version() -> str:
    return version("parkbench")


def _account(member: Viewer) -> Account | None:
    if member.person is None:
        return None
    wanted: list[tuple[Any, str | None]] = [(_("My account"), _url("accounts:me"))]
    if member.may(Action.SET_POLICY):
        wanted.append((_("Sharing policy"), _url("records:policy")))
    if member.may_somewhere(Action.DELETE):
        wanted.append((_("Deleted records"), _url("records:deleted")))
    return Account(
        name=member.person.name,
        detail=member.person.email,
        sign_out_url=_url("accounts:sign-out") or "/",
        links=[(label, url) for label, url in wanted if url],
    )


def _url(name: str) -> str | None:
    """Return the address of that name, None while no room has it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
