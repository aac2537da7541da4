"""Price lists: the whole list by hand, single lines by import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from parkbench.envelope.items import read_body
from parkbench.lib.errors import Invalid, Problem, Refused
from parkbench.offer import rules
from parkbench.offer.models import Service, ServicePrice
from parkbench.offer.services.writing import own_row
from parkbench.records.models import OWN, Section
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer, check_edit

KIND, SECTION = "service", "prices"
MOST_LINES = 300


@transaction.atomic
def set_prices(
    *, uid: UUID, lines: Sequence[Mapping[str, Any]], by: Viewer, expected: int | None = None
) -> bool:
    """This function will replace the price list of a service; returns whether anything changed.

    A line without an ``id`` is a new one. ``expected`` is the revision of the list that the editor had seen.
    Raises NotFound, NotAllowed, Conflict, Invalid for a value that does not fit, Refused when two prices for
    the same thing hold at the same time.
    """
    check_edit(kind_of(KIND), own_row(KIND, uid), by)
    kept = [{"id": str(uuid4()), **_said(line)} for line in lines]
    _check(kept)
    draft = Draft(
        uid=uid,
        sections={SECTION: {"prices": kept} if kept else {}},
        expected={SECTION: expected} if expected is not None else {},
    )
    return bool(publish(kind=KIND, drafts=[draft], by=by).changed)


def amend_lines(
    *,
    new: Sequence[tuple[UUID, UUID, Mapping[str, Any]]],
    changed: Mapping[UUID, Mapping[str, Any]],
    by: Viewer,
    batch: UUID | None = None,
) -> None:
    """This function will add price lines and set fields of others, as an import says.

    ``new`` holds (line, service, values), ``changed`` line > fields to set.
    Rights are the caller's. Raises Refused when two prices
    for the same thing would hold at the same time.
    """
    with transaction.atomic():
        where = dict(
            ServicePrice.objects.filter(line__in=list(changed), service__home_id=OWN).values_list(
                "line", "service__uid"
            )
        )
        uids = sorted({*where.values(), *(service for _line, service, _values in new)})
        # Locked before the lists are read: another writer of one of them would be overwritten else.
        list(Service.objects.own().select_for_update().filter(uid__in=uids).order_by("pk").values_list("pk"))
        lists = defaultdict(list, bodies_of_prices(uids))
        for line, service, values in new:
            lists[service].append({"id": str(line), **_said(values)})
        for line, values in changed.items():
            held = lists[where[line]]
            place = next(at for at, one in enumerate(held) if one["id"] == str(line))
            held[place] = _said({**held[place], **values})
        for held in lists.values():
            _check(held)
        drafts = [Draft(uid=uid, sections={SECTION: {"prices": lists[uid]}}) for uid in uids]
        publish(kind=KIND, drafts=drafts, by=by, batch=batch)


def bodies_of_prices(uids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the price lines of these own services; one query."""
    rows = Section.objects.filter(home_id=OWN, kind=KIND, section=SECTION, uid__in=uids, is_current=True)
    return {
        uid: list(read_body(body.encode()).get("prices") or ()) if body else []
        for uid, body in rows.values_list("uid", "body")
    }


def _said(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line without what it says nothing about."""
    return {name: value for name, value in line.items() if value not in (None, "")}


def _check(lines: Sequence[Mapping[str, Any]]) -> None:
    if len(lines) > MOST_LINES:
        raise Refused(_("A price list holds at most %(most)s lines.") % {"most": MOST_LINES})
    for line in lines:
        first, last = line.get("valid_from"), line.get("valid_until")
        if first and last and last < first:
            raise Invalid(Problem("valid_until", last, _("a last day that is not before the first one")))
    if found := rules.overlap(lines):
        raise Refused(rules.overlap_in_words(*found))
