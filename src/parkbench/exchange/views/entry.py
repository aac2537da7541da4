"""Who is let in: members, with their own eyes; whoever has not signed in may do so first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse

from parkbench.accounts.rules import Action
from parkbench.records.visibility import Asked

More = ParamSpec("More")
View = Callable[Concatenate[Asked, More], HttpResponse]


def for_members(right: Action = Action.SEE) -> Callable[[View[More]], View[More]]:
    """Let members in who hold this right, with their own eyes and not with borrowed ones."""

    def guard(view: View[More]) -> View[More]:
        @wraps(view)
        def checked(request: Asked, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
            if not request.member.is_member:
                return redirect_to_login(request.get_full_path())
            request.viewer.check(right)
            return view(request, *args, **kwargs)

        return checked

    return guard
