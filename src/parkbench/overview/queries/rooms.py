"""What the rooms below tell of a part: what is down, which reviews are due, how much is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from parkbench.accounts.rules import Action, reach
from parkbench.figures.queries import Use, use_of
from parkbench.figures.queries.panels import span
from parkbench.overview.queries.part import Part, Parts
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries import DownNow, down_now
from parkbench.stewardship.queries.reviews import ReviewLine, ReviewWish, lines_of, review_count, reviews
from parkbench.stewardship.queries.scopes import is_head_of_all, is_head_of_units

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
    """Records whose content is to be checked: how many, whose and where as the list of reviews asks."""

    who: Literal["mine", "units", "everything"]
    count: int
    place: UUID | None = None


def review_wish(*, viewer: Viewer, parts: Parts) -> ReviewWish | None:
    """Return which overdue reviews a page about this part counts; None where those of instruments are told.

    Reviews of all kinds are listed for all of the organisation, for the units one heads, also one of them
    alone, and for what one answers for.
    """
    part = parts.shown
    if part.is_whole and is_head_of_all(viewer):
        return ReviewWish(who="everything", when=OVERDUE)
    if part.is_whole or part.is_mine:
        if is_head_of_units(viewer):
            return ReviewWish(who="units", when=OVERDUE)
        return ReviewWish(who="mine", when=OVERDUE) if part.is_whole else None
    place = UUID(part.of)
    if is_head_of_all(viewer):
        return ReviewWish(who="everything", when=OVERDUE, place=place)
    return ReviewWish(who="units", when=OVERDUE, place=place) if _is_headed(viewer, parts) else None


def _is_headed(viewer: Viewer, parts: Parts) -> bool:
    """Tell whether the viewer is at the head of all that a page about one unit or platform is about."""
    part, headed = parts.shown, reach(viewer.grants, Action.SHARE) or frozenset()
    if part.of in headed or (part.uids and {str(uid) for uid in part.uids} <= headed):
        return True
    mine = parts.mine.uids if parts.mine and reach(viewer.grants, Action.EDIT) == headed else None
    return bool(part.uids) and set(part.uids or ()) <= set(mine or ())


def reviews_due(*, viewer: Viewer, parts: Parts, today: date) -> Reviews | None:
    """Return how many records are to be looked at; one query or none."""
    wish = review_wish(viewer=viewer, parts=parts)
    if wish is None or wish.who == "nobody":
        return None
    return Reviews(wish.who, review_count(viewer=viewer, wish=wish, today=today), wish.place)


def overdue(*, viewer: Viewer, parts: Parts, today: date, most: int) -> Sequence[ReviewLine]:
    """Return the reviews longest overdue, where the list of reviews can tell them; one query or none."""
    wish = review_wish(viewer=viewer, parts=parts)
    if wish is None:
        return []
    return lines_of(reviews(viewer=viewer, wish=wish, today=today)[:most])


@dataclass(frozen=True, slots=True)
class UseOfPart:
    """Use over the last 24 whole months, and how many instruments could have told theirs."""

    use: Use
    instruments: int


def use(*, viewer: Viewer, part: Part, instruments: int) -> UseOfPart:
    """Return the use of a part over 24 months, of which so many instruments could tell; one query."""
    since, until = span()
    # A platform without units: asked with no unit at all, all of them would answer.
    return UseOfPart(use_of(viewer, part.uids, since=since, until=until), instruments)
