"""What changed: the few lines of the first page, and the page of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.overview.queries.changes import (
    ADDED,
    CHANGED,
    DELETED,
    LATELY,
    MOST,
    RESTORED,
    SHARED,
    WHATS,
    Change,
    ChangesWish,
    Since,
    Told,
    counts,
    named,
    told,
    visit_of,
)
from parkbench.overview.tables.links import Pair, address
from parkbench.records.registry import kinds
from parkbench.records.visibility import Viewer
from parkbench.ui.charts import plain_figure
from parkbench.ui.lists import (
    Action,
    Cell,
    Chip,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
    Pager,
    page_numbers,
    wanted_numbers,
)
from parkbench.ui.parts import Fact

PER_PAGE = 50
WORDS = {
    ADDED: gettext_lazy("Added"),
    CHANGED: gettext_lazy("Changed"),
    DELETED: gettext_lazy("Deleted"),
    RESTORED: gettext_lazy("Restored"),
    SHARED: gettext_lazy("Sharing changed"),
}
PERIODS = {"visit": None, "week": timedelta(days=7), "month": timedelta(days=30), "year": timedelta(days=365)}
"""How far back the page goes, besides the last visit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: the wish, and which period it came from."""

    wish: ChangesWish
    period: str
    visit: datetime | None

    def to(self, **changes: Any) -> str:
        """Return the address with something asked for otherwise."""
        period = changes.pop("period", self.period)
        page = changes.pop("page", 0)
        wish = replace(self.wish, **changes)
        return url_of(wish, period=period, page=page)


def url_of(wish: ChangesWish, *, period: str = "visit", page: int = 0) -> str:
    """Return the address of the page of changes."""
    pairs: list[Pair] = [
        ("since", "" if period == "visit" else period),
        ("what", wish.what),
        ("kind", wish.kind),
        ("by", "import" if wish.is_import else ""),
        ("until", wish.until.isoformat() if wish.until else ""),
        ("page", str(page) if page > 1 else ""),
    ]
    return address(reverse("overview:changes"), pairs)


def facts(since: Since) -> list[Fact]:
    """Return how many changes there were of each sort, each with its list; by imports as far as counted."""
    wish = ChangesWish(since.since)
    found = [
        Fact(str(WORDS[what]), counted(count), url_of(replace(wish, what=what)))
        for what, count in since.counts.items()
        if count
    ]
    if since.imported:
        found.append(Fact(_("By imports"), counted(since.imported), url_of(replace(wish, is_import=True))))
    return found


def is_cut(every: Sequence[Told]) -> bool:
    """Tell whether there may be older changes than those looked through."""
    return sum(max(len(one.sections), 1) for one in every) >= MOST


def counted(count: int) -> str:
    """Return a number of changes; from where nobody looked further on only that there are more."""
    return plain_figure(count) if count < MOST else _("%(n)s or more") % {"n": plain_figure(MOST)}


def since_words(visit: datetime | None) -> str:
    """Return since when, in words."""
    if visit is None:
        return _("This is your first visit: here is what changed in the last 30 days.")
    local = timezone.localtime(visit)
    moment = {"day": date_format(local, "j F Y"), "clock": time_format(local, "H:i")}
    return _("Since your last visit, %(day)s, %(clock)s.") % moment


def asked_of(given: Mapping[str, str], *, viewer: Viewer, now: datetime | None = None) -> Asked:
    """Read what an address asks for; what cannot be understood narrows nothing. One query."""
    now = now or timezone.now()
    _seen, visit = visit_of(viewer=viewer, now=now)
    period = given.get("since", "") if given.get("since", "") in PERIODS else "visit"
    length = PERIODS[period]
    since = now - length if length else visit or now - LATELY
    what, kind = given.get("what", ""), given.get("kind", "")
    return Asked(
        ChangesWish(
            since=since,
            until=_moment(given.get("until", "")),
            what=what if what in WHATS else "",
            kind=kind if kind in {one.name for one in kinds()} else "",
            is_import=given.get("by") == "import",
        ),
        period,
        visit,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def changes_page(*, parameters: Mapping[str, str], viewer: Viewer) -> ListPage:
    """Describe the page of changes; five queries."""
    asked = asked_of(parameters, viewer=viewer)
    every = told(viewer=viewer, wish=replace(asked.wish, what=""))
    wanted = [one for one in every if asked.wish.what in ("", one.what)]
    pages = max(-(-len(wanted) // PER_PAGE), 1)
    number = parameters.get("page", "")[:6]
    page = min(max(int(number) if number.isascii() and number.isdigit() else 1, 1), pages)
    found = named(wanted[(page - 1) * PER_PAGE : page * PER_PAGE], viewer=viewer)
    facets = _facets(asked, counts(every))
    return ListPage(
        title=_("Changes"),
        intro=_intro(asked),
        columns=_columns(),
        rows=[_row(change) for change in found],
        pager=_pager(asked, page, pages, len(wanted), len(found)),
        url=reverse("overview:changes"),
        facets=facets,
        chips=[
            Chip(f"{facet.label}: {option.label}", option.url)
            for facet in facets
            for option in facet.options
            if option.is_on and option.value
        ],
        clear_url=reverse("overview:changes"),
        actions=_older(asked, found, is_cut=is_cut(every) and page == pages),
        empty=Empty(_("Nothing changed"), _("Nothing that you may see changed in this time.")),
    )


def _columns() -> list[ColumnHead]:
    heads = {"name": _("Record"), "kind": _("Kind"), "what": _("What"), "by": _("By"), "at": _("When")}
    return [ColumnHead(key, label) for key, label in heads.items()]


def _intro(asked: Asked) -> str:
    if asked.period == "visit":
        return since_words(asked.visit)
    words = {"week": _("The last 7 days."), "month": _("The last 30 days."), "year": _("The last 365 days.")}
    return words[asked.period]


def _facets(asked: Asked, number: Mapping[str, int]) -> list[Facet]:
    return [
        Facet("since", _("Since"), _periods(asked)),
        Facet("by", _("How"), _hows(asked)),
        Facet("what", _("What"), _whats(asked, number)),
        Facet("kind", _("Kind"), _kinds(asked)),
    ]


def _periods(asked: Asked) -> list[FacetOption]:
    labels = {"visit": _("My last visit"), "week": _("7 days"), "month": _("30 days"), "year": _("365 days")}
    found = []
    for period, label in labels.items():
        is_on = asked.period == period
        url = asked.to(period="visit" if is_on else period, until=None)
        found.append(FacetOption("" if period == "visit" else period, label, None, url, is_on))
    return found


def _hows(asked: Asked) -> list[FacetOption]:
    is_import = asked.wish.is_import
    return [
        FacetOption("", _("By hand"), None, asked.to(is_import=False), is_on=not is_import),
        FacetOption("import", _("By imports"), None, asked.to(is_import=not is_import), is_on=is_import),
    ]


def _whats(asked: Asked, number: Mapping[str, int]) -> list[FacetOption]:
    on = asked.wish.what
    return [
        FacetOption(what, str(WORDS[what]), count, asked.to(what="" if on == what else what), on == what)
        for what, count in number.items()
        if count or on == what
    ]


def _kinds(asked: Asked) -> list[FacetOption]:
    on = asked.wish.kind
    names = {kind.name: capfirst(str(kind.label)) for kind in kinds()}
    return [
        FacetOption(name, label, None, asked.to(kind="" if on == name else name), on == name)
        for name, label in names.items()
    ]


def said(change: Change) -> str:
    """Return what happened, with the parts that changed."""
    return str(WORDS[change.what]) + (f": {', '.join(change.parts)}" if change.parts else "")


def _row(change: Change) -> ListRow:
    local = timezone.localtime(change.at)
    moment = f"{date_format(local, 'j F Y')}, {time_format(local, 'H:i')}"
    cells = [
        Cell(change.name, url=change.url or None),
        Cell(change.kind),
        Cell(said(change)),
        Cell(change.by),
        Cell(moment),
    ]
    return ListRow("", cells, change.url or None, is_selectable=False)


def _pager(asked: Asked, page: int, pages: int, total: int, shown: int) -> Pager:
    urls = {number: asked.to(page=number) for number in wanted_numbers(page, pages)}
    first = (page - 1) * PER_PAGE + 1
    return Pager(
        page=page,
        pages=pages,
        total=total,
        prev_url=urls.get(page - 1),
        next_url=urls.get(page + 1),
        numbers=page_numbers(page, pages, url_of=urls),
        first_row=first if shown else None,
        last_row=first + shown - 1 if shown else None,
    )


def _older(asked: Asked, found: list[Change], *, is_cut: bool) -> list[Action]:
    """Offer what is older than the parts looked through."""
    return [Action(_("Older changes"), asked.to(until=found[-1].at))] if is_cut and found else []
