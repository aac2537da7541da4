"""Reads on sharing: audiences, policy, who sees which part, what a change of the policy would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.records import rules
from parkbench.records.models import (
    OWN,
    REGISTER,
    Audience,
    PolicyCell,
    Section,
    SharingException,
)
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import Viewer, sections


@dataclass(frozen=True, slots=True)
class Reach:
    """Who sees one section outside: in words, and whether the policy or the record says so."""

    section: str
    label: str
    mask: int
    words: str
    is_exception: bool
    is_shareable: bool
    wish: int


@dataclass(frozen=True, slots=True)
class CellEffect:
    """What changing one cell of the policy would do.

    ``follow`` counts the records it moves, ``exceptions`` those that say otherwise themselves, ``waiting``
    those before their date to share from; only records that have this section at all are counted.
    """

    kind: Kind
    label: str
    before: int
    after: int
    follow: int
    exceptions: int
    waiting: int

    @property
    def is_opening(self) -> bool:
        """Whether somebody outside comes to see what they do not see now."""
        return not rules.is_within(self.after, self.before)

    @property
    def is_closing(self) -> bool:
        """Whether somebody outside no longer sees what they see now."""
        return not rules.is_within(self.before, self.after)


def audiences() -> list[Audience]:
    """Return all audiences, the widest first."""
    return list(Audience.objects.order_by("bit"))


def policy() -> dict[tuple[str, str], int]:
    """Return the policy as (kind, section) > mask."""
    rows = PolicyCell.objects.values_list("kind", "section", "mask")
    return {(kind, section): mask for kind, section, mask in rows}


def in_words(mask: int, known: Iterable[Audience]) -> str:
    """Say in plain words who an audience mask is."""
    mask = rules.journals(mask)
    if mask == rules.NOBODY:
        return _("our organisation only")
    if mask & rules.PUBLIC:
        return _("everybody")
    if mask & rules.PARTNERS:
        return _("all partners")
    return ", ".join(audience.name for audience in known if mask >> audience.bit & 1)


def eyes_in_words(mask: int, known: Iterable[Audience]) -> str:
    """Say whose eyes a mask lends: the narrowest audiences in it, since those also see what is wider."""
    narrow = [audience.name for audience in known if mask >> audience.bit & 1 and audience.bit > 1]
    if narrow:
        return ", ".join(narrow)
    return _("all partners") if mask & rules.PARTNERS else _("the public")


def badge_of(*, kind: Kind, row: Any, viewer: Viewer) -> str:
    """Say for a record's head who sees it outside; '' for outsiders, who need not know.

    No query while the record is shared with nobody, all partners or everybody.
    """
    if not viewer.is_member:
        return ""
    if row.home_id != OWN:
        return _("everybody") if row.home_id == REGISTER else _("our organisation only")
    widest = row.audience_mask
    known = audiences() if widest > rules.PARTNERS else ()
    words = in_words(widest, known)
    seen = sections(kind, row, viewer)
    shareable = [spec for spec in kind.sections if spec.see is not Action.SEE_INTERNAL]
    parts = [spec for spec in shareable if spec.name in seen and getattr(row, spec.at)]
    is_partial = any(getattr(row, spec.mask) != widest for spec in parts)
    return _("%(audience)s, in part") % {"audience": words} if is_partial else words


def reach_of(*, kind: Kind, row: Any, viewer: Viewer) -> list[Reach]:
    """Return who sees each section of a row; three queries.

    Of a section that is not the viewer's own to see, what the policy or the record says: whether it goes
    anywhere now would tell whether anything is written there.
    """
    seen = sections(kind, row, viewer)
    known = audiences()
    cells = {section: mask for (name, section), mask in policy().items() if name == kind.name}
    rows = SharingException.objects.filter(uid=row.uid, mask__isnull=False)
    exceptions: dict[str, Any] = dict(rows.values_list("section", "mask"))
    reach = []
    for spec in kind.sections:
        wish = exceptions.get(spec.name, cells.get(spec.name, rules.NOBODY))
        mask = getattr(row, spec.mask) if spec.name in seen else rules.clamp(wish, within=row.audience_mask)
        reach.append(
            Reach(
                section=spec.name,
                label=str(spec.label),
                mask=mask,
                words=in_words(mask, known),
                is_exception=spec.name in exceptions,
                is_shareable=spec.see is not Action.SEE_INTERNAL,
                wish=wish,
            )
        )
    return reach


def share_from(*, uid: UUID) -> datetime | None:
    """Return the instant before which nobody outside sees the record, if one is set."""
    return SharingException.objects.filter(uid=uid, section="").values_list("share_from", flat=True).first()


def policy_effects(*, cells: Mapping[tuple[str, str], int]) -> list[CellEffect]:
    """Return what giving these (kind, section) cells these masks would do, before it is done.

    At most three queries per cell, whatever the number of records.
    """
    old = policy()
    new = {**old, **cells}
    effects = []
    for (name, section), mask in cells.items():
        if rules.journals(mask) != rules.journals(old.get((name, section), rules.NOBODY)):
            effects.append(_effect(kind_of(name), section, old, new))
    return effects


def _effect(
    kind: Kind, section: str, old: Mapping[tuple[str, str], int], new: Mapping[tuple[str, str], int]
) -> CellEffect:
    live = kind.model._default_manager.filter(home_id=OWN, deleted_at=None).values("uid")
    filled = Section.objects.filter(
        home_id=OWN, kind=kind.name, section=section, is_current=True, uid__in=live
    ).exclude(digest="")
    said = SharingException.objects.filter(kind=kind.name)
    late = said.filter(share_from__gt=timezone.now()).values("uid")
    # A record that says something of its basics does not follow the policy in its other sections either.
    own = said.filter(mask__isnull=False, section__in=(section, "basics")).values("uid")
    total, waiting = filled.count(), filled.filter(uid__in=late).count()
    exceptions = filled.filter(uid__in=own).exclude(uid__in=late).count()

    def target(cells: Mapping[tuple[str, str], int]) -> int:
        wish = cells.get((kind.name, section), rules.NOBODY)
        return rules.clamp(wish, within=cells.get((kind.name, "basics"), rules.NOBODY))

    follow = total - waiting - exceptions
    label = str(kind.section(section).label)
    return CellEffect(kind, label, target(old), target(new), follow, exceptions, waiting)
