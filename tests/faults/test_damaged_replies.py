"""Replies that are damaged on their way: no part of a page is applied, nothing of it believed, it heals."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone

import origins
from origins import Origin, Reply
from parkbench.envelope import fingerprint, keys
from parkbench.envelope.compression import unzip, zip_bytes
from parkbench.exchange.client import pull
from parkbench.exchange.models import Partner
from parkbench.records.models import HeldJournal, Membership, Section, SectionProblem

pytestmark = pytest.mark.django_db

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
RUNS = 1000 if IS_LONG else 100
OFFSETS = None if IS_LONG else 25
SEED = int(os.environ.get("PARKBENCH_SEED", "20261128"))
STATUSES = (201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 410, 413, 418, 429, 500, 502, 503, 504)


class Way:
    """The line between the two: it spoils some replies, each in one of many ways, and counts them."""

    def __init__(self, origin: Origin, other: Origin, chance: Random) -> None:
        self.origin, self.other, self.chance = origin, other, chance
        self.past: list[tuple[str, Reply]] = []
        self.spoils = 0
        self.told: Counter[str] = Counter()
        self.harms: dict[str, Callable[[str, Reply], Reply]] = {
            "cut short": self.cut_short,
            "line dead in the middle": self.dies,
            "line dead before": lambda _path, reply: replace(reply, is_dead=True),
            "bit flipped": self.flipped,
            "bytes doubled": lambda _path, reply: replace(reply, body=reply.body * 2),
            "bytes dropped": self.dropped,
            "bit flipped inside": self.flipped_inside,
            "line dropped inside": self.without_a_line,
            "nothing": lambda _path, reply: replace(reply, body=b""),
            "page of error": lambda _path, reply: replace(reply, body=b"<html>502</html>", headers={}),
            "repeated": self.repeated,
            "of another journal": self.swapped,
            "later page first": self.reordered,
            "of another partner": self.foreign,
            "signed by another": self.forged,
            "late": self.late,
            "status": lambda _path, reply: replace(reply, status=self.chance.choice(STATUSES)),
            "status alone": lambda _path, _reply: Reply(self.chance.choice(STATUSES)),
        }

    def __call__(self, path: str, reply: Reply) -> Reply:
        self.past.append((path, reply))
        if not self.spoils or self.chance.random() < 0.5:
            return reply
        self.spoils -= 1
        name = self.chance.choice(sorted(self.harms))
        self.told[name] += 1
        return self.harms[name](path, reply)

    def cut_short(self, _path: str, reply: Reply) -> Reply:
        return replace(reply, body=reply.body[: self.chance.randrange(len(reply.body) or 1)])

    def dies(self, _path: str, reply: Reply) -> Reply:
        return replace(reply, cut=self.chance.randrange(len(reply.body) or 1))

    def flipped(self, _path: str, reply: Reply) -> Reply:
        body = bytearray(reply.body)
        if body:
            body[self.chance.randrange(len(body))] ^= 1 << self.chance.randrange(8)
        return replace(reply, body=bytes(body))

    def flipped_inside(self, path: str, reply: Reply) -> Reply:
        """What gzip cannot notice: the text is another one, and packed well."""
        if "/journals" not in path:
            return self.flipped(path, reply)
        packed = replace(reply, body=unzip([reply.body]))
        return replace(reply, body=zip_bytes(self.flipped(path, packed).body))

    def without_a_line(self, path: str, reply: Reply) -> Reply:
        if "after=" not in path:
            return self.dropped(path, reply)
        lines = unzip([reply.body]).splitlines(keepends=True)
        lines.pop(self.chance.randrange(len(lines)))
        return replace(reply, body=zip_bytes(b"".join(lines)))

    def dropped(self, _path: str, reply: Reply) -> Reply:
        start = self.chance.randrange(len(reply.body) or 1)
        return replace(reply, body=reply.body[:start] + reply.body[start + self.chance.randint(1, 40) :])

    def repeated(self, _path: str, _reply: Reply) -> Reply:
        return self.chance.choice(self.past)[1]

    def swapped(self, path: str, reply: Reply) -> Reply:
        """The page of another journal, at the same place."""
        return self._page(path, reply, self.chance.choice(list(self.origin.journals.values())), 0)

    def reordered(self, path: str, reply: Reply) -> Reply:
        """The page after the one that was asked for."""
        journal = next((one for one in self.origin.journals.values() if str(one.audience) in path), None)
        return self._page(path, reply, journal, self.origin.per_page) if journal else reply

    def _page(self, path: str, reply: Reply, journal, further: int) -> Reply:
        if "after=" not in path:
            return reply
        after = int(path.partition("after=")[2].partition("&")[0].partition(".")[2]) + further
        with self.origin.lock:
            return replace(reply, body=self.origin.page(journal, min(after, journal.head)))

    def foreign(self, path: str, reply: Reply) -> Reply:
        """What another partner would say to the same question."""
        journal = self.other.journals["public"]
        if "after=" in path:
            return replace(reply, body=self.other.page(journal, 0))
        return self.other.answer("GET", path) if "/journals?" in path else reply

    def forged(self, path: str, reply: Reply) -> Reply:
        """The right page, with words of somebody else's and their signature."""
        journal = next((one for one in self.origin.journals.values() if str(one.audience) in path), None)
        if "after=" not in path or journal is None:
            return reply
        with self.origin.lock:
            return replace(reply, body=self.origin.page(journal, 0, key=keys.new_key()))

    def late(self, _path: str, reply: Reply) -> Reply:
        """The reply waits, and the partner changes meanwhile: it is a page of before."""
        time.sleep(0.005)
        self.origin.change(self.chance, 3)
        return reply


@pytest.fixture
def pair(settings, tmp_path: Path) -> Iterator[tuple[Origin, Origin, Partner]]:
    """Two partners that answer, the first of which is read."""
    settings.HOME = tmp_path
    origin, other, chance = Origin("Beta"), Origin("Gamma"), Random(SEED)
    origin.reader_keys = other.reader_keys = origins.settle_reader()
    origins.pin(other)
    for one in (origin, other):
        one.change(chance, 25)
    with origin.serving(), other.serving():
        yield origin, other, origins.pin(origin)


def half_believed(origin: Origin, partner: Partner) -> list[str]:
    """Say where what is held is not what whole pages of the partner said up to where its cursor stands."""
    wrong = []
    held = {one.audience: one for one in HeldJournal.objects.filter(home=partner.home_id)}
    for name, journal in origin.journals.items():
        kept = held.pop(journal.audience, None)
        rows = Membership.objects.filter(home=partner.home_id, audience=journal.audience)
        members = {
            (uid, section): said for uid, section, said in rows.values_list("uid", "section", "digest")
        }
        if kept is None:
            wrong += [f"{name}: members without a journal"] * bool(members)
            continue
        total = fingerprint.to_hex(
            fingerprint.fingerprint_of(("platform", *part, said) for part, said in members.items())
        )
        if (kept.count, kept.fingerprint) != (len(members), total):
            wrong.append(f"{name}: does not add up")
        for part, said in members.items():
            when = origin.said.get((journal.audience, *part), {}).get(said)
            if when is None or (when > kept.seq and not kept.is_walking):
                wrong.append(f"{name}: {part} was never said up to {kept.seq}")
        for part, entry in journal.entries.items():
            is_gone = part not in origin.named[name]
            if entry.seq <= kept.seq and is_gone == (part in members) and not (is_gone and kept.is_walking):
                wrong.append(f"{name}: {part} up to {kept.seq}")
    wrong += [f"journal {audience} is nobody's" for audience in held]
    known = {name for per in origin.said.values() for name in per}
    bodies = Section.objects.filter(home=partner.home_id).values_list("digest", flat=True)
    wrong += [f"body {one}" for one in bodies if one not in known]
    wrong += [f"problem {one}" for one in SectionProblem.objects.filter(home=partner.home_id)]
    now = Partner.objects.get(pk=partner.pk)
    wrong += ["hidden or purged"] * bool(now.hidden_at or now.purged_at)
    wrong += ["another state"] * (now.their_state not in ("", "active"))
    wrong += ["another document"] * bool(now.offered or now.document != partner.document)
    wrong += ["a number that was never given"] * (now.number_seen > origin.number)
    return wrong


def test_damaged_replies_are_never_half_believed_and_the_next_pull_heals(
    pair: tuple[Origin, Origin, Partner], say: Callable[[str], None]
) -> None:
    origin, other, partner = pair
    chance = Random(SEED)
    way = origin.on_its_way = Way(origin, other, chance)
    spoilt = noticed = 0
    for number in range(RUNS):
        origin.change(chance, chance.randint(0, 6))
        if chance.random() < 0.1:  # the document is asked for again too
            Partner.objects.filter(pk=partner.pk).update(document_at=timezone.now() - timedelta(hours=13))
        before = sum(way.told.values())
        way.spoils = chance.randint(1, 3)
        run = pull(partner=partner.pk)
        assert run is not None
        noticed += not run.is_ok
        spoilt += sum(way.told.values()) > before
        way.spoils = 0
        wrong = half_believed(origin, partner)
        assert wrong == [], f"seed {SEED}, run {number}: {wrong} after {dict(way.told)}"
        if chance.random() < 0.5:
            run = pull(partner=partner.pk)
            assert run is not None
            assert run.is_ok, run.problem
            wrong = origins.differences(origin, partner.home_id, is_verified=number % 10 == 0)
            assert wrong == [], f"seed {SEED}, run {number}"
        del way.past[:-200]
    run = pull(partner=partner.pk)
    assert run is not None
    assert run.is_ok, run.problem
    assert origins.differences(origin, partner.home_id) == []
    assert spoilt > RUNS * 0.6
    assert noticed > RUNS * 0.3
    told = ", ".join(f"{name} {count}" for name, count in sorted(way.told.items()))
    say(
        f"damaged replies, seed {SEED}: {RUNS} pulls, {sum(way.told.values())} replies spoilt "
        f"({told}); {noticed} pulls said so, 0 half believed, all healed",
    )


def test_a_page_cut_at_any_place_is_not_applied(
    pair: tuple[Origin, Origin, Partner], say: Callable[[str], None]
) -> None:
    origin, _other, partner = pair
    assert pull(partner=partner.pk).is_ok
    origin.per_page = 100
    origin.change(Random(SEED), 20)
    journal = origin.journals["public"]
    held = HeldJournal.objects.get(home=partner.home_id, audience=journal.audience)
    size = len(origin.page(journal, held.seq))
    places = range(size) if OFFSETS is None else sorted(Random(SEED).sample(range(size), OFFSETS))
    for number, place in enumerate(places):

        def cut(path: str, reply: Reply, place: int = place, is_silent: bool = number % 2 == 0) -> Reply:
            if str(journal.audience) not in path:
                return reply
            return replace(reply, body=reply.body[:place]) if is_silent else replace(reply, cut=place)

        origin.on_its_way = cut
        run = pull(partner=partner.pk)
        assert not run.is_ok, f"cut at {place} of {size}"
        now = HeldJournal.objects.get(pk=held.pk)
        assert (now.seq, now.count, now.fingerprint) == (held.seq, held.count, held.fingerprint)
        assert half_believed(origin, partner) == []
    origin.on_its_way = lambda _path, reply: reply
    assert pull(partner=partner.pk).is_ok
    assert origins.differences(origin, partner.home_id) == []
    say(f"pages cut short: {len(places)} of {size} places, 0 applied")
