"""Reads on sharing: audiences, policy, who sees which part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.records import rules
from parkbench.records.models import (
    OWN,
    REGISTER,
    Audience,
    PolicyCell,
    SharingException,
)
from parkbench.records.registry import Kind
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
