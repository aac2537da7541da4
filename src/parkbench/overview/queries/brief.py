"""What the brief tells: the overview of a part, and the few records that a director asks about by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from parkbench.instruments.queries.columns import BY_KEY, currency_expression, expression
from parkbench.instruments.queries.conditions import Condition, park
from parkbench.overview.queries.overview import Overview, overview
from parkbench.overview.queries.park import STANDING, ParkFigures, of_part
from parkbench.overview.queries.part import Part
from parkbench.overview.queries.rooms import overdue
from parkbench.programme.models import Organisation, Platform, Unit
from parkbench.records.models import OWN
from parkbench.records.queries import own_home
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.reviews import ReviewLine

MOST_ENDS, MOST_REVIEWS, MOST_VALUES, MOST_DOWN = 11, 8, 8, 12
"""Lines of each table: as many as two pages hold."""


@dataclass(frozen=True, slots=True)
class EndLine:
    """An instrument of which something ends: what (a key of `park.ENDS`) and when."""

    name: str
    unit: str
    key: str
    on: date


@dataclass(frozen=True, slots=True)
class ValueLine:
    """An instrument with its replacement price in minor units."""

    name: str
    unit: str
    price: int
    currency: str
    year: str


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the two pages tell; ``values`` are in one currency, that of the headline."""

    seen: Overview
    organisation: str
    node: str
    is_sample: bool
    steward: str
    viewer_name: str
    made_at: datetime
    ends: Sequence[EndLine]
    reviews: Sequence[ReviewLine]
    values: Sequence[ValueLine]

    @property
    def part(self) -> Part:
        """The part of the organisation that it is about."""
        return self.seen.parts.shown


def brief(*, viewer: Viewer, of: str = "", now: datetime) -> Brief:
    """Return the brief about a part of the organisation as far as this viewer may see it.

    The queries of the overview and at most nine more, whatever the size. Raises NotFound for a unit or
    platform that is not here or not theirs to see.
    """
    seen = overview(viewer=viewer, of=of, now=now)
    part, figures = seen.parts.shown, seen.figures
    home = own_home()
    name, steward = _answers(viewer, part)
    return Brief(
        seen=seen,
        organisation=name or home.name,
        node=home.name,
        is_sample=home.is_sample,
        steward=steward,
        viewer_name=viewer.person.name if viewer.person else "",
        made_at=now,
        ends=_ends(viewer, figures),
        reviews=overdue(viewer=viewer, parts=seen.parts, today=figures.today, most=MOST_REVIEWS),
        values=_values(viewer, figures),
    )


def _answers(viewer: Viewer, part: Part) -> tuple[str, str]:
    """Return the organisation's name, and who answers for the content of what the brief is about."""
    organisation: Any = Organisation.objects.visible(viewer).own().select_related("steward").first()
    about = organisation
    if part.one:
        key, uid = part.one
        model: Any = {"unit": Unit, "platform": Platform}[key]
        about = model.objects.visible(viewer).filter(home_id=OWN, uid=uid).select_related("steward").first()
    steward = about.steward.name if about is not None and about.steward else ""
    return (organisation.name if organisation else ""), steward


def _ends(viewer: Viewer, figures: ParkFigures) -> list[EndLine]:
    """Return what ends first in the twelve months to come; a query per sort of end."""
    found = []
    for key in figures.ends:
        within = Condition(key, least=figures.today.isoformat(), most=figures.until.isoformat())
        wanted = of_part(STANDING, figures.part)
        rows = park(viewer, wanted).filter(pk__in=park(viewer, _with(wanted, within)).values("pk"))
        rows = rows.annotate(on=expression(BY_KEY[key], viewer), unit_seen=expression(BY_KEY["unit"], viewer))
        lines = rows.order_by("on", "name", "pk").values_list("name", "unit_seen", "on")[:MOST_ENDS]
        found += [EndLine(name, unit or "", key, on) for name, unit, on in lines]
    return sorted(found, key=lambda line: (line.on, line.name))[:MOST_ENDS]


def _with(wanted: Any, condition: Condition) -> Any:
    return type(wanted)(conditions=(*wanted.conditions, condition), home=wanted.home, within=wanted.within)


def _values(viewer: Viewer, figures: ParkFigures) -> list[ValueLine]:
    """Return what costs most to replace, in the currency of the headline; one query or none."""
    if figures.worth is None or not figures.worth.totals:
        return []
    currency = figures.worth.ordered(settings.DEFAULT_CURRENCY)[0][0]
    column = BY_KEY["replacement_price"]
    rows = park(viewer, of_part(STANDING, figures.priced_part)).annotate(
        price=expression(column, viewer),
        code=currency_expression(column, viewer),
        unit_seen=expression(BY_KEY["unit"], viewer),
        first_year=expression(BY_KEY["year"], viewer),
    )
    rows = rows.filter(code=currency, price__isnull=False).order_by("-price", "name", "pk")
    lines = rows.values_list("name", "unit_seen", "price", "first_year")[:MOST_VALUES]
    return [ValueLine(name, unit or "", price, currency, year or "") for name, unit, price, year in lines]
