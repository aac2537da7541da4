"""Addresses of the exchange."""

from django.urls import path

from parkbench.exchange.api import endpoints

app_name = "exchange"

# What other nodes ask for; docs/reference/protocol.md. These addresses are part of the protocol.
protocol = [
    path(".well-known/parkbench-node", endpoints.node_document, name="node-document"),
    path("exchange/v1/journals", endpoints.listing, name="listing"),
    path("exchange/v1/journals/<str:audience>", endpoints.page, name="page"),
    path("exchange/v1/receipts", endpoints.receipts, name="receipts"),
    path("exchange/v1/ping", endpoints.ping, name="ping"),
]

urlpatterns = [*protocol]
