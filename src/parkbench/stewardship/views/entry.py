"""Who is let in: members; whoever has not signed in may do so first; where one goes back to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from parkbench.accounts.rules import Action
from parkbench.records.visibility import Asked

More = ParamSpec("More")
View = Callable[Concatenate[Asked, More], HttpResponse]


def for_members(view: View[More]) -> View[More]:
    """Let members in, with their own eyes."""

    @wraps(view)
    def checked(request: Asked, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        if not request.member.is_member:
            return redirect_to_login(request.get_full_path())
        request.viewer.check(Action.SEE)
        return view(request, *args, **kwargs)

    return checked


def own_address(request: HttpRequest, wanted: str, fallback: str) -> str:
    """Return the address if it lies on this node, else the fallback."""
    hosts = {request.get_host()}
    is_own = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if wanted and is_own else fallback
