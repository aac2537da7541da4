"""What changed since a moment, as far as one viewer may see it: the gate is asked before anything is cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.intake.models import Batch
from parkbench.intake.queries import visible_batches
from parkbench.intake.registry import target_of
from parkbench.overview.models import Visit
from parkbench.overview.rules import visit_before
from parkbench.records.models import OWN, RecordEvent, Section
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer, reach_q, section_q

MOST = 3_000
"""Parts of records that are looked through at a time, the newest first; older ones are a link away."""
LATELY = timedelta(days=30)
"""What somebody without an earlier visit is shown."""
ADDED, CHANGED, DELETED, RESTORED, SHARED = "added", "changed", "deleted", "restored", "shared"
WHATS = (ADDED, CHANGED, DELETED, RESTORED, SHARED)
EVENTS = {
    RecordEvent.What.DELETED.value: DELETED,
    RecordEvent.What.RESTORED.value: RESTORED,
    RecordEvent.What.SHARED.value: SHARED,
}
COLUMNS = ("kind", "uid", "at", "happened", "who")


@dataclass(frozen=True, slots=True)
class ChangesWish:
    """What is asked for: changes from ``since`` on and before ``until``, of a kind of record and of change.

    ``is_import`` asks for what imports brought, else what people and jobs did.
    """

    since: datetime
    until: datetime | None = None
    what: str = ""
    kind: str = ""
    is_import: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record at one moment; ``parts`` names the sections in words, '' url: it is gone."""

    name: str
    kind: str
    url: str
    what: str
    parts: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """An import that is accepted: how many records it added and changed."""

    url: str
    file_name: str
    source: str
    what: str
    new: int
    changed: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the last visit: the number of changes of each sort, by hand; ``visit`` None: first."""

    visit: datetime | None
    since: datetime
    counts: Mapping[str, int]
    newest: Sequence[Change]
    imports: Sequence[Brought]
    imported: int

    @property
    def is_cut(self) -> bool:
        """Whether there is more than was looked through."""
        return sum(self.counts.values()) >= MOST or self.imported >= MOST


def visit_of(*, viewer: Viewer, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when the viewer was last seen, and when the visit before this one ended; one query or none.

    Both None for who was never here, the second on the first visit.
    """
    if viewer.person_id is None:
        return None, None
    rows = Visit.objects.filter(person_id=viewer.person_id)
    last_seen_at, previous_at = rows.values_list("last_seen_at", "previous_at").first() or (None, None)
    return last_seen_at, visit_before(last_seen_at, previous_at, now=now)


def since_last_visit(
    *, viewer: Viewer, previous_at: datetime | None, shown: int = 8, now: datetime | None = None
) -> Since:
    """Return what changed since the visit before this one, lately on the first; at most eight queries."""
    since = previous_at or (now or timezone.now()) - LATELY
    wish = ChangesWish(since)
    return Since(
        visit=previous_at,
        since=since,
        counts=counts(viewer=viewer, wish=wish),
        newest=changes(viewer=viewer, wish=wish, stop=shown),
        imports=imports_since(viewer=viewer, since=since),
        imported=sum(counts(viewer=viewer, wish=replace(wish, is_import=True)).values()),
    )


def counts(*, viewer: Viewer, wish: ChangesWish) -> dict[str, int]:
    """Return sort of change > number of changes this viewer may see; two queries. Members only."""
    if not viewer.is_member:
        return {}
    found = dict.fromkeys(WHATS, 0)
    saved = _saves(viewer, wish)
    told = saved.values("is_new").aggregate(every=Count("is_new"), new=Sum("is_new"))
    found[ADDED] = told["new"] or 0
    found[CHANGED] = told["every"] - found[ADDED]
    if not wish.is_import:
        for what, count in _events(viewer, wish).values_list("what").annotate(Count("pk")):
            found[EVENTS[what]] += count
    return {what: count for what, count in found.items() if not wish.what or what == wish.what}


def changes(*, viewer: Viewer, wish: ChangesWish, start: int = 0, stop: int = 50) -> list[Change]:
    """Return a slice of the changes this viewer may see, newest first; three queries. Members only.

    What one save changed in a record is one change.
    """
    if not viewer.is_member:
        return []
    rows = [tuple(row) for row in _rows(viewer, wish)[start:stop]]
    names = _names({(kind, uid) for kind, uid, *_rest in rows}, viewer)
    parts = _parts(rows, viewer)
    return [
        Change(
            name=names[uid][0],
            kind=str(kind_of(kind).label),
            url=reverse(kind_of(kind).page, args=[uid]) if names[uid][1] else "",
            what=happened,
            parts=parts.get((uid, at), ()) if happened == CHANGED else (),
            by=who or _("the node itself"),
            at=at,
        )
        for kind, uid, at, happened, who in rows
        if uid in names
    ]


def imports_since(*, viewer: Viewer, since: datetime, most: int = 5) -> list[Brought]:
    """Return the accepted imports that this viewer may open, newest first; one query or none."""
    if not viewer.may_somewhere(Action.IMPORT):
        return []
    rows = visible_batches(viewer).filter(state="accepted", accepted_at__gte=since)
    return [
        Brought(
            url=batch.get_absolute_url(),
            file_name=batch.file_name,
            source=batch.source.name,
            what=str(target_of(batch.source.target).label),
            new=batch.result.get("new", 0),
            changed=batch.result.get("changed", 0),
            by=batch.by.name if batch.by else _("the node itself"),
            at=batch.accepted_at,
        )
        for batch in rows.order_by("-accepted_at")[:most]
        if batch.accepted_at
    ]


def _rows(viewer: Viewer, wish: ChangesWish) -> QuerySet[Any, Any]:
    """Return the changes as rows of `COLUMNS`, newest first."""
    saves = _saves(viewer, wish).annotate(
        happened=Case(When(is_new=1, then=Value(ADDED)), default=Value(CHANGED), output_field=CharField()),
        who=Max("by__name"),
    )
    if wish.what in (ADDED, CHANGED):
        saves = saves.filter(is_new=int(wish.what == ADDED))
    found: QuerySet[Any, Any] = saves.values_list(*COLUMNS)
    if not wish.is_import:
        said = [When(what=what, then=Value(word)) for what, word in EVENTS.items()]
        events = _events(viewer, wish).annotate(
            happened=Case(*said, output_field=CharField()), who=F("by__name")
        )
        told = events.values_list(*COLUMNS)
        if wish.what in EVENTS.values():
            found = told
        elif not wish.what:
            found = found.union(told, all=True)
    return found.order_by("-at", "uid")


def _saves(viewer: Viewer, wish: ChangesWish) -> QuerySet[Any, Any]:
    """Return one row per record and save, ``is_new`` 1 where it was added, of the newest parts seen."""
    newest = _sections(viewer, wish).order_by("-at", "-pk").values("pk")[:MOST]
    began = Case(When(section="basics", revision=1, then=1), default=0, output_field=IntegerField())
    rows: QuerySet[Any, Any] = (
        Section.objects.filter(pk__in=newest).order_by().values("kind", "uid", "at").annotate(is_new=Max(began))
    )
    return rows


def _sections(viewer: Viewer, wish: ChangesWish) -> QuerySet[Any]:
    """Return the revisions of parts this viewer may see that the wish is about."""
    rows = Section.objects.filter(home_id=OWN)
    if wish.is_import:
        brought = Batch.objects.written().filter(accepted_at__gte=wish.since)  # type: ignore[attr-defined]
        rows = rows.filter(batch__in=brought.values("pk"))
    else:
        rows = rows.filter(batch=None, at__gte=wish.since)
    if wish.until:
        rows = rows.filter(at__lt=wish.until)
    return rows.filter(_seen(viewer, wish.kind))


def _seen(viewer: Viewer, only: str = "") -> Q:
    """Return the condition that a revision is of a part that this viewer sees of a record they see."""
    condition = Q(pk__in=())
    for kind in kinds():
        if only not in ("", kind.name):
            continue
        alike: dict[Action, list[str]] = {}
        for spec in kind.sections:
            alike.setdefault(spec.see, []).append(spec.name)
        for names in alike.values():
            met = section_q(kind, names[0], viewer)
            if met is not False:
                live = _live(kind, viewer) if met is True else _live(kind, viewer).filter(met)
                condition |= Q(kind=kind.name, section__in=names) & Q(Exists(live))
    return condition


def _live(kind: Kind, viewer: Viewer) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
    return rows.filter(home_id=OWN, uid=OuterRef("uid")).order_by()


def _events(viewer: Viewer, wish: ChangesWish) -> QuerySet[Any]:
    """Return deletions, restorations and changes of sharing; of what is deleted those one may restore."""
    condition = Q(pk__in=())
    for kind in kinds():
        if wish.kind in ("", kind.name):
            condition |= Q(kind=kind.name) & Q(Exists(_live(kind, viewer)))
            if (gone := _deleted(kind, viewer)) is not None:
                of_deleted = Q(Exists(gone.filter(uid=OuterRef("uid"))))
                condition |= Q(kind=kind.name, what=RecordEvent.What.DELETED) & of_deleted
    wanted = [what for what, word in EVENTS.items() if wish.what in ("", word)]
    rows = RecordEvent.objects.filter(at__gte=wish.since, batch=None, what__in=wanted).order_by()
    return (rows.filter(at__lt=wish.until) if wish.until else rows).filter(condition)


def _deleted(kind: Kind, viewer: Viewer) -> QuerySet[Any] | None:
    """Return the deleted own rows of a kind that this viewer may restore; None when that is none by role."""
    met = reach_q(kind, viewer, Action.DELETE)
    if met is False:
        return None
    rows: QuerySet[Any] = kind.model._default_manager.filter(home_id=OWN, deleted_at__isnull=False).order_by()
    return rows if met is True else rows.filter(met)


def _names(wanted: Iterable[tuple[str, UUID]], viewer: Viewer) -> dict[UUID, tuple[str, bool]]:
    """Return uid > (name, whether it is still there); one query for all kinds."""
    uids: dict[str, list[UUID]] = {}
    for kind, uid in wanted:
        uids.setdefault(kind, []).append(uid)
    parts: list[QuerySet[Any, Any]] = []
    for name, held in sorted(uids.items()):
        kind = kind_of(name)
        live = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
        for rows, is_live in ((live.filter(home_id=OWN).order_by(), 1), (_deleted(kind, viewer), 0)):
            if rows is not None:
                shown = Cast(F(kind.title), CharField())
                alive = Cast(Value(is_live), IntegerField())
                rows = rows.filter(uid__in=held).annotate(shown_name=shown, alive=alive)
                parts.append(rows.values_list("uid", "shown_name", "alive"))
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {uid: (str(name), bool(alive)) for uid, name, alive in found}


def _parts(
    rows: Sequence[tuple[Any, ...]], viewer: Viewer
) -> dict[tuple[UUID, datetime], tuple[str, ...]]:
    """Return (uid, moment) > names of the parts that changed and that this viewer sees; one query or none."""
    saved = [row for row in rows if row[3] == CHANGED]
    if not saved:
        return {}
    sections = Section.objects.filter(
        home_id=OWN, uid__in={row[1] for row in saved}, at__in={row[2] for row in saved}
    )
    written: dict[tuple[UUID, datetime], set[str]] = {}
    kind_names: dict[UUID, str] = {}
    for kind, uid, at, name in sections.filter(_seen(viewer)).values_list("kind", "uid", "at", "section"):
        written.setdefault((uid, at), set()).add(name)
        kind_names[uid] = kind
    return {
        (uid, at): tuple(str(spec.label) for spec in kind_of(kind_names[uid]).sections if spec.name in names)
        for (uid, at), names in written.items()
    }
