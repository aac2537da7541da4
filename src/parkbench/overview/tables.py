"""The figures of the first page as parts of it: stats, charts, units by platform, the first steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.instruments.queries.conditions import STATUSES_STANDING
from parkbench.lib.money import format_money
from parkbench.overview.queries import ParkFigures, Shown, UnitLine
from parkbench.overview.rules import AGES, Start, Worth, by_age, rounded_money
from parkbench.ui.charts import Bar, Chart, columns_chart, plain_figure, stacked_bar
from parkbench.ui.parts import Stat, Step

Pair = tuple[str, str]
OWN: Pair = ("home", "own")
STANDS: tuple[Pair, ...] = tuple(("status", value) for value in STATUSES_STANDING)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with the list of its instruments."""

    name: str
    url: str
    count: int
    list_url: str


@dataclass(frozen=True, slots=True)
class PlatformBlock:
    """A platform with its units; the name is '' for units outside a platform."""

    name: str
    url: str | None
    count: int
    list_url: str | None
    units: Sequence[UnitRow]


def stats(figures: ParkFigures) -> list[Stat]:
    """Return the figures this viewer may see, each with the address of the list it counts."""
    found = [_standing(figures)]
    if figures.worth is not None:
        found.append(_worth(figures.worth))
    found.append(_support(figures))
    if figures.reviews_due is not None:
        due = figures.reviews_due
        found.append(
            Stat(
                _("Reviews due"),
                plain_figure(due),
                _park(OWN, ("review_due_on.max", figures.today.isoformat()), *_columns("review_due_on")),
                note=_("instruments whose content is to be checked") if due else _("nothing is overdue"),
                tone="warn" if due else None,
            )
        )
    return found


def public_stats(shown: Shown) -> list[Stat]:
    """Return the figures a visitor sees, each with its list; those that are nothing are left out."""
    counted = (
        (_("Platforms"), len(shown.platforms), reverse("programme:platforms")),
        (_("Units"), shown.unit_count, reverse("programme:units")),
        (_("Instruments"), shown.instrument_count, reverse("instruments:park")),
    )
    return [Stat(label, plain_figure(count), url) for label, count, url in counted if count]


def _standing(figures: ParkFigures) -> Stat:
    note = _("of %(total)s, with planned and decommissioned ones") % {"total": plain_figure(figures.total)}
    if figures.unsaid:
        note = ngettext(
            "%(n)s of them without a status", "%(n)s of them without a status", figures.unsaid
        ) % {"n": plain_figure(figures.unsaid)}
    elif figures.total == figures.standing:
        note = ""
    return Stat(_("Instruments"), plain_figure(figures.standing), _park(OWN, *STANDS), note=note)


def _worth(worth: Worth) -> Stat:
    """Say the value in the base currency, the others beside it, and how many instruments it leaves out."""
    totals = worth.ordered(settings.DEFAULT_CURRENCY)
    notes = [rounded_money(minor, code) for code, minor in totals[1:]]
    if notes:
        notes = [_("and %(amounts)s") % {"amounts": ", ".join(notes)}]
    elif totals and rounded_money(totals[0][1], totals[0][0]) != format_money(totals[0][1], totals[0][0]):
        notes = [format_money(totals[0][1], totals[0][0])]
    if worth.unpriced:
        share = {"n": plain_figure(worth.unpriced), "total": plain_figure(worth.countable)}
        notes.append(_("%(n)s of %(total)s have no price") % share)
    return Stat(
        _("Replacement value of your units") if worth.is_partial else _("Replacement value"),
        rounded_money(totals[0][1], totals[0][0]) if totals else "",
        _park(OWN, *STANDS, ("sort", "-replacement_price"), *_columns("replacement_price")),
        note="; ".join(notes),
    )


def _support(figures: ParkFigures) -> Stat:
    bounds = (
        ("end_of_support_on.min", figures.today.isoformat()),
        ("end_of_support_on.max", figures.until.isoformat()),
    )
    ended = figures.support_ended
    return Stat(
        _("Support ends within 12 months"),
        plain_figure(figures.support_ending),
        _park(OWN, *STANDS, *bounds, ("sort", "end_of_support_on")),
        note=_("%(n)s more are past it already") % {"n": plain_figure(ended)} if ended else "",
        tone="warn" if figures.support_ending else None,
    )


def charts(figures: ParkFigures) -> list[Chart]:
    """Draw age and status of the park; every bar opens its list."""
    this_year = figures.today.year
    ages: list[Bar] = [
        (_age_label(low, high), count, _park(OWN, *STANDS, *_years(this_year, low, high)))
        for low, high, count in by_age(figures.years, this_year=this_year)
    ]
    unknown = figures.years.get(None, 0)
    note = _("%(n)s without a known year are not drawn.") % {"n": unknown} if unknown else ""
    parts: list[Bar] = [
        (option.label or _("not given"), option.count, _park(OWN, ("status", option.value)))
        for option in figures.statuses
    ]
    return [
        columns_chart(_("Age in years"), ages, _("instruments"), note=note),
        stacked_bar(_("Status"), parts, _("instruments")),
    ]


def _age_label(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"{low}\u2013{high}"


def _years(this_year: int, low: int, high: int | None) -> Iterable[Pair]:
    """Return the bounds of the years in which instruments of that age came; the youngest class is open."""
    if low > AGES[0]:
        yield "year.max", str(this_year - low)
    if high is not None:
        yield "year.min", str(this_year - high)


def platform_blocks(lines: Sequence[UnitLine]) -> list[PlatformBlock]:
    """Return the units under their platforms, with the number of instruments of each."""
    blocks = []
    for (uid, name), under in groupby(lines, key=lambda line: (line.platform_uid, line.platform)):
        units = [
            UnitRow(
                line.name,
                reverse("programme:unit", args=[line.uid]),
                line.count,
                _park(OWN, *STANDS, ("unit", str(line.uid))),
            )
            for line in under
        ]
        blocks.append(
            PlatformBlock(
                name=name,
                url=reverse("programme:platform", args=[uid]) if uid else None,
                count=sum(unit.count for unit in units),
                list_url=_park(OWN, *STANDS, ("platform", str(uid))) if uid else None,
                units=units,
            )
        )
    return blocks


def steps(start: Start, organisation: UUID | None) -> list[Step]:
    """Return the path from an empty node to a shared machine park; the first step not done is the next."""
    edit = reverse("programme:organisation-edit", args=[organisation]) if organisation else None
    wanted = [
        (_("Your organisation"), _("Name, ROR, country, website and mission."), edit, _("Edit")),
        (
            _("Import your machine park"),
            _("Bring the sheet you already keep. You see what it would do before anything is stored."),
            reverse("intake:sources"),
            _("Import a sheet"),
        ),
        (
            _("Look at it"),
            _("Sort, narrow, correct; what you correct by hand survives the next import."),
            reverse("instruments:park"),
            _("Open the machine park"),
        ),
        (
            _("Invite people"),
            _("Heads see and edit their own unit, readers see all but prices and internal notes."),
            reverse("accounts:people"),
            _("People"),
        ),
        (
            _("Decide what to share"),
            _("Nothing leaves your organisation until you say so."),
            reverse("records:policy"),
            _("Sharing policy"),
        ),
    ]
    following = start.done.index(False) if False in start.done else None
    return [
        Step(title, text, url, action, is_done=is_done, is_current=place == following)
        for place, ((title, text, url, action), is_done) in enumerate(zip(wanted, start.done, strict=True))
    ]


def _columns(*keys: str) -> list[Pair]:
    """Ask for name, unit and these columns."""
    return [("columns", key) for key in ("name", "unit", *keys)]


def _park(*pairs: Pair) -> str:
    """Return the address of the machine park narrowed so."""
    return f"{reverse('instruments:park')}?{urlencode(pairs)}"
