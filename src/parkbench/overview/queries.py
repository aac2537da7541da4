"""Reads of the first page: a fixed number of queries, whatever the size of the park."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, F, Q, QuerySet, Subquery, Sum, UUIDField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import BY_KEY, currency_expression, expression, may_show
from parkbench.instruments.queries.conditions import STATUSES_STANDING, Condition, Wanted, park
from parkbench.instruments.queries.park import Option, by_year, statuses
from parkbench.intake.queries import visible_batches
from parkbench.intake.registry import target_of
from parkbench.overview.rules import Start, Worth, a_year_after
from parkbench.programme.models import Organisation, Platform, Unit
from parkbench.programme.queries import own_organisation
from parkbench.programme.queries import units as programme_units
from parkbench.records.models import OWN, Home, PolicyCell, Section
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import Viewer, section_q

ALL = Wanted(home="own")
STANDING = Wanted(conditions=(Condition("status", values=STATUSES_STANDING),), home="own")
SHOWN = 10
LOOKED_AT = 300
"""Sections among which the last changes are sought; a record's sections count apart."""
NOT_OLDER_THAN = 20_000
"""Sections written since: behind a large import nobody waits for what was before it."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with the number of instruments that stand there."""

    uid: UUID
    name: str
    platform_uid: UUID | None
    platform: str
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record at one moment; ``parts`` names the sections in words."""

    name: str
    kind: str
    url: str
    is_new: bool
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
class ParkFigures:
    """The park in figures as far as one viewer may see it; None where they may see nothing of it.

    ``standing`` counts what stands somewhere, ``unsaid`` those of it whose status is not given.
    """

    standing: int
    unsaid: int
    total: int
    worth: Worth | None
    support_ending: int
    support_ended: int
    reviews_due: int | None
    today: date
    until: date
    years: Mapping[int | None, int]
    statuses: Sequence[Option]
    units: Sequence[UnitLine]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the organisation shows to a visitor."""

    organisation: Organisation | None
    platforms: Sequence[Platform]
    unit_count: int
    instrument_count: int

    @property
    def is_empty(self) -> bool:
        """Whether a visitor may see nothing at all."""
        has_any = self.organisation or self.platforms or self.unit_count or self.instrument_count
        return not has_any


def park_figures(*, viewer: Viewer, today: date | None = None) -> ParkFigures:
    """Return the figures of the own instruments; six queries, five for who sees no price."""
    today = today or timezone.localdate()
    until = a_year_after(today)
    found = statuses(viewer=viewer, wanted=ALL)
    standing = [option for option in found if option.value in STATUSES_STANDING]
    dated = _dated(viewer, today, until)
    return ParkFigures(
        standing=sum(option.count for option in standing),
        unsaid=sum(option.count for option in standing if option.value == STATUSES_STANDING[-1]),
        total=sum(option.count for option in found),
        worth=worth(viewer=viewer),
        support_ending=dated["ending"],
        support_ended=dated["ended"],
        reviews_due=dated.get("reviews"),
        today=today,
        until=until,
        years=by_year(viewer=viewer, wanted=STANDING),
        statuses=found,
        units=_unit_lines(viewer),
    )


def worth(*, viewer: Viewer) -> Worth | None:
    """Return what replacing the standing instruments would cost, of those whose prices this viewer may see.

    None when that is none of them by role; one query.
    """
    column = BY_KEY["replacement_price"]
    condition = section_q(kind_of("instrument"), column.section, viewer)
    if not may_show(column, viewer) or condition is False:
        return None
    rows = park(viewer, STANDING).order_by()
    if isinstance(condition, Q):
        rows = rows.filter(pk__in=park(viewer, STANDING).filter(condition).values("pk"))
    rows = rows.annotate(price=expression(column, viewer), code=currency_expression(column, viewer))
    sums = rows.values_list("code").annotate(Sum("price"), Count("price"), Count("pk"))
    found = list(sums.values_list("code", "price__sum", "price__count", "pk__count"))
    return Worth(
        totals={code: total for code, total, priced, _count in found if priced},
        priced=sum(priced for _code, _total, priced, _count in found),
        countable=sum(count for _code, _total, _priced, count in found),
        is_partial=condition is not True,
    )


def _dated(viewer: Viewer, today: date, until: date) -> dict[str, int]:
    """Count ends of support in the year to come and before, and reviews that are due; one query."""
    stands = Q(status__in=STATUSES_STANDING) | Q(status=None)
    shown = {"support": expression(BY_KEY["end_of_support_on"], viewer)}
    wanted = {
        "ending": Count("pk", filter=stands & Q(support__gte=today, support__lte=until)),
        "ended": Count("pk", filter=stands & Q(support__lt=today)),
    }
    if may_show(BY_KEY["review_due_on"], viewer):
        shown["review"] = expression(BY_KEY["review_due_on"], viewer)
        wanted["reviews"] = Count("pk", filter=Q(review__lte=today))
    counts: dict[str, int] = park(viewer, ALL).order_by().annotate(**shown).aggregate(**wanted)
    return counts


def _unit_lines(viewer: Viewer) -> list[UnitLine]:
    """Return the own units by platform and name; those outside a platform last; two queries."""
    rows = park(viewer, STANDING).order_by().values_list("unit__uid").annotate(Count("pk"))
    counts: dict[UUID, int] = dict(rows)
    units = programme_units(viewer=viewer).filter(home_id=OWN)
    units = units.order_by(F("platform_seen").asc(nulls_last=True), "name", "pk")
    columns = ("uid", "name", "platform_uid_seen", "platform_seen")
    return [
        UnitLine(uid, name, platform_uid, platform or "", counts.get(uid, 0))
        for uid, name, platform_uid, platform in units.values_list(*columns)
    ]


def last_changes(*, viewer: Viewer) -> list[Change]:
    """Return the last changes by hand of sections this viewer may see, newest first; two queries.

    What one save changed in a record is one change. Members only, else nothing.
    """
    if not viewer.is_member:
        return []
    together: dict[tuple[UUID, datetime], list[tuple[str, str, int, str | None]]] = {}
    for uid, kind, section, revision, at, by in _last_sections():
        together.setdefault((uid, at), []).append((kind, section, revision, by))
    rows = _rows_of({(entries[0][0], uid) for (uid, _at), entries in together.items()}, viewer)
    changes = []
    for (uid, at), entries in together.items():
        if uid in rows and (change := _change(uid, at, entries, rows[uid], viewer)):
            changes.append(change)
        if len(changes) == SHOWN:
            break
    return changes


def _last_sections() -> QuerySet[Any, Any]:
    newest = Subquery(Section.objects.order_by("-pk").values("pk")[:1], output_field=BigIntegerField())
    rows = Section.objects.filter(home_id=OWN, batch=None, pk__gt=newest - NOT_OLDER_THAN).order_by("-pk")
    return rows.values_list("uid", "kind", "section", "revision", "at", "by__name")[:LOOKED_AT]


def _rows_of(wanted: Iterable[tuple[str, UUID]], viewer: Viewer) -> dict[UUID, tuple[str, frozenset[str]]]:
    """Return uid > (name, scopes) of those records that are the viewer's to see; one query for all kinds."""
    uids: dict[str, list[UUID]] = {}
    for kind, uid in wanted:
        uids.setdefault(kind, []).append(uid)
    parts = [_named(kind_of(kind), held, viewer) for kind, held in sorted(uids.items())]
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {
        uid: (str(name), frozenset(str(scope) for scope in (uid, *scopes) if scope))
        for uid, name, *scopes in found
    }


def _named(kind: Kind, uids: list[UUID], viewer: Viewer) -> QuerySet[Any, Any]:
    """Read uid, name and the two further uids that a grant may name, alike for every kind."""
    further = [path for path in kind.scope_paths if path != "uid"]
    # Cast, or PostgreSQL takes the NULL of the first kinds for a text and the union for an error.
    nothing = Cast(Value(None), UUIDField())
    shown: dict[str, Any] = {
        f"scope_{place}": F(further[place]) if place < len(further) else nothing for place in range(2)
    }
    rows = kind.model._default_manager.get_queryset().visible(viewer)  # type: ignore[attr-defined]
    rows = rows.filter(home_id=OWN, uid__in=uids).order_by().annotate(shown_name=F(kind.title), **shown)
    named: QuerySet[Any, Any] = rows.values_list("uid", "shown_name", *shown)
    return named


def _change(
    uid: UUID,
    at: datetime,
    entries: Sequence[tuple[str, str, int, str | None]],
    row: tuple[str, frozenset[str]],
    viewer: Viewer,
) -> Change | None:
    """Describe a change by the sections the viewer may see; None when that is none of them."""
    kind = kind_of(entries[0][0])
    name, scopes = row
    written = {section: revision for _kind, section, revision, _by in entries}
    seen = [spec for spec in kind.sections if spec.name in written and viewer.may(spec.see, scopes)]
    if not seen:
        return None
    return Change(
        name=name,
        kind=str(kind.label),
        url=reverse(kind.page, args=[uid]),
        is_new=written.get("basics") == 1,
        parts=tuple(str(spec.label) for spec in seen),
        by=entries[0][3] or _("the node itself"),
        at=at,
    )


def last_imports(*, viewer: Viewer, most: int = 3) -> list[Brought]:
    """Return the last accepted imports that this viewer may open, newest first; one query or none."""
    if not viewer.may_somewhere(Action.IMPORT):
        return []
    rows = visible_batches(viewer).filter(state="accepted", accepted_at__isnull=False)
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


def start(*, viewer: Viewer, has_instruments: bool) -> tuple[Start, UUID | None] | None:
    """Return how far the node has come and its organisation's uid; one query, None for who only uses it."""
    if not viewer.may(Action.MANAGE_PEOPLE):
        return None
    others = Person.objects.filter(is_active=True, is_erased=False).exclude(pk=viewer.person_id or 0)
    shared = PolicyCell.objects.filter(mask__gt=0)
    organisation = Organisation.objects.visible(viewer).own().order_by().values("uid")[:1]
    rows = Home.objects.filter(pk=OWN).annotate(
        organisation=Subquery(organisation), people=Exists(others), shares=Exists(shared)
    )
    uid, has_people, is_sharing = rows.values_list("organisation", "people", "shares").get()
    return Start(has_instruments, bool(has_people), bool(is_sharing)), uid


def shown(*, viewer: Viewer) -> Shown:
    """Return what a visitor, or who borrows a visitor's eyes, may see of the organisation; four queries."""
    return Shown(
        organisation=own_organisation(viewer=viewer),
        platforms=list(Platform.objects.visible(viewer).own().order_by("name", "pk")),
        unit_count=Unit.objects.visible(viewer).own().count(),
        instrument_count=Instrument.objects.visible(viewer).own().count(),
    )
