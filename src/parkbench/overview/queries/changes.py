"""What changed since a moment, as far as one viewer may see it: the gate is asked before anything is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
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
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import Viewer, reach_q, referred, section_q

MOST = 1_000
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
    """What happened to one record at one moment; ``parts`` are its sections, no ``url``: it is gone."""

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
class Told:
    """One change before it has a name: of which record, which sections were written."""

    kind: str
    uid: UUID
    at: datetime
    what: str
    by: str
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the last visit, None on the first: number of changes of each sort, and the newest.

    ``imported`` counts what imports brought, for those who cannot open the ``imports`` themselves.
    """

    visit: datetime | None
    since: datetime
    counts: Mapping[str, int]
    newest: Sequence[Change]
    imports: Sequence[Brought]
    imported: int


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
    *, viewer: Viewer, previous_at: datetime | None, shown: int = 6, now: datetime | None = None
) -> Since:
    """Return what changed since the visit before this one, lately on the first; at most seven queries."""
    since = previous_at or (now or timezone.now()) - LATELY
    wish = ChangesWish(since)
    found = told(viewer=viewer, wish=wish)
    sees_imports = viewer.may(Action.IMPORT)
    return Since(
        visit=previous_at,
        since=since,
        counts=counts(found),
        newest=named(found[:shown], viewer=viewer),
        imports=imports_since(viewer=viewer, since=since),
        imported=0 if sees_imports else len(told(viewer=viewer, wish=replace(wish, is_import=True))),
    )


def counts(found: Iterable[Told]) -> dict[str, int]:
    """Return sort of change > number of changes."""
    number = Counter(one.what for one in found)
    return {what: number[what] for what in WHATS}


def told(*, viewer: Viewer, wish: ChangesWish) -> list[Told]:
    """Return the changes this viewer may see, newest first; three queries at most. Members only.

    What one save changed in a record is one change. Of more than `MOST` parts the newest are told.
    """
    if not viewer.is_member:
        return []
    present = _present(wish)
    found = _saves(viewer, wish, present["saved"]) if wish.what in ("", ADDED, CHANGED) else []
    if not wish.is_import and wish.what not in (ADDED, CHANGED) and present["happened"]:
        rows = _events(viewer, wish, present["happened"]).order_by("-at", "uid")
        columns = ("kind", "uid", "at", "what", "by__name")
        found += [
            Told(kind, uid, at, EVENTS[what], who or "")
            for kind, uid, at, what, who in rows.values_list(*columns)[:MOST]
        ]
    return sorted(found, key=lambda one: (one.at, one.uid), reverse=True)


def named(found: Sequence[Told], *, viewer: Viewer) -> list[Change]:
    """Return these changes with what people call the records and their parts; one query."""
    names = _names({(one.kind, one.uid) for one in found}, viewer)
    return [_change(one, *names[one.uid]) for one in found if one.uid in names]


def _change(one: Told, name: str, is_there: bool) -> Change:
    kind = kind_of(one.kind)
    parts = tuple(str(spec.label) for spec in kind.sections if spec.name in one.sections)
    return Change(
        name=name,
        kind=str(kind.label),
        url=reverse(kind.page, args=[one.uid]) if is_there else "",
        what=one.what,
        parts=parts if one.what == CHANGED else (),
        by=one.by or _("the node itself"),
        at=one.at,
    )


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


def _present(wish: ChangesWish) -> dict[str, set[str]]:
    """Return the kinds of record of which anything was written or happened at all; one query.

    So that the gate, which is a condition per kind, is asked for these alone.
    """
    saved = _window(wish).order_by().annotate(source=Value("saved", CharField()))
    rows = _happened(wish).order_by().annotate(source=Value("happened", CharField()))
    both = [one.values_list("source", "kind").distinct() for one in (saved, rows)]
    found: dict[str, set[str]] = {"saved": set(), "happened": set()}
    for source, kind in both[0].union(both[1], all=True):
        if wish.kind in ("", kind):
            found[source].add(kind)
    return found


def _window(wish: ChangesWish) -> QuerySet[Any]:
    """Return the revisions of own records that the wish is about, whoever may see them."""
    rows = Section.objects.filter(home_id=OWN)
    if wish.is_import:
        brought = Batch.objects.written().filter(accepted_at__gte=wish.since)
        rows = rows.filter(batch__in=brought.values("pk"))
    else:
        rows = rows.filter(batch=None, at__gte=wish.since)
    return rows.filter(at__lt=wish.until) if wish.until else rows


def _happened(wish: ChangesWish) -> QuerySet[Any]:
    """Return what happened to records beside their content, whoever may see it."""
    wanted = [what for what, word in EVENTS.items() if wish.what in ("", word)]
    rows = RecordEvent.objects.filter(at__gte=wish.since, batch=None, what__in=wanted)
    return rows.filter(at__lt=wish.until) if wish.until else rows


def _saves(viewer: Viewer, wish: ChangesWish, present: Iterable[str]) -> list[Told]:
    """Return what each save wrote of parts this viewer may see, of the newest parts; one query or none."""
    condition = _seen(viewer, present)
    if condition is None:
        return []
    rows = _window(wish).filter(condition)
    if wish.what == ADDED:
        rows = rows.filter(section="basics", revision=1)
    # Imports in the order of their index: sorting 100,000 rows by time would be felt on the first page.
    rows = rows.order_by("batch", "pk") if wish.is_import else rows.order_by("-at", "uid")
    columns = ("kind", "uid", "at", "section", "revision", "by__name")
    together: dict[tuple[UUID, datetime], list[tuple[Any, ...]]] = {}
    for row in rows.values_list(*columns)[:MOST]:
        together.setdefault((row[1], row[2]), []).append(row)
    found = []
    for (uid, at), written in together.items():
        is_new = any(row[3:5] == ("basics", 1) for row in written)
        if wish.what in ("", ADDED if is_new else CHANGED):
            what, who = ADDED if is_new else CHANGED, written[0][5] or ""
            found.append(Told(written[0][0], uid, at, what, who, frozenset(row[3] for row in written)))
    return found


def _seen(viewer: Viewer, present: Iterable[str]) -> Q | None:
    """Return the condition that a revision is of a part that this viewer sees of a record they see."""
    condition: Q | None = None
    for name in sorted(present):
        kind = kind_of(name)
        alike: dict[Action, list[str]] = {}
        for spec in kind.sections:
            alike.setdefault(spec.see, []).append(spec.name)
        for names in alike.values():
            met = section_q(kind, names[0], viewer)
            if met is not False:
                live = _live(kind, viewer) if met is True else _live(kind, viewer).filter(met)
                here = Q(kind=name, section__in=names) & Q(Exists(live))
                condition = here if condition is None else condition | here
    return condition


def _live(kind: Kind, viewer: Viewer) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
    return rows.filter(home_id=OWN, uid=OuterRef("uid")).order_by()


def _events(viewer: Viewer, wish: ChangesWish, present: Iterable[str]) -> QuerySet[Any]:
    """Return deletions, restorations and changes of sharing; of what is deleted those one may restore."""
    condition = Q(pk__in=())
    for name in sorted(present):
        kind = kind_of(name)
        condition |= Q(kind=name) & Q(Exists(_live(kind, viewer)))
        if (gone := _deleted(kind, viewer)) is not None:
            of_deleted = Q(Exists(gone.filter(uid=OuterRef("uid"))))
            condition |= Q(kind=name, what=RecordEvent.What.DELETED) & of_deleted
    return _happened(wish).filter(condition)


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
    for one, uid in wanted:
        uids.setdefault(one, []).append(uid)
    parts: list[QuerySet[Any, Any]] = []
    for name, held in sorted(uids.items()):
        kind = kind_of(name)
        live = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
        for rows, is_live in ((live.filter(home_id=OWN).order_by(), 1), (_deleted(kind, viewer), 0)):
            if rows is not None:
                shown = Cast(_title(kind, viewer), CharField())
                alive = Cast(Value(is_live), IntegerField())
                among = rows.filter(uid__in=held).annotate(shown_name=shown, alive=alive)
                parts.append(among.values_list("uid", "shown_name", "alive"))
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {uid: (str(name), bool(alive)) for uid, name, alive in found}


def _title(kind: Kind, viewer: Viewer) -> Any:
    """Return what a record is called: what belongs to an instrument after its name, where that is seen."""
    if "instrument" not in kind.references:
        return F(kind.title)
    instrument = Concat(referred(viewer, "name", "instrument__"), Value(": "), F(kind.title))
    return Case(
        When(instrument__isnull=False, instrument__deleted_at=None, then=instrument), default=F(kind.title)
    )
