"""Whatever a partner does, however late we hear of it: in the end we hold what its journals name, no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

import partners
from parkbench.envelope.digests import digest
from parkbench.envelope.pages import Gone, Page
from parkbench.lib.errors import Conflict
from parkbench.programme.models import Platform
from parkbench.records.models import HELD, LEFT, HeldJournal, Membership, Section, SectionProblem
from parkbench.records.services import accept_page, begin_walk, end_walk, settle_departures

JOURNALS = ("public", "partners", "group")
SECTIONS = ("basics", "contact")
ACTS = (
    *("share", "share", "share", "edit", "edit", "delete", "add"),
    *("read", "read", "ask", "ask", "ask", "take_in", "take_in", "late", "late", "settle", "walk"),
)
"""What happens, the frequent things more than once."""
Part = tuple[UUID, str]


@dataclass
class Origin:
    """What the partner says, kept as sets: the oracle, which knows nothing of how we receive."""

    journals: dict[str, partners.Journal]
    revisions: dict[Part, int] = field(default_factory=dict)
    contents: dict[Part, Mapping[str, Any]] = field(default_factory=dict)
    named: dict[str, set[Part]] = field(default_factory=lambda: {name: set() for name in JOURNALS})
    ever: dict[Part, set[str]] = field(default_factory=dict)

    def write(self, part: Part, content: Mapping[str, Any]) -> None:
        """Give a section a new revision; every journal that names it names the new one."""
        self.revisions[part] = self.revisions.get(part, 0) + 1
        self.contents[part] = content
        for name in JOURNALS:
            if part in self.named[name]:
                self._tell(name, part)

    def share(self, part: Part, names: set[str]) -> None:
        """Let a section be in just these journals."""
        for name in JOURNALS:
            if name in names and part not in self.named[name]:
                self.named[name].add(part)
                self._tell(name, part)
            elif name not in names and part in self.named[name]:
                self.named[name].discard(part)
                self.journals[name].drop("platform", *part)

    def _tell(self, name: str, part: Part) -> None:
        uid, section = part
        self.journals[name].name("platform", uid, section, self.contents[part], revision=self.revisions[part])

    def digest_of(self, part: Part) -> str:
        """Return the name of a section's present bytes."""
        return digest(partners.body_bytes(self.contents[part]))

    def held(self) -> dict[Part, str]:
        """Return what should be held by whoever has read everything: section > its bytes' name."""
        return {part: self.digest_of(part) for name in JOURNALS for part in self.named[name]}


@dataclass
class Reading:
    """How far the test itself followed one journal: what the pages that were taken in name."""

    seq: int = 0
    is_walking: bool = True
    is_at_end: bool = False
    now: dict[Part, tuple[str, int]] = field(default_factory=dict)
    met: set[Part] = field(default_factory=set)


class Exchange:
    """A partner that changes everything, and a receiver that reads late, in pieces, again and again."""

    def __init__(self) -> None:
        place = partners.home(f"p{uuid4().hex[:8]}")
        epoch = uuid4()
        self.home = place.pk
        self.origin = Origin({name: partners.Journal(place.address, epoch=epoch) for name in JOURNALS})
        self.readings: dict[str, Reading] = {}
        self.uids: list[UUID] = []
        self.delayed: dict[str, Page] = {}
        self.edits = 0
        self.add(1)
        self.add(2)

    def do(self, act: str, which: int, at: int) -> None:
        """Do one thing of `ACTS`."""
        if act in ("ask", "take_in", "read", "walk"):
            name = JOURNALS[at % len(JOURNALS)]
            getattr(self, act)(name, 1 + which)
        elif act == "settle":
            self.settle()
        elif act == "add":
            self.add(at)
        elif self.uids:
            getattr(self, act)(self.uids[which % len(self.uids)], which, at)

    # what the partner does

    def add(self, at: int) -> None:
        """A new record, its basics shared somewhere."""
        uid = uuid4()
        self.uids.append(uid)
        self.edit(uid, 0, 0)
        self.origin.share((uid, "basics"), _names(at))

    def share(self, uid: UUID, which: int, at: int) -> None:
        """A section enters, moves between journals, leaves, comes back."""
        self.origin.share((uid, SECTIONS[which % 2]), _names(at))

    def edit(self, uid: UUID, which: int, at: int) -> None:
        """Sections of a record get a new revision."""
        self.edits += 1
        self.origin.write((uid, "basics"), {"name": f"name {self.edits}"})
        if at % 2 == 0:
            self.origin.write((uid, "contact"), {"mailbox": f"m{self.edits}@beta.example"})

    def delete(self, uid: UUID, which: int, at: int) -> None:
        """A record leaves all journals for good."""
        self.uids.remove(uid)
        for section in SECTIONS:
            self.origin.share((uid, section), set())

    def late(self, uid: UUID, which: int, at: int) -> None:
        """A page is made; its records change, the other journals are read; only then it is taken in."""
        name = JOURNALS[at % len(JOURNALS)]
        self.ask(name, 4)
        self.edit(uid, which, which)
        for other in JOURNALS:
            if other != name:
                self.read(other, 4)
        self.take_in(name, 4)

    # what the receiver does

    def ask(self, name: str, size: int) -> None:
        """A page is made; it is taken in much later, if it still follows then."""
        self.delayed[name] = self.origin.journals[name].page(self._begun(name).seq, size)

    def take_in(self, name: str, size: int) -> None:
        """The page that was asked for is taken in; refused, and nothing changed, when it does not follow."""
        page = self.delayed.pop(name, None)
        if page is None:
            return
        if page.statement.after == self._begun(name).seq:
            self._accept(name, page)
            return
        with pytest.raises(Conflict):
            accept_page(home=self.home, page=page)

    def read(self, name: str, size: int) -> None:
        """A page is made and taken in."""
        self._accept(name, self.origin.journals[name].page(self._begun(name).seq, size))

    def walk(self, name: str, size: int) -> None:
        """The journal is read from its start again."""
        self._walk(name)
        self.delayed.pop(name, None)

    def settle(self) -> None:
        """The pull ends: what left is removed for good, and nothing else."""
        settle_departures(home=self.home)
        kept = set(Section.objects.filter(home_id=self.home).values_list("uid", "section"))
        assert kept == set(self._named())
        rows = set(Platform.objects.filter(home_id=self.home).values_list("uid", flat=True))
        assert rows == {uid for uid, section in self._named() if section == "basics"}

    def _begun(self, name: str) -> Reading:
        if name not in self.readings:
            self._walk(name)
        return self.readings[name]

    def _walk(self, name: str) -> None:
        journal = self.origin.journals[name]
        begin_walk(home=self.home, audience=journal.audience, epoch=journal.epoch, sort=name)
        before = self.readings.get(name, Reading())
        self.readings[name] = Reading(now=before.now)

    def _accept(self, name: str, page: Page) -> None:
        reading = self.readings[name]
        done = accept_page(home=self.home, page=page)
        reading.seq = page.statement.upto
        for entry in page.items:
            part = (entry.uid, entry.section)
            reading.now.pop(part, None)
            reading.met.discard(part)
            if not isinstance(entry, Gone):
                reading.now[part] = (entry.digest, entry.revision)
                reading.met.add(part)
        if not page.statement.is_complete:
            return
        audience = self.origin.journals[name].audience
        if reading.is_walking:
            end_walk(home=self.home, audience=audience)
            reading.is_walking = False
            reading.now = {part: held for part, held in reading.now.items() if part in reading.met}
        else:
            assert done.is_equal
        held = HeldJournal.objects.get(home_id=self.home, audience=audience)
        said = (page.statement.count, page.statement.fingerprint)
        assert (held.count, held.fingerprint) == said
        assert held.unequal_head is None

    def _named(self) -> dict[Part, int]:
        """Return what the pages that were taken in name: section > its highest revision there."""
        named: dict[Part, int] = {}
        for reading in self.readings.values():
            for part, (_digest, revision) in reading.now.items():
                named[part] = max(revision, named.get(part, 0))
        return named

    def check(self) -> None:
        """Hold what is shown and what is kept against what the pages taken in so far name."""
        named = self._named()
        shown = _shown(self.home)
        assert shown.keys() <= named.keys()
        for part in named:
            # A section is shown as soon as it is named, unless it waits for its basics.
            assert part in shown or (part[0], "basics") not in named
        kept = Section.objects.filter(home_id=self.home).exclude(batch=LEFT)
        revisions = {
            (uid, section): own for uid, section, own in kept.values_list("uid", "section", "revision")
        }
        assert revisions.keys() == named.keys()
        assert all(revisions[part] >= revision for part, revision in named.items())
        members = Membership.objects.filter(home_id=self.home)
        assert set(members.values_list("audience", "uid", "section", "digest")) == {
            (self.origin.journals[name].audience, *part, held[0])
            for name, reading in self.readings.items()
            for part, held in reading.now.items()
        }

    def finish(self) -> None:
        """In the end everything is read: what is held is what the journals name, in its latest revision."""
        for name in JOURNALS:
            while not self.readings.get(name, Reading()).is_at_end:
                page = self.origin.journals[name].page(self._begun(name).seq, 3)
                self._accept(name, page)
                self.readings[name].is_at_end = page.statement.is_complete
        settle_departures(home=self.home)
        wanted = self.origin.held()
        kept = Section.objects.filter(home_id=self.home).values_list("uid", "section", "digest")
        assert {(uid, section): held for uid, section, held in kept} == wanted
        assert {part for part, _d in _shown(self.home).items()} == {
            part for part in wanted if (part[0], "basics") in wanted
        }
        for part, shown in _shown(self.home).items():
            assert shown == next(iter(self.origin.contents[part].values()))
        rows = Platform.objects.filter(home_id=self.home).values_list("uid", flat=True)
        assert set(rows) == {uid for uid, section in wanted if section == "basics"}
        assert not SectionProblem.objects.filter(home_id=self.home).exists()


def _names(at: int) -> set[str]:
    return {name for bit, name in enumerate(JOURNALS) if at >> bit & 1}


def _shown(home: int) -> dict[Part, str]:
    """Return what people see of the partner: section > one of its values."""
    found: dict[Part, str] = {}
    rows = Platform.objects.filter(home_id=home)
    for uid, name, mailbox, mask, contact, gone in rows.values_list(
        "uid", "name", "mailbox", "audience_mask", "contact_mask", "deleted_at"
    ):
        assert (mask == HELD) == (gone is None)
        assert (contact == HELD) == (mailbox is not None)
        if gone is None:
            found[uid, "basics"] = name
            if mailbox is not None:
                found[uid, "contact"] = mailbox
    return found


@pytest.mark.django_db
def test_it_holds_what_the_journals_name_and_nothing_else(say: Callable[[str], None]) -> None:
    done: Counter[str] = Counter()
    act = st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 7))

    @settings(max_examples=max(30, settings().max_examples // 2))
    @given(st.lists(act, min_size=20, max_size=60))
    def holds(acts: Sequence[tuple[str, int, int]]) -> None:
        with transaction.atomic():
            exchange = Exchange()
            for what, which, at in acts:
                exchange.do(what, which, at)
                exchange.check()
            exchange.finish()
            transaction.set_rollback(True)
        done.update(["runs"], acts=len(acts))

    holds()
    say(
        f"convergence: {done['runs']} runs, {done['acts']} acts, each compared with the oracle, 0 differences"
    )


@pytest.mark.django_db
def test_basics_that_come_in_the_page_in_which_a_waiting_section_left_do_not_show_it() -> None:
    with transaction.atomic():
        exchange = Exchange()
        uid = exchange.uids[0]
        exchange.origin.share((uid, "basics"), set())
        exchange.edit(uid, 0, 0)
        exchange.origin.share((uid, "contact"), _names(1))
        exchange.read(JOURNALS[0], 9)
        exchange.origin.share((uid, "contact"), set())
        exchange.origin.share((uid, "basics"), _names(1))
        exchange.read(JOURNALS[0], 9)
        exchange.check()
        assert (uid, "contact") not in _shown(exchange.home)
        exchange.finish()
        transaction.set_rollback(True)
