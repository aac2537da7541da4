"""Once more: sections that could not be used then and can be now, after an upgrade or a removal."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from parkbench.records import bulk
from parkbench.records.models import LEFT, Home, Section, SectionProblem
from parkbench.records.services.accepting import applying, holding
from parkbench.records.services.accepting.judging import Fit, Flaw, judge
from parkbench.records.services.accepting.names import Part
from parkbench.records.services.accepting.pages import Outcome, announce, read_rows, settle_verdicts

CLASHES = (applying.REFUSED.reason, applying.TAKEN.reason)
"""Reasons that lie in what else is here, and may have gone with it."""


def reapply(*, home: int | None = None) -> int:
    """This function will show sections that this version now understands; returns how many.

    For one partner, or for all. 1,000 sections a transaction; running it again does nothing more.
    """
    return _over_problems(Q(sort=SectionProblem.Sort.UNKNOWN), home)


def try_again(*, home: int | None = None) -> int:
    """This function will show sections that clashed with something which has gone since; returns how many."""
    return _over_problems(Q(reason__in=CLASHES), home)


def _over_problems(which: Q, home: int | None) -> int:
    wanted = SectionProblem.objects.filter(which)
    if home is not None:
        wanted = wanted.filter(home_id=home)
    count = 0
    for home_id in list(wanted.values_list("home_id", flat=True).distinct().order_by("home_id")):
        count += _of_home(home_id, wanted.filter(home_id=home_id))
    return count


def _of_home(home_id: int, problems: QuerySet[SectionProblem]) -> int:
    count, last = 0, 0
    while True:
        with transaction.atomic():
            home = holding.locked_home(home_id)
            page = list(problems.filter(pk__gt=last).order_by("pk")[: bulk.CHUNK])
            if not page:
                return count
            count += _judge_again(home, page)
        last = page[-1].pk


def _judge_again(home: Home, problems: Sequence[SectionProblem]) -> int:
    uids = {problem.uid for problem in problems}
    held = holding.read(home, uids)
    wanted = {(problem.uid, problem.section) for problem in problems}
    read_rows(held, [(problem.kind, (problem.uid, problem.section)) for problem in problems])
    verdicts = _verdicts(home, held, uids, wanted)
    outcome = Outcome()
    settle_verdicts(home, held, verdicts, outcome)
    announce(home.pk, outcome.changed)
    return sum(part not in held.problems for part in verdicts)


def _verdicts(
    home: Home, held: holding.Holding, uids: set[UUID], wanted: set[Part]
) -> dict[Part, Fit | Flaw]:
    rows = Section.objects.filter(home=home, uid__in=uids).exclude(batch=LEFT).exclude(body="")
    found: dict[Part, Fit | Flaw] = {}
    columns = ("uid", "section", "kind", "schema", "body", "at")
    for uid, section, kind, schema, body, at in rows.values_list(*columns):
        if (uid, section) not in wanted:
            continue
        if section == applying.BASICS and (kind, uid) in held.taken:
            found[uid, section] = applying.TAKEN
        else:
            found[uid, section] = judge(
                kind=kind, uid=uid, section=section, schema=schema, body=body.encode(), at=at
            )
    return found
