"""What the rooms below tell of a part: what is down, which reviews are due, how much is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from parkbench.figures.queries import Use, instruments_expected, use_of
from parkbench.figures.queries.panels import span
from parkbench.overview.queries.part import Part
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries import DownNow, down_now
from parkbench.stewardship.queries.reviews import ReviewLine, ReviewWish, lines_of, review_count, reviews
from parkbench.stewardship.queries.scopes import Who, is_head_of_all, is_head_of_units

OVERDUE = "overdue"
"""What the list of reviews calls those that are due."""
Costs = dict[tuple[str, str], int]
"""(ISO 4217 code, VAT as said) > minor units: only amounts alike in both are added up."""


@dataclass(frozen=True, slots=True)
class Down:
    """What is down now, the longest first; ``costs`` so far, of the ``priced`` ones of ``countable``."""

    events: Sequence[DownNow]
    costs: Costs
    priced: int
    countable: int


def down(*, viewer: Viewer, part: Part, today: date) -> Down:
    """Return what is down now in a part; one query."""
    found = down_now(viewer, today=today)
    if part.uids is not None:
        found = [event for event in found if event.unit_uid in set(part.uids)]
    costs: Costs = {}
    for event in found:
        if event.cost is not None:
            purse = (event.currency, event.vat)
            costs[purse] = costs.get(purse, 0) + event.cost
    return Down(
        events=found,
        costs=costs,
        priced=sum(event.cost is not None for event in found),
        countable=sum(event.shows_cost for event in found),
    )


@dataclass(frozen=True, slots=True)
class Reviews:
    """Records whose content is to be checked: how many, and whose they are as the list of reviews asks."""

    who: Literal["mine", "units", "everything"]
    count: int


def who_reviews(*, viewer: Viewer, part: Part) -> Who | None:
    """Return whose reviews a page about this part counts; None where only those of instruments can be told.

    Reviews are listed for all of the organisation, for the units one heads, and for what one answers for.
    """
    if part.is_whole and is_head_of_all(viewer):
        return "everything"
    if part.is_whole or part.is_mine:
        return "units" if is_head_of_units(viewer) else ("mine" if part.is_whole else None)
    return None


def reviews_due(*, viewer: Viewer, part: Part, today: date) -> Reviews | None:
    """Return how many records are to be looked at; one query or none."""
    who = who_reviews(viewer=viewer, part=part)
    if who is None or who == "nobody":
        return None
    wish = ReviewWish(who=who, when=OVERDUE)
    return Reviews(who, review_count(viewer=viewer, wish=wish, today=today))


def overdue(*, viewer: Viewer, part: Part, today: date, most: int) -> Sequence[ReviewLine]:
    """Return the reviews longest overdue, where the list of reviews can tell them; one query or none."""
    who = who_reviews(viewer=viewer, part=part)
    if who is None:
        return []
    wish = ReviewWish(who=who, when=OVERDUE)
    return lines_of(reviews(viewer=viewer, wish=wish, today=today)[:most])


@dataclass(frozen=True, slots=True)
class UseOfPart:
    """Use over the last 24 whole months, and how many instruments could have told theirs."""

    use: Use
    instruments: int


def use(*, viewer: Viewer, part: Part) -> UseOfPart:
    """Return the use of a part over 24 months; two queries."""
    since, until = span()
    if part.uids is None:
        return UseOfPart(use_of(viewer, since=since, until=until), instruments_expected(viewer=viewer))
    if not part.uids:  # a platform without units: asked with no unit at all, all of them would answer
        return UseOfPart(use_of(viewer, [], since, until), 0)
    return UseOfPart(
        use_of(viewer, part.uids, since, until), instruments_expected(viewer=viewer, units=part.uids)
    )
