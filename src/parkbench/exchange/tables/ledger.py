"""The sharing ledger in words, for a partner and for a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.exchange.queries.ledger import Departure, JournalLine, RecordLine
from parkbench.exchange.tables import words
from parkbench.records.registry import Kind, kinds
from parkbench.ui.lists import Tone

WATCHED = timedelta(minutes=15)
"""For so long after a withdrawal the page asks every two seconds how it stands; then every minute."""


IDLE = 10
"""Seconds after which a partner's page asks again while nothing waits: one takes back in another window."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger: what, where, how it stands."""

    what: str
    where: str
    status: str
    tone: Tone
    url: str | None = None
    note: str = ""


def journals(lines: Sequence[JournalLine]) -> list[LedgerLine]:
    """Say what a partner is offered by each journal, and how far it has come."""
    return [
        LedgerLine(words.parts(line.count), capfirst(words.journal(line.audience)), *_progress(line))
        for line in lines
    ]


def _progress(line: JournalLine) -> tuple[str, Tone]:
    if line.told_at is None:
        return (_("not fetched yet") if line.count else _("nothing to fetch"), "quiet")
    said = {"when": words.exact(line.told_at)}
    if line.is_at_head:
        return (_("fetched, told at %(when)s") % said, "good")
    return (_("fetched in part, told at %(when)s") % said, "warn")


def departures(lines: Sequence[Departure], names: Mapping[UUID, str]) -> list[LedgerLine]:
    """Say what left a partner's reach: told, removed, confirmed."""
    return [
        LedgerLine(
            _what(line, names),
            capfirst(words.journal(line.audience)),
            *status(line),
            url=_sharing_url(line),
            note=_("withdrawn at %(when)s") % {"when": words.exact(line.at)},
        )
        for line in lines
    ]


def record(
    lines: Sequence[RecordLine], *, labels: Mapping[str, str]
) -> list[tuple[str, str, list[LedgerLine]]]:
    """Say, partner by partner (name, address, lines), what it is offered of a record and what left it."""
    found: dict[int, tuple[str, str, list[LedgerLine]]] = {}
    for line in lines:
        partner = line.partner
        address = reverse("exchange:partner", args=[partner.pk])
        told = found.setdefault(partner.pk, (partner.home.name, address, []))
        told[2].append(_record_line(line, labels.get(line.section, line.section)))
    return list(found.values())


def _record_line(line: RecordLine, label: str) -> LedgerLine:
    if line.departure is None:
        if line.fetched_at is None:
            return LedgerLine(label, "", _("offered, not fetched yet"), "quiet")
        when = {"when": words.exact(line.fetched_at)}
        return LedgerLine(label, "", _("offered, fetched: told at %(when)s") % when, "info")
    note = _("withdrawn at %(when)s") % {"when": words.exact(line.departure.at)}
    return LedgerLine(label, "", *status(line.departure), note=note)


def status(line: Departure) -> tuple[str, Tone]:
    """Say how far a withdrawal has come."""
    if line.removed_at is not None and line.frozen_count:
        said = ngettext(
            "removed, confirmed at %(when)s; %(n)d part frozen under a request for access",
            "removed, confirmed at %(when)s; %(n)d parts frozen under a request for access",
            line.frozen_count,
        )
        return (said % {"when": words.exact(line.removed_at), "n": line.frozen_count}, "warn")
    if line.removed_at is not None:
        return (_("removed, confirmed at %(when)s") % {"when": words.exact(line.removed_at)}, "good")
    if not line.was_held:
        return (_("was never fetched: nothing to remove"), "quiet")
    if line.told_at is not None:
        return (_("told at %(when)s, not confirmed yet") % {"when": words.exact(line.told_at)}, "warn")
    return (_("not told yet: it has not asked since"), "warn")


def poll_seconds(lines: Sequence[Departure], *, idle: int = 0) -> int:
    """Return after how many seconds the ledger is worth asking for again; ``idle`` when all is confirmed."""
    waiting = [line.at for line in lines if line.is_open]
    if not waiting:
        return idle
    return 2 if max(waiting) > timezone.now() - WATCHED else 60


def _what(line: Departure, names: Mapping[UUID, str]) -> str:
    if line.uid is None:
        return ngettext("the whole journal, %(n)d part", "the whole journal, %(n)d parts", line.count) % {
            "n": line.count
        }
    kind = next((one for one in kinds() if one.name == line.kind), None)
    name = names.get(line.uid) or str(line.uid)
    return f"{name}: {_label(kind, line.section)}"


def _label(kind: Kind | None, section: str) -> str:
    specs = kind.sections if kind is not None else ()
    return next((str(spec.label) for spec in specs if spec.name == section), section)


def _sharing_url(line: Departure) -> str | None:
    try:
        return reverse("records:sharing", args=[line.kind, line.uid]) if line.uid else None
    except NoReverseMatch:
        return None
