"""A withdrawal that can be watched: both nodes with their workers, nobody runs a command."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

import nodes
from living import NOTHING, Node

Pair = tuple[Node, Node]


@pytest.fixture
def working(pair: Pair) -> Iterator[Pair]:
    """Both nodes with the process that runs what is queued."""
    for node in pair:
        node.work()
    yield pair
    for node in pair:
        node.rest()
        node.do("past_refusals")


def test_what_is_withdrawn_is_pinged_read_removed_and_confirmed_within_seconds(working: Pair) -> None:
    alpha, beta = working
    uid = alpha.do("add", name="Watched")
    alpha.do("share", uid=uid, basics="partners")
    nodes.wait_until(lambda: beta.do("held", uid=uid)["seen"])
    assert beta.shows(uid, "Watched")
    nodes.wait_until(lambda: "offered, fetched" in alpha.get(f"/partners/ledger/instrument/{uid}/")[1])
    start = time.monotonic()
    alpha.do("share", uid=uid, basics="nobody")
    nodes.wait_until(
        lambda: "removed, confirmed at" in alpha.get(f"/partners/ledger/instrument/{uid}/")[1], seconds=30
    )
    seconds = time.monotonic() - start
    assert beta.do("held", uid=uid) == NOTHING
    assert not beta.shows(uid)
    assert seconds < 20, "a loose bound for a busy machine; `make bench` holds it to 5 s"
