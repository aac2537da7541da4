"""The brief as data for its layout: every text is a value there, never markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.figures.queries.panels import chart as use_chart
from parkbench.lib.money import format_money
from parkbench.overview.queries.brief import MOST_DOWN, Brief
from parkbench.overview.tables.pages import down_lines, heading, use_unknown
from parkbench.overview.tables.stats import charts, stats
from parkbench.ui.charts import ChartRow, plain_figure

LONGEST = 60
"""Signs of a cell; what is longer is cut, so that a line stays a line."""
ENDS = {
    "end_of_support_on": gettext_lazy("support"),
    "keep_until_on": gettext_lazy("funders’ conditions"),
    "insured_until_on": gettext_lazy("insurance"),
}
STYLE = (
    "text{font-family:'Libertinus Serif';font-size:14px;fill:#1d2329}"
    ".chart-label,.chart-value,.chart-inside{text-anchor:middle}.chart-amount{text-anchor:end}"
    ".chart-bar{fill:#2f5d8a}.chart-track{fill:#e8ebee}.chart-hit{fill:none}.chart-axis{stroke:#8a949e}"
    ".chart-plate{fill:#fff;fill-opacity:.92}.chart-stroke{stroke:#fff;stroke-width:1.6;fill:none}"
    ".chart-mark{stroke:#1d2329;stroke-width:2}"
    ".series-0{fill:#2f5d8a}.series-1{fill:#b5651d}.series-2{fill:#3f7d4e}.series-3{fill:#7a4f8f}"
    ".series-4{fill:#8c8c2a}.series-5{fill:#a3324a}.series-6{fill:#3b7f8c}.series-7{fill:#666d75}"
)
_SVG = re.compile(r"<svg\b([^>]*)>", re.DOTALL)


def plain(text: Any, most: int = LONGEST) -> str:
    """Return a text as one line of at most so many signs, without signs that cannot be printed."""
    line = " ".join("".join(sign if _is_printed(sign) else " " for sign in str(text)).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _is_printed(sign: str) -> bool:
    """Tell control signs, lone surrogates and marks that turn the direction from what is printed."""
    return unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn") and sign not in TURNING


TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing, by which a name could say something else than it holds."""


def picture(svg: str) -> str:
    """Return a chart as a picture that stands alone: with its name space and its own colours."""
    named = r'<svg xmlns="http://www.w3.org/2000/svg"\1><style>' + STYLE + "</style>"
    return _SVG.sub(named, svg, count=1)


def document(told: Brief) -> dict[str, Any]:
    """Return everything the layout draws; nothing but texts, numbers of tables and pictures."""
    seen, part = told.seen, told.part
    made = timezone.localtime(told.made_at)
    return {
        "language": (translation.get_language() or "en").split("-")[0],
        "organisation": plain(told.organisation, 90),
        "title": plain(_("Machine park: %(what)s") % {"what": _about(told)}, 90),
        "made": date_format(made, "j F Y"),
        "head": [
            [_("Date"), date_format(made, "j F Y")],
            [_("Content responsible"), plain(told.steward) or _("nobody yet")],
            [_("Made for"), _("as far as %(name)s may see") % {"name": plain(told.viewer_name) or "—"}],
        ],
        "sample": _("Sample data: nothing here is real.") if told.is_sample else "",
        "foot": plain(told.node, 90),
        "page": _("page"),
        "stats": [
            {"label": plain(stat.label), "value": plain(stat.value) or "—", "note": plain(stat.note, 150)}
            for stat in stats(seen)
        ],
        "charts": [
            {"title": chart.title, "svg": picture(chart.svg), "legend": _legend(chart.legend)}
            for chart in charts(seen.figures)
            if not chart.is_empty
        ],
        "down": _down(told),
        "ends": _ends(told),
        "reviews": _reviews(told),
        "values": _values(told),
        "use": _use(told),
        "is_whole": part.is_whole,
    }


def _about(told: Brief) -> str:
    part = told.part
    if part.is_whole:
        return _("the whole organisation")
    return part.name or ", ".join(line.name for line in told.seen.figures.units) or heading(part)


def _legend(legend: Iterable[tuple[Any, ChartRow]]) -> list[dict[str, str]]:
    return [
        {"svg": picture(swatch), "label": plain(row.label, 40), "value": row.value} for swatch, row in legend
    ]


def _table(title: str, heads: Sequence[str], rows: list[list[str]], *, of: int, empty: str) -> dict[str, Any]:
    """Describe a table; ``of`` is how many lines there would be, so that the rest is said."""
    rest = max(of - len(rows), 0)
    more = _("and %(n)s more") % {"n": plain_figure(rest)} if rest else ""
    # No-break spaces: a cell is cut at its edge, never at the end of a line that nobody sees the rest of.
    cells = [[plain(cell).replace(" ", "\u00a0") for cell in row] for row in rows]
    return {"title": title, "heads": list(heads), "rows": cells, "more": more, "empty": "" if rows else empty}


def _down(told: Brief) -> dict[str, Any]:
    rows = [
        [line["name"], line["unit"], date_format(line["since"], "j M Y"), line["days"], line["cost"] or "—"]
        for line in down_lines(told.seen, MOST_DOWN)
    ]
    heads = (_("Instrument"), _("Unit"), _("Since"), _("For"), _("Cost so far"))
    count = len(told.seen.down.events)
    return _table(_("Down now"), heads, rows, of=count, empty=_("Nothing is down."))


def _ends(told: Brief) -> dict[str, Any]:
    rows = [[date_format(line.on, "j M Y"), str(ENDS[line.key]), line.name, line.unit] for line in told.ends]
    count = sum(end.ending for end in told.seen.figures.ends.values())
    heads = (_("On"), _("What ends"), _("Instrument"), _("Unit"))
    return _table(_("Ends within 12 months"), heads, rows, of=count, empty=_("Nothing known ends."))


def _reviews(told: Brief) -> dict[str, Any] | None:
    due = told.seen.reviews
    if due is None:
        return None
    rows = [
        [
            date_format(line.due, "j M Y") if line.due else "—",
            line.name,
            capfirst(str(line.kind.label)),
            line.place,
        ]
        for line in told.reviews
    ]
    heads = (_("Due"), _("Record"), _("Kind"), _("Lies in"))
    return _table(_("Reviews overdue"), heads, rows, of=due.count, empty=_("Nothing is overdue."))


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else "—"


def _values(told: Brief) -> dict[str, Any] | None:
    if told.seen.figures.worth is None:
        return None
    rows = [
        [line.name, line.unit, line.year or "—", format_money(line.price, line.currency)]
        for line in told.values
    ]
    heads = (_("Instrument"), _("Unit"), _("Year"), _("Replacement price"))
    title = _("Largest replacement prices")
    return _table(title, heads, rows, of=len(rows), empty=_("No replacement price is given."))


def _use(told: Brief) -> dict[str, Any]:
    use = told.seen.use.use
    drawn = use_chart(use) if use.is_known else None
    return {
        "title": _("Use in the last 24 months, hours"),
        "svg": picture(drawn.svg) if drawn else "",
        "legend": _legend(drawn.legend) if drawn else [],
        "note": use_unknown(told.seen.use),
    }
