"""Reads of the exchange: this node and its keys, who calls, which journals they read."""

from parkbench.exchange.queries.keys import OwnKey, own_keys
from parkbench.exchange.queries.serving import (
    API,
    WELL_KNOWN,
    Listed,
    NodeNow,
    Readable,
    caller,
    listed_journals,
    node_now,
    readable,
)

__all__ = [
    "API",
    "WELL_KNOWN",
    "Listed",
    "NodeNow",
    "OwnKey",
    "Readable",
    "caller",
    "listed_journals",
    "node_now",
    "own_keys",
    "readable",
]
