"""What the overview adds to the pages of units and platforms: the way to their brief."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.http import urlencode

from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.slots import Panel


def brief_link(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the way to the brief of one unit or platform; members only, no query."""
    if not viewer.is_member or slots.is_elsewhere(ids):
        return None
    query = urlencode({"of": ids[0].rpartition("/")[2]})
    return Panel("", "overview/brief_link.html", {"url": f"{reverse('overview:brief')}?{query}"})
