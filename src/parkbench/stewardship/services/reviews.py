"""Writes on reviews: still right, the periods, the date that a new or edited record gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import services as records
from parkbench.records.registry import kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import ReviewPeriod
from parkbench.stewardship.queries.periods import all_months, next_review
from parkbench.stewardship.rules import LONGEST_PERIOD, due_after

Pick = tuple[str, UUID]
MOST = 1000
"""Records in one write: keeps the database lock under half a second."""


@transaction.atomic
def still_right(*, picks: Sequence[Pick], by: Viewer) -> int:
    """This function will note that these records are still right and date their next review; how many.

    All or none. Raises Refused when none or too many are given, NotFound for one that is not here,
    NotAllowed for one that the viewer neither answers for nor may change.
    """
    if not by.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    if not picks:
        raise Refused(_("Tick at least one record first."))
    if len(picks) > MOST:
        raise Refused(_("Tick at most %(most)s records at a time.") % {"most": MOST})
    today = timezone.localdate()
    return sum(
        records.confirm(kind=kind, uids=uids, review_due_on=next_review(kind=kind, today=today), by=by)
        for kind, uids in by_kind(picks).items()
    )


def by_kind(picks: Sequence[Pick]) -> dict[str, list[UUID]]:
    """Sort picks by kind, each once; raise NotFound for a kind that is not known."""
    found: dict[str, list[UUID]] = defaultdict(list)
    known = {kind.name for kind in kinds()}
    for kind, uid in dict.fromkeys(picks):
        if kind not in known:
            raise NotFound(_("There is no such kind of record here."))
        found[kind].append(uid)
    return dict(found)


@transaction.atomic
def set_periods(*, months: Mapping[str, int | None], by: Viewer) -> None:
    """This function will say after how many months each kind is reviewed; None for not at all.

    Dates that records have stay as they are. Raises NotAllowed, and Refused for a period out of range.
    """
    by.check(Action.SET_POLICY)
    known = {kind.name: kind.review_months for kind in kinds()}
    for kind, wanted in months.items():
        if kind not in known:
            raise NotFound(_("There is no such kind of record here."))
        if wanted is not None and not 1 <= wanted <= LONGEST_PERIOD:
            raise Refused(_("A period has 1 to %(most)s months.") % {"most": LONGEST_PERIOD})
        if wanted == known[kind]:
            ReviewPeriod.objects.filter(kind=kind).delete()
        else:
            ReviewPeriod.objects.update_or_create(kind=kind, defaults={"months": wanted})


@transaction.atomic
def date_undated(*, by: Viewer) -> int:
    """This function will give every own record that lacks one a review date, a period from today; how many.

    Raises NotAllowed.
    """
    by.check(Action.SET_POLICY)
    today = timezone.localdate()
    return sum(
        records.date_reviews(kind=kind, review_due_on=due_after(today, months))
        for kind, months in all_months().items()
        if months
    )


def note_change(kind: str, uids: Sequence[UUID]) -> None:
    """This function will date the review of new and edited records that have no date yet.

    Called inside the transaction of every change; a date that is there stays: an edited field does not say
    that the rest was looked at.
    """
    due = next_review(kind=kind, today=timezone.localdate())
    if due is None:
        return
    for start in range(0, len(uids), MOST):
        records.date_reviews(kind=kind, review_due_on=due, uids=uids[start : start + MOST])
