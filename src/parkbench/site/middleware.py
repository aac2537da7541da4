"""Who is looking at this request, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from parkbench.accounts.queries import grants_of
from parkbench.accounts.rules import Action
from parkbench.lib.errors import Conflict, NotAllowed, NotFound, Refused
from parkbench.records.queries import audiences, eyes_in_words
from parkbench.records.visibility import Viewer

Handler = Callable[[HttpRequest], HttpResponse]

MACHINES = ("/exchange/v1/", "/.well-known/")
"""Where other nodes ask: signed tokens, no cookies, no languages."""


def machines(get_response: Handler) -> Handler:
    """Let answers to other nodes not speak of cookies and languages, which are none of theirs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith(MACHINES):
            for name in ("Vary", "Content-Language"):
                response.headers.pop(name, None)
        return response

    return middleware


def viewer(get_response: Handler) -> Handler:
    """Set ``request.viewer`` (who looks), ``request.member`` (who signed in), ``request.lens`` (view as)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        person = request.user
        member = Viewer.public()
        if request.path_info.startswith(MACHINES):
            request.viewer = request.member = member  # type: ignore[attr-defined]
            return get_response(request)
        if person.is_authenticated:
            member = Viewer(grants=grants_of(person_id=person.pk), person=person)
        request.member = member  # type: ignore[attr-defined]
        request.viewer = member  # type: ignore[attr-defined]
        request.lens = ""  # type: ignore[attr-defined]
        mask = request.session.get("view_as")
        if mask is not None and member.may_somewhere(Action.SHARE):
            request.viewer = Viewer.as_audiences(mask, behind=member.grants)  # type: ignore[attr-defined]
            named = request.session.get("view_as_name")
            request.lens = named or eyes_in_words(mask, audiences())  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def _without_nul(asked: QueryDict) -> QueryDict:
    """Return the parameters without NUL, which no text here holds and PostgreSQL cannot compare."""
    clean = QueryDict(mutable=True)
    for name, values in asked.lists():
        clean.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
    return clean


class refusals:  # noqa: N801 - middleware is named as the functions beside it
    """Show a domain error as a page with its sentence; what one may not know of is a 404."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a Refused with its status and sentence; leave everything else to Django."""
        if not isinstance(error, Refused):
            return None
        status = 400
        for kind, code in ((NotFound, 404), (NotAllowed, 403), (Conflict, 409)):
            if isinstance(error, kind):
                status = code
        return render(request, "ui/error.html", {"status": status, "sentence": error.sentence}, status=status)
