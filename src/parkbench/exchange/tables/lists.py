"""The list of partners and of open invitations."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action as Right
from parkbench.exchange.models import Invitation, Partner
from parkbench.exchange.queries.partners import PartnerLine
from parkbench.exchange.rules import State
from parkbench.exchange.tables import words
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action, Cell, ColumnHead, Empty, ListPage, ListRow, Pager


def partners_page(lines: Sequence[PartnerLine], *, query: str, viewer: Viewer) -> ListPage:
    """Describe the list of partners, narrowed to those whose name or address holds the words of ``query``."""
    text = query.strip()[:200]
    lines = [line for line in lines if _fits(line.partner, text)]
    return ListPage(
        title=_("Partners"),
        intro=_(
            "The organisations that this node exchanges records with, and how each exchange stands. A part "
            "is a piece of a record that is shared by itself, such as its prices."
        ),
        columns=[
            ColumnHead("name", _("Partner")),
            ColumnHead("state", _("State"), kind="status"),
            ColumnHead("held", _("Shares with us")),
            ColumnHead("offered", _("Parts we share with it"), kind="number"),
            ColumnHead("verified", _("Confirmed")),
            ColumnHead("problems", _("Set aside"), kind="number"),
            ColumnHead("lease", _("Lease until"), kind="date"),
        ],
        rows=[_row(line) for line in lines],
        pager=Pager(total=len(lines), first_row=1 if lines else None, last_row=len(lines) or None),
        url=reverse("exchange:partners"),
        query=text,
        query_hint=_("Search in names and addresses"),
        clear_url=reverse("exchange:partners"),
        actions=page_actions(viewer),
        is_stacked=True,
        empty=Empty(
            title=_("No partners yet"),
            text=_(
                "A partner is another organisation with a Parkbench of its own: each keeps its records at "
                "home and sees of the other's exactly what its policy opens. Nothing leaves this node before "
                "an administrator here has confirmed who the partner is and that the terms are signed. Begin "
                "by inviting one, or by accepting an invitation that you were sent."
            ),
        ),
    )


def _fits(partner: Partner, text: str) -> bool:
    said = f"{partner.home.name} {partner.home.address}".casefold()
    return all(word in said for word in text.casefold().split())


def page_actions(viewer: Viewer) -> list[Action]:
    """Return what this viewer may begin from the list."""
    found = []
    if viewer.may(Right.OPERATE):
        found.append(Action(_("Invite partner"), reverse("exchange:invite"), is_primary=True))
        found.append(Action(_("Accept an invitation"), reverse("exchange:accept")))
        found.append(Action(_("Keys"), reverse("exchange:keys")))
        found.append(Action(_("Public access and this node"), reverse("exchange:node")))
    if viewer.may(Right.SET_POLICY):
        found.append(Action(_("Groups of partners"), reverse("records:groups")))
    return found


def state_of(partner: Partner) -> Cell:
    """Return the state of a partner, as both sides see it."""
    if partner.offered:
        return Cell(_("keys changed"), tone="bad")
    if partner.has_ended_there:
        return Cell(_("ended there"), tone="warn")
    if partner.state == State.ACTIVE:
        return _state_of_active(partner)
    return Cell(str(partner.get_state_display()), tone=words.TONES[partner.state])


def _state_of_active(partner: Partner) -> Cell:
    if partner.their_state == State.SUSPENDED:
        return Cell(_("suspended there"), tone="warn")
    if partner.verified_at is None:
        return Cell(_("confirmed here, not yet there"), tone="warn")
    if partner.hidden_at is not None:  # by a lease that is over, or until what was resumed is read again
        is_silent = partner.lease_until is None or partner.lease_until <= timezone.now()
        return (
            Cell(_("silent: hidden"), tone="bad") if is_silent else Cell(_("hidden until read"), tone="warn")
        )
    if partner.problem:
        return Cell(_("active, with a problem"), tone="warn")
    return Cell(str(partner.get_state_display()), tone=words.TONES[partner.state])


def _row(line: PartnerLine) -> ListRow:
    partner = line.partner
    is_problem = line.problem_count > 0
    return ListRow(
        uid=str(partner.pk),
        url=reverse("exchange:partner", args=[partner.pk]),
        cells=[
            Cell(partner.home.name),
            state_of(partner),
            Cell(words.held(line.held)),
            Cell(_count(line.offered_count) if partner.state == State.ACTIVE else ""),
            Cell(words.ago(partner.verified_at), title=words.exact(partner.verified_at) or None),
            Cell(str(line.problem_count) if is_problem else "", tone="warn" if is_problem else None),
            Cell(words.day(partner.lease_until)),
        ],
    )


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def invitation_lines(invitations: Sequence[Invitation]) -> list[tuple[Invitation, str]]:
    """Return open invitations with what is left of each."""
    now = timezone.now()
    return [
        (
            one,
            _("open until %(when)s, %(tries)d tries left")
            % {"when": words.exact(one.expires_at), "tries": one.tries_left}
            if one.tries_left
            else _("tried too often: withdraw it and invite anew"),
        )
        for one in invitations
        if one.expires_at > now
    ]
