"""Receipts are kept for a year or twice the lease; what the ledger says by them stays true."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

import cast
import handshakes
from parkbench.exchange.jobs import forget_receipts
from parkbench.exchange.models import ExchangeState, FormerReader, Partner, Receipt
from parkbench.exchange.queries import ledger
from parkbench.exchange.services import circles, retention
from parkbench.lib import jobs
from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.services import share_record

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def said(partner: Partner, seq: int, days: float, sort: str = "fetched", **more: Any) -> Receipt:
    """A partner said so many days ago how far it came."""
    known: dict[str, Any] = {
        "audience": Audience.objects.get(sort=Audience.Sort.PARTNERS),
        "epoch": ExchangeState.objects.get().epoch,
    }
    return Receipt.objects.create(partner=partner, seq=seq, sort=sort, at=days_ago(days), **{**known, **more})


def kept() -> list[tuple[str, int]]:
    return list(Receipt.objects.order_by("at").values_list("sort", "seq"))


def test_of_what_is_older_than_a_year_the_last_word_on_each_journal_stays() -> None:
    partner = handshakes.partner()
    for sort in ("given", "fetched", "removed"):
        for seq, days in ((10, 900), (20, 800), (30, 700), (40, 300)):
            said(partner, seq, days, sort)
    said(partner, 5, 1000, epoch=uuid4())
    said(handshakes.partner("gamma"), 5, 1000)
    assert forget_receipts() == 6
    rest = [(sort, seq) for seq in (30, 40) for sort in ("given", "fetched", "removed")]
    assert sorted(kept()) == sorted([("fetched", 5), ("fetched", 5), *rest])
    assert forget_receipts() == 0


def test_a_long_lease_keeps_them_longer() -> None:
    partner = handshakes.partner()
    ExchangeState.objects.update(lease_days=365)
    for seq, days in ((1, 740), (2, 720), (3, 690)):
        said(partner, seq, days)
    assert forget_receipts() == 0
    ExchangeState.objects.update(lease_days=350)
    assert forget_receipts() == 1


def test_what_leaves_a_journal_in_which_nothing_moved_for_years_still_counts_as_held() -> None:
    partner = handshakes.partner()
    uid = cast.instrument("Shared for years", cast.unit())
    share_record(kind="instrument", uid=uid, masks={"basics": rules.PARTNERS}, by=cast.OPERATOR)
    head = Audience.objects.get(sort=Audience.Sort.PARTNERS).head
    said(partner, head, 800)
    share_record(kind="instrument", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    said(partner, head + 1, 0)
    forget_receipts()
    [left] = ledger.departures(partner, viewer=cast.OPERATOR)
    assert (left.was_held, left.is_open) == (True, True)


def test_of_a_group_left_long_ago_nothing_stays_and_of_one_left_lately_everything() -> None:
    partner = handshakes.partner()
    left = {}
    for name, days in (("Long ago", 500), ("Lately", 100)):
        group = handshakes.circle(name, partner)
        circles.set_members(token=group.token, members=(), expected={partner.pk}, by=cast.OPERATOR)
        FormerReader.objects.filter(audience=group).update(ended_at=days_ago(days))
        said(partner, 3, days + 300, audience=group)
        said(partner, 4, days - 1, "removed", audience=group)
        left[name] = group
    assert forget_receipts() == 2
    assert set(Receipt.objects.values_list("audience", flat=True)) == {left["Lately"].pk}
    [line] = ledger.departures(partner, viewer=cast.OPERATOR)
    assert (line.audience.name, line.was_held, line.is_open) == ("Lately", True, False)


def test_who_is_in_a_group_again_keeps_its_last_word() -> None:
    partner = handshakes.partner()
    group = handshakes.circle("Again", partner)
    circles.set_members(token=group.token, members=(), expected={partner.pk}, by=cast.OPERATOR)
    FormerReader.objects.update(ended_at=days_ago(500))
    circles.set_members(token=group.token, members={partner.pk}, expected=(), by=cast.OPERATOR)
    said(partner, 3, 600, audience=group)
    said(partner, 4, 550, audience=group)
    assert (forget_receipts(), kept(), FormerReader.objects.count()) == (1, [("fetched", 4)], 0)


def test_many_go_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    partner = handshakes.partner()
    for seq in range(1, 12):
        said(partner, seq, 900 - seq)
    monkeypatch.setattr(retention, "CHUNK", 3)
    assert (forget_receipts(), kept()) == (10, [("fetched", 11)])


def test_the_scheduler_has_it_done() -> None:
    assert "exchange.forget_receipts" in jobs._jobs
