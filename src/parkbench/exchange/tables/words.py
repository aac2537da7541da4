"""States, times and counts of the exchange in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.exchange.models import Partner
from parkbench.exchange.queries.partners import HeldKind
from parkbench.exchange.rules import State, fit
from parkbench.records.models import Audience
from parkbench.ui.lists import Tone

TONES: dict[str, Tone] = {
    State.INVITED: "quiet",
    State.PENDING: "warn",
    State.ACTIVE: "good",
    State.SUSPENDED: "warn",
    State.ENDED: "quiet",
}


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Say how long ago something was, such as "3 h ago"; '' for never."""
    if moment is None:
        return ""
    passed = (now or timezone.now()) - moment
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed < timedelta(hours=1):
        return _("%(n)d min ago") % {"n": passed // timedelta(minutes=1)}
    if passed < timedelta(days=2):
        return _("%(n)d h ago") % {"n": passed // timedelta(hours=1)}
    return ngettext("%(n)d day ago", "%(n)d days ago", passed.days) % {"n": passed.days}


def exact(moment: datetime | None) -> str:
    """Return a moment to the second in the organisation's zone; today's without its day."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    clock = formats.time_format(local, "H:i:s")
    if local.date() == timezone.localdate():
        return clock
    return f"{formats.date_format(local, 'j F Y')}, {clock}"


def day(moment: datetime | None) -> str:
    """Return the day of a moment in the organisation's zone; '' for never."""
    return formats.date_format(timezone.localtime(moment), "j F Y") if moment else ""


def size(count: int) -> str:
    """Return bytes in a unit that people read."""
    for unit, limit in (("B", 1_000), ("kB", 1_000_000), ("MB", 1_000_000_000)):
        if count < limit:
            number = count / (limit / 1_000)
            return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
    return f"{count / 1_000_000_000:.1f} GB"


def parts(count: int) -> str:
    """Say how many parts; pages that say so explain what a part is."""
    return ngettext("%(n)d part", "%(n)d parts", count) % {"n": count}


def held(kinds: Sequence[HeldKind]) -> str:
    """Say how many records of which kinds are held; '' for none."""
    return ", ".join(f"{line.count} {label(line)}" for line in kinds)


def label(line: HeldKind) -> str:
    """Return the name of a kind; of one that this version does not know, as the partner calls it."""
    if line.kind is None:
        return _("“%(name)s” (not understood by this version)") % {"name": fit(line.name, 40)}
    return str(line.kind.label if line.count == 1 else line.kind.label_plural).lower()


def journal(audience: Audience) -> str:
    """Return what a journal of ours is for a partner that reads it."""
    return {
        Audience.Sort.PUBLIC: _("what everybody sees"),
        Audience.Sort.PARTNERS: _("what all partners see"),
        Audience.Sort.CIRCLE: _("what the group “%(name)s” sees") % {"name": audience.name},
        Audience.Sort.PARTNER: _("what this partner alone sees"),
    }[Audience.Sort(audience.sort)]


def held_journal(sort: str, name: str) -> str:
    """Return what a partner's journal is for us."""
    words = {
        "public": _("what it shows everybody"),
        "partners": _("what it shows all its partners"),
        "partner": _("what it shows us alone"),
    }
    if sort in words:
        return words[sort]
    return _("a group: %(name)s") % {"name": fit(name, 100)} if name else _("a group that we are in")


def next_step(partner: Partner) -> str:
    """Say where a partnership stands and what is to be done next, and by whom."""
    name = {"name": partner.home.name}
    if partner.offered:
        return _("Its keys changed. Compare the new fingerprint by telephone before you trust it.")
    if partner.state == State.PENDING:
        return (
            _(
                "Compare the fingerprint with %(name)s by telephone and sign the terms, then confirm. Until "
                "then it is given nothing, and nothing is read from it."
            )
            % name
        )
    if partner.has_ended_there:
        return _("%(name)s has ended the partnership on its side. End it here too.") % name
    if partner.state == State.SUSPENDED:
        return _("Suspended here: it is given nothing, and its records are hidden. Resume it, or end it.")
    if partner.state == State.ENDED:
        return _("Ended. To begin again, invite %(name)s anew.") % name
    return _next_of_active(partner)


def _next_of_active(partner: Partner) -> str:
    name = {"name": partner.home.name}
    if partner.their_state == State.SUSPENDED:
        return _("%(name)s has suspended the partnership on its side. Its records are hidden here.") % name
    if partner.verified_at is None:
        return (
            _(
                "You have confirmed. An administrator of %(name)s has still to do the same there; it is "
                "asked again every few minutes."
            )
            % name
        )
    if partner.problem:
        return _("The last reading did not succeed: %(why)s") % {"why": fit(partner.problem, 500)}
    return _("Both sides have confirmed. Nothing is to be done.")
