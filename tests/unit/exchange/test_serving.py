"""Pages follow one another without gap or leak; cursors that lead nowhere are refused; costs do not grow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.envelope import fingerprint
from parkbench.envelope.pages import Gone, Item, Page
from parkbench.exchange.jobs import forget_what_left
from parkbench.exchange.models import ExchangeState, JournalGrant, Receipt, UsedToken
from parkbench.lib import jobs
from parkbench.records import rules, services
from parkbench.records.models import Audience, JournalEntry, Section
from parkbench.records.queries import journals as reading
from parkbench.records.services import Draft, publish
from peers import Peer, pin


@pytest.fixture
def beta(circle: Audience, partners: Audience) -> Peer:
    """A partner that reads the circle and what goes to all partners, from the beginning."""
    peer = Peer("beta")
    pin(peer, reads=[circle, partners])
    return peer


def share(mask: int) -> None:
    services.set_policy(kind="unit", section="basics", mask=mask, by=cast.OPERATOR)
    services.widen(kind="unit")


def rename(uid: UUID, name: str) -> None:
    publish(kind="unit", drafts=[Draft(uid=uid, sections={"basics": {"name": name}})], by=cast.OPERATOR)


def withdraw(uid: UUID) -> None:
    services.share_record(kind="unit", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)


class Reader:
    """Follows a journal as a partner does: items in, gone ones out, up to the head."""

    def __init__(self, peer: Peer, audience: Audience, limit: int = 3) -> None:
        self.peer, self.audience, self.limit = peer, audience, limit
        self.after, self.walk = 0, 0
        self.held: dict[tuple[UUID, str], tuple[str, str]] = {}
        self.gone: list[UUID] = []
        self.seqs: list[int] = []

    def step(self) -> Page:
        query = {"walk": self.walk} if self.walk else {}
        page = self.peer.page(self.audience.token, self.after, limit=self.limit, **query)
        for item in page.items:
            self.seqs.append(item.seq)
            if isinstance(item, Gone):
                self.gone.append(item.uid)
                self.held.pop((item.uid, item.section), None)
            else:
                self.held[item.uid, item.section] = (item.kind, item.digest)
        if self.after == 0:
            self.walk = page.statement.head
        self.after = page.statement.upto
        return page

    def to_head(self) -> Page:
        while not (page := self.step()).statement.is_complete:
            pass
        self.walk = 0
        return page

    def total(self) -> tuple[int, str]:
        entries = [(kind, uid, part, digest) for (uid, part), (kind, digest) in self.held.items()]
        return len(entries), fingerprint.to_hex(fingerprint.fingerprint_of(entries))


def test_what_is_read_page_by_page_is_what_the_origin_signs(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(10)]
    reader = Reader(beta, circle)
    last = reader.to_head()
    assert {uid for uid, _section in reader.held} == set(uids)
    assert reader.total() == (last.statement.count, last.statement.fingerprint)
    assert reader.seqs == sorted(set(reader.seqs))
    item = last.items[-1]
    assert isinstance(item, Item)
    assert item.body == Section.objects.get(uid=item.uid, is_current=True).body.encode()
    listed = next(each for each in beta.listing().journals if each.audience == str(circle.token))
    assert (listed.head, listed.count, listed.fingerprint) == (last.statement.head, *reader.total())


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 500])
def test_what_moves_between_two_pages_is_met_on_a_later_one(limit: int, beta: Peer, circle: Audience) -> None:
    """Publishing, renaming and withdrawing between pages, before and behind the reader."""
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(9)]
    reader = Reader(beta, circle, limit)
    acts = [
        lambda: rename(uids[0], "behind the reader"),
        lambda: withdraw(uids[1]),
        lambda: rename(uids[8], "before the reader"),
        lambda: withdraw(uids[7]),
        lambda: cast.unit("New meanwhile"),
        lambda: services.share_record(kind="unit", uid=uids[1], masks={"basics": None}, by=cast.OPERATOR),
    ]
    for act in acts:
        reader.step()
        act()
    last = reader.to_head()
    assert reader.total() == (last.statement.count, last.statement.fingerprint)
    assert len(reader.held) == 9


def test_a_page_that_ends_at_the_last_entry_says_that_it_is_the_last(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    for number in range(4):
        cast.unit(f"Unit {number}")
    first = beta.page(circle.token, limit=2).statement
    second = beta.page(circle.token, 2, limit=2).statement
    assert (first.is_complete, first.upto, second.is_complete, second.upto) == (False, 2, True, 4)
    after = beta.page(circle.token, 4)
    assert (after.statement.is_complete, after.statement.upto, after.items) == (True, 4, ())


def test_large_pages_are_cut_before_8_mib(beta: Peer, circle: Audience, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 2_000)
    share(1 << circle.bit)
    for number in range(6):
        cast.unit(f"Unit {number}", description="x" * 900)
    reader = Reader(beta, circle, 500)
    pages = [reader.step() for _ in range(3)]
    assert [len(page.items) for page in pages] == [2, 2, 2]
    assert [page.statement.is_complete for page in pages] == [False, False, True]


def test_whoever_comes_later_never_hears_of_what_left_before(circle: Audience, partners: Audience) -> None:
    early, late = Peer("beta"), Peer("delta")
    pin(early, reads=[circle])
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(6)]
    first = Reader(early, circle, 2)
    first.to_head()
    withdraw(uids[0])
    circle.refresh_from_db()
    pin(late, reads=[circle])
    withdraw(uids[5])
    first.to_head()
    assert set(first.gone) == {uids[0], uids[5]}
    second = Reader(late, circle, 2)
    second.to_head()
    assert second.gone == []
    # Not even when it makes up a cursor, or says nothing of its walk.
    told = {item.uid for after in range(1, 9) for item in late.page(circle.token, after).items}
    assert uids[0] not in told
    assert {uid for uid, _section in second.held} == set(uids[1:5])


def test_on_a_walk_from_the_start_nothing_is_told_of_what_left_before_it(
    beta: Peer, circle: Audience
) -> None:
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(5)]
    withdraw(uids[0])
    reader = Reader(beta, circle, 2)
    reader.step()
    withdraw(uids[1])
    reader.to_head()
    assert reader.gone == [uids[1]]
    assert reader.total()[0] == 3


def test_what_came_and_went_between_two_readings_is_never_told(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    cast.unit("There from the start")
    reader = Reader(beta, circle)
    reader.to_head()
    withdraw(cast.unit("Shared by mistake"))
    page = reader.to_head()
    assert (reader.gone, page.items, page.statement.upto) == ([], (), 3)
    assert reader.total() == (page.statement.count, page.statement.fingerprint)


def test_departures_are_forgotten_after_the_longest_lease(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(5)]
    reader = Reader(beta, circle, 2)
    reader.to_head()
    withdraw(uids[0])
    withdraw(uids[1])
    assert forget_what_left() == 0
    JournalEntry.objects.filter(uid=uids[0]).update(gone_at=timezone.now() - timedelta(days=31))
    ExchangeState.objects.update(lease_days=40)
    assert forget_what_left() == 0
    ExchangeState.objects.update(lease_days=10)
    assert forget_what_left() == 1
    circle.refresh_from_db()
    assert circle.floor_seq == 6
    assert not JournalEntry.objects.filter(uid=uids[0]).exists()
    assert beta.status(circle.token, f"{epoch()}.5") == 410
    assert beta.page(circle.token, 6).statement.upto == 7


def test_a_walk_goes_on_below_the_floor(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    uids = [cast.unit(f"Unit {number}") for number in range(7)]
    withdraw(uids[6])
    JournalEntry.objects.filter(is_gone=True).update(gone_at=timezone.now() - timedelta(days=31))
    assert forget_what_left() == 1
    reader = Reader(beta, circle, 2)
    last = reader.to_head()
    assert reader.total() == (last.statement.count, last.statement.fingerprint)
    assert beta.status(circle.token, f"{epoch()}.2") == 410
    assert beta.status(circle.token, f"{epoch()}.2", walk=7) == 410
    assert beta.status(circle.token, f"{epoch()}.2", walk=8) == 200


def epoch() -> UUID:
    return ExchangeState.objects.get().epoch


def test_cursors_that_lead_nowhere_are_refused(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    cast.unit("Unit")
    assert beta.status(circle.token, f"{epoch()}.1") == 200
    assert beta.status(circle.token, f"{epoch()}.2") == 410
    assert beta.status(circle.token, f"{uuid4()}.1") == 410
    assert beta.status(circle.token, f"{uuid4()}.0") == 410
    assert beta.status(circle.token, f"{epoch()}.1", walk=2) == 410
    for bad in ("1", "x.1", f"{epoch()}.-1", f"{epoch()}.01", f"{epoch()}.{10**30}", f"{epoch()}.١"):
        assert beta.status(circle.token, bad) == 400, bad
    for bad in ("0", "-1", "501", "many", "٥"):
        assert beta.status(circle.token, f"{epoch()}.0", limit=bad) == 400, bad
    assert beta.status(circle.token, f"{epoch()}.0", walk="x") == 400


def test_what_a_partner_has_is_noted_when_it_changed(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    for number in range(3):
        cast.unit(f"Unit {number}")
    for seq in (1, 1, 3, 3, 2):
        beta.listing(have=[f"{circle.token}:{epoch()}.{seq}"])
    beta.listing(have=[f"{uuid4()}:{epoch()}.7", f"{circle.token}:{uuid4()}.9"])
    assert list(Receipt.objects.order_by("pk").values_list("sort", "seq")) == [("fetched", 1), ("fetched", 3)]


def test_more_than_we_ever_gave_out_makes_a_new_epoch_once_an_hour(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    cast.unit("Unit")
    old = epoch()
    said = beta.listing(have=[f"{circle.token}:{old}.2"])
    new = epoch()
    assert new != old
    assert {journal.epoch for journal in said.journals} == {str(new)}
    beta.listing(have=[f"{circle.token}:{new}.99"])
    assert epoch() == new
    # What was read in an epoch that is over says nothing of this one.
    beta.listing(have=[f"{circle.token}:{old}.99"])
    assert epoch() == new
    cache.clear()
    beta.listing(have=[f"{circle.token}:{new}.99"])
    assert epoch() != new


def test_what_is_due_is_shared_before_a_listing_and_a_page(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    uid = cast.unit("Embargoed")
    soon = timezone.now() + timedelta(hours=1)
    services.share_record(kind="unit", uid=uid, masks={}, share_from=soon, by=cast.OPERATOR)
    assert beta.listing().journals[-1].count == 0
    from parkbench.records.models import SharingException

    SharingException.objects.update(share_from=timezone.now() - timedelta(seconds=1))
    assert beta.listing().journals[-1].count == 1
    assert len(beta.page(circle.token, 1).items) + len(beta.page(circle.token).items) >= 1


def test_a_receipt_shows_what_was_removed_and_whether_both_hold_the_same(
    beta: Peer, circle: Audience
) -> None:
    share(1 << circle.bit)
    uid = cast.unit("Unit")
    cast.unit("Other")
    reader = Reader(beta, circle)
    reader.to_head()
    withdraw(uid)
    reader.to_head()
    count, total = reader.total()
    for more in ({}, {"count": 7}, {"seq": 1}):
        said = {"seq": reader.after, "count": count, "fingerprint": total, "removed": 1, "frozen": 2} | more
        text = beta.receipt(circle.token, **said)
        assert beta.post("/receipts", text).status_code == 200
        assert beta.post("/receipts", text).status_code == 200
    told = Receipt.objects.filter(sort="fetched").values_list("seq", flat=True)
    assert list(told) == [3], "who has removed something has fetched it"
    rows = (
        Receipt.objects.filter(sort="removed")
        .order_by("pk")
        .values_list("sort", "seq", "removed_count", "frozen_count", "is_equal")
    )
    assert list(rows) == [
        ("removed", 3, 1, 2, True),
        ("removed", 3, 1, 2, False),
        ("removed", 1, 1, 2, None),
    ]


def test_receipts_of_another_shape_or_signer_are_not_understood(beta: Peer, circle: Audience) -> None:
    gamma = Peer("gamma")
    good = beta.receipt(circle.token, 0)
    for text in (
        "",
        "nonsense",
        good[:-3],
        gamma.receipt(circle.token, 0),
        beta.receipt(circle.token, 0, iss=gamma.id),
        beta.receipt(circle.token, 0, aud=gamma.id),
        beta.receipt(circle.token, 0, epoch="not-a-uuid"),
        beta.receipt(circle.token, 0, iat=timezone.now() - timedelta(hours=2)),
        "x" * 20_000,
        "é",
    ):
        answer = beta.post("/receipts", text)
        assert answer.status_code == 400, text[:60]
    assert Receipt.objects.count() == 0
    assert beta.post("/receipts", beta.receipt(uuid4(), 0)).status_code == 404


def test_a_ping_asks_for_a_reading_of_that_partner(
    beta: Peer, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setitem(jobs._jobs, "exchange.pull", lambda **given: asked.append(given))
    with django_capture_on_commit_callbacks(execute=True):
        assert beta.post("/ping").status_code == 202
    assert [given["reason"] for given in asked] == ["ping"]
    assert set(asked[0]) == {"partner", "reason"}


def test_used_tokens_are_forgotten_when_they_count_no_more(beta: Peer) -> None:
    assert beta.post("/ping").status_code == 202
    forget_what_left()
    assert UsedToken.objects.count() == 1
    UsedToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_what_left()
    assert UsedToken.objects.count() == 0


def statements(act: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert act().status_code == 200
    return len(seen)


def test_a_request_takes_as_many_statements_for_many_records_as_for_few(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    cast.unit("Unit 0")
    have = {"nonce": "n", "have": f"{circle.token}:{epoch()}.1"}

    def costs() -> tuple[int, int, int]:
        return (
            statements(lambda: beta.get("/journals", have)),
            statements(lambda: beta.get(f"/journals/{circle.token}", {"after": f"{epoch()}.0"})),
            statements(lambda: Client().get("/exchange/v1/journals/public")),
        )

    statements(lambda: beta.get("/journals", have))  # the first notes the time and the receipt
    few = costs()
    for number in range(1, 60):
        cast.unit(f"Unit {number}")
    extra = [
        services.add_audience(sort=Audience.Sort.CIRCLE, name=f"Group {number}", by=cast.OPERATOR)
        for number in range(10)
    ]
    partner = JournalGrant.objects.first().partner
    for audience in extra:
        JournalGrant.objects.create(partner=partner, audience=audience, granted_at=timezone.now())
    assert costs() == few
    listing, page, public = few
    assert listing <= 12
    assert page <= 8
    assert public <= 8


def test_pages_are_found_by_the_index(beta: Peer, circle: Audience) -> None:
    share(1 << circle.bit)
    for number in range(50):
        cast.unit(f"Unit {number}")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE records_journalentry")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + reading._SQL, [1, circle.pk, 5, 5, 0, 10])
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + reading._SQL, [1, circle.pk, 5, 5, 0, 10])
        plan = str(cursor.fetchall())
    assert "journal_by_seq" in plan
    assert "SORT" not in plan.upper()
    assert "B-TREE" not in plan.upper()


def test_an_idle_listing_is_as_small_as_it_was_designed(circle: Audience, partners: Audience) -> None:
    beta = Peer("beta")
    pin(beta, reads=[circle, partners])
    share(1 << circle.bit)
    for number in range(30):
        cast.unit(f"Unit {number}")
    size = len(beta.get("/journals", {"nonce": "n"}).content)
    journals = len(beta.listing().journals)
    assert size <= 500 + 100 * journals
