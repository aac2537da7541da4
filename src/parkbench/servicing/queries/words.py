"""Sums of service events in words: no currency is added to another, what is not known is said."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.lib.money import format_money
from parkbench.servicing.rules import Purse, Sums, as_days


def amount(minor: int, currency: str, vat: str) -> str:
    """Return an amount with its currency and what is said of VAT."""
    return f"{format_money(minor, currency)} {vat_of(vat)}"


def vat_of(vat: str) -> str:
    """Return what is said of VAT."""
    return {"excluded": _("without VAT"), "included": _("with VAT")}.get(vat, _("VAT not said"))


def costs(held: Mapping[Purse, int]) -> str:
    """Return the amounts one after the other, the largest currency code last; '' when there is none."""
    return "; ".join(amount(minor, *purse) for purse, minor in sorted(held.items()))


def costs_note(sums: Sums) -> str:
    """Say how many events have no cost, and of how many it is not shared with this viewer."""
    notes = []
    if sums.unpriced:
        notes.append(
            ngettext("%(n)s event without a cost", "%(n)s events without a cost", sums.unpriced)
            % {"n": sums.unpriced}
        )
    if sums.withheld:
        notes.append(_("of %(n)s not shared with you") % {"n": sums.withheld})
    return ", ".join(notes)


def days(tenths: int) -> str:
    """Return tenths of a day in words: “2 days”, “0.5 days”."""
    return ngettext("%(days)s day", "%(days)s days", 1 if tenths == 10 else 2) % {"days": as_days(tenths)}


def down(sums: Sums) -> str:
    """Return for how long, as far as it is known; '' when it is known of no event."""
    return as_days(sums.down) if sums.known else ""


def down_note(sums: Sums) -> str:
    """Say of how many events the days down are not known, and how many still last."""
    notes = []
    if sums.unknown:
        words = {"n": sums.unknown, "all": sums.events}
        notes.append(_("not known for %(n)s of %(all)s events") % words)
    if sums.open:
        notes.append(_("%(n)s still down, counted until today") % {"n": sums.open})
    return ", ".join(notes)
