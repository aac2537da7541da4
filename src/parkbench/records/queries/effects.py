"""What a change of the sharing policy would do, counted before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.records import rules
from parkbench.records.models import OWN, JournalEntry, PolicyCell, Section, SharingException
from parkbench.records.registry import Kind, SectionSpec, kinds, members_of_groups
from parkbench.records.rules import ReadyPolicy

Cell = tuple[str, str]
"""A kind and one of its sections."""


@dataclass(frozen=True, slots=True)
class CellEffect:
    """What a change would do to one section of one kind; only records that have this section are counted.

    ``opens`` and ``closes`` count the records whose section somebody outside comes to see, or sees no more,
    by the widest of them: "public", "partners", "groups". ``follow`` counts the records that the policy
    decides on, ``exceptions`` those that say otherwise themselves, ``waiting`` those before their date to
    share from.
    """

    kind: Kind
    label: str
    before: int
    after: int
    follow: int = 0
    exceptions: int = 0
    waiting: int = 0
    opens: Mapping[str, int] = field(default_factory=dict)
    closes: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_opening(self) -> bool:
        """Whether somebody outside comes to see what they do not see now."""
        return not rules.is_within(self.after, self.before)

    @property
    def is_closing(self) -> bool:
        """Whether somebody outside no longer sees what they see now."""
        return not rules.is_within(self.before, self.after)

    @property
    def is_moving(self) -> bool:
        """Whether any record opens or closes."""
        return bool(self.opens or self.closes)


@dataclass(slots=True)
class _Group:
    """Records of which all that counts here is alike, and how many they are."""

    mask: int
    said: int | None
    basics: int | None
    is_late: bool
    count: int

    def target(self, cells: Mapping[str, int], section: str) -> int:
        """Return where their section belongs under this policy; the same rule as the journals follow."""
        if self.is_late:
            return rules.NOBODY
        basics = cells.get("basics", rules.NOBODY) if self.basics is None else self.basics
        if section == "basics":
            return rules.journals(basics)
        wish = cells.get(section, rules.NOBODY) if self.said is None else self.said
        return rules.clamp(wish, within=basics)


def policy_effects(*, cells: Mapping[Cell, int], now: datetime | None = None) -> list[CellEffect]:
    """Return what giving these (kind, section) cells these masks would do, before it is done.

    A section whose own cell stays is told of too when its basics close over it. One query for the policy and
    one per section of the kinds that change, whatever the number of records.
    """
    now = now or timezone.now()
    old: dict[Cell, int] = {
        (kind, section): mask
        for kind, section, mask in PolicyCell.objects.values_list("kind", "section", "mask")
    }
    changed = {
        cell for cell, mask in cells.items() if rules.journals(mask) != rules.journals(old.get(cell, 0))
    }
    effects = []
    for kind in kinds():
        if not any(name == kind.name for name, _section in changed):
            continue
        before = {section: mask for (name, section), mask in old.items() if name == kind.name}
        after = before | {section: mask for (name, section), mask in cells.items() if name == kind.name}
        for spec in shareable(kind):
            effect = _effect(kind, spec, before, after, now)
            if (kind.name, spec.name) in changed or effect.is_moving:
                effects.append(effect)
    return effects


def shareable(kind: Kind) -> list[SectionSpec]:
    """Return the sections of a kind that may leave the organisation."""
    return [spec for spec in kind.sections if spec.see is not Action.SEE_INTERNAL]


def _effect(
    kind: Kind, spec: SectionSpec, before: Mapping[str, int], after: Mapping[str, int], now: datetime
) -> CellEffect:
    opens: Counter[str] = Counter()
    closes: Counter[str] = Counter()
    kinds_of: Counter[str] = Counter()
    for group in _groups(kind, spec, now):
        target = group.target(after, spec.name)
        opens[rules.gained(group.mask, target)] += group.count
        closes[rules.gained(target, group.mask)] += group.count
        is_own = group.said is not None
        kinds_of["waiting" if group.is_late else "exceptions" if is_own else "follow"] += group.count
    plain = _Group(rules.NOBODY, None, None, False, 0)
    return CellEffect(
        kind,
        str(spec.label),
        plain.target(before, spec.name),
        plain.target(after, spec.name),
        opens={who: count for who, count in opens.items() if who},
        closes={who: count for who, count in closes.items() if who},
        **kinds_of,
    )


def _groups(kind: Kind, spec: SectionSpec, now: datetime) -> list[_Group]:
    """Count own live records that have the section, by what decides who sees it; one query."""
    said = SharingException.objects.filter(uid=OuterRef("uid"))
    written = Section.objects.filter(
        uid=OuterRef("uid"), section=spec.name, home_id=OWN, is_current=True
    ).exclude(digest="")
    rows = kind.model._default_manager.filter(Exists(written), home_id=OWN, deleted_at=None).order_by()
    grouped = rows.annotate(
        _said=Subquery(said.filter(section=spec.name).values("mask")[:1]),
        _basics=Subquery(said.filter(section="basics").values("mask")[:1]),
        _late=Exists(said.filter(section="", share_from__gt=now)),
    ).values_list(spec.mask, "_said", "_basics", "_late")
    return [_Group(*values) for values in grouped.annotate(_count=Count("pk"))]


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready policy as it would be taken: its cells, how many of them change, whether it is in force."""

    policy: ReadyPolicy
    cells: Mapping[Cell, int]
    change_count: int

    @property
    def is_in_force(self) -> bool:
        """Whether the policy of this node says exactly this."""
        return self.change_count == 0


def ready_policies(*, policy: Mapping[Cell, int]) -> list[Ready]:
    """Return the ready policies as they would stand on this node, for all kinds it knows."""
    found = []
    for ready in rules.READY:
        cells = ready_cells(ready)
        changes = sum(
            rules.journals(mask) != rules.journals(policy.get(cell, 0)) for cell, mask in cells.items()
        )
        found.append(Ready(ready, cells, changes))
    return found


def ready_cells(ready: ReadyPolicy) -> dict[Cell, int]:
    """Return what a ready policy says of every section that may leave the organisation."""
    return {
        (kind.name, section): mask
        for kind in kinds()
        for section, mask in ready.masks(kind.name, [spec.name for spec in shareable(kind)]).items()
    }


@dataclass(frozen=True, slots=True)
class GroupUse:
    """A group of partners: in how many cells of the policy and by how many records it is named.

    ``has_history``: something was shared with it once, so that its journal must stay.
    """

    pk: int
    token: Any
    name: str
    cell_count: int
    record_count: int
    has_history: bool
    members: Sequence[str] = ()

    @property
    def is_free(self) -> bool:
        """Whether the group can be removed."""
        return not (self.cell_count or self.record_count or self.has_history or self.members)


def groups_in_use(*, groups: Iterable[Any]) -> list[GroupUse]:
    """Return for every group of partners where it is named and who is in it; four queries."""
    groups = list(groups)
    cells = list(PolicyCell.objects.values_list("mask", flat=True))
    said = SharingException.objects.filter(mask__gte=1 << rules.FIRST_FREE_BIT)
    masks = dict(said.order_by().values_list("mask").annotate(count=Count("uid", distinct=True)))
    entries = JournalEntry.objects.filter(audience__in=[group.pk for group in groups]).order_by()
    members = members_of_groups()
    journals = set(entries.values_list("audience_id", flat=True).distinct())
    return [
        GroupUse(
            group.pk,
            group.token,
            group.name,
            sum(mask >> group.bit & 1 for mask in cells),
            sum(count for mask, count in masks.items() if mask >> group.bit & 1),
            group.pk in journals,
            members.get(str(group.token), ()),
        )
        for group in groups
    ]


def ready_named(name: str) -> ReadyPolicy | None:
    """Return the ready policy of that name, None for any other text."""
    return next((ready for ready in rules.READY if ready.name == name), None)
