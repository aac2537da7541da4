"""What a former or hostile partner tries at what this node serves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

import cast
from parkbench.envelope import keys
from parkbench.exchange.models import ExchangeState, Partner, Receipt
from parkbench.exchange.rules import State
from parkbench.exchange.services import callers, limits, serving
from parkbench.records import rules, services
from parkbench.records.models import Audience
from peers import Peer, pin


@pytest.fixture
def beta(circle: Audience, partners: Audience) -> Peer:
    peer = Peer("beta")
    pin(peer, reads=[circle, partners])
    return peer


def test_a_partner_that_is_let_out_between_two_reads_is_given_nothing_that_came_after(
    beta: Peer, partners: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    cast.unit("Imaging")
    opened = callers.opened

    def opened_just_before(**asked: Any) -> Any:
        found = opened(**asked)
        Partner.objects.update(state=State.SUSPENDED.value)
        return found

    monkeypatch.setattr(serving, "opened", opened_just_before)
    assert beta.status(partners.token) == 404


def test_a_receipt_for_a_place_that_no_journal_has_come_to_is_not_noted(
    beta: Peer, partners: Audience
) -> None:
    cast.unit("Imaging")
    far = beta.receipt(partners.token, 10**9)
    assert beta.post("/receipts", far).status_code == 400
    epoch = str(ExchangeState.objects.get().epoch).upper()
    assert beta.post("/receipts", beta.receipt(partners.token, 10**9, epoch=epoch)).status_code == 400
    assert not Receipt.objects.exists()


def test_a_receipt_with_impossible_counts_is_kept_as_far_as_a_column_goes(
    beta: Peer, partners: Audience
) -> None:
    many = beta.receipt(partners.token, 0, removed=2**62, frozen=2**62)
    assert beta.post("/receipts", many).status_code == 200
    noted = Receipt.objects.get(sort=Receipt.Sort.REMOVED)
    assert (noted.removed_count, noted.frozen_count) == (2**31 - 1, 2**31 - 1)


def test_a_partner_cannot_fill_the_ledger_with_receipts(
    beta: Peer, partners: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.RECEIPTS, "burst", 3)
    said = [
        beta.post("/receipts", beta.receipt(partners.token, number, epoch=str(uuid4()))).status_code
        for number in range(5)
    ]
    assert said == [200, 200, 200, 429, 429]


def test_reading_the_same_pages_again_and_again_leaves_no_rows(beta: Peer, partners: Audience) -> None:
    services.set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    for number in range(3):
        cast.unit(f"Unit {number}")
    beta.page(partners.token)
    before = Receipt.objects.count()
    for number in range(3):
        beta.page(partners.token, number, limit=1)
    assert Receipt.objects.count() == before == 1


def test_what_came_and_went_while_a_partner_was_suspended_is_never_told(
    beta: Peer, partners: Audience
) -> None:
    services.set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    known = cast.unit("Imaging")
    assert [item.uid for item in beta.page(partners.token).items] == [known]
    Partner.objects.update(state=State.SUSPENDED.value)
    secret = cast.unit("Secret")
    partners.refresh_from_db()
    entered = partners.head
    for uid in (secret, known):
        services.delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    Partner.objects.update(state=State.ACTIVE.value)
    assert secret not in {item.uid for item in beta.page(partners.token, entered).items}
    assert [item.uid for item in beta.page(partners.token, 1).items] == [known]


@pytest.mark.parametrize("who", ["partner", "stranger"])
def test_a_refused_token_costs_one_signature_whoever_it_names(
    who: str, beta: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []
    monkeypatch.setattr(callers, "_work_as_much", lambda: worked.append("one signature"))
    iss = beta.id if who == "partner" else "https://delta.example"
    answer = beta.get("/journals", {"nonce": "n"}, iss=iss, key=keys.new_key())
    assert answer.status_code == 401
    assert worked == ["one signature"]


def test_behind_a_proxy_one_stranger_does_not_use_up_the_answers_of_all(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def answered(address: str) -> int:
        headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
        reply = Client().post(
            "/exchange/v1/invitations", b"{}", content_type="application/json", headers=headers
        )
        return int(reply.status_code)

    assert [answered("192.0.2.66") for _time in range(21)][-2:] == [403, 429]
    assert answered("192.0.2.7") == 403
