"""Reading while others publish and narrow, on PostgreSQL: what was read is what the policy says."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from django.db import connections

import cast
from faults.test_gate_postgres import NARROWERS, PUBLISHERS, at_once, narrower, oracle, publisher
from parkbench.envelope import fingerprint
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.pages import Gone
from parkbench.exchange.services import limits, serving
from parkbench.records import rules, services
from parkbench.records.models import Audience
from parkbench.records.queries import journals as reading
from parkbench.records.services import Draft, publish
from peers import Peer, pin, settle_here

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

SECONDS = float(os.environ.get("PARKBENCH_CAMPAIGN_SECONDS", "4"))
UNITS = 24


@pytest.fixture
def node(settings, tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """Node alpha with two groups; nobody is slowed down."""
    settings.HOME = tmp_path
    for limit in (limits.BY_ADDRESS, limits.BY_PARTNER):
        monkeypatch.setattr(limit, "burst", 10**9)
        limit.forget()
    settle_here()
    for name in ("Nordic imaging", "Benelux imaging"):
        services.add_audience(sort=Audience.Sort.CIRCLE, name=name, by=cast.OPERATOR)
    yield tmp_path
    for limit in (limits.BY_ADDRESS, limits.BY_PARTNER):
        limit.forget()


@pytest.fixture
def uids(node: Path) -> list[UUID]:
    cells = {("unit", "basics"): rules.PARTNERS, ("unit", "contact"): rules.PARTNERS}
    services.set_policies(cells=cells, by=cast.OPERATOR)
    return [cast.unit(f"Unit {number}") for number in range(UNITS)]


class Follower:
    """Reads one journal over and over; at each head it must hold just what the statement says."""

    def __init__(self, peer: Peer, audience: Audience) -> None:
        self.peer, self.audience = peer, audience
        self.after = self.walk = self.heads = self.pages = 0
        self.held: dict[tuple[UUID, str], tuple[str, str]] = {}

    def step(self, chance: Random) -> bool:
        query = {"walk": self.walk} if self.walk else {}
        page = self.peer.page(self.audience.token, self.after, limit=chance.choice((1, 3, 7, 50)), **query)
        self.pages += 1
        for item in page.items:
            if isinstance(item, Gone):
                self.held.pop((item.uid, item.section), None)
            else:
                self.held[item.uid, item.section] = (item.kind, item.digest)
        if self.after == 0:
            self.walk = page.statement.head
        self.after = page.statement.upto
        if page.statement.is_complete:
            self.heads, self.walk = self.heads + 1, 0
            entries = [(kind, uid, part, digest) for (uid, part), (kind, digest) in self.held.items()]
            total = fingerprint.to_hex(fingerprint.fingerprint_of(entries))
            assert (len(entries), total) == (page.statement.count, page.statement.fingerprint)
        return page.statement.is_complete


def test_what_a_reader_has_at_the_end_is_what_the_policy_says(
    uids: list[UUID], say: Callable[[str], None]
) -> None:
    followers = []
    for number, bit in enumerate((0, 1, 2, 3)):
        peer, audience = Peer(f"beta{number}"), Audience.objects.get(bit=bit)
        pin(peer, reads=[] if bit == 0 else [audience])
        followers.append(Follower(peer, audience))
    crowd = [*[publisher(uids)] * PUBLISHERS, *[narrower(uids)] * NARROWERS]
    with at_once(*crowd, *[follower.step for follower in followers], seconds=SECONDS):
        pass
    services.widen(kind="unit")
    due = oracle()
    for follower in followers:
        while not follower.step(Random(1)):
            pass
        bit = follower.audience.bit
        expected = {key[1:]: ("unit", digest) for key, digest in due.items() if key[0] == bit}
        assert follower.held == expected
    # Enough happened for the run to mean something.
    pages, head = sum(one.pages for one in followers), max(Audience.objects.values_list("head", flat=True))
    assert pages > 40
    assert head > 200
    say(
        f"gate with readers: {PUBLISHERS} publishers, {NARROWERS} narrowers, {len(followers)} readers, "
        f"{SECONDS:.0f} s, {pages} pages, head {head}, 0 differences"
    )


def test_a_page_and_its_head_are_of_one_instant(uids: list[UUID], monkeypatch) -> None:
    """Somebody publishes between the two statements of a page; without the snapshot the page is broken."""
    peer, audience = Peer("beta"), Audience.objects.get(bit=1)
    pin(peer, reads=[audience])
    real = reading.state_of

    def slow(row: Audience) -> reading.JournalState:
        state = real(row)

        def rename() -> None:
            name = {"basics": {"name": "Renamed between two statements"}}
            publish(kind="unit", drafts=[Draft(uid=uids[0], sections=name)], by=cast.OPERATOR)
            connections.close_all()

        if threading.current_thread() is threading.main_thread() and not done:
            done.append(True)
            thread = threading.Thread(target=rename)
            thread.start()
            thread.join(20)
        return state

    done: list[bool] = []
    monkeypatch.setattr(reading, "state_of", slow)
    page = peer.page(audience.token)
    assert done
    assert (len(page.items), page.statement.upto) == (UNITS, page.statement.head)
    done.clear()
    publish(
        kind="unit",
        drafts=[Draft(uid=uids[0], sections={"basics": {"name": "Named otherwise"}})],
        by=cast.OPERATOR,
    )
    for module in (reading, serving):
        monkeypatch.setattr(module, "snapshot", nullcontext)
    with pytest.raises(EnvelopeError):
        peer.page(audience.token)


def test_numbers_rise_and_what_a_later_number_says_was_read_later(uids: list[UUID]) -> None:
    peer, audience = Peer("beta"), Audience.objects.get(bit=1)
    partner = pin(peer, reads=[audience])
    said: list[tuple[int, int]] = []

    def ask(_chance: Random) -> None:
        listing = Peer("beta", key=peer.key).listing()
        head = next(each.head for each in listing.journals if each.audience == str(audience.token))
        said.append((listing.number, head))

    acts: list[Callable[[Random], None]] = [ask, ask, ask, publisher(uids), publisher(uids)]
    with at_once(*acts, seconds=min(SECONDS, 3)):
        pass
    partner.refresh_from_db()
    numbers = sorted(number for number, _head in said)
    assert numbers == list(range(1, partner.number_sent + 1))
    assert len(numbers) > 10
    heads = [head for _number, head in sorted(said)]
    assert heads == sorted(heads)
    assert len(set(heads)) > 3


def test_a_token_used_twice_at_once_writes_once(uids: list[UUID]) -> None:
    peer, audience = Peer("beta"), Audience.objects.get(bit=1)
    partner = pin(peer, reads=[audience])
    header = {"Authorization": f"Bearer {peer.token('POST', '/receipts')}"}
    texts = [peer.receipt(audience.token, 0, removed=number) for number in range(6)]
    answers: list[int] = []

    def send(text: str) -> None:
        answer = Peer("beta", key=peer.key).client.post(
            "/exchange/v1/receipts", text, content_type="application/jose", headers=header
        )
        answers.append(answer.status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [200] + [401] * 5
    assert partner.receipts.filter(sort="removed").count() == 1
