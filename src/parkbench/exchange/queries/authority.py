"""This node under a public-access law: what it says of itself, frozen records, what was disposed of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import Disposal, ExchangeState, FrozenRecord, Partner
from parkbench.lib.errors import NotFound
from parkbench.records.models import LEFT, HeldJournal, Membership, Section
from parkbench.records.visibility import Viewer

SHOWN = 50
"""Disposals and cases that a page shows; the file for the archive holds all disposals."""

Part = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class HeldPart:
    """One part of a frozen record as it was when it was frozen; ``is_shared`` says whether it still is."""

    section: str
    revision: int
    at: datetime | None
    fields: Sequence[tuple[str, str]]
    is_shared: bool


def node_state(*, viewer: Viewer) -> ExchangeState:
    """Return what this node says of itself; for administrators."""
    viewer.check(Action.OPERATE)
    return ExchangeState.objects.get(pk=1)


def frozen_uids(home_id: int) -> frozenset[UUID]:
    """Return the records of a home that are under an open request for access; one query."""
    return frozenset(open_cases().filter(home_id=home_id).values_list("uid", flat=True))


def open_cases() -> QuerySet[FrozenRecord]:
    """Return the records that are frozen now."""
    return FrozenRecord.objects.filter(released_at=None)


def without_frozen(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows that name a home and a uid, without those of frozen records; no query of its own."""
    return rows.filter(~Exists(open_cases().filter(home_id=OuterRef("home_id"), uid=OuterRef("uid"))))


def kept_frozen(*, home_id: int) -> dict[UUID, frozenset[Part]]:
    """Return journal > parts of frozen records that it named and that no journal names any more.

    They are gone from everything but the archivist's page. Two queries; one while nothing is frozen.
    """
    rows = list(open_cases().filter(home_id=home_id))
    if not rows:
        return {}
    named = _named(home_id, {row.uid for row in rows})
    found: dict[UUID, set[Part]] = defaultdict(set)
    for row in rows:
        for section, held in row.content.items():
            if (row.uid, section) not in named:
                for audience in held["journals"]:
                    found[UUID(audience)].add((row.uid, section))
    return {audience: frozenset(parts) for audience, parts in found.items()}


def parts_left(row: FrozenRecord) -> list[str]:
    """Return the sections of a frozen record that its owner shares no longer, by name; one query."""
    named = _named(row.home_id, {row.uid})
    return sorted(section for section in row.content if (row.uid, section) not in named)


def _named(home_id: int, uids: set[UUID]) -> set[Part]:
    rows = Membership.objects.filter(home_id=home_id, uid__in=uids)
    return set(rows.values_list("uid", "section"))


def content_of(*, home_id: int, uid: UUID) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the kind of a record that is held, and its parts as `FrozenRecord.content` keeps them.

    Raises NotFound for a record of which nothing is held.
    """
    journals: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    held = {row.audience: row for row in HeldJournal.objects.filter(home_id=home_id)}
    members = Membership.objects.filter(home_id=home_id, uid=uid).values_list("section", "audience")
    for section, audience in members:
        if audience in held:
            journals[section][str(audience)] = [str(held[audience].epoch), held[audience].seq]
    content, kind = {}, ""
    rows = Section.objects.filter(home_id=home_id, uid=uid).exclude(batch=LEFT).order_by("section")
    for row in rows:
        kind = row.kind
        content[row.section] = {
            "revision": row.revision,
            "digest": row.digest,
            "at": row.at.isoformat(),
            "body": row.body,
            "journals": journals.get(row.section, {}),
        }
    if not content:
        raise NotFound(_("Nothing is held of such a record of this partner."))
    return kind, content


def frozen_records(*, viewer: Viewer) -> list[FrozenRecord]:
    """Return the records that are frozen, the longest first; for administrators, without their content."""
    viewer.check(Action.OPERATE)
    rows = open_cases().select_related("home", "by").defer("content")
    return list(rows.order_by("at", "pk"))


def released_records(*, viewer: Viewer) -> list[FrozenRecord]:
    """Return the cases that were closed last, the newest first; for administrators."""
    viewer.check(Action.OPERATE)
    rows = FrozenRecord.objects.exclude(released_at=None).select_related("home", "by")
    return list(rows.order_by("-released_at", "-pk")[:SHOWN])


def frozen_record(*, pk: int, viewer: Viewer) -> FrozenRecord:
    """Return a frozen record with its content; raise NotFound when it is not frozen (any more)."""
    viewer.check(Action.OPERATE)
    found = open_cases().select_related("home", "by").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This record is not frozen, or not any more."))
    return found


def held_parts(row: FrozenRecord) -> list[HeldPart]:
    """Return the parts of a frozen record in order, field by field; one query."""
    left = set(parts_left(row))
    return [
        HeldPart(
            section, held["revision"], parse_datetime(held["at"]), _fields(held["body"]), section not in left
        )
        for section, held in row.content.items()
    ]


def _fields(body: str) -> list[tuple[str, str]]:
    """Return the fields of a body; of one that is no object its text, whatever it is."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return [("", body)] if body else []
    return [
        (str(name), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in said.items()
    ]


def partner_of_home(home_id: int) -> Partner | None:
    """Return the partner whose records have this home."""
    return Partner.objects.filter(home_id=home_id).first()


def partners_of_homes(rows: Sequence[FrozenRecord]) -> Mapping[int, int]:
    """Return home > partner for these records; one query."""
    return dict(Partner.objects.filter(home__in={row.home_id for row in rows}).values_list("home_id", "pk"))


def disposals(partner: Partner) -> list[Disposal]:
    """Return what was disposed of last of a partner's, the newest first."""
    return list(Disposal.objects.filter(home_id=partner.home_id).order_by("-at", "-pk")[:SHOWN])


def all_disposals(partner: Partner) -> Iterator[Disposal]:
    """Return everything that was disposed of of a partner's, the oldest first, for the archive."""
    return Disposal.objects.filter(home_id=partner.home_id).order_by("at", "pk").iterator(1000)


def frozen_count(partner: Partner) -> int:
    """Return how many records of a partner are frozen."""
    return open_cases().filter(home_id=partner.home_id).count()
