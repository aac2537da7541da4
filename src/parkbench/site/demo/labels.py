"""Files from the sample node say so in their name: what leaves the page no longer stands under its ribbon."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from parkbench.records.queries import own_home

Handler = Callable[[HttpRequest], HttpResponseBase]
LABEL = "sample-data-"


def label_downloads(get_response: Handler) -> Handler:
    """Put "sample-data-" before the name of every file that a sample node sends; one query per file."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        told = str(response.headers.get("Content-Disposition", ""))
        if 'filename="' in told and own_home().is_sample:
            response.headers["Content-Disposition"] = told.replace('filename="', f'filename="{LABEL}', 1)
        return response

    return middleware
