"""How long until a withdrawal is confirmed by its partner: two live nodes with their workers, by pings."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most

sys.path.insert(0, str(Path(__file__).parents[1]))

import living
import nodes

WITHDRAWALS, MOST_SECONDS = 30, 5.0


def measure(*, folder: Path) -> Iterator[Figure]:
    """Withdraw one record after the other; the slowest of 30 stands for the 99th of 100."""
    templates = folder / "templates"
    templates.mkdir()
    with living.living(folder / "live", templates, "alpha", "beta") as (alpha, beta):
        living.befriend(alpha, beta)
        uids = [alpha.do("add", name=f"Instrument {number}") for number in range(WITHDRAWALS)]
        for uid in uids:
            alpha.do("share", uid=uid, basics="partners")
        beta.pulls(alpha)
        for node in (alpha, beta):
            node.work()
        # The first of all is not counted: both workers load what they need by it.
        warm = alpha.do("add", name="Warm")
        alpha.do("share", uid=warm, basics="partners")
        nodes.wait_until(lambda: beta.do("held", uid=warm)["seen"])
        seconds = sorted(_confirmed(alpha, beta, uid) for uid in uids)
    middle = seconds[len(seconds) // 2]
    yield at_most("withdrawal confirmed, half of 30", middle, "s", None)
    yield at_most("withdrawal confirmed, slowest of 30", seconds[-1], "s", MOST_SECONDS)


def _confirmed(alpha: living.Node, beta: living.Node, uid: str) -> float:
    """Take a record back; return the seconds until the owner's ledger says that it is confirmed."""
    start = time.monotonic()
    alpha.do("share", uid=uid, basics="nobody")
    while not alpha.do("is_confirmed", uid=uid):
        if time.monotonic() - start > 60:
            raise RuntimeError("This withdrawal was not confirmed within a minute.")
        time.sleep(0.02)
    seconds = time.monotonic() - start
    if beta.do("held", uid=uid) != living.NOTHING:
        raise RuntimeError("It was confirmed as removed and is still held.")
    return seconds
