"""The states of a partnership: each change one function, one transaction, under the sharing gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import Partner
from parkbench.exchange.queries.partners import identity
from parkbench.exchange.rules import State, check_step
from parkbench.exchange.services import grants
from parkbench.exchange.services.holding import hide
from parkbench.lib import jobs
from parkbench.lib.errors import Conflict, Invalid, NotFound, Problem, Refused
from parkbench.records.models import Audience
from parkbench.records.services import add_audience, gate
from parkbench.records.visibility import Viewer

PURGE = "exchange.purge_partner"
"""The job that removes what is held of an ended partner."""

SHOW = "exchange.show_partner"
"""The job that shows the records of a partner that was resumed."""

PULL = "exchange.pull"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The written terms as they were agreed: which version, who signed here and there, on which day."""

    version: str
    our_signatory: str
    their_signatory: str
    signed_on: date


@transaction.atomic
def confirm(*, partner_id: int, terms: Terms, by: Viewer, fingerprint: str | None = None) -> Partner:
    """This function will let a partner in: from now on it reads the journals of partners, and we read its.

    ``fingerprint`` is the one that was compared. Raises Refused unless the partner waits for that, Conflict
    when it shows another key by now, Invalid when the terms lack something.
    """
    by.check(Action.OPERATE)
    now = timezone.now()
    partner = locked(partner_id)
    if fingerprint is not None and identity(partner).fingerprint != fingerprint:
        raise Conflict(
            _(
                "Meanwhile somebody answered an invitation in the name of this partner with another key. "
                "Open this page again and compare the fingerprint that it shows now."
            )
        )
    _check_terms(terms, timezone.localdate(now))
    move(partner, State.ACTIVE, now=now, frm={State.PENDING})
    partner.audience = partner.audience or _own_audience(partner, by)
    partner.terms_version, partner.terms_signed_on = terms.version.strip(), terms.signed_on
    partner.our_signatory = terms.our_signatory.strip()
    partner.their_signatory = terms.their_signatory.strip()
    partner.confirmed_by, partner.confirmed_at = by.person, now
    partner.next_pull_at, partner.purged_at = now, None
    partner.save()
    grants.let_read(partner=partner, audiences=_usual(partner), now=now)
    _ask_for_pull(partner)
    return partner


@transaction.atomic
def suspend(*, partner_id: int, by: Viewer) -> Partner:
    """This function will stop giving a partner anything, and hide its records here, until it is resumed.

    Raises Refused unless the partner is active on both sides.
    """
    by.check(Action.OPERATE)
    now = timezone.now()
    partner = locked(partner_id)
    _check_goes_on(partner)
    move(partner, State.SUSPENDED, now=now, frm={State.ACTIVE})
    grants.note_left(partner, Audience.objects.filter(grants__partner=partner))
    grants.tell(partner, now)
    hide(partner, now=now)
    partner.save()
    return partner


@transaction.atomic
def resume(*, partner_id: int, by: Viewer) -> Partner:
    """This function will go on with a suspended partner, where it stood.

    Its records are seen again at once while its lease runs, else with its next listing. Raises Refused unless
    the partner is suspended, and has not ended it.
    """
    by.check(Action.OPERATE)
    now = timezone.now()
    partner = locked(partner_id)
    _check_goes_on(partner)
    move(partner, State.ACTIVE, now=now, frm={State.SUSPENDED})
    partner.next_pull_at = now
    partner.save()
    # A backup put back meanwhile may have taken the usual ones away.
    usual = Audience.objects.filter(pk__in=[audience.pk for audience in _usual(partner)])
    readable = usual | Audience.objects.filter(grants__partner=partner)
    grants.let_read(partner=partner, audiences=readable.distinct(), now=now)
    jobs.enqueue(SHOW, partner_id=partner.pk)
    _ask_for_pull(partner)
    return partner


@transaction.atomic
def end(*, partner_id: int, by: Viewer) -> Partner:
    """This function will end a partnership: it reads nothing of ours any more, its records leave this node.

    They are hidden when this returns, and removed by a job. Raises Refused when it has ended already.
    """
    by.check(Action.OPERATE)
    now = timezone.now()
    partner = locked(partner_id)
    move(partner, State.ENDED, now=now, frm=frozenset(State) - {State.ENDED})
    grants.stop_reading(partner=partner, audiences=None, now=now)
    hide(partner, now=now)
    partner.next_pull_at = None
    partner.save()
    jobs.enqueue(PURGE, partner_id=partner.pk)
    return partner


@transaction.atomic
def pull_now(*, partner_id: int, by: Viewer) -> Partner:
    """This function will have a partner's journals read at once; raises Refused unless it is read at all."""
    by.check(Action.SET_POLICY)
    partner = Partner.objects.select_related("home").filter(pk=partner_id).first()
    if partner is None:
        raise NotFound(_("There is no such partner here."))
    if partner.state not in (State.ACTIVE, State.SUSPENDED):
        raise Refused(
            _("Nothing is read from %(name)s: the partnership is %(state)s.")
            % {"name": partner, "state": partner.get_state_display()}
        )
    _check_goes_on(partner)
    Partner.objects.filter(pk=partner.pk).update(next_pull_at=timezone.now())
    _ask_for_pull(partner)
    return partner


def locked(partner_id: int) -> Partner:
    """Return a partner, held with the sharing gate until the transaction ends; raise NotFound without one."""
    gate.close()
    partner = Partner.objects.select_for_update(of=("self",)).select_related("home").filter(pk=partner_id)
    found = partner.first()
    if found is None:
        raise NotFound(_("There is no such partner here."))
    return found


def move(partner: Partner, state: State, *, now: datetime, frm: Iterable[State]) -> None:
    """Set the state of a partner; raise Refused when its life cycle or this act do not allow the step."""
    old = State(partner.state)
    if check_step(old, state) or old not in frm:
        raise Refused(
            _("This cannot be done now: the partnership with %(name)s is %(state)s.")
            % {"name": partner, "state": partner.get_state_display()}
        )
    partner.state, partner.state_at = state.value, now


def _check_goes_on(partner: Partner) -> None:
    """Raise Refused when the other side has ended the partnership: there is nothing to pause or to read."""
    if partner.has_ended_there:
        raise Refused(
            _(
                "%(name)s has ended the partnership on its side: it takes nothing and gives nothing any "
                "more. End it here too."
            )
            % {"name": partner}
        )


def _check_terms(terms: Terms, today: date) -> None:
    problems = [
        Problem(label, text, _("what the signed paper says, at most %(most)d characters") % {"most": most})
        for label, text, most in (
            (_("Version of the terms"), terms.version, 20),
            (_("Signed here by"), terms.our_signatory, 200),
            (_("Signed there by"), terms.their_signatory, 200),
        )
        if not 0 < len(text.strip()) <= most
    ]
    if terms.signed_on > today:
        problems.append(Problem(_("Signed on"), terms.signed_on, _("a day that has come")))
    if problems:
        raise Invalid(problems)


def _usual(partner: Partner) -> list[Audience]:
    """Return the journals that every active partner reads: that of all partners, and its own."""
    shared = Audience.objects.filter(sort=Audience.Sort.PARTNERS)
    return [*shared, partner.audience] if partner.audience else list(shared)


def _own_audience(partner: Partner, by: Viewer) -> Audience | None:
    """Return an audience of this partner alone; None when the node has 60 already: groups still work."""
    try:
        return add_audience(sort=Audience.Sort.PARTNER, name=_free_name(partner), by=by)
    except Invalid:
        raise
    except Refused:
        return None


def _free_name(partner: Partner) -> str:
    """Return the partner's name, with a number when a group or another partner bears it already."""
    taken = {name.casefold() for name in Audience.objects.values_list("name", flat=True)}
    name, number = partner.home.name[:90], 1
    found = name
    while found.casefold() in taken:
        number += 1
        found = f"{name} ({number})"
    return found


def _ask_for_pull(partner: Partner) -> None:
    """Queue a pull at once; the rhythm of pulls finds what is due anyway."""
    jobs.enqueue(PULL, partner=partner.pk, reason="asked")
