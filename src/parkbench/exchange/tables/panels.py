"""What the exchange shows on pages of records: the ledger of one, warnings, the way to a group's members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import Partner
from parkbench.exchange.queries import ledger as queries
from parkbench.exchange.queries.notices import notices as waiting_notices
from parkbench.exchange.queries.partners import authorities, names_of_records, sees_counts
from parkbench.exchange.tables import ledger, notices, pages
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Viewer
from parkbench.ui.slots import Panel


def partner_ledger(partner: Partner, *, viewer: Viewer) -> dict[str, Any] | None:
    """Return what the ledger of a partner is drawn with; None for whoever may not know of every part."""
    if not sees_counts(viewer):
        return None
    left = queries.departures(partner, viewer=viewer)
    names = names_of_records([(one.kind, one.uid) for one in left if one.uid is not None])
    lines = queries.journal_lines(partner, viewer=viewer)
    return {
        "journals": ledger.journals(lines),
        "is_unshared": bool(lines) and not any(line.count for line in lines),
        "departures": ledger.departures(left, names),
        "seconds": ledger.poll_seconds(left, idle=ledger.IDLE if lines else 0),
        "url": reverse("exchange:partner-ledger", args=[partner.pk]),
    }


def on_sharing(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what each partner is offered of an own record and what it removed; ``ids`` is "<kind>/<uid>"."""
    name, _mark, uid = ids[0].partition("/")
    kind = next((one for one in kinds() if one.name == name), None)
    if kind is None or not viewer.is_member:
        return None
    lines = queries.record_lines(kind=name, uid=UUID(uid), viewer=viewer)
    if not lines:
        return None
    left = [line.departure for line in lines if line.departure is not None]
    law = [line.partner.home.name for line in lines if line.is_offered and line.partner.is_public_authority]
    context = {
        "warning": pages.law(list(dict.fromkeys(law))) if law else "",
        "lines": ledger.record(lines, labels=_labels(kind)),
        "seconds": ledger.poll_seconds(left),
        "url": reverse("exchange:record-ledger", args=[name, UUID(uid)]),
    }
    return Panel(_("What partners hold of it"), "exchange/record_ledger.html", context)


def _labels(kind: Kind) -> dict[str, str]:
    return {spec.name: str(spec.label) for spec in kind.sections}


def on_policy(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return a warning when a change opens copies to public authorities; ``ids`` says to whom it opens.

    One query.
    """
    if not viewer.may(Action.SET_POLICY) or not {"partners", "groups"} & set(ids):
        return None
    names = [partner.home.name for partner in authorities(in_groups_only="partners" not in ids)]
    return Panel("", "exchange/law.html", {"warning": pages.law(names)}) if names else None


def on_overview(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return what of the exchange waits for whoever operates the node; two queries."""
    if not viewer.may(Action.OPERATE):
        return None
    lines = notices.lines(waiting_notices())
    return Panel("", "exchange/notices.html", {"lines": lines}) if lines else None


def on_group(*, ids: Sequence[str], viewer: Viewer) -> Panel | None:
    """Return the way to the members of a group of partners; no query."""
    if not viewer.may(Action.SET_POLICY):
        return None
    return Panel("", "exchange/group_link.html", {"url": reverse("exchange:circle", args=[ids[0]])})
