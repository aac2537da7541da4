"""What becomes of a partner's records that are held here when the partnership pauses, goes on or ends."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from parkbench.exchange.models import Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services.pulls import note_hidden, purge_all
from parkbench.lib import jobs
from parkbench.records import services as records


def hide(partner: Partner, *, now: datetime) -> None:
    """This function will hide everything of a partner's, in the transaction of its caller, who saves it."""
    if partner.hidden_at is None:
        records.hide_home(home=partner.home_id)
        partner.hidden_at = now


def show(*, partner_id: int) -> None:
    """This function will show an active partner's records again, while lease and owner let us see them.

    Else they wait for its next listing. It may run again after a crash.
    """
    partner = Partner.objects.filter(pk=partner_id, state=State.ACTIVE.value).first()
    if partner is None or partner.hidden_at is None or partner.lease_until is None:
        return
    if partner.lease_until > timezone.now() and partner.their_state == State.ACTIVE:
        records.show_home(home=partner.home_id)
        note_hidden(partner=partner.pk, is_hidden=False)


def purge(*, partner_id: int) -> None:
    """This function will remove what is held of an ended partner; one that began again is left alone."""
    partner = Partner.objects.filter(pk=partner_id, state=State.ENDED.value).first()
    if partner is not None:
        purge_all(partner=partner.pk, home=partner.home_id)
        jobs.enqueue("exchange.send_receipts", partner=partner.pk)
