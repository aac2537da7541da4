"""Frozen records and disposals in words, and the file of disposals for the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.accounts.rules import Action
from parkbench.exchange.models import Disposal, FrozenRecord, Partner
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.rules import fit
from parkbench.exchange.tables import words
from parkbench.lib.tabular.write import csv_chunks
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Viewer
from parkbench.ui.parts import Fact

HEADINGS = ("at", "node", "basis", "records", "parts")
"""Columns of the file for the archive; times in UTC."""


@dataclass(frozen=True, slots=True)
class FrozenLine:
    """One case: which record, whose, since when, by whom."""

    case: str
    what: str
    whose: str
    since: str
    by: str
    url: str = ""
    partner_url: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class PartLines:
    """One held part with its fields."""

    label: str
    facts: Sequence[Fact]
    note: str


@dataclass(frozen=True, slots=True)
class DisposalLine:
    """What was removed at one time, and on which basis."""

    at: str
    what: str
    basis: str


def panel(partner: Partner, *, viewer: Viewer) -> dict[str, Any] | None:
    """Return what a partner's page says to administrators under a public-access law; None elsewhere.

    ``may_freeze`` says whether the law applies now. Three queries.
    """
    if not viewer.may(Action.OPERATE):
        return None
    left = disposal_lines(queries.disposals(partner))
    is_authority = queries.node_state(viewer=viewer).is_public_authority
    if not is_authority and not left:
        return None
    return {
        "may_freeze": is_authority,
        "frozen_count": queries.frozen_count(partner),
        "disposals": left,
    }


def disposal_lines(rows: Sequence[Disposal]) -> list[DisposalLine]:
    """Say what was removed of a partner's, when, and on which basis."""
    return [DisposalLine(words.exact(row.at), _removed(row), row.basis) for row in rows]


def _removed(row: Disposal) -> str:
    whole = ngettext("%(n)d record", "%(n)d records", row.record_count) % {"n": row.record_count}
    return _("%(parts)s, %(records)s as a whole") % {
        "parts": words.parts(row.section_count),
        "records": whole,
    }


def disposals_csv(partner: Partner) -> Iterator[bytes]:
    """Yield the file of all disposals of a partner's copies, the oldest first; safe against formulas."""
    return csv_chunks(HEADINGS, _rows(partner))


def _rows(partner: Partner) -> Iterable[Sequence[Any]]:
    for row in queries.all_disposals(partner):
        yield (row.at.isoformat(), partner.home.address, row.basis, row.record_count, row.section_count)


def frozen_lines(rows: Sequence[FrozenRecord], partners: Mapping[int, int]) -> list[FrozenLine]:
    """Say which records are frozen, or were."""
    return [_frozen_line(row, partners.get(row.home_id)) for row in rows]


def _frozen_line(row: FrozenRecord, partner: int | None) -> FrozenLine:
    return FrozenLine(
        case=row.case,
        what=f"{_kind_label(row.kind)} {row.uid}",
        whose=row.home.name,
        since=words.exact(row.at),
        by=row.by.name if row.by else "",
        url=reverse("exchange:frozen-record", args=[row.pk]) if row.released_at is None else "",
        partner_url=reverse("exchange:partner", args=[partner]) if partner else "",
        until=words.exact(row.released_at),
    )


def frozen_facts(row: FrozenRecord) -> list[Fact]:
    """Say under which case a record is frozen, whose it is, since when, by whom."""
    return [
        Fact(_("Case number"), row.case),
        Fact(_("Record"), f"{row.home.address}/id/{fit(row.kind, 40)}/{row.uid}"),
        Fact(_("Belongs to"), fit(row.home.name)),
        Fact(_("Frozen since"), words.exact(row.at)),
        Fact(_("Frozen by"), row.by.name if row.by else ""),
    ]


def part_lines(row: FrozenRecord) -> list[PartLines]:
    """Return what is kept of a frozen record, part by part, field by field."""
    kind = next((one for one in kinds() if one.name == row.kind), None)
    return [
        PartLines(_section_label(kind, part.section), _field_facts(kind, part), _note(part))
        for part in queries.held_parts(row)
    ]


def _field_facts(kind: Kind | None, part: queries.HeldPart) -> list[Fact]:
    spec = next((one for one in kind.sections if one.name == part.section), None) if kind else None
    fields = spec.schema.model_fields if spec else {}
    return [
        Fact((fields[name].title if name in fields else None) or fit(name, 100) or _("Text"), value)
        for name, value in part.fields
    ]


def _note(part: queries.HeldPart) -> str:
    said = {"revision": part.revision, "at": words.exact(part.at)}
    state = _("its owner still shares it") if part.is_shared else _("its owner has taken it back")
    return _("revision %(revision)d, written %(at)s") % said + "; " + state


def _section_label(kind: Kind | None, section: str) -> str:
    specs = kind.sections if kind is not None else ()
    return next((str(spec.label) for spec in specs if spec.name == section), fit(section, 40))


def _kind_label(name: str) -> str:
    kind = next((one for one in kinds() if one.name == name), None)
    return str(kind.label) if kind is not None else fit(name, 40)


def filename(partner: Partner) -> str:
    """Return the name of the file of disposals."""
    return f"disposals-{partner.pk}-{timezone.localdate().isoformat()}.csv"
