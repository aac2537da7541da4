"""Asking partners: documents, listings, pages, receipts, pings; and the pull that puts them together."""

from parkbench.exchange.client.asking import fetch_document, open_partner, send_acceptance
from parkbench.exchange.client.leases import keep_leases
from parkbench.exchange.client.pings import send_pings
from parkbench.exchange.client.pulling import pull, pull_due, summary

__all__ = [
    "fetch_document",
    "keep_leases",
    "open_partner",
    "pull",
    "pull_due",
    "send_acceptance",
    "send_pings",
    "summary",
]
