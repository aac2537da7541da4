"""Files of an instrument: attach, take off, and serve them through the gate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parkbench.instruments import services
from parkbench.instruments.forms.steps import FileForm
from parkbench.instruments.queries.instrument import StoredFile, editable_page, file_of
from parkbench.instruments.views.instrument import for_members
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.visibility import Asked

ENDINGS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "text/plain": "txt",
    "text/csv": "csv",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
}
"""Types that are served > the ending of the file's name."""
POLICY = "sandbox; default-src 'none'"


@for_members
@require_POST
def attach(request: Asked, uid: UUID, place: str) -> HttpResponse:
    """Keep a file with the instrument."""
    editable_page(uid=uid, viewer=request.viewer)
    form = FileForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise Refused(_("Choose a file first."))
        given = form.cleaned_data
        services.attach(uid=uid, place=place, upload=given["upload"], title=given["title"], by=request.viewer)
    except Refused as refusal:
        if isinstance(refusal, NotFound):
            raise
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The file is attached."))
    return redirect("instruments:instrument", uid)


@for_members
@require_POST
def detach(request: Asked, uid: UUID, place: str, digest: str) -> HttpResponse:
    """Take a file off the instrument."""
    editable_page(uid=uid, viewer=request.viewer)
    services.detach(uid=uid, place=place, digest=digest, by=request.viewer)
    messages.success(request, _("The file is taken off. The history still names it."))
    return redirect("instruments:instrument", uid)


@require_safe
def file(request: Asked, uid: UUID, section: str, digest: str) -> HttpResponseBase:
    """Send a file to whoever may see the section that lists it, never to be run by the browser."""
    told = file_of(uid=uid, section=section, digest=digest, viewer=request.viewer)
    etag = f'"{told.digest}"'
    answer: HttpResponseBase = get_conditional_response(request, etag=etag) or _download(told)
    answer["ETag"] = etag
    # Kept nowhere but at the reader, and asked for again each time: who may see it can change.
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    return answer


def _download(told: StoredFile) -> FileResponse:
    ending = ENDINGS.get(told.type)
    is_inline = told.is_picture and told.type in ("image/png", "image/jpeg")
    return FileResponse(
        services.path_of(told.digest).open("rb"),
        as_attachment=not is_inline,
        filename=f"{told.title}.{ending}" if ending else told.title,
        content_type=told.type if ending else "application/octet-stream",
    )
