"""Whatever happens to records and policy, in any order: the journals hold what the policy says, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import cast
from parkbench.lib import jobs
from parkbench.lib.errors import Refused
from parkbench.programme.models import Unit
from parkbench.records import services
from parkbench.records.models import Audience, JournalEntry
from parkbench.records.services import Draft

PUBLIC, PARTNERS = 1, 2
SECTIONS = ("basics", "contact")
COLUMN = {"basics": "audience_mask", "contact": "contact_mask"}
START = datetime(2030, 1, 1, tzinfo=UTC)


def reached(mask: int) -> frozenset[str]:
    """Spell out the people behind a mask: the oracle reckons with people, not with bits."""
    if mask & PUBLIC:
        return frozenset({"stranger", "partner", "in A", "in B"})
    if mask & PARTNERS:
        return frozenset({"partner", "in A", "in B"})
    return frozenset(name for bit, name in ((2, "in A"), (3, "in B")) if mask >> bit & 1)


def bits_for(people: frozenset[str]) -> frozenset[int]:
    """Return the journals through which just these people read."""
    if "stranger" in people:
        return frozenset({0})
    if "partner" in people:
        return frozenset({1})
    return frozenset(bit for bit, name in ((2, "in A"), (3, "in B")) if name in people)


@dataclass
class Known:
    """What the oracle knows of one record."""

    bodies: dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, int] = field(default_factory=dict)
    share_from: datetime | None = None
    is_deleted: bool = False


class Sharing(RuleBasedStateMachine):
    """The node on one side, on the other a book kept by hand of who may see what."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.clock = mock.patch.object(timezone, "now", side_effect=lambda: self.now)
        self.clock.start()
        # Each example in a transaction of its own, which is thrown away.
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        # Queued work waits until a rule runs it: in between, nothing may be wider than the policy.
        self.queue: list[tuple[str, dict[str, Any]]] = []
        self.queueing = mock.patch.object(
            jobs, "enqueue", lambda name, **arguments: self.queue.append((name, arguments))
        )
        self.queueing.start()
        self.policy: dict[str, int] = {}
        self.records: dict[UUID, Known] = {}
        self.entered: dict[tuple[int, UUID, str], int] = {}

    def teardown(self) -> None:
        self.queueing.stop()
        self.clock.stop()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def two_groups(self) -> None:
        for name in ("A", "B"):
            services.add_audience(sort=Audience.Sort.CIRCLE, name=name, by=cast.OPERATOR)

    def some(self, data: st.DataObject, wanted: Callable[[Known], bool] = lambda known: True) -> list[UUID]:
        uids = [uid for uid, known in self.records.items() if wanted(known)]
        return data.draw(st.lists(st.sampled_from(uids), unique=True, min_size=1)) if uids else []

    # --- what may happen ---

    @rule(data=st.data(), has_contact=st.booleans())
    def add(self, data: st.DataObject, has_contact: bool) -> None:
        number = len(self.records)
        uid = UUID(int=1000 + number)
        sections: dict[str, dict[str, str]] = {"basics": {"name": f"Unit {number}"}}
        if has_contact:
            sections["contact"] = {"mailbox": f"u{number}@alpha.example"}
        self.publish([Draft(uid=uid, sections=sections, is_new=True)])
        self.records[uid] = Known(dict.fromkeys(sections, ""))

    @precondition(lambda self: self.records)
    @rule(
        data=st.data(),
        text=st.sampled_from("abc"),
        section=st.sampled_from(SECTIONS),
        is_emptied=st.booleans(),
    )
    def edit(self, data: st.DataObject, text: str, section: str, is_emptied: bool) -> None:
        uids = self.some(data, lambda known: not known.is_deleted)
        drafts = []
        for uid in uids:
            body = {"name": f"Unit {uid} {text}"} if section == "basics" else {"mailbox": f"{text}@b.example"}
            is_gone = is_emptied and section == "contact"
            drafts.append(Draft(uid=uid, sections={section: {} if is_gone else body}))
            self.records[uid].bodies.pop(section, None)
            if not is_gone:
                self.records[uid].bodies[section] = text
        if drafts:
            self.publish(drafts)

    def publish(self, drafts: list[Draft]) -> None:
        services.publish(kind="unit", drafts=drafts, by=cast.OPERATOR)

    @rule(section=st.sampled_from(SECTIONS), mask=st.integers(0, 15))
    def set_policy(self, section: str, mask: int) -> None:
        is_wide = section != "basics" and not reached(mask) <= reached(self.policy.get("basics", 0))
        try:
            services.set_policy(kind="unit", section=section, mask=mask, by=cast.OPERATOR)
        except Refused:
            assert is_wide
        else:
            assert not is_wide
            self.policy[section] = mask

    @rule(basics=st.integers(0, 15), contact=st.integers(0, 15))
    def set_policies(self, basics: int, contact: int) -> None:
        if not reached(contact) <= reached(basics):
            return
        cells = {("unit", "basics"): basics, ("unit", "contact"): contact}
        services.set_policies(cells=cells, by=cast.OPERATOR)
        self.policy = {"basics": basics, "contact": contact}

    @precondition(lambda self: self.records)
    @rule(
        data=st.data(),
        masks=st.dictionaries(st.sampled_from(SECTIONS), st.none() | st.integers(0, 15), min_size=1),
        hours=st.none() | st.integers(-2, 5),
    )
    def share_record(self, data: st.DataObject, masks: dict[str, int | None], hours: int | None) -> None:
        uid = data.draw(st.sampled_from(sorted(self.records)))
        known = self.records[uid]
        share_from = None if hours is None else self.now + timedelta(hours=hours)
        wished = {**known.exceptions, **masks}
        basics = wished.get("basics")
        basics = self.policy.get("basics", 0) if basics is None else basics
        asked = masks.get("contact")
        is_wide = asked is not None and not reached(asked) <= reached(basics)
        try:
            services.share_record(kind="unit", uid=uid, masks=masks, share_from=share_from, by=cast.OPERATOR)
        except Refused:
            assert is_wide
            return
        assert not is_wide
        known.exceptions = {name: mask for name, mask in wished.items() if mask is not None}
        known.share_from = share_from

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        uids = self.some(data)
        services.delete(kind="unit", uids=uids, by=cast.OPERATOR)
        for uid in uids:
            self.records[uid].is_deleted = True

    @precondition(lambda self: any(known.is_deleted for known in self.records.values()))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        uids = self.some(data, lambda known: known.is_deleted)
        services.restore(kind="unit", uids=uids, by=cast.OPERATOR)
        for uid in uids:
            self.records[uid].is_deleted = False

    @rule(hours=st.integers(1, 4))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: any(self.is_held_back(known) for known in self.records.values()))
    @rule()
    def the_next_date_comes(self) -> None:
        self.now = min(known.share_from for known in self.records.values() if self.is_held_back(known))
        services.apply_due()
        self.compare(exactly={uid for uid, known in self.records.items() if known.share_from == self.now})

    def is_held_back(self, known: Known) -> bool:
        return known.share_from is not None and known.share_from > self.now

    @rule()
    def work_is_done(self) -> None:
        services.apply_due()
        while self.queue:
            name, arguments = self.queue.pop(0)
            if name == "records.widen":
                services.widen(**arguments)
        self.compare(exactly=set(self.records))

    # --- what must hold ---

    def allowed(self, uid: UUID, section: str) -> frozenset[str]:
        """Return who may see a section now, by the book."""
        known = self.records[uid]
        if known.is_deleted or self.is_held_back(known) or section not in known.bodies:
            return frozenset()

        def wish(name: str) -> frozenset[str]:
            return reached(known.exceptions.get(name, self.policy.get(name, 0)))

        return wish("basics") & wish(section)

    def compare(self, *, exactly: set[UUID]) -> None:
        held: dict[tuple[UUID, str], set[int]] = {}
        for entry in JournalEntry.objects.filter(is_gone=False).select_related("audience"):
            held.setdefault((entry.uid, entry.section), set()).add(entry.audience.bit)
        rows = {row.uid: row for row in Unit.objects.filter(uid__in=list(self.records))}
        for uid in self.records:
            for section in SECTIONS:
                bits = held.pop((uid, section), set())
                allowed = self.allowed(uid, section)
                seen = reached(sum(1 << bit for bit in bits))
                assert seen <= allowed, f"{section} of {uid} is seen by {seen - allowed}"
                if uid in exactly:
                    assert bits == bits_for(allowed)
                assert getattr(rows[uid], COLUMN[section]) == sum(1 << bit for bit in bits)
            assert rows[uid].is_public == (rows[uid].audience_mask == PUBLIC)
        assert held == {}

    @invariant()
    def nobody_sees_more_than_the_policy_says(self) -> None:
        self.compare(exactly=set())

    @invariant()
    def journals_add_up(self) -> None:
        for audience in Audience.objects.order_by("bit"):
            entries = list(JournalEntry.objects.filter(audience=audience))
            live = [entry for entry in entries if not entry.is_gone]
            assert audience.count == len(live)
            assert audience.fingerprint == fingerprint(live)
            seqs = [entry.seq for entry in entries]
            assert len(set(seqs)) == len(seqs)
            assert max(seqs, default=0) == audience.head
            for entry in entries:
                assert bool(entry.digest) != entry.is_gone
                key = (audience.bit, entry.uid, entry.section)
                # Whoever learnt of a section once must hear when it leaves: entered_seq stays.
                assert self.entered.setdefault(key, entry.entered_seq) == entry.entered_seq
            gone = {key for key in self.entered if key[0] == audience.bit}
            assert gone == {(audience.bit, entry.uid, entry.section) for entry in entries}


def fingerprint(entries: list[JournalEntry]) -> str:
    """Add up the hashes as envelope.fingerprint documents them, written a second time."""
    total = 0
    for entry in entries:
        fields = [part.encode() for part in (entry.kind, str(entry.uid), entry.section, entry.digest)]
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in fields)
        total += int.from_bytes(sha256(framed).digest(), "big")
    return f"{total % 2**256:064x}"


@pytest.mark.django_db
def test_journals_follow_the_policy_whatever_happens(say: Callable[[str], None]) -> None:
    profile = settings(stateful_step_count=30)
    run_state_machine_as_test(Sharing, settings=profile)
    say(f"sharing: {profile.max_examples} runs of up to {profile.stateful_step_count} steps, 0 differences")
