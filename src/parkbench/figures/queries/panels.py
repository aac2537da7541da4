"""What use tells on pages of instruments, units and platforms: 24 months by user category."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.figures import rules
from parkbench.figures.queries.sums import (
    Use,
    instruments_expected,
    use_of,
    use_of_instrument,
    use_of_model,
)
from parkbench.instruments.models import UserCategoryChoices
from parkbench.records.models import PARTNERS
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.parts import Stat
from parkbench.ui.slots import Panel
from parkbench.ui.stacks import Stack, StackedChart, stacked_columns

SHOWN = 24
TEMPLATE = "figures/panel.html"
MEASURE_LABELS = {
    "used": gettext_lazy("used"),
    "training": gettext_lazy("training"),
    "available": gettext_lazy("available"),
    "booked": gettext_lazy("booked"),
    "maintenance": gettext_lazy("maintenance"),
    "down": gettext_lazy("down"),
}
CATEGORY_LABELS: dict[str, Any] = {
    **{str(one.value): one.label for one in UserCategoryChoices},
    rules.UNKNOWN: gettext_lazy("category not known"),
}


def span(months: int = SHOWN) -> tuple[int, int]:
    """Return the last whole months as `rules.month_number`: since and until, both included."""
    today = timezone.localdate()
    until = rules.month_number(today.year, today.month) - 1
    return until - months + 1, until


def of_instrument(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the use of one instrument over 24 months; one query."""
    uid = _uids(ids)[0]
    since, until = span()
    is_own = not slots.is_elsewhere(ids)
    use = use_of_instrument(viewer=viewer, uid=uid, since=since, until=until)
    if not use.is_known and not (viewer.is_member and is_own):
        return None
    asked = f"instrument={uid}" if is_own else f"instrument={uid}&home={PARTNERS}"
    context = {**_context(use), "years_url": f"{reverse('figures:list')}?{asked}", "uid": uid}
    context["is_instrument"] = is_own
    return Panel(_("Use and downtime"), TEMPLATE, context)


def of_unit(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what the instruments of a unit add up to over 24 months; two queries."""
    return _place("unit", _uids(ids), viewer)


def on_platform(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what the instruments on a platform add up to over 24 months; two queries."""
    return _place("platform", _uids(ids), viewer)


def of_model(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what own instruments of a make and model add up to over 24 months; one query."""
    uid = _uids(ids)[0]
    since, until = span()
    use = use_of_model(viewer=viewer, uid=uid, since=since, until=until)
    if not use.is_known:
        return None
    count = instruments_expected(viewer=viewer, model=uid) if viewer.is_member else None
    return Panel(_("Use and downtime of own instruments"), TEMPLATE, _context(use, count))


def _place(key: str, uids: Sequence[UUID], viewer: Viewer) -> Panel | None:
    since, until = span()
    asked: dict[str, Any] = {f"{key}s": uids}
    use = use_of(viewer, since=since, until=until, **asked)
    if not use.is_known:
        return None
    count = instruments_expected(viewer=viewer, **asked) if viewer.is_member else None
    context = {**_context(use, count), "years_url": f"{reverse('figures:list')}?{key}={uids[0]}"}
    return Panel(_("Use and downtime"), TEMPLATE, context)


def _context(use: Use, instruments: int | None = None) -> dict[str, Any]:
    return {
        "use": use,
        "use_chart": chart(use) if use.is_known else None,
        "stats": stats(use),
        "unknown": _unknown(use, instruments),
        "groups": _groups(use),
    }


def of_year(use: Use) -> dict[str, Any]:
    """Return what the page of one year shows: as the panels, and every month in figures."""
    measures = [name for name in ("used", "training", *rules.PLAIN) if use.total(name) is not None]
    rows = []
    for month in use.months:
        cells = []
        for name in measures:
            value = getattr(month, "used_total" if name == "used" else name)
            cells.append("" if value is None else rules.hours(value))
        if use.total("sessions") is not None:
            cells.append("" if month.sessions is None else str(month.sessions))
        rows.append((month_label(month.number), *cells))
    headings = [str(MEASURE_LABELS[name]) for name in measures]
    if use.total("sessions") is not None:
        headings.append(_("sessions"))
    return {**_context(use), "month_headings": headings, "month_rows": rows}


def chart(use: Use) -> StackedChart:
    """Return the picture: hours used by category, stacked, against the hours available."""
    stacks = []
    for month in use.months:
        values = None
        if month.used_total is not None:
            values = [month.used.get(name, 0) / 60 for name in rules.CATEGORIES]
        line = None if month.available is None else month.available / 60
        stacks.append(Stack(month_label(month.number), values, line))
    has_line = any(month.available is not None for month in use.months)
    labels = [str(CATEGORY_LABELS[name]) for name in rules.CATEGORIES]
    return stacked_columns(
        _("Hours used per month, by user category"),
        labels,
        stacks,
        unit=_("hours"),
        line_label=_("available") if has_line else "",
    )


def month_label(number: int) -> str:
    """Return a month as people read it: Mar 2025."""
    year, month = rules.year_and_month(number)
    return date_format(date(year, month, 1), "M Y")


def stats(use: Use) -> list[Stat]:
    """Return the large figures: hours used, share of availability, hours down, of which training."""
    found = [Stat(_("Hours used"), hours_text(use.total("used")), note=_of_months(use, "used"))]
    if use.share is not None:
        found.append(
            Stat(_("Of the hours available"), f"{use.share * 100:.0f} %", note=_("where both are known"))
        )
    found.append(Stat(_("Hours down"), hours_text(use.total("down")), note=_of_months(use, "down")))
    found.append(
        Stat(
            _("Hours of maintenance"),
            hours_text(use.total("maintenance")),
            note=_of_months(use, "maintenance"),
        )
    )
    return found


def hours_text(minutes: int | None) -> str:
    """Return minutes as hours for people; "not known" where nobody told."""
    return _("not known") if minutes is None else f"{minutes / 60:,.0f}".replace(",", "\u202f")


def _of_months(use: Use, measure: str) -> str:
    known = use.months_known(measure)
    if known == len(use.months) or not known:
        return ""
    return _("known for %(known)s of %(all)s months") % {"known": known, "all": len(use.months)}


def _unknown(use: Use, instruments: int | None) -> str:
    """Say what is not known, so that nobody takes it for zero."""
    parts = []
    missing = len(use.months) - use.months_known()
    if missing:
        words = {"missing": missing, "all": len(use.months)}
        parts.append(_("Use is not known for %(missing)s of %(all)s months.") % words)
    if instruments:
        most = max((month.known.get("used", 0) for month in use.months), default=0)
        words = {"known": min(most, instruments), "all": instruments}
        parts.append(_("At most %(known)s of %(all)s instruments told their use in any one month.") % words)
    return " ".join(parts)


def _groups(use: Use) -> list[tuple[str, str]]:
    """Return, per month, the distinct groups of each category; few are not counted out."""
    lines = []
    for month in reversed(use.months):
        if month.groups:
            told = [
                f"{CATEGORY_LABELS[name]}: {groups_text(count)}"
                for name, count in sorted(month.groups.items())
            ]
            lines.append((month_label(month.number), ", ".join(told)))
    return lines


def groups_text(count: int) -> str:
    """Return a number of groups; below five it only says so."""
    if 0 < count < rules.FEWEST:
        return _("fewer than %(count)s") % {"count": rules.FEWEST}
    return str(count)


def _uids(ids: Sequence[str]) -> list[UUID]:
    """Read ids that stand alone or at the end of a record id."""
    return [UUID(one.rpartition("/")[2]) for one in ids]
