"""What becomes of a partner's records when it has been silent for too long."""

from __future__ import annotations

from parkbench.exchange.queries.pulls import lapsed
from parkbench.exchange.services import pulls
from parkbench.exchange.services.authority import note_disposal
from parkbench.records import services as records


def keep_leases() -> int:
    """This function will hide what has no lease any more, and purge it after as long again; returns how many.

    A partner counts as silent when no verified listing came; see exchange.md 3.
    """
    hide, purge = lapsed()
    for partner in hide:
        records.hide_home(home=partner.home_id)
        pulls.note_hidden(partner=partner.pk, is_hidden=True)
    for partner in purge:
        departed = records.purge_home(home=partner.home_id)
        note_disposal(home_id=partner.home_id, departed=departed)
        pulls.note_purged(partner=partner.pk)
    return len(hide) + len(purge)
