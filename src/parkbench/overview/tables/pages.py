"""The first page of a member: what stands where, and the switch between one's own part and the whole."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.figures.queries.panels import chart
from parkbench.overview.queries.overview import Overview
from parkbench.overview.queries.part import ALL, MINE, Part
from parkbench.overview.queries.rooms import UseOfPart
from parkbench.overview.tables import changes
from parkbench.overview.tables.front import platform_blocks, steps
from parkbench.overview.tables.links import listed
from parkbench.overview.tables.stats import charts, down_url, price_facts, stats
from parkbench.servicing.queries import words
from parkbench.ui.lists import Action

SHOWN_DOWN, MOST_DOWN = 8, 200
"""Lines of what is down; all of it where no other page lists the units."""


def overview_page(seen: Overview) -> dict[str, Any]:
    """Return what the template of the overview draws."""
    part, figures = seen.parts.shown, seen.figures
    begun = seen.begun
    first = steps(*begun) if begun and not begun[0].is_over else []
    return {
        "heading": heading(part),
        "part": part,
        "switches": _switches(seen),
        "actions": [Action(_("Print brief"), listed("overview:brief", ("of", _of(part))))],
        "steps": first,
        "next_step": next((step for step in first if step.is_current), None),
        "is_empty": not figures.total,
        "roleless": begun[0].roleless if begun else None,
        "stats": stats(seen),
        "prices": price_facts(figures),
        "figures": charts(figures),
        "use_chart": chart(seen.use.use) if seen.use.use.is_known else None,
        "use_unknown": use_unknown(seen.use),
        "platforms": platform_blocks(figures.units, is_all=part.is_whole or bool(part.platforms)),
        "down": down_lines(seen),
        "down_more": max(len(seen.down.events) - SHOWN_DOWN, 0) if _is_listed(part) else 0,
        "down_url": down_url(part),
        "since": seen.since,
        "since_words": changes.since_words(seen.since.visit),
        "since_facts": changes.facts(seen.since),
        "change_lines": [(change, changes.said(change)) for change in seen.since.newest],
    }


def heading(part: Part) -> str:
    """Return what the page is called: one's platform or units, a unit by its name, or the overview."""
    if part.is_whole:
        return _("Overview")
    if not part.is_mine:
        return part.name
    if part.platforms:
        return _("My platform") if len(part.platforms) == 1 else _("My platforms")
    return _("My unit") if len(part.uids or ()) == 1 else _("My units")


def _of(part: Part) -> str:
    return "" if part.is_whole and part.of == ALL else part.of


def _switches(seen: Overview) -> list[tuple[str, str, bool]]:
    """Return (label, address, whether shown) of one's own part and of the whole; none without an own one."""
    mine, shown = seen.parts.mine, seen.parts.shown
    if mine is None:
        return []
    found = [
        (heading(mine), listed("overview:home"), shown.of == MINE),
        (_("Whole organisation"), listed("overview:home", ("of", ALL)), shown.is_whole),
    ]
    return found if shown.is_whole or shown.is_mine else [*found, (shown.name, "", True)]


def _is_listed(part: Part) -> bool:
    """Whether another page lists what is down in just these units."""
    return part.is_whole or part.one is not None


def down_lines(seen: Overview, most: int | None = None) -> list[dict[str, Any]]:
    """Return what is down, the longest first, with what it cost so far."""
    most = most or (SHOWN_DOWN if _is_listed(seen.parts.shown) else MOST_DOWN)
    return [
        {
            "name": event.instrument or event.name,
            "url": listed_event(event.uid),
            "unit": event.unit,
            "what": event.name,
            "since": event.since,
            "days": words.days(event.down),
            "cost": cost_words(event),
        }
        for event in seen.down.events[:most]
    ]


def listed_event(uid: Any) -> str:
    """Return the page of a service event."""
    return reverse("servicing:event", args=[uid])


def cost_words(event: Any) -> str:
    """Return what something down cost so far; '' where that is not the viewer's to see."""
    if not event.shows_cost:
        return ""
    return _("no cost given") if event.cost is None else words.amount(event.cost, event.currency, event.vat)


def use_unknown(use: UseOfPart) -> str:
    """Say what is not known of the use, so that nobody takes it for zero."""
    months = use.use.months
    missing = len(months) - use.use.months_known()
    parts = []
    if missing:
        parts.append(
            _("Use is not known for %(missing)s of %(all)s months.")
            % {"missing": missing, "all": len(months)}
        )
    most = min(max((month.known.get("used", 0) for month in months), default=0), use.instruments)
    told = {"known": most, "all": use.instruments}
    parts.append(_("At most %(known)s of %(all)s instruments told their use in any one month.") % told)
    return " ".join(parts)
