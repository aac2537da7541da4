"""Two nodes that differ only in what another node may not know of answer that node alike, to the byte."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

import cast
import worlds
from parkbench.exchange.models import ExchangeState, JournalGrant, Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import grants, limits
from parkbench.lib import jobs
from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.services import Draft, add_audience, publish, share_record
from peers import Peer, pin, settle_here

pytestmark = pytest.mark.django_db

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
WANTED = 100_000 if IS_LONG else 300
SEED = int(os.environ.get("PARKBENCH_SEED", "20261128"))
LIMITS = (limits.BY_ADDRESS, limits.BY_PARTNER, limits.PINGS, limits.RECEIPTS)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WHO = ("stranger", "unknown", "outside", "reader", "suspended", "ended")
"""Without a token; with one of nobody's; partner in no group; member of group A; one that was it."""
ROUTES = ("node-document", "listing", "page", "receipts", "ping", "invitations")
WORDS = ("Aardvark", "Unit 1", "Zebra", "Nordic imaging", "Confocal", "Omega Ångström")


@dataclass
class Node:
    """What both worlds have in common."""

    caller: Peer
    groups: dict[str, Audience]
    units: list[UUID]
    other: Peer


@pytest.fixture
def node(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    settings.HOME = tmp_path
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for limit in LIMITS:
        monkeypatch.setattr(limit, "burst", 10**9)
        limit.forget()
    settle_here()
    groups = {
        name: add_audience(sort=Audience.Sort.CIRCLE, name=f"Group {name}", by=cast.OPERATOR) for name in "AB"
    }
    units = [cast.unit(f"Unit {number}", description=f"About {number}") for number in range(6)]
    masks = (
        rules.PUBLIC,
        rules.PUBLIC,
        rules.PARTNERS,
        rules.PARTNERS,
        *(bit(one) for one in groups.values()),
    )
    for uid, mask in zip(units, masks, strict=True):
        share(uid, mask)
    yield Node(Peer("beta"), groups, units, Peer("epsilon"))
    for limit in LIMITS:
        limit.forget()


def bit(audience: Audience) -> int:
    return 1 << audience.bit


def share(uid: UUID, mask: int, contact: int | None = None, share_from: datetime | None = None) -> None:
    masks = {"basics": mask} | ({} if contact is None else {"contact": contact})
    share_record(kind="unit", uid=uid, masks=masks, share_from=share_from, by=cast.OPERATOR)


def hide(node: Node, who: str, chance: Random) -> None:
    """Put in what the caller may not know of: none, some or much, of every sort."""
    a, b = (bit(node.groups[name]) for name in "AB")
    hidden = [rules.NOBODY, b]
    if who != "reader":
        hidden.append(a)
    if who not in ("reader", "outside"):
        hidden += [rules.PARTNERS, a | b]
    for _turn in range(chance.randrange(4)):
        uid = cast.unit(chance.choice(WORDS) + f" {uuid4().hex[:4]}")
        share(uid, chance.choice(hidden))
    for mask in (rules.PUBLIC, rules.PARTNERS, a) if chance.random() < 0.7 else ():
        # Held back until a date that does not come.
        uid = cast.unit(chance.choice(WORDS) + f" {uuid4().hex[:4]}")
        share(uid, mask, share_from=datetime(2190, 1, 1, tzinfo=UTC))
    for uid in chance.sample(node.units, 3):
        # A section beside one that it may see.
        contact = {"mailbox": f"x{chance.randrange(10**6)}@alpha.example"} if chance.random() < 0.8 else {}
        publish(kind="unit", drafts=[Draft(uid=uid, sections={"contact": contact})], by=cast.OPERATOR)
        mask = {entry: rules.clamp(chance.choice(hidden), within=_mask(uid)) for entry in ("contact",)}
        share_record(kind="unit", uid=uid, masks=mask, share_from=None, by=cast.OPERATOR)
    if chance.random() < 0.6:
        other = pin(node.other, reads=chance.sample([node.groups["B"], *Audience.objects.filter(bit=1)], 1))
        state = chance.choice((State.ACTIVE, State.SUSPENDED, State.ENDED))
        Partner.objects.filter(pk=other.pk).update(state=state.value)
        own = add_audience(sort=Audience.Sort.PARTNER, name=f"Epsilon {uuid4().hex[:4]}", by=cast.OPERATOR)
        JournalGrant.objects.create(partner=other, audience=own, since_seq=0, granted_at=NOW)


def _mask(uid: UUID) -> int:
    from parkbench.programme.models import Unit

    return int(Unit.objects.values_list("audience_mask", flat=True).get(uid=uid))


def pass_by(node: Node, chance: Random) -> None:
    """Something was in the journals that all read, and left before the caller came: which, it cannot know."""
    for mask in (rules.PARTNERS, bit(node.groups["A"])):
        uid = cast.unit(chance.choice(WORDS) + f" {uuid4().hex[:4]}")
        share(uid, mask)
        share(uid, rules.NOBODY)


def let_in(node: Node, who: str) -> None:
    """Make the caller what it is."""
    if who in ("stranger", "unknown"):
        return
    partner = pin(node.caller)
    reads = [Audience.objects.get(bit=1), *([] if who == "outside" else [node.groups["A"]])]
    grants.let_read(partner=partner, audiences=reads, now=NOW)
    state = {"suspended": State.SUSPENDED, "ended": State.ENDED}.get(who, State.ACTIVE)
    Partner.objects.filter(pk=partner.pk).update(state=state.value, state_at=NOW - timedelta(days=1))


Ask = Callable[[], Any]


def questions(node: Node, who: str, chance: Random) -> list[tuple[str, dict[str, Any]]]:
    """Choose what is asked: each route, with everything that may stand in its address; the same twice."""
    tokens = [str(one.token) for one in node.groups.values()]
    tokens += [str(Audience.objects.get(bit=1).token), "public", str(UUID(int=7)), "PUBLIC", "x"]
    epoch = str(ExchangeState.objects.get().epoch)
    cursors = [f"{epoch}.{seq}" for seq in (0, 1, 2, 3, 10**6)] + [f"{UUID(int=9)}.0", "x", ""]
    asked: list[tuple[str, dict[str, Any]]] = [("node-document", {})]
    for nonce in ("n-1", "", "ä"):
        have = [
            f"{token}:{cursor}" for token in tokens[:4] for cursor in cursors[:4] if chance.random() < 0.2
        ]
        asked.append(("listing", {"nonce": nonce, "have": have}))
    for token in tokens:
        walk, limit = chance.choice(("", "0", "3", "-1")), chance.choice(("", "1", "2", "500", "0"))
        asked.append(
            ("page", {"token": token, "after": chance.choice(cursors), "walk": walk, "limit": limit})
        )
        asked.append(("page", {"token": token, "after": f"{epoch}.0", "walk": "", "limit": "3"}))
    asked += [("receipts", {"token": token, "seq": chance.choice((0, 2, 10**6))}) for token in tokens[:5]]
    asked += [("ping", {}), ("invitations", {"body": chance.choice(("", "{}", "[" * 50))})]
    return chance.sample(asked, len(asked))


def answer(node: Node, who: str, name: str, asked: dict[str, Any]) -> tuple[Any, ...]:
    """Ask as the caller; return status, headers and bytes, all but the date of the reply."""
    peer = Peer(node.caller.name, key=node.caller.key, client=Client())
    headers = {}

    def signed(method: str, path: str) -> dict[str, str]:
        return {} if who == "stranger" else {"Authorization": f"Bearer {peer.token(method, path)}"}

    if name == "node-document":
        reply = peer.client.get("/.well-known/parkbench-node")
    elif name == "listing":
        headers = signed("GET", "/journals")
        reply = peer.client.get("/exchange/v1/journals", asked, headers=headers)
    elif name == "page":
        path = f"/journals/{asked['token']}"
        query = {key: value for key, value in asked.items() if key != "token" and value}
        reply = peer.client.get(f"/exchange/v1{path}", query, headers=signed("GET", path))
    elif name == "receipts":
        token = asked["token"] if asked["token"] != "public" else str(UUID(int=0))
        body = peer.receipt(UUID(token), asked["seq"], iat=NOW)
        reply = _post(peer, "/receipts", body, signed("POST", "/receipts"))
    elif name == "ping":
        reply = _post(peer, "/ping", "", signed("POST", "/ping"))
    else:
        reply = _post(peer, "/invitations", asked["body"], {}, "application/json")
    kept = {key: value for key, value in reply.items() if key not in ("Date", "Expires")}
    return reply.status_code, tuple(sorted(kept.items())), reply.content


def _post(peer: Peer, path: str, body: str, headers: dict[str, str], kind: str = "application/jose") -> Any:
    return peer.client.post(f"/exchange/v1{path}", body, content_type=kind, headers=headers)


@contextmanager
def one_of_two(node: Node, who: str, seed: int) -> Iterator[None]:
    """Let the node hold a secret for a while."""
    cache.clear()
    with transaction.atomic():
        chance = Random(seed)
        pass_by(node, chance)
        let_in(node, who)
        hide(node, who, chance)
        yield
        transaction.set_rollback(True)
    cache.clear()


def test_every_route_of_the_protocol_is_asked() -> None:
    known = {name.partition(":")[2] for name, pattern in worlds.routes().items() if "/exchange/v1" in pattern}
    assert known | {"node-document"} == set(ROUTES)


def test_another_node_learns_nothing_of_what_it_may_not_know(node: Node, say: Callable[[str], None]) -> None:
    chance = Random(SEED)
    compared: Counter[tuple[str, str]] = Counter()
    statuses: Counter[int] = Counter()
    with mock.patch("parkbench.envelope.acknowledgements.secrets.token_urlsafe", return_value="same"):
        while compared.total() < WANTED:
            for who in WHO:
                seeds = chance.getrandbits(32), chance.getrandbits(32)
                asked = questions(node, who, chance)
                got = []
                for seed in seeds:
                    with one_of_two(node, who, seed):
                        got.append([answer(node, who, *one) for one in asked])
                for one, first, second in zip(asked, *got, strict=True):
                    assert first == second, f"seed {SEED}, worlds {seeds}: {who} {one}: {first} {second}"
                    compared[who, one[0]] += 1
                    statuses[first[0]] += 1
    assert {200, 202, 400, 401, 404, 410} <= set(statuses)
    assert all(compared[who, route] for who in WHO for route in ROUTES)
    say(
        f"exchange leaks, seed {SEED}: {compared.total()} comparisons over {len(ROUTES)} routes and "
        f"{len(WHO)} callers, statuses {dict(sorted(statuses.items()))}, 0 differences",
    )
