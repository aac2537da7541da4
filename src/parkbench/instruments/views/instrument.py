"""The page of one instrument."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from parkbench.instruments.forms.steps import FileForm
from parkbench.instruments.queries.identity import identity_of
from parkbench.instruments.queries.instrument import instrument_page
from parkbench.instruments.tables import described
from parkbench.instruments.views import instrument_facts as facts
from parkbench.records.visibility import Asked, Viewer

More = ParamSpec("More")


def for_members(
    view: Callable[Concatenate[Asked, More], HttpResponse],
) -> Callable[Concatenate[Asked, More], HttpResponse]:
    """Let whoever has not signed in do so first; what they may do then is the service's to say."""

    @wraps(view)
    def checked(request: Asked, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        if not request.member.is_member:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return checked


@require_safe
def instrument(request: Asked, uid: UUID) -> HttpResponse:
    """Show one instrument as this viewer may see it."""
    page = instrument_page(uid=uid, viewer=request.viewer)
    context = {
        "head": facts.head_of(page, viewer=request.viewer),
        "shown": page,
        "about": facts.identity(page),
        "picture": facts.picture_of(page),
        "parts": facts.parts_of(page),
        "file_form": FileForm() if page.may_edit else None,
    }
    return render(request, "instruments/instrument.html", context)


@require_safe
def pidinst(request: Asked, uid: UUID) -> JsonResponse:
    """Send a public instrument as PIDINST 1.0 JSON: what everybody may see of it, whoever asks."""
    known = identity_of(uid=uid, viewer=Viewer.public())
    answer = JsonResponse(described.pidinst(known), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
