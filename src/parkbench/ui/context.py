"""The context processor that gives every page its navigation, header and footer."""

from typing import Any

from django.http import HttpRequest

from parkbench.ui import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """Return `navigation` (list of NavLink) and `node` (Masthead); neither name is used by a room's view."""
    return {"navigation": navigation.items(request), "node": navigation.masthead(request)}
