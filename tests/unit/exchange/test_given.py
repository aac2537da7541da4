"""What a partner was given it may hold; what it is to hear it hears; what a thief shows is kept nowhere."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import timezone

import cast
import peers
from parkbench.envelope import keys
from parkbench.exchange.client import asking, documents, pings
from parkbench.exchange.models import FormerReader, Partner, Receipt
from parkbench.exchange.queries import ledger
from parkbench.exchange.services.bundles import export_bundle
from parkbench.lib.errors import Refused
from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.services import add_audience, share_record
from peers import Peer

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(tmp_path, settings) -> None:
    settings.HOME = tmp_path
    peers.settle_here()


def all_partners() -> Audience:
    return Audience.objects.get(sort=Audience.Sort.PARTNERS)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("way", ["bundle", "page"])
def test_what_went_out_counts_as_held_though_the_partner_never_said_so(way: str) -> None:
    beta = Peer("beta")
    partner = peers.pin(beta, reads=[all_partners()])
    uid = cast.instrument("Given", cast.unit())
    share_record(kind="instrument", uid=uid, masks={"basics": rules.PARTNERS}, by=cast.OPERATOR)
    if way == "bundle":
        export_bundle(partner=partner, out=io.BytesIO())
    else:
        beta.page(all_partners().token)
    share_record(kind="instrument", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    [left] = ledger.departures(partner, viewer=cast.OPERATOR)
    assert (left.was_held, left.is_open) == (True, True)


@pytest.mark.usefixtures("here")
def test_a_former_reader_that_never_read_may_say_that_it_holds_nothing() -> None:
    beta = Peer("beta")
    partner = peers.pin(beta)
    group = add_audience(sort=Audience.Sort.CIRCLE, name="Imaging", by=cast.OPERATOR)
    assert beta.post("/receipts", beta.receipt(group.token, 0)).status_code == 404
    FormerReader.objects.create(partner=partner, audience=group, ended_at=timezone.now(), count=0)
    assert beta.post("/receipts", beta.receipt(group.token, 0)).status_code == 200
    assert Receipt.objects.filter(audience=group, sort=Receipt.Sort.REMOVED).exists()


@pytest.mark.usefixtures("here")
def test_a_partner_that_asks_to_be_told_later_stays_to_be_told(monkeypatch) -> None:
    partner = peers.pin(Peer("beta"))
    Partner.objects.update(ping_wanted_at=timezone.now())

    def busy(**_asked: Any) -> None:
        raise asking.ComeLater("Later.", 5)

    monkeypatch.setattr(pings, "open_partner", busy)
    assert pings.send_pings() == 0
    partner.refresh_from_db()
    assert partner.ping_wanted_at is not None


@pytest.mark.usefixtures("here")
def test_a_document_signed_by_revoked_keys_alone_is_not_kept_for_anybody_to_trust() -> None:
    beta = Peer("beta")
    stolen, new = beta.key, keys.new_key()
    partner = peers.pin(beta)
    old = beta.document()
    kid = keys.public_jwk(stolen)["kid"]
    beta.key = new
    said = peers.read_document(
        beta.document(
            number=1001,
            keys=(keys.public_jwk(new), keys.public_jwk(stolen)),
            revoked={kid: timezone.now().replace(microsecond=0)},
        )
    )[0]
    refusal = documents.changed(partner=partner, known=said, offered=old)
    assert isinstance(refusal, Refused)
    assert "stolen" in str(refusal)
    partner.refresh_from_db()
    assert partner.offered == ""
    stranger = Peer("beta").document()
    assert "telephone" in str(documents.changed(partner=partner, known=said, offered=stranger))
    partner.refresh_from_db()
    assert partner.offered
