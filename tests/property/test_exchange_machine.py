"""One node shares, two read, anything happens in any order: what is sent and held is what the book says."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from re import findall
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

import cast
from parkbench.envelope import fingerprint
from parkbench.envelope.compression import unzip
from parkbench.envelope.documents import NodeDocument, accept, read_document
from parkbench.envelope.errors import OutOfTime
from parkbench.envelope.listings import Listing
from parkbench.envelope.pages import Gone, Page, Statement
from parkbench.exchange.client import asking, pulling
from parkbench.exchange.client.receiving import Receiver
from parkbench.exchange.models import ExchangeState, JournalGrant, Partner
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.rules import State
from parkbench.exchange.services import circles, current_document, keys, limits
from parkbench.exchange.services import partners as partnerships
from parkbench.lib.errors import Refused
from parkbench.programme.models import Unit
from parkbench.records.models import HELD, Audience, Home, JournalEntry, Section
from parkbench.records.services import Draft, verify
from peers import Peer, pin, settle_here
from property.test_sharing import PARTNERS, Sharing

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES, STEPS = (1000, 50) if IS_LONG else (8, 25)
MARK = rb"kan[0-9a-f]{1,6}[bc][0-9]{1,6}q"
Part = tuple[UUID, str]
counted: Counter[str] = Counter()


class Crash(Exception):
    """The reader dies between two requests."""


@dataclass
class Reader:
    """A partner of this node; what it holds lies under a home of its own here, with uids of its own."""

    name: str
    number: int
    peer: Peer
    partner: Partner
    copy: Partner
    document: NodeDocument
    state: str = "active"
    circles: set[str] = field(default_factory=set)
    delayed: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    met: dict[UUID, set[Part]] = field(default_factory=dict)

    def uid(self, uid: UUID) -> UUID:
        """Return under which uid it holds a record: two homes cannot hold the same here."""
        return UUID(int=uid.int + (self.number << 64))

    @property
    def roles(self) -> frozenset[str]:
        """Whom the oracle takes it for."""
        if self.state != "active":
            return frozenset({"stranger"})
        return frozenset({"stranger", "partner", *(f"in {circle}" for circle in self.circles)})


class Talk:
    """The line between the two: real requests and bytes, each looked at; it may break, or be late."""

    def __init__(self, machine: Exchange, reader: Reader, *, most: int = 10**6, per_page: int = 3) -> None:
        self.machine, self.reader = machine, reader
        self.left, self.per_page = most, per_page

    def _ask(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Crash

    def listing(self, *, nonce: str, have: Any) -> str:
        self._ask()
        answer = self.reader.peer.get(
            "/journals", {"nonce": nonce, "have": [f"{one.audience}:{one.epoch}.{one.seq}" for one in have]}
        )
        assert answer.status_code == 200, answer.content
        content = unzip([answer.content])
        assert not findall(MARK, content)
        return content.decode()

    def page(self, *, audience: str, epoch: str, after: int, walk: int) -> bytes:
        self._ask()
        held_back = self.reader.delayed.pop(audience, None)
        if held_back and held_back[0] == after:
            counted["delayed pages"] += 1
            return held_back[1]
        asked = {"after": f"{epoch}.{after}", "walk": walk, "limit": self.per_page}
        answer = self.reader.peer.get(f"/journals/{audience}", asked)
        if answer.status_code in (404, 410):
            raise asking.StartAgain("Start again.")
        assert answer.status_code == 200, answer.content
        content = unzip([answer.content])
        self.machine.look_at(content, self.reader.roles)
        self.machine.totals[content] = self.machine.total(UUID(audience), self.reader)
        return content

    def receipt(self, _text: str) -> None:
        self._ask()
        counted["receipts"] += 1
        left = Section.objects.filter(home=self.reader.copy.home).exclude(
            uid__in=_member_uids(self.reader.copy.home_id)
        )
        assert not left.exists(), "It says to have removed what it still holds."


def _member_uids(home: int) -> Any:
    from parkbench.records.models import Membership

    return Membership.objects.filter(home_id=home).values("uid")


class Exchange(Sharing):
    """The book of `Sharing`, and two readers of whom it tells what they may hold."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        django_settings.HOME = Path(tempfile.mkdtemp(dir=self.folder))
        for limit in (limits.BY_ADDRESS, limits.BY_PARTNER):
            limit.forget()
        self.marks: dict[Part, str] = {}
        self.totals: dict[bytes, str] = {}
        self.readers: dict[str, Reader] = {}
        self.edits = 0
        self.steps = 0

    @initialize()
    def two_groups(self) -> None:
        """Groups, readers, and something shared: otherwise most runs would end before there is."""
        super().two_groups()
        self.two_readers()
        self.set_policies(basics=PARTNERS, contact=4)
        for has_contact in (True, True, False):
            self.add(None, has_contact)
        self.join_and_leave("beta", {"A"})
        for reader in self.readers.values():
            self.pull(reader, Talk(self, reader))

    def two_readers(self) -> None:
        settle_here()
        document = read_document(current_document())[0]
        for number, name in ((1, "beta"), (2, "gamma")):
            peer = Peer(name)
            partner = pin(peer, reads=[Audience.objects.get(bit=1)])
            copy = Partner.objects.create(
                home=Home.objects.create(address=f"https://alpha-at-{name}.example", name=f"Alpha at {name}"),
                state=State.ACTIVE.value,
                state_at=timezone.now(),
                document=current_document().decode(),
                document_number=1,
                document_at=timezone.now(),
            )
            self.readers[name] = Reader(name, number, peer, partner, copy, document)

    def publish(self, drafts: list[Draft]) -> None:
        """Mark each body with a word of its own."""
        self.edits += 1
        marked = []
        for draft in drafts:
            sections: dict[str, Any] = {}
            for section, body in draft.sections.items():
                mark = f"kan{draft.uid.int:x}{section[0]}{self.edits}q"
                self.marks[draft.uid, section] = mark if body else ""
                key = "name" if section == "basics" else "mailbox"
                sections[section] = (
                    {key: f"{mark} x" if key == "name" else f"{mark}@b.example"} if body else {}
                )
            marked.append(replace(draft, sections=sections))
        super().publish(marked)

    # --- what else may happen ---

    @rule(name=st.sampled_from(("beta", "gamma")), both=st.sets(st.sampled_from("AB")))
    def join_and_leave(self, name: str, both: set[str]) -> None:
        reader = self.readers[name]
        if reader.state != "active":
            return
        for circle in "AB":
            group = Audience.objects.get(name=circle)
            held = set(JournalGrant.objects.filter(audience=group).values_list("partner_id", flat=True))
            wanted = held - {reader.partner.pk} | ({reader.partner.pk} if circle in both else set())
            if wanted != held:
                circles.set_members(token=group.token, members=wanted, expected=held, by=cast.OPERATOR)
            if circle not in both:
                reader.met.pop(group.token, None)
        reader.circles = set(both)

    @rule(
        name=st.sampled_from(("beta", "gamma")), act=st.sampled_from(("suspend", "resume", "resume", "end"))
    )
    def change_state(self, name: str, act: str) -> None:
        reader = self.readers[name]
        if act == "end" and name == "beta":  # one of the two stays
            return
        allowed = {"suspend": ("active",), "resume": ("suspended",), "end": ("active", "suspended")}[act]
        try:
            getattr(partnerships, act)(partner_id=reader.partner.pk, by=cast.OPERATOR)
        except Refused:
            assert reader.state not in allowed
            return
        assert reader.state in allowed
        reader.state = {"suspend": "suspended", "resume": "active", "end": "ended"}[act]
        if reader.state == "ended":
            reader.circles = set()

    @rule()
    def rotate(self) -> None:
        with suppress(Refused):  # after seven, one more would leave behind who has read none of them
            keys.rotate_key(by=cast.OPERATOR)

    @rule(
        name=st.sampled_from(("beta", "gamma")),
        most=st.none() | st.integers(1, 9),
        per_page=st.integers(1, 4),
    )
    def read(self, name: str, most: int | None, per_page: int) -> None:
        """A pull, which may break off after so many requests."""
        talk = Talk(self, self.readers[name], most=most or 10**6, per_page=per_page)
        self.pull(self.readers[name], talk)

    @rule(name=st.sampled_from(("beta", "gamma")), size=st.integers(1, 4))
    def a_page_is_late(self, name: str, size: int) -> None:
        """Every journal is asked for its next page; they come with the next pull, if they still fit then."""
        reader = self.readers[name]
        held = queries.held_journals(home=reader.copy.home_id)
        for journal in list(held.values()):
            talk = Talk(self, reader, per_page=size)
            walk = journal.head if journal.is_walking else 0
            asked = {"audience": str(journal.audience), "epoch": str(journal.epoch), "after": journal.seq}
            reader.delayed.pop(asked["audience"], None)
            try:
                content = talk.page(**asked, walk=walk)
            except asking.StartAgain:
                continue
            reader.delayed[asked["audience"]] = (journal.seq, content)

    @rule(is_late=st.booleans(), most=st.none() | st.integers(2, 5))
    def all_is_quiet(self, is_late: bool, most: int | None) -> None:
        """All work is done, both read to the end: each holds what the book says, byte for byte.

        Before that a page was asked for that comes late, and a pull broke off.
        """
        for name in self.readers if is_late else ():
            self.a_page_is_late(name, 2)
        self.work_is_done()
        for name, reader in self.readers.items():
            if most:
                self.read(name, most, 1)
            elif is_late:
                self.read(name, None, 3)
            reader.delayed.clear()
            problem = self.pull(reader, Talk(self, reader, per_page=50))
            assert problem == ("They have suspended the partnership." if reader.state == "suspended" else "")
            self.compare_held(reader)
        counted["quiet"] += 1
        if counted["quiet"] % 10 == 1:
            assert list(verify()) == []

    # --- how it goes over the line ---

    def pull(self, reader: Reader, talk: Talk) -> str:
        """Let the real pull read over this line; return what it finds wrong."""
        counted["pulls"] += 1
        reader.document = accept(reader.document, current_document(), now=timezone.now())
        work = pulling._Pull(Receiver(Partner.objects.select_related("home").get(pk=reader.copy.pk)))
        work.caller = asking.Caller(reader.peer.id, reader.peer.key)
        with self.translated(reader):
            try:
                work._talk(_Counting(talk), reader.document)  # type: ignore[arg-type]
            except Crash:
                counted["broken off"] += 1
                return "broken off"
            except OutOfTime as problem:  # a page that was late by hours
                counted["too late"] += 1
                return str(problem)
        return work.receiver.problem

    @contextmanager
    def translated(self, reader: Reader) -> Iterator[None]:
        """Give what was verified the uids under which it is held here, and sums over those."""
        read_page, read_listing = pulling.read_page, pulling.read_listing

        def page(content: bytes, **given: Any) -> Page:
            found = read_page(content, **given)
            assert not found.bad
            met = reader.met.setdefault(UUID(found.statement.audience), set())
            for item in found.items:
                # Of what left before it was a reader, and of what it never could see, it must not learn.
                assert not isinstance(item, Gone) or (item.uid, item.section) in met, item
            said: Statement = found.statement
            if said.is_complete:
                said = replace(said, fingerprint=self.totals[content])
            items = tuple(replace(item, uid=reader.uid(item.uid)) for item in found.items)
            return Page(said, items, ())

        def listing(text: str, **given: Any) -> Listing:
            found = read_listing(text, **given)
            told = tuple(
                replace(one, fingerprint=self.total(UUID(one.audience), reader)) for one in found.journals
            )
            return replace(found, journals=told)

        with (
            mock.patch.object(pulling, "read_page", page),
            mock.patch.object(pulling, "read_listing", listing),
        ):
            yield

    def total(self, audience: UUID, reader: Reader) -> str:
        """Return the fingerprint of a journal under the uids of a reader."""
        rows = JournalEntry.objects.filter(audience__token=audience, is_gone=False)
        entries = rows.values_list("kind", "uid", "section", "digest")
        return fingerprint.to_hex(
            fingerprint.fingerprint_of((kind, reader.uid(uid), *rest) for kind, uid, *rest in entries)  # type: ignore[misc]
        )

    # --- what must hold ---

    def look_at(self, content: bytes, roles: frozenset[str]) -> None:
        """Hold each marked word in bytes that leave against the book."""
        counted["replies"] += 1
        known = {mark: part for part, mark in self.marks.items() if mark}
        for found in findall(MARK, content):
            mark = found.decode()
            assert mark in known, f"{mark} is no longer so, and was sent"
            assert self.allowed(*known[mark]) & roles, f"{known[mark]} was sent to {set(roles)}"
            counted["marks"] += 1

    def compare_held(self, reader: Reader) -> None:
        home = reader.copy.home_id
        due = {
            (reader.uid(uid), section): mark
            for (uid, section), mark in self.marks.items()
            if mark and self.allowed(uid, section) & reader.roles
        }
        rows = {row.uid: row for row in Unit.objects.filter(home_id=home)}
        shown = {row.uid: row for row in rows.values() if row.deleted_at is None and row.audience_mask}
        if reader.state == "suspended":
            assert not shown
            return
        bodies = Section.objects.filter(home_id=home).values_list("uid", "section", "body")
        held = {(uid, section): findall(MARK, body.encode())[0].decode() for uid, section, body in bodies}
        assert held == ({} if reader.state == "ended" else due), reader.name
        assert set(rows) == {uid for uid, section in held if section == "basics"}
        for uid, row in rows.items():
            contact = due.get((uid, "contact"))
            assert (row.name, row.audience_mask, row.deleted_at) == (f"{due[uid, 'basics']} x", HELD, None)
            assert row.mailbox == (contact and f"{contact}@b.example")

    @invariant()
    def what_is_given_out_is_what_may_be_seen(self) -> None:
        """After each step somebody, the stranger too, asks for a journal, known to them or not."""
        self.steps += 1
        chance = Random(self.steps * 1000 + self.edits)
        for reader in self.readers.values():
            for audience in Audience.objects.filter(grants__partner=reader.partner) | Audience.objects.filter(
                bit=0
            ):
                live = JournalEntry.objects.filter(audience=audience, is_gone=False)
                reader.met.setdefault(audience.token, set()).update(live.values_list("uid", "section"))
        audience = Audience.objects.get(bit=chance.randrange(4))
        reader = chance.choice([None, *self.readers.values()])
        path = f"/journals/{audience.token}"
        if reader is None:
            answer = Peer("nobody").client.get(f"/exchange/v1{path}")
            roles = frozenset({"stranger"})
        else:
            answer, roles = reader.peer.get(path), reader.roles
        place = ("stranger", "partner", "in A", "in B")[audience.bit]
        assert answer.status_code == (200 if place in roles else 404), (audience, roles)
        if answer.status_code == 200:
            self.look_at(unzip([answer.content]), roles)
        else:
            assert not findall(MARK, answer.content)


class _Counting:
    """The line as a pull knows it, with what it counts."""

    def __init__(self, talk: Talk) -> None:
        self.listing, self.page, self.receipt = talk.listing, talk.page, talk.receipt
        self.line = self
        self.request_count = self.byte_count = 0


@pytest.mark.django_db
def test_what_is_sent_and_held_is_what_the_book_says(
    tmp_path: Path, settings: Any, say: Callable[[str], None]
) -> None:
    settings.HOME = tmp_path
    Exchange.folder = tmp_path
    counted.clear()
    profile = _profile()
    run_state_machine_as_test(Exchange, settings=profile)
    assert ExchangeState.objects.exists()
    assert counted["marks"] > EXAMPLES
    assert counted["quiet"] > 0
    say(f"exchange machine: {EXAMPLES} runs of up to {STEPS} steps, {dict(sorted(counted.items()))}")


def _profile() -> settings:
    phases = tuple(Phase) if IS_LONG else (Phase.generate,)
    return settings(
        settings.get_profile("ci"),
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not IS_LONG,
        database=None,
        phases=phases,
    )
