"""Run by test_killed_pull: forks itself again and again, and each fork is killed somewhere in its work.

``kills.py reader SEED COUNT``: the fork pulls from a partner that answers on this machine.
``kills.py origin SEED COUNT``: the fork publishes, narrows, deletes, or gives out pages.
Prints one line of JSON: how many were killed, where, and what was found wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from random import Random
from typing import Any
from unittest import mock
from uuid import UUID

import django

django.setup()

from django.db import connection, connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

import cast  # noqa: E402
import origins  # noqa: E402
from faults.test_gate_postgres import differences as unlike_policy  # noqa: E402
from faults.test_gate_postgres import narrower, oracle, publisher  # noqa: E402
from origins import Origin, Reply  # noqa: E402
from parkbench.envelope import fingerprint  # noqa: E402
from parkbench.envelope.acknowledgements import Receipt  # noqa: E402
from parkbench.envelope.pages import Gone  # noqa: E402
from parkbench.exchange.client import pull, pulling  # noqa: E402
from parkbench.exchange.client.receiving import Receiver  # noqa: E402
from parkbench.exchange.models import OwedReceipt, Partner  # noqa: E402
from parkbench.lib.errors import NotFound  # noqa: E402
from parkbench.lib.http import Line  # noqa: E402
from parkbench.programme.models import Unit  # noqa: E402
from parkbench.records import rules, services  # noqa: E402
from parkbench.records.models import Audience, JournalEntry, Membership, Section, SharingException  # noqa: E402
from peers import Peer, our_keys, settle_here  # noqa: E402
from peers import pin as pin_peer  # noqa: E402

LONGEST = 60.0
"""Seconds that a fork may take; one that takes longer is a fault of its own."""


class Instants:
    """Counts statements, commits and requests of a fork, and ends it for good at one of them."""

    def __init__(self, what: str, last: int, out: int) -> None:
        self.what, self.last, self.out = what, last, out
        self.counts: Counter[str] = Counter()
        self.stage = "work"

    def pass_by(self, what: str, when: str) -> None:
        self.counts[what] += 1
        if (what, self.counts[what]) == (self.what, self.last):
            os.write(self.out, f"{self.stage}: {when} {what}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, what: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **named: Any) -> Any:
            self.pass_by(what, "before")
            done = act(*given, **named)
            self.pass_by(what, "after")
            return done

        return acted

    def in_stage(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **named: Any) -> Any:
            before, self.stage = self.stage, name
            try:
                return act(*given, **named)
            finally:
                self.stage = before

        return acted

    def watch(self, stack: ExitStack) -> None:
        """Stand beside the database, the line, and the last steps of a pull."""
        stack.enter_context(
            connection.execute_wrapper(lambda execute, *given: self.around("statement", execute)(*given))
        )
        for owner, name, wrap in (
            (BaseDatabaseWrapper, "_commit", lambda act: self.around("commit", act)),
            (Line, "ask", lambda act: self.around("request", act)),
            (Receiver, "settle", lambda act: self.in_stage("settling", act)),
            (pulling, "send_owed", lambda act: self.in_stage("receipts", act)),
        ):
            stack.enter_context(mock.patch.object(owner, name, wrap(getattr(owner, name))))


class Killer:
    """Forks, lets the fork work, and has it killed: at a counted instant, or by the clock."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.usual: dict[str, int] = {}
        self.seconds = 0.1
        self.forks = self.kills = self.whole = 0
        self.where: Counter[str] = Counter()

    def fork(self, act: Callable[[], None]) -> bool:
        """Return whether the fork came to its end."""
        connections.close_all()
        # Now and then one comes to its end: it shows how far there is to go.
        is_spared = self.forks % 6 == 0
        self.forks += 1
        sorts = ("statement", "statement", "commit", "request", "clock")
        what = "" if is_spared else self.chance.choice(sorts)
        last = self.chance.randint(1, max(self.usual.get(what, 1), 4))
        by_clock = what == "clock"
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            self._be(act, what, last, writing)
        os.close(writing)
        began = time.monotonic()
        if by_clock:
            time.sleep(self.chance.random() * self.seconds)
            os.kill(child, signal.SIGKILL)
        status = self._wait(child)
        said = os.read(reading, 1000).decode()
        os.close(reading)
        if os.WIFSIGNALED(status):
            self.kills += 1
            self.where[said.strip() or "anywhere: by the clock"] += 1
            return False
        if os.WEXITSTATUS(status):
            raise RuntimeError(f"A fork failed by itself: {said}")
        self.whole += 1
        self.usual, self.seconds = json.loads(said), time.monotonic() - began
        return True

    @staticmethod
    def _be(act: Callable[[], None], what: str, last: int, out: int) -> None:
        code = 1
        try:
            with ExitStack() as stack:
                instants = Instants(what, last, out)
                instants.watch(stack)
                act()
            os.write(out, json.dumps(instants.counts).encode())
            code = 0
        except BaseException as failure:
            os.write(out, repr(failure)[:900].encode())
        finally:
            os._exit(code)

    @staticmethod
    def _wait(child: int) -> int:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise RuntimeError("A fork hangs.")


def read(seed: int, count: int) -> dict[str, Any]:
    """Kill the one who reads, and now and then the one who is read, while it answers."""
    chance, wrong = Random(seed), []
    origin, killer = Origin("Beta"), Killer(Random(seed + 1))
    origin.reader_keys = origins.settle_reader()
    partner = origins.pin(origin)
    home, deaths = partner.home_id, [0]

    def confirmed(receipt: Receipt) -> None:
        """What a receipt says to be removed must be in no table, whoever is killed next."""
        journal = next(one for one in origin.journals.values() if str(one.audience) == receipt.audience)
        left = {
            part
            for part, entry in journal.entries.items()
            if isinstance(entry, Gone) and entry.seq <= receipt.seq
        }
        named = set(Membership.objects.filter(home=home).values_list("uid", "section"))
        kept = set(Section.objects.filter(home=home).values_list("uid", "section"))
        wrong.extend(f"confirmed and still held: {part}" for part in (left & kept) - named)
        connections.close_all()

    def dying(_path: str, reply: Reply) -> Reply:
        if deaths[0] < 0 or chance.random() > 0.05:
            return reply
        deaths[0] += 1
        return Reply(reply.status, reply.body, reply.headers, cut=chance.randrange(len(reply.body) or 1))

    origin.on_receipt, origin.on_its_way = confirmed, dying
    with origin.serving():
        origin.change(chance, 30)
        while killer.kills < count:
            origin.change(chance, chance.randint(1, 12))
            killer.fork(lambda: pull(partner=partner.pk) and None)
            # As if half an hour had passed: until then a pull that broke off keeps the next one waiting.
            Partner.objects.update(pulling_since=None)
            if killer.chance.random() < 0.1 or killer.kills == count:
                origin.on_its_way = lambda _path, reply: reply
                run = pull(partner=partner.pk)
                if run is None or not run.is_ok:
                    wrong.append(f"the clean pull: {run and run.problem}")
                wrong += origins.differences(origin, home, is_verified=killer.kills == count)
                wrong += [f"owed for ever: {one}" for one in OwedReceipt.objects.all()]
                origin.on_its_way = dying
            if wrong:
                break
    return {
        "killed": killer.kills,
        "whole": killer.whole,
        "origin_died": deaths[0],
        "receipts": len(origin.receipts),
        "where": killer.where,
        "wrong": wrong[:10],
    }


class Follower:
    """A reader of one journal of ours, never killed: what it holds at each head is what is signed there."""

    def __init__(self, peer: Peer, audience: Audience) -> None:
        self.peer, self.audience = peer, audience
        self.after = 0
        self.held: dict[tuple[UUID, str], str] = {}

    def follow(self) -> list[str]:
        while True:
            page = self.peer.page(self.audience.token, self.after, limit=50)
            for item in page.items:
                self.held.pop((item.uid, item.section), None)
                if not isinstance(item, Gone):
                    self.held[item.uid, item.section] = item.digest
            self.after = page.statement.upto
            if page.statement.is_complete:
                break
        entries = [("unit", uid, section, name) for (uid, section), name in self.held.items()]
        total = fingerprint.to_hex(fingerprint.fingerprint_of(entries))
        is_equal = (len(entries), total) == (page.statement.count, page.statement.fingerprint)
        return [] if is_equal else [f"a reader of {self.audience} holds something else"]


def serve(seed: int, count: int) -> dict[str, Any]:
    """Kill the one who is read: in the middle of publishing, narrowing, deleting, answering."""
    chance, wrong, killer = Random(seed), [], Killer(Random(seed + 1))
    settle_here()
    our_keys()
    for name in ("Nordic imaging", "Benelux imaging"):
        services.add_audience(sort=Audience.Sort.CIRCLE, name=name, by=cast.OPERATOR)
    cells = {("unit", section): rules.PARTNERS for section in ("basics", "contact")}
    services.set_policies(cells=cells, by=cast.OPERATOR)
    uids = [cast.unit(f"Unit {number}") for number in range(16)]
    services.widen(kind="unit")
    peer = Peer("beta")
    pin_peer(peer, reads=Audience.objects.exclude(bit=0))
    followers = [Follower(peer, audience) for audience in Audience.objects.exclude(bit=0)]
    acts = [publisher(uids), narrower(uids), deleter(uids), Asking(peer, followers[0].audience)]
    while killer.kills < count:
        act, drawn = chance.choice(acts), Random(chance.getrandbits(32))

        def work(act: Callable[[Random], None] = act, drawn: Random = drawn) -> None:
            for _turn in range(3):
                with suppress(NotFound):  # one that was killed left something deleted
                    act(drawn)

        killer.fork(work)
        wrong += leaks()
        if chance.random() < 0.2 or killer.kills == count:
            services.widen(kind="unit")
            wrong += unlike_policy()
            wrong += [one for follower in followers for one in follower.follow()]
        if killer.kills == count:
            wrong += [f"verify: {one}" for one in services.verify()]
        if wrong:
            break
    return {
        "killed": killer.kills,
        "whole": killer.whole,
        "where": killer.where,
        "head": max(follower.after for follower in followers),
        "exceptions": SharingException.objects.count(),
        "wrong": wrong[:10],
    }


def leaks() -> list[str]:
    """Say what is in a journal whose readers the policy does not name; what it opened may still lack."""
    due: Counter[tuple[UUID, str]] = Counter()
    for number, uid, section in oracle():
        due[uid, section] |= 1 << number
    live = JournalEntry.objects.filter(is_gone=False).values_list("audience__bit", "uid", "section")
    return [f"leaks {place}" for place in live if not rules.is_within(1 << place[0], due[place[1], place[2]])]


def deleter(uids: list[UUID]) -> Callable[[Random], None]:
    def act(chance: Random) -> None:
        some = sorted(chance.sample(uids, 2))
        if chance.random() < 0.5:
            services.delete(kind="unit", uids=some, by=cast.OPERATOR)
        gone = sorted(Unit.objects.exclude(deleted_at=None).values_list("uid", flat=True))
        services.restore(kind="unit", uids=gone, by=cast.OPERATOR)

    return act


class Asking:
    """Another node asks for a listing and for pages."""

    def __init__(self, peer: Peer, audience: Audience) -> None:
        self.peer, self.audience = peer, audience

    def __call__(self, chance: Random) -> None:
        self.peer.listing()
        self.peer.page(self.audience.token, 0, limit=chance.randint(1, 20))


def main() -> None:
    """Do what is asked for."""
    what, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    found = {"reader": read, "origin": serve}[what](seed, count)
    sys.stdout.write(json.dumps(found))


main()
