"""Pictures of what service events come to: days down, and costs per year for each currency and VAT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain

from django.utils.translation import gettext as _

from parkbench.lib.money import format_money, minor_digits
from parkbench.servicing.queries import words
from parkbench.servicing.rules import TENTHS_A_DAY, Purse, Sums, total
from parkbench.ui.charts import Chart, ChartRow, columns_chart

YEARS = 6
"""So many years stand in a picture; the list and the figures have all of them."""
THOUSANDS = 100_000
"""From this amount on columns bear thousands, so that their figures fit; the table has the whole amounts."""
Address = Callable[[int], str]


def days_chart(years: Mapping[int, Sums], address: Address) -> tuple[Chart, str] | None:
    """Draw the days down of the last years and say what the picture leaves out; None for less than two years.

    A year of whose events nobody said how long has no column: that is not known, not nothing.
    """
    shown = sorted(years)[-YEARS:]
    bars = [
        (str(year), years[year].down / TENTHS_A_DAY, address(year)) for year in shown if years[year].known
    ]
    if len(bars) < 2:
        return None
    note = words.down_note(total(years[year] for year in shown))
    return columns_chart(_("Days down per year"), bars, _("days"), note=note), note


def cost_charts(years: Mapping[int, Sums], address: Address) -> list[Chart]:
    """Draw the costs of the last years, a picture for each currency and VAT; none for less than two years.

    A year without an amount in that currency and VAT has no column. What has no cost, or one that is not
    shared, stands in the description of each picture.
    """
    shown = sorted(years)[-YEARS:]
    if len(shown) < 2:
        return []
    note = words.costs_note(total(years[year] for year in shown))
    purses = sorted(set(chain.from_iterable(years[year].costs for year in shown)))
    return [_of_purse(purse, {year: years[year] for year in shown}, address, note) for purse in purses]


def _of_purse(purse: Purse, years: Mapping[int, Sums], address: Address, note: str) -> Chart:
    code, vat = purse
    told = {year: sums.costs[purse] for year, sums in years.items() if purse in sums.costs}
    scale = 10 ** minor_digits(code)
    is_large = max(told.values()) >= THOUSANDS * scale
    divisor = scale * (1_000 if is_large else 1)
    title = _("Costs per year in %(currency)s, %(vat)s") % {"currency": code, "vat": words.vat_of(vat)}
    bars = [(str(year), minor / divisor, address(year)) for year, minor in told.items()]
    unit = _("thousand %(currency)s") % {"currency": code} if is_large else code
    drawn = columns_chart(title, bars, unit, note=note)
    rows = tuple(
        ChartRow(str(year), format_money(minor, code), address(year)) for year, minor in told.items()
    )
    return replace(drawn, rows=rows, unit=unit)
