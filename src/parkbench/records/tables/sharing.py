"""Who sees which part and why, what a change of the policy does, the ready policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.queries import CellEffect, Reach, Ready, in_words
from parkbench.records.registry import Kind


@dataclass(frozen=True, slots=True)
class SharingLine:
    """One part of a record: who sees it outside, and why."""

    label: str
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadyCard:
    """A ready policy as the page offers it."""

    name: str
    title: str
    text: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What a change does to one part of one kind, in words; empty lists for what nothing happens to."""

    effect: CellEffect
    before: str
    after: str
    opens: Sequence[str]
    closes: Sequence[str]
    apart: Sequence[str]


@dataclass(frozen=True, slots=True)
class EffectTotals:
    """How many parts of records a whole change opens and closes."""

    opens: int
    closes: int
    widest: Sequence[str] = ()
    """Who comes to see something: "public", "partners", "groups"."""


def eyes(audiences: Sequence[Audience]) -> list[tuple[str, str]]:
    """Return (what to send, name) of everybody whose eyes a member may borrow, the public first."""
    single = [(str(one.token), one.name) for one in audiences if one.bit >= rules.FIRST_FREE_BIT]
    return [("public", _("the public")), ("partners", _("all partners")), *single]


def sharing_lines(
    reach: Sequence[Reach], *, kind: Kind, share_from: datetime | None, written: frozenset[str]
) -> list[SharingLine]:
    """Say for every part who sees it outside, and why."""
    basics = next((part.wish for part in reach if part.section == "basics"), rules.NOBODY)
    return [
        SharingLine(part.label, part.words, _why(part, basics, kind, share_from, part.section in written))
        for part in reach
    ]


def _why(part: Reach, basics: int, kind: Kind, share_from: datetime | None, is_written: bool) -> str:
    if not part.is_shareable:
        return _("This part never leaves the organisation.")
    if not is_written:
        return _("Nothing is entered here yet.")
    if share_from is not None and share_from > timezone.now():
        local = timezone.localtime(share_from)
        when = f"{formats.date_format(local, 'j F Y')}, {formats.time_format(local, 'H:i')}"
        return _("Nothing of this record is shared before %(when)s.") % {"when": when}
    due = rules.clamp(part.wish, within=basics)
    if rules.journals(part.mask) != due:
        return _("The policy was widened a moment ago; this follows.")
    why = (
        _("This record says so.")
        if part.is_exception
        else _("The policy for %(kinds)s says so.") % {"kinds": kind.label_plural}
    )
    if due != rules.journals(part.wish):
        return _("%(why)s It is kept within what the basics are.") % {"why": why}
    return why


def ready_cards(found: Iterable[Ready]) -> list[ReadyCard]:
    """Describe the ready policies."""
    words = {
        "closed": (_("Closed"), _("Nobody outside sees anything by policy.")),
        "catalogue": (
            _("Catalogue"),
            _(
                "Everybody sees the basics of platforms, units, sites, services and instruments, and what "
                "they can do. Nothing else leaves the organisation."
            ),
        ),
        "trusted-partners": (
            _("Trusted partners"),
            _(
                "Everybody sees the basics of what you offer. All partners also see capacity, contact and "
                "prices, and the basics of everything else. Economics and internal parts stay here."
            ),
        ),
    }
    return [ReadyCard(one.policy.name, *words[one.policy.name], one.is_in_force) for one in found]


def effect_lines(effects: Iterable[CellEffect], *, known: Sequence[Audience]) -> list[EffectLine]:
    """Say what a change does, part by part."""
    return [
        EffectLine(
            effect,
            in_words(effect.before, known),
            in_words(effect.after, known),
            _counted(effect.opens, _opening),
            _counted(effect.closes, _closing),
            _apart(effect),
        )
        for effect in effects
    ]


def effect_totals(lines: Iterable[EffectLine]) -> EffectTotals:
    """Sum what a change opens and closes."""
    lines = list(lines)
    opens = sum(sum(line.effect.opens.values()) for line in lines)
    closes = sum(sum(line.effect.closes.values()) for line in lines)
    opened = {who for line in lines for who in line.effect.opens}
    widest = [who for who in ("public", "partners", "groups") if who in opened]
    return EffectTotals(opens, closes, widest)


def _opening(who: str, count: int) -> str:
    words = {
        "public": ngettext("%(count)s opens to everybody", "%(count)s open to everybody", count),
        "partners": ngettext("%(count)s opens to all partners", "%(count)s open to all partners", count),
        "groups": ngettext("%(count)s opens to a group", "%(count)s open to groups", count),
    }
    return words[who] % {"count": count}


def _closing(who: str, count: int) -> str:
    words = {
        "public": ngettext("%(count)s closes to the public", "%(count)s close to the public", count),
        "partners": ngettext("%(count)s closes to all partners", "%(count)s close to all partners", count),
        "groups": ngettext("%(count)s closes to a group", "%(count)s close to groups", count),
    }
    return words[who] % {"count": count}


def _counted(counts: Mapping[str, int], words: Callable[[str, int], str]) -> list[str]:
    return [words(who, counts[who]) for who in ("public", "partners", "groups") if counts.get(who)]


def _apart(effect: CellEffect) -> list[str]:
    """Say which records the policy does not decide on."""
    found = []
    if effect.exceptions:
        words = ngettext(
            "%(count)s record says otherwise itself",
            "%(count)s records say otherwise themselves",
            effect.exceptions,
        )
        found.append(words % {"count": effect.exceptions})
    if effect.waiting:
        words = ngettext(
            "%(count)s record waits for its date", "%(count)s records wait for their date", effect.waiting
        )
        found.append(words % {"count": effect.waiting})
    return found
