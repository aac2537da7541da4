"""Addresses of the exchange: pages of partners, and what other nodes ask for."""

from django.urls import path

from parkbench.exchange.api import endpoints, invitations
from parkbench.exchange.views import acts, authority, circles, handshake, keys, partners

app_name = "exchange"

# What other nodes ask for; docs/reference/protocol.md. These addresses are part of the protocol.
protocol = [
    path(".well-known/parkbench-node", endpoints.node_document, name="node-document"),
    path("exchange/v1/journals", endpoints.listing, name="listing"),
    path("exchange/v1/journals/<str:audience>", endpoints.page, name="page"),
    path("exchange/v1/receipts", endpoints.receipts, name="receipts"),
    path("exchange/v1/ping", endpoints.ping, name="ping"),
    path("exchange/v1/invitations", invitations.answer, name="invitations"),
]

pages = [
    path("partners/", partners.partners, name="partners"),
    path("partners/invite/", handshake.invite, name="invite"),
    path("partners/invitations/<int:pk>/withdraw/", handshake.withdraw, name="withdraw"),
    path("partners/accept/", handshake.accept, name="accept"),
    path("partners/resume/", partners.resume_exchange, name="resume"),
    path("partners/keys/", keys.keys, name="keys"),
    path("partners/keys/rotate/", keys.rotate, name="key-rotate"),
    path("partners/keys/revoke/", keys.revoke, name="key-revoke"),
    path("partners/keys/recovery/", keys.recovery, name="key-recovery"),
    path("partners/node/", authority.node, name="node"),
    path("partners/frozen/", authority.frozen_records, name="frozen"),
    path("partners/frozen/<int:pk>/", authority.frozen_record, name="frozen-record"),
    path("partners/frozen/<int:pk>/release/", authority.release, name="frozen-release"),
    path("partners/groups/<uuid:token>/", circles.circle, name="circle"),
    path("partners/groups/<uuid:token>/terms/", circles.circle_terms, name="circle-terms"),
    path("partners/ledger/<slug:kind>/<uuid:uid>/", partners.record_ledger, name="record-ledger"),
    path("partners/<int:pk>/", partners.partner, name="partner"),
    path("partners/<int:pk>/ledger/", partners.partner_ledger, name="partner-ledger"),
    path("partners/<int:pk>/confirm/", handshake.confirm, name="confirm"),
    path("partners/<int:pk>/key/", handshake.new_key, name="new-key"),
    path("partners/<int:pk>/pull/", partners.pull, name="pull"),
    path("partners/<int:pk>/preview/", partners.preview, name="preview"),
    path("partners/<int:pk>/freeze/", authority.freeze, name="freeze"),
    path("partners/<int:pk>/disposals.csv", authority.disposals, name="disposals"),
    path("partners/<int:pk>/<slug:name>/", acts.act, name="act"),
]

urlpatterns = [*protocol, *pages]
