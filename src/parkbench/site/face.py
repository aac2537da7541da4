"""What pages say to programs: schema.org data in the head, robots.txt, the sitemap."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from parkbench.lib.errors import shorten
from parkbench.records import queries
from parkbench.ui.navigation import Face

CONTEXT = "https://schema.org"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_PAGES = 50_000
"""Addresses in one sitemap (https://www.sitemaps.org/protocol.html)."""
LONGEST = 160
"""Characters of a description that search engines show."""
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
CLOSED = "User-agent: *\nDisallow: /\n"


def face_of(request: HttpRequest) -> Face | None:
    """Return what the page of a public record says to programs; None on every other page.

    It is asked as the public, whoever looks: programs are told what everybody sees and no more. Members get
    none, as no program reads what they read.
    """
    match, viewer = request.resolver_match, getattr(request, "viewer", None)
    if match is None or viewer is None or viewer.is_member or "uid" not in match.kwargs:
        return None
    kind = queries.kind_of_page(match.view_name)
    found = queries.described(kind=kind, uid=match.kwargs["uid"]) if kind else None
    if found is None:
        return None
    text = " ".join(str(found.facts.get("description", "")).split())
    data = as_script({"@context": CONTEXT, **found.facts})
    return Face(canonical=found.url, description=shorten(text, LONGEST), data=data)


def as_script(data: Mapping[str, Any]) -> SafeString:
    """Return JSON that may stand inside a script element: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPED)
    return mark_safe(text)  # noqa: S308 - no <, > or & is left in it


def robots() -> str:
    """Return robots.txt: nobody is let in while nothing is public."""
    if not queries.has_public():
        return CLOSED
    address = queries.own_address()
    return f"User-agent: *\nDisallow: /sign-in/\nDisallow: /link/\n\nSitemap: {address}{reverse('sitemap')}\n"


def page_count() -> int:
    """Return how many sitemaps hold the pages of all public records; 0 when nothing is public."""
    return -(-queries.public_count() // MOST_PAGES)


def index(count: int) -> Iterator[str]:
    """Yield the index of so many sitemaps."""
    address = queries.own_address()
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">\n'
    for number in range(1, count + 1):
        yield f"<sitemap><loc>{escape(address + reverse('sitemap-page', args=[number]))}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def sitemap(number: int) -> Iterator[str]:
    """Yield one sitemap, counted from 1, with when what everybody sees of each record last changed."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n'
    for page in queries.public_pages(start=(number - 1) * MOST_PAGES, stop=number * MOST_PAGES):
        on = page.updated_at
        changed = f"<lastmod>{on.isoformat(timespec='seconds')}</lastmod>" if on else ""
        yield f"<url><loc>{escape(page.url)}</loc>{changed}</url>\n"
    yield "</urlset>\n"
