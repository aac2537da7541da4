"""What waits for an administrator, in words: a line each, with the page where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.exchange.models import Partner
from parkbench.exchange.queries.notices import Notices
from parkbench.exchange.rules import fit
from parkbench.exchange.tables import words
from parkbench.ui.lists import Tone

MOST = 5
"""Partners of one sort; the list of partners tells of all."""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One line: what it is about in a word, what there is to know, where it is done."""

    label: str
    text: str
    url: str
    tone: Tone = "warn"


def lines(found: Notices) -> list[NoticeLine]:
    """Return what waits: what needs a hand first."""
    return [
        *_some([_waiting(one) for one in found.waiting]),
        *_some([_silent(one) for one in found.silent]),
        *_some([_troubled(one, count) for one, count in found.troubled]),
    ]


def _some(told: Sequence[NoticeLine]) -> list[NoticeLine]:
    if len(told) <= MOST:
        return list(told)
    rest = len(told) - MOST
    more = ngettext("%(n)d more partner", "%(n)d more partners", rest) % {"n": rest}
    return [*told[:MOST], NoticeLine(told[0].label, more, reverse("exchange:partners"))]


def _waiting(partner: Partner) -> NoticeLine:
    said = _("%(name)s waits for you to confirm it") % {"name": fit(partner.home.name)}
    return NoticeLine(_("partner"), said, reverse("exchange:confirm", args=[partner.pk]))


def _silent(partner: Partner) -> NoticeLine:
    said = {
        "name": fit(partner.home.name),
        "since": words.day(partner.verified_at),
        "until": words.day(partner.lease_until),
    }
    if partner.hidden_at is not None:
        text = _("%(name)s is silent since %(since)s: its records are hidden here") % said
    else:
        text = _("%(name)s is silent since %(since)s: on %(until)s its records are hidden here") % said
    return NoticeLine(_("lease"), text, reverse("exchange:partner", args=[partner.pk]))


def _troubled(partner: Partner, count: int) -> NoticeLine:
    said = ngettext(
        "%(n)d part that %(name)s shares is set aside",
        "%(n)d parts that %(name)s shares are set aside",
        count,
    )
    url = f"{reverse('exchange:partner', args=[partner.pk])}#set-aside"
    return NoticeLine(_("set aside"), said % {"n": count, "name": fit(partner.home.name)}, url)
