"""What service events tell on pages of rooms below: of an instrument, a unit, a platform, a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from parkbench.lib.errors import NotFound
from parkbench.records.models import OURS, home_of
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, may_edit
from parkbench.servicing.queries import words
from parkbench.servicing.queries.charts import YEARS, cost_charts, days_chart
from parkbench.servicing.queries.figures import summed
from parkbench.servicing.queries.listing import Wanted, listed
from parkbench.servicing.queries.rows import KIND, countable, events, instrument_of, may_add, may_see
from parkbench.servicing.rules import Happening, Sums, as_days, days_so_far
from parkbench.ui.lists import Action
from parkbench.ui.slots import Panel

LAST = 5
TONES = {Happening.FAILURE.value: "bad", Happening.PREVENTIVE.value: "good"}


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of a panel: how often, for how long, at what cost, and what of that is not known."""

    year: int
    url: str
    events: int
    down: str
    down_note: str
    costs: str
    costs_note: str
    each: str = ""
    instruments: int = 0


def actions_of_instrument(*, row: Any, viewer: Viewer) -> list[Action]:
    """Return the one tap that begins noting what happened, for who may."""
    if not may_add(instrument=row, viewer=viewer):
        return []
    return [Action(_("Something happened"), reverse("servicing:event-add", args=[row.uid]))]


def of_instrument(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what happened to an instrument: is it down, the last events, each year; two queries."""
    try:
        instrument = instrument_of(uid=_uid(ids[0]), viewer=viewer)
    except NotFound:
        return None
    is_adding = may_add(instrument=instrument, viewer=viewer)
    home = home_of(instrument)
    shown = Case(When(countable(viewer), then=Value(True)), default=Value(False))
    rows = events(viewer, home).filter(instrument_id=instrument.pk).annotate(shows_cost=shown)
    found = list(rows.order_by("-happened_on", "-pk"))
    if not found and not is_adding:
        return None
    for row in found:
        row.instrument = instrument  # its unit and platform are loaded: no look-up per event
    years = _years_of(found)
    narrowed = {"instrument": str(instrument.uid), **({} if home == OURS else {"home": home})}
    context = {
        "down": [_opened(row, viewer) for row in found if row.still_down],
        "last": [_line(row) for row in found[:LAST]],
        "years": _lines(years, narrowed),
        **_charts(years, narrowed),
        "has_costs": any(row.shows_cost for row in found),
        "add_url": reverse("servicing:event-add", args=[instrument.uid]) if is_adding else "",
        "count": len(found),
        "list_url": _list_url(narrowed),
    }
    return Panel(_("Service"), "servicing/instrument_panel.html", context)


def in_unit(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what is down in a unit, and what its service events come to per year; two queries."""
    return _place("unit", ids[0], viewer)


def on_platform(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what is down on a platform, and what its service events come to per year; two queries."""
    return _place("platform", ids[0], viewer)


def of_model(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what it costs to keep a make and model, per instrument and year; one query, own records only."""
    rows = listed(viewer, Wanted(model=_uid(ids[0])))
    found = summed(rows, ("in_year", "instrument_uid"), viewer=viewer)
    if not found:
        return None
    years: dict[int, Sums] = {}
    instruments: dict[int, int] = {}
    for (year, _instrument), sums in found.items():
        years[year] = years.get(year, Sums()) + sums
        instruments[year] = instruments.get(year, 0) + 1
    narrowed = {"model": str(_uid(ids[0])), "home": "own"}
    context = {
        "years": _lines(years, narrowed, instruments),
        "cost_charts": _charts(years, narrowed)["cost_charts"],
        "count": len({instrument for _year, instrument in found}),
        "has_costs": may_see("economics", viewer),
        "list_url": _list_url(narrowed),
        "figures_url": f"{reverse('servicing:figures')}?{urlencode({**narrowed, 'by': 'instrument'})}",
    }
    return Panel(_("What it costs to keep"), "servicing/model_panel.html", context)


def _place(key: str, uid: str, viewer: Viewer) -> Panel | None:
    wanted = Wanted(**{key: _uid(uid)})  # type: ignore[arg-type]
    rows = listed(viewer, wanted)
    years = {year: sums for (year,), sums in summed(rows, ("in_year",), viewer=viewer).items()}
    if not years:
        return None
    narrowed = {key: str(_uid(uid)), "home": "own"}
    has_open = any(sums.open for sums in years.values())
    opened = rows.open().order_by("happened_on", "pk")[:LAST] if has_open else ()  # type: ignore[attr-defined]
    context = {
        "down": [_opened(row, viewer, is_here=False) for row in opened],
        "down_count": sum(sums.open for sums in years.values()),
        "down_url": _list_url({**narrowed, "open": "1"}),
        "years": _lines(years, narrowed),
        **_charts(years, narrowed),
        "has_costs": may_see("economics", viewer),
        "list_url": _list_url(narrowed),
        "figures_url": f"{reverse('servicing:figures')}?{urlencode({**narrowed, 'by': 'instrument'})}",
    }
    return Panel(_("Service"), "servicing/place_panel.html", context)


def _opened(row: Any, viewer: Viewer, *, is_here: bool = True) -> dict[str, Any]:
    """Say of an event that still lasts since when, for how long, what it cost so far; and who may end it."""
    is_mine = is_here and may_edit(kind_of(KIND), row, viewer)
    return {
        "row": row,
        "so_far": words.days(days_so_far(row.happened_on, timezone.localdate())),
        "cost": cost_of(row),
        "up_url": reverse("servicing:event-up-again", args=[row.uid]) if is_mine else "",
    }


def cost_of(row: Any) -> str:
    """Return the cost of an event as far as the viewer sees it, '' when there is none."""
    if row.cost_seen is None:
        return ""
    return words.amount(row.cost_seen, row.currency_seen, row.vat_seen or "")


def _line(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "kind": row.get_event_kind_display(),
        "tone": TONES.get(row.event_kind, "info"),
        "down": "" if row.days_down is None else as_days(row.days_down),
        "cost": cost_of(row),
    }


def _years_of(rows: Sequence[Any]) -> dict[int, Sums]:
    """Return year > what these events come to, for events already read."""
    years: dict[int, Sums] = {}
    today = timezone.localdate()
    for row in rows:
        known = row.still_down or row.days_down is not None
        priced = row.cost_seen is not None
        part = Sums(
            events=1,
            failures=row.event_kind == Happening.FAILURE.value,
            down=days_so_far(row.happened_on, today) if row.still_down else row.days_down or 0,
            known=int(known),
            open=int(row.still_down),
            costs={(row.currency_seen, row.vat_seen or ""): row.cost_seen} if priced else {},
            priced=int(priced),
            countable=int(row.shows_cost),
        )
        years[row.happened_on.year] = years.get(row.happened_on.year, Sums()) + part
    return years


def _lines(
    years: Mapping[int, Sums], narrowed: Mapping[str, str], instruments: Mapping[int, int] | None = None
) -> list[YearLine]:
    """Return the last years, newest first; with numbers of instruments also what each of them comes to."""
    return [
        YearLine(
            year=year,
            url=_list_url({**narrowed, "year": str(year)}),
            events=sums.events,
            down=words.down(sums),
            down_note=words.down_note(sums),
            costs=words.costs(sums.costs),
            costs_note=words.costs_note(sums),
            each=_each(sums, instruments[year]) if instruments else "",
            instruments=instruments[year] if instruments else 0,
        )
        for year, sums in sorted(years.items(), reverse=True)[:YEARS]
    ]


def _each(sums: Sums, instruments: int) -> str:
    """Return days down and costs divided by the instruments that something happened to."""
    parts = [words.days((sums.down + instruments // 2) // instruments)] if sums.known else []
    shares = {purse: (minor + instruments // 2) // instruments for purse, minor in sums.costs.items()}
    return ", ".join([*parts, *([words.costs(shares)] if shares else [])])


def _charts(years: Mapping[int, Sums], narrowed: Mapping[str, str]) -> dict[str, Any]:
    """Return the pictures of days down and of costs; each column opens the events of its year."""

    def address(year: int) -> str:
        return _list_url({**narrowed, "year": str(year)})

    return {"chart": days_chart(years, address), "cost_charts": cost_charts(years, address)}


def _list_url(narrowed: Mapping[str, str]) -> str:
    return f"{reverse('servicing:events')}?{urlencode(narrowed)}"


def _uid(text: str) -> UUID:
    """Read an id that stands alone or at the end of a record id."""
    return UUID(text.rpartition("/")[2])
