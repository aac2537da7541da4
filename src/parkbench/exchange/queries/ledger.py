"""The sharing ledger: offered, told, removed, confirmed; from journals and receipts, no row per record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from parkbench.exchange.models import FormerReader, JournalGrant, Partner, Receipt
from parkbench.exchange.rules import LISTED, READS, State
from parkbench.lib.errors import NotFound
from parkbench.records.models import OWN, Audience, JournalEntry
from parkbench.records.registry import kind_of, kinds
from parkbench.records.visibility import Viewer, sections

SHOWN = 50
BASICS = "basics"
MOST_ENTRIES = 24
"""Places in journals of one record that its page tells of; a record has about six parts."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One journal that a partner reads: what is in it now, and how far the partner said to have come."""

    audience: Audience
    count: int
    head: int
    told_seq: int
    told_at: datetime | None

    @property
    def is_at_head(self) -> bool:
        """Whether the partner has read everything there is."""
        return self.told_seq >= self.head


@dataclass(frozen=True, slots=True)
class Departure:
    """What left a partner's reach: one part of a record, or a whole journal (``kind`` is '').

    ``was_held`` is False when it came and left between two readings: then there is nothing to remove.
    ``count`` says how many parts a journal held. ``frozen_count`` says how many parts of that journal the
    partner keeps under requests for access; when it keeps none any more, ``removed_at`` is when it said so.
    """

    audience: Audience
    at: datetime
    kind: str = ""
    uid: UUID | None = None
    section: str = ""
    count: int = 0
    was_held: bool = True
    told_at: datetime | None = None
    removed_at: datetime | None = None
    frozen_count: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the partner has not confirmed yet that it removed this."""
        return self.was_held and self.removed_at is None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One part of a record with one partner: offered now (with when it was fetched), or what left."""

    partner: Partner
    section: str
    is_offered: bool
    fetched_at: datetime | None
    departure: Departure | None


def journal_lines(partner: Partner, *, viewer: Viewer) -> list[JournalLine]:
    """Return the journals that a partner reads now, the widest first; three queries."""
    _check_member(viewer)
    if partner.state not in READS:
        return []
    audiences = Audience.objects.filter(sort=Audience.Sort.PUBLIC) | Audience.objects.filter(
        grants__partner=partner
    )
    receipts = Receipt.objects.filter(partner=partner, sort=Receipt.Sort.FETCHED)
    told = {
        audience: (seq, at)
        for audience, seq, at in receipts.order_by()
        .values_list("audience_id")
        .annotate(seq=Max("seq"), last=Max("at"))
    }
    nothing: tuple[int, datetime | None] = (-1, None)
    return [
        JournalLine(audience, audience.count, audience.head, *told.get(audience.pk, nothing))
        for audience in audiences.distinct().order_by("bit")
    ]


def departures(partner: Partner, *, viewer: Viewer) -> list[Departure]:
    """Return what left this partner's reach last, the newest first: parts of records, and whole journals."""
    _check_member(viewer)
    readable = _readable(partner)
    told_of = Q(pk__in=())
    for audience, since in readable.items():
        told_of |= Q(audience=audience, seq__gt=since)
    rows: Any = (
        JournalEntry.objects.filter(told_of, is_gone=True)
        .annotate(**_marks(partner.pk))
        .select_related("audience")
        .order_by("-gone_at", "-seq")[:SHOWN]
    )
    found = [
        Departure(
            row.audience,
            row.gone_at,
            row.kind,
            row.uid,
            row.section,
            1,
            row.was_held,
            row.told_at,
            *_confirmed(row.removed_at, row.frozen_count, row.cleared_at),
        )
        for row in _visible(list(rows), viewer)
        if row.gone_at is not None
    ]
    return sorted([*found, *_journals_left(partner)], key=lambda one: one.at, reverse=True)[:SHOWN]


def _confirmed(
    removed_at: datetime | None, frozen_count: int | None, cleared_at: datetime | None
) -> tuple[datetime | None, int]:
    """Return when a partner confirmed, and how much it keeps frozen: nothing once a receipt said so."""
    if frozen_count and cleared_at is not None:
        return cleared_at, 0
    return removed_at, frozen_count or 0


def record_lines(*, kind: str, uid: UUID, viewer: Viewer) -> list[RecordLine]:
    """Return, for every partner, what it is offered of a record and what left; for members; three queries.

    Only of parts that the viewer may see: what is offered tells that something is written there.
    """
    _check_member(viewer)
    entries = list(
        JournalEntry.objects.filter(kind=kind, uid=uid, section__in=_seen(kind, [uid], viewer).get(uid, ()))
        .select_related("audience")
        .order_by("section", "audience__bit")[:MOST_ENTRIES]
    )
    if not entries:
        return []
    marks: dict[str, Any] = {}
    for place, entry in enumerate(entries):
        marks |= _marks_of(place, entry)
    rows: Any = Partner.objects.filter(state__in=LISTED).select_related("home").annotate(**marks)
    lines: list[RecordLine] = []
    for partner in rows.order_by("home__name", "pk"):
        found = [line for place, entry in enumerate(entries) if (line := _line(partner, place, entry))]
        lines += _settled(found)
    return lines


def _seen(name: str, uids: Collection[UUID], viewer: Viewer) -> dict[UUID, frozenset[str]]:
    """Return which parts of these own records the viewer may see; of one that is not here any more, none."""
    if name not in {kind.name for kind in kinds()}:  # written by another version
        return {}
    kind = kind_of(name)
    paths = [path.rpartition("__")[0] for path in kind.scope_paths if "__" in path]
    rows: Any = kind.model._default_manager.filter(home_id=OWN, uid__in=uids).select_related(*paths)
    return {row.uid: sections(kind, row, viewer) for row in rows}


def _visible(rows: Sequence[Any], viewer: Viewer) -> list[Any]:
    """Leave out what tells of a part that the viewer may not see; one query for each kind."""
    uids: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        uids[row.kind].add(row.uid)
    seen = {name: _seen(name, of_kind, viewer) for name, of_kind in uids.items()}
    return [row for row in rows if row.section in seen[row.kind].get(row.uid, frozenset({BASICS}))]


def _settled(lines: Sequence[RecordLine]) -> list[RecordLine]:
    """Leave out what left one journal while another still brings the same part to the same partner."""
    offered = {line.section for line in lines if line.is_offered}
    return [line for line in lines if line.is_offered or line.section not in offered]


def _line(partner: Any, place: int, entry: JournalEntry) -> RecordLine | None:
    told = getattr(partner, f"told_{place}")
    is_reader = getattr(partner, f"reads_{place}") and partner.state in READS
    left_at = getattr(partner, f"left_{place}") or partner.state_at
    was_held = getattr(partner, f"held_{place}")
    if is_reader and not entry.is_gone:
        return RecordLine(partner, entry.section, True, told, None)
    if not was_held or partner.state == State.SUSPENDED:
        return None
    at = entry.gone_at if is_reader else left_at
    if at is None or (entry.is_gone and not is_reader):
        return None
    if not is_reader:
        told = heard_at(partner, at)
    names = _names("removed" if is_reader else "emptied", place)
    said = _confirmed(*(getattr(partner, name) for name in names))
    departure = Departure(entry.audience, at, entry.kind, entry.uid, entry.section, 1, True, told, *said)
    return RecordLine(partner, entry.section, False, None, departure)


def _said(receipts: QuerySet[Receipt]) -> tuple[Subquery, Subquery, Subquery]:
    """Return when these receipts first confirmed, what was kept frozen then, when nothing was any more."""
    said = receipts.filter(sort=Receipt.Sort.REMOVED)
    cleared = said.filter(frozen_count=0)
    return (
        Subquery(said.values("at")[:1]),
        Subquery(said.values("frozen_count")[:1]),
        Subquery(cleared.values("at")[:1]),
    )


def _names(sort: str, place: int) -> tuple[str, str, str]:
    """Return under which names a row of journals carries what receipts said of it."""
    return f"{sort}_{place}", f"{sort}_frozen_{place}", f"{sort}_cleared_{place}"


def _marks(partner_id: int) -> dict[str, Any]:
    """Return what the ledger needs to know of a journal's row for one partner, as columns."""
    receipts = Receipt.objects.filter(partner_id=partner_id, audience_id=OuterRef("audience_id"))
    after = receipts.filter(seq__gte=OuterRef("seq"), at__gte=OuterRef("gone_at")).order_by("seq", "at")
    held = receipts.filter(seq__gte=OuterRef("entered_seq"), seq__lt=OuterRef("seq"))
    return {
        "told_at": Subquery(after.filter(sort=Receipt.Sort.FETCHED).values("at")[:1]),
        **dict(zip(("removed_at", "frozen_count", "cleared_at"), _said(after), strict=True)),
        "was_held": Exists(held),
    }


def _marks_of(place: int, entry: JournalEntry) -> dict[str, Any]:
    """Return the same for one row and every partner, as columns of partners that end in the row's place."""
    receipts = Receipt.objects.filter(partner_id=OuterRef("pk"), audience_id=entry.audience_id)
    after = receipts.filter(seq__gte=entry.seq)
    if entry.gone_at is not None and entry.is_gone:
        after = after.filter(at__gte=entry.gone_at)
    after = after.order_by("seq", "at")
    former = FormerReader.objects.filter(partner_id=OuterRef("pk"), audience_id=entry.audience_id)
    last_left = former.order_by("-ended_at").values("ended_at")[:1]
    grants = JournalGrant.objects.filter(
        partner_id=OuterRef("pk"), audience_id=entry.audience_id, since_seq__lt=entry.seq
    )
    is_public = entry.audience.sort == Audience.Sort.PUBLIC
    if not entry.is_gone:
        grants = JournalGrant.objects.filter(partner_id=OuterRef("pk"), audience_id=entry.audience_id)
    reads: Any = Exists(Partner.objects.filter(pk=OuterRef("pk"))) if is_public else Exists(grants)
    held = receipts.filter(seq__gte=entry.entered_seq)
    left = FormerReader.objects.filter(partner_id=OuterRef(OuterRef("pk")), audience_id=entry.audience_id)
    left_at = Coalesce(Subquery(left.order_by("-ended_at").values("ended_at")[:1]), OuterRef("state_at"))
    emptied = receipts.filter(at__gte=left_at).order_by("at")
    return {
        **dict(zip(_names("removed", place), _said(after), strict=True)),
        **dict(zip(_names("emptied", place), _said(emptied), strict=True)),
        f"told_{place}": Subquery(after.filter(sort=Receipt.Sort.FETCHED).values("at")[:1]),
        f"held_{place}": Exists(held.filter(seq__lt=entry.seq) if entry.is_gone else held),
        f"reads_{place}": reads,
        f"left_{place}": Subquery(last_left),
    }


def _readable(partner: Partner) -> dict[int, int]:
    """Return the journals that a partner reads, and after which seq it is told what left."""
    granted = JournalGrant.objects.filter(partner=partner).values_list("audience_id", "since_seq")
    public = Audience.objects.filter(sort=Audience.Sort.PUBLIC).values_list("pk", flat=True)
    return dict.fromkeys(public, 0) | dict(granted)


def _journals_left(partner: Partner) -> list[Departure]:
    """Return the journals that a partner was let read and is no more."""
    receipts = Receipt.objects.filter(partner_id=OuterRef("partner_id"), at__gte=OuterRef("ended_at"))
    own = receipts.filter(audience_id=OuterRef("audience_id")).order_by("at")
    removed_at, frozen_count, cleared_at = _said(own)
    before = Receipt.objects.filter(
        partner_id=OuterRef("partner_id"), audience_id=OuterRef("audience_id"), at__lt=OuterRef("ended_at")
    )
    rows: Any = (
        FormerReader.objects.filter(partner=partner)
        .select_related("audience")
        .annotate(
            removed_at=removed_at,
            frozen_count=frozen_count,
            cleared_at=cleared_at,
            was_held=Exists(before),
        )
    )
    return [
        Departure(
            row.audience,
            row.ended_at,
            "",
            None,
            "",
            row.count,
            row.was_held,
            heard_at(partner, row.ended_at),
            *_confirmed(row.removed_at, row.frozen_count, row.cleared_at),
        )
        for row in rows[:SHOWN]
    ]


def heard_at(partner: Partner, since: datetime) -> datetime | None:
    """Return when a partner last asked for its listing, if it did since then: so it heard of the change."""
    fetched = partner.fetched_at
    return fetched if fetched is not None and fetched >= since else None


def _check_member(viewer: Viewer) -> None:
    if not viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
