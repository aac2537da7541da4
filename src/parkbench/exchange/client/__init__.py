"""Asking partners: documents, listings, pages, receipts, pings; and the pull that puts them together."""

from parkbench.exchange.client.asking import fetch_document, open_partner, send_acceptance
from parkbench.exchange.client.bundles import import_bundle, partner_of
from parkbench.exchange.client.leases import keep_leases
from parkbench.exchange.client.pings import send_pings
from parkbench.exchange.client.pulling import pull, pull_due, summary
from parkbench.exchange.client.receipts import send_receipts

__all__ = [
    "fetch_document",
    "import_bundle",
    "keep_leases",
    "open_partner",
    "partner_of",
    "pull",
    "pull_due",
    "send_acceptance",
    "send_pings",
    "send_receipts",
    "summary",
]
