"""The brief as a PDF: a fixed layout that gets its texts as data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from parkbench.overview.queries.brief import Brief
from parkbench.overview.tables.brief import document

LAYOUT = Path(__file__).parent.parent / "templates" / "overview" / "brief.typ"


@cache
def _fonts() -> Any:
    """Return the fonts that come with the typesetter, and those of the machine for other scripts."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


def pdf_of(told: Brief) -> bytes:
    """Return the brief as a PDF of two A4 pages: the same bytes for the same content all day long."""
    day = datetime.combine(timezone.localdate(told.made_at), time.min, tzinfo=UTC)
    pages: bytes = printed(document(told), made_at=int(day.timestamp()))
    return pages


def printed(data: dict[str, Any], *, made_at: int | None = None, form: str = "pdf") -> Any:
    """Return the layout filled with this data: one PDF, or a list of pages for other forms.

    The data goes in as JSON beside the layout and is read there as values: no text can become markup.
    """
    return typst.compile(
        LAYOUT.read_bytes(),
        format=form,  # type: ignore[call-overload]
        sys_inputs={"data": json.dumps(data)},
        font_paths=_fonts(),
        timestamp=made_at,
    )
