"""Publishing and narrowing at the same time, on PostgreSQL: nothing leaks, no number is skipped."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connections

import cast
from parkbench.envelope import fingerprint
from parkbench.programme.models import Unit
from parkbench.records import rules, services
from parkbench.records.models import Audience, JournalEntry, PolicyCell, Section, SharingException
from parkbench.records.services import Draft, gate, publish

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

SECONDS = 4.0
PUBLISHERS, NARROWERS = 16, 4
UNITS = 24
POLICIES = (rules.NOBODY, rules.PARTNERS, rules.PUBLIC, 4, 8, 12)


def oracle() -> dict[tuple[int, UUID, str], str]:
    """Return (bit, uid, section) > digest of all that the policy and the exceptions put into a journal."""
    cells = {cell.section: cell.mask for cell in PolicyCell.objects.filter(kind="unit")}
    said = {
        (uid, section): mask
        for uid, section, mask in SharingException.objects.values_list("uid", "section", "mask")
    }
    due = {}
    live = set(Unit.objects.live().own().values_list("uid", flat=True))
    for part in Section.objects.filter(kind="unit", is_current=True).exclude(digest=""):
        wish = said.get((part.uid, part.section), cells.get(part.section, 0))
        basics = said.get((part.uid, "basics"), cells.get("basics", 0))
        for bit in rules.bits(rules.clamp(wish, within=basics)) if part.uid in live else ():
            due[bit, part.uid, part.section] = part.digest
    return due


def differences() -> list[str]:
    """Say where journals, counts, fingerprints, numbers or masks are not what follows from the policy."""
    due, wrong = oracle(), []
    held = {
        (entry.audience.bit, entry.uid, entry.section): entry.digest
        for entry in JournalEntry.objects.filter(is_gone=False).select_related("audience")
    }
    wrong += [f"leaks {key}" for key in held if key not in due]
    wrong += [f"lacks {key}" for key in due if key not in held]
    wrong += [f"holds an old {key}" for key in due if key in held and held[key] != due[key]]
    for audience in Audience.objects.order_by("bit"):
        mine = [(*key[1:], digest) for key, digest in held.items() if key[0] == audience.bit]
        total = fingerprint.fingerprint_of(("unit", *entry) for entry in mine)
        if (audience.count, audience.fingerprint) != (len(mine), fingerprint.to_hex(total)):
            wrong.append(f"{audience} does not add up")
        seqs = list(JournalEntry.objects.filter(audience=audience).values_list("seq", flat=True))
        if len(set(seqs)) != len(seqs) or max(seqs, default=0) != audience.head:
            wrong.append(f"{audience} has numbers twice, above its head or lost below it")
    for row in Unit.objects.live().own():
        bits = sum(1 << bit for bit, uid, section in due if (uid, section) == (row.uid, "basics"))
        if row.audience_mask != bits or row.is_public != (bits == rules.PUBLIC):
            wrong.append(f"{row} shows the wrong audience")
    return wrong


@contextmanager
def at_once(*acts: Callable[[random.Random], None], seconds: float = SECONDS, seed: int = 1):
    """Repeat each act in a thread with its own connection until the time is up; failures come out."""
    failures: list[BaseException] = []
    until = time.monotonic() + seconds

    def repeat(act: Callable[[random.Random], None], chance: random.Random) -> None:
        try:
            while time.monotonic() < until and not failures:
                act(chance)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=repeat, args=(act, random.Random(seed * 1000 + number)))
        for number, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(seconds + 60)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


def publisher(uids: list[UUID]) -> Callable[[random.Random], None]:
    def act(chance: random.Random) -> None:
        drafts = [
            Draft(
                uid=uid,
                sections={
                    "basics": {"name": f"Unit {uid} {chance.random()}"},
                    "contact": {"mailbox": f"m{chance.randrange(10**9)}@alpha.example"},
                },
            )
            # Rows are locked in one order, as every room does it.
            for uid in sorted(chance.sample(uids, 2))
        ]
        publish(kind="unit", drafts=drafts, by=cast.OPERATOR)

    return act


def narrower(uids: list[UUID]) -> Callable[[random.Random], None]:
    def act(chance: random.Random) -> None:
        if chance.random() < 0.3:
            mask = chance.choice([None, *POLICIES])
            masks = {"basics": mask, "contact": None}
            services.share_record(kind="unit", uid=chance.choice(uids), masks=masks, by=cast.OPERATOR)
            return
        basics = chance.choice(POLICIES)
        contact = rules.clamp(chance.choice(POLICIES), within=basics)
        cells = {("unit", "basics"): basics, ("unit", "contact"): contact}
        services.set_policies(cells=cells, by=cast.OPERATOR)

    return act


@pytest.fixture
def uids(settings) -> list[UUID]:
    for name in ("Nordic imaging", "Benelux imaging"):
        services.add_audience(sort=Audience.Sort.CIRCLE, name=name, by=cast.OPERATOR)
    cells = {("unit", "basics"): rules.PARTNERS, ("unit", "contact"): rules.PARTNERS}
    services.set_policies(cells=cells, by=cast.OPERATOR)
    return [cast.unit(f"Unit {number}") for number in range(UNITS)]


def test_sixteen_publishers_against_four_narrowers_leave_no_difference_and_no_gap(
    uids: list[UUID], say: Callable[[str], None]
) -> None:
    with at_once(*[publisher(uids)] * PUBLISHERS, *[narrower(uids)] * NARROWERS):
        pass
    services.widen(kind="unit")
    assert differences() == []
    # Enough of both happened for the run to mean something.
    assert Section.objects.count() > 200
    head = Audience.objects.get(bit=1).head
    assert head > 200
    say(
        f"gate: {PUBLISHERS} publishers, {NARROWERS} narrowers, {SECONDS:.0f} s, head {head}, "
        "0 differences, 0 gaps"
    )


def test_without_the_gate_the_leak_is_there_to_be_seen(uids: list[UUID], monkeypatch) -> None:
    """A publish reads the policy, a narrowing comes and goes, the publish writes what it read: a leak."""
    from parkbench.records.services import journals

    has_read, may_write = threading.Event(), threading.Event()
    real = journals.read_sharing

    def slow(*args, **named):
        sharing = real(*args, **named)
        if threading.current_thread().name == "publisher":
            has_read.set()
            # With the gate the narrowing cannot finish meanwhile, and this wait runs out.
            may_write.wait(1.5)
        return sharing

    monkeypatch.setattr(journals, "read_sharing", slow)

    def race() -> list[str]:
        has_read.clear()
        may_write.clear()
        services.set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
        services.widen(kind="unit")
        new = UUID(int=random.getrandbits(128), version=4)

        def add() -> None:
            name = {"basics": {"name": f"Unit {new}"}}
            publish(kind="unit", drafts=[Draft(uid=new, sections=name, is_new=True)], by=cast.OPERATOR)
            connections.close_all()

        thread = threading.Thread(target=add, name="publisher")
        thread.start()
        assert has_read.wait(10)
        services.set_policy(kind="unit", section="basics", mask=rules.NOBODY, by=cast.OPERATOR)
        may_write.set()
        thread.join(30)
        return [wrong for wrong in differences() if wrong.startswith("leaks")]

    assert race() == []
    monkeypatch.setattr(gate, "enter", lambda: None)
    assert race() != []


def test_widening_does_not_write_over_what_is_published_meanwhile(uids: list[UUID], monkeypatch) -> None:
    """Both hold the gate shared: only the lock on the row keeps an old digest out of the journal."""
    from parkbench.records.services import sharing

    has_read, may_write = threading.Event(), threading.Event()
    real = sharing.settle_records

    def slow(*args, **named):
        has_read.set()
        # With the row locked the publish cannot finish meanwhile, and this wait runs out.
        may_write.wait(1.5)
        real(*args, **named)

    monkeypatch.setattr(sharing, "settle_records", slow)

    def widen() -> None:
        services.widen(kind="unit")
        connections.close_all()

    thread = threading.Thread(target=widen)
    thread.start()
    assert has_read.wait(10)
    body = {"basics": {"name": "Renamed meanwhile"}}
    publish(kind="unit", drafts=[Draft(uid=uids[0], sections=body)], by=cast.OPERATOR)
    may_write.set()
    thread.join(30)
    assert differences() == []
