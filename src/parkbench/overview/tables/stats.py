"""The figures of a part of the organisation as large figures with their lists, and as charts."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbench.figures.queries.panels import hours_text
from parkbench.instruments.queries.columns import NO_YEARS
from parkbench.lib.money import format_money
from parkbench.overview.queries import ParkFigures
from parkbench.overview.queries.overview import Overview
from parkbench.overview.queries.part import Part
from parkbench.overview.queries.rooms import Down, Reviews, UseOfPart
from parkbench.overview.rules import AGES, Worth, by_age, rounded_money
from parkbench.overview.tables.links import OWN, STANDS, Pair, columns, listed, park_url
from parkbench.servicing.queries import words
from parkbench.ui.charts import Bar, Chart, columns_chart, plain_figure, stacked_bar
from parkbench.ui.parts import Fact, Stat, sentence_with_link

ENDING = {
    "end_of_support_on": gettext_lazy("Support ends within 12 months"),
    "keep_until_on": gettext_lazy("Funders’ conditions end within 12 months"),
    "insured_until_on": gettext_lazy("Insurance ends within 12 months"),
}


def stats(seen: Overview) -> list[Stat]:
    """Return the figures this viewer may see, each with the address of the list it counts."""
    figures = seen.figures
    found = [_standing(figures)]
    if figures.worth is not None:
        found.append(_worth(figures, figures.worth))
    found.append(_down(seen.down, figures.part))
    found += [_end(figures, key) for key in figures.ends]
    if review := _reviews(seen.reviews, figures):
        found.append(review)
    found.append(_use(seen.use, figures.part))
    return found


def _standing(figures: ParkFigures) -> Stat:
    note = _("of %(total)s, with planned and decommissioned ones") % {"total": plain_figure(figures.total)}
    if figures.unsaid:
        note = ngettext(
            "%(n)s of them without a status", "%(n)s of them without a status", figures.unsaid
        ) % {"n": plain_figure(figures.unsaid)}
    elif figures.total == figures.standing:
        note = ""
    return Stat(_("Instruments"), plain_figure(figures.standing), park_url(figures.part, *STANDS), note=note)


def _worth(figures: ParkFigures, worth: Worth) -> Stat:
    """Say the value in the base currency, the others beside it, what is assumed and what it leaves out."""
    totals = worth.ordered(settings.DEFAULT_CURRENCY)
    notes = [rounded_money(minor, code) for code, minor in totals[1:]]
    if notes:
        notes = [_("and %(amounts)s") % {"amounts": ", ".join(notes)}]
    elif (
        totals
        and not worth.assumed
        and rounded_money(totals[0][1], totals[0][0]) != format_money(totals[0][1], totals[0][0])
    ):
        notes = [format_money(totals[0][1], totals[0][0])]
    notes += [assumed_words(worth, code, is_only=len(totals) == 1) for code in worth.assumed]
    if worth.unpriced:
        share = {"n": plain_figure(worth.unpriced), "total": plain_figure(worth.countable)}
        notes.append(_("%(n)s of %(total)s have no price at all") % share)
    is_narrower = worth.is_partial and (figures.part.is_whole or figures.priced_part != figures.part)
    return Stat(
        _("Replacement value of your units") if is_narrower else _("Replacement value"),
        rounded_money(totals[0][1], totals[0][0]) if totals else "",
        park_url(
            figures.priced_part,
            *STANDS,
            ("sort", "-replacement_price"),
            *columns("replacement_price", "purchase_price", "purchase_year"),
        ),
        note="; ".join(notes),
    )


def assumed_words(worth: Worth, code: str, *, is_only: bool) -> str:
    """Say which share of the total of a currency rests on purchase prices."""
    share = worth.share_assumed(code)
    words = {"share": f"{share} %" if share else _("less than 1 %"), "currency": code}
    if is_only:
        return _("%(share)s of it assumed from purchase prices") % words
    return _("%(share)s of %(currency)s assumed from purchase prices") % words


def price_facts(figures: ParkFigures) -> list[Fact]:
    """Say on how many prices the value rests, each number with its list; nothing for who sees no price."""
    worth = figures.worth
    if worth is None:
        return []
    without: tuple[Pair, ...] = (*STANDS, ("replacement_price.empty", "1"))
    bought: tuple[Pair, ...] = (*without, ("purchase_price.empty", "0"))
    asked: list[tuple[str, int, tuple[Pair, ...]]] = [
        (_("With a replacement price"), worth.priced, (*STANDS, ("replacement_price.empty", "0"))),
        (
            _("Assumed from price and year of purchase, 2.5 % a year"),
            worth.guessed,
            (*bought, ("purchase_year.empty", "0")),
        ),
        (
            _("Purchase price without its year: left out"),
            worth.undated,
            (*bought, ("purchase_year.empty", "1")),
        ),
        (_("No price at all: left out"), worth.unpriced, (*without, ("purchase_price.empty", "1"))),
    ]
    shown = columns("replacement_price", "purchase_price", "purchase_year")
    return [
        Fact(label, plain_figure(count), park_url(figures.priced_part, *pairs, *shown))
        for label, count, pairs in asked
        if count
    ]


def _down(down: Down, part: Part) -> Stat:
    notes = []
    if down.events:
        longest = down.events[0]
        since = {"day": date_format(longest.since, "j F Y"), "days": words.days(longest.down)}
        notes.append(_("the longest since %(day)s, %(days)s") % since)
    if down.costs:
        notes.append(_("so far %(costs)s") % {"costs": words.costs(down.costs)})
    if missing := down.countable - down.priced:
        notes.append(_("no cost given for %(n)s") % {"n": plain_figure(missing)})
    return Stat(
        _("Down now"),
        plain_figure(len(down.events)),
        down_url(part),
        note="; ".join(notes),
        tone="warn" if down.events else None,
    )


def down_url(part: Part) -> str:
    """Return where all that is down in a part is listed: of several units on the overview itself."""
    if part.is_whole or part.one:
        pairs = (("open", "1"), OWN, *(part.pairs if part.one else ()), ("sort", "date"))
        return listed("servicing:events", *pairs)
    return f"{listed('overview:home', ('of', part.of))}#down"


def _end(figures: ParkFigures, key: str) -> Stat:
    found, bounds = figures.ends[key], end_pairs(figures, key)
    return Stat(
        str(ENDING[key]),
        plain_figure(found.ending),
        park_url(figures.part, *STANDS, *bounds, ("sort", key), *columns(key)),
        note=_("%(n)s more are past it already") % {"n": plain_figure(found.ended)} if found.ended else "",
        tone="warn" if found.ending else None,
    )


def end_pairs(figures: ParkFigures, key: str) -> tuple[Pair, Pair]:
    """Return the bounds of the twelve months to come."""
    return (f"{key}.min", figures.today.isoformat()), (f"{key}.max", figures.until.isoformat())


def _reviews(reviews: Reviews | None, figures: ParkFigures) -> Stat | None:
    """Return the reviews that are due: of all kinds of record where these are listed, else of instruments."""
    if reviews is not None:
        labels = {"mine": _("what you answer for"), "units": _("in your units"), "everything": ""}
        place: tuple[Pair, ...] = (("place", str(reviews.place)),) if reviews.place else ()
        due = reviews.count
        url = listed("stewardship:reviews", ("who", reviews.who), ("when", "overdue"), *place)
        note = "" if place else labels[reviews.who]
    elif figures.reviews_due is not None:
        due, note = figures.reviews_due, _("instruments")
        bound = ("review_due_on.max", figures.today.isoformat())
        url = park_url(figures.part, bound, *columns("review_due_on"))
    else:
        return None
    note = note if due else _("nothing is overdue")
    return Stat(_("Reviews due"), plain_figure(due), url, note=note, tone="warn" if due else None)


def _use(use: UseOfPart, part: Part) -> Stat:
    months, known = len(use.use.months), use.use.months_known()
    note = ""
    if known < months:
        note = _("not known for %(n)s of %(all)s months") % {"n": months - known, "all": months}
    url = listed("figures:list", *([part.one] if part.one else ()))
    return Stat(_("Hours used in 24 months"), hours_text(use.use.total("used")), url, note=note)


def charts(figures: ParkFigures) -> list[Chart]:
    """Draw age and status of the park; every bar opens its list."""
    this_year = figures.today.year
    ages: list[Bar] = [
        (_age_label(low, high), count, park_url(figures.part, *STANDS, *_years(this_year, low, high)))
        for low, high, count in by_age(figures.years, this_year=this_year)
    ]
    unknown = figures.years.get(None, 0)
    note = _("%(n)s without a known year are not drawn.") % {"n": unknown} if unknown else ""
    without = park_url(figures.part, *STANDS, ("year.empty", "1"))
    instead = sentence_with_link(str(NO_YEARS), without, _("Instruments without a year"))
    parts: list[Bar] = [
        (option.label or _("not given"), option.count, park_url(figures.part, ("status", option.value)))
        for option in figures.statuses
    ]
    return [
        columns_chart(_("Age in years"), ages, _("instruments"), note=note, instead=instead),
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
