"""Narrowing in sets does what settling record by record would do, from whatever a half-done widening left."""

from __future__ import annotations

import os
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

import cast
from parkbench.envelope import fingerprint
from parkbench.programme.models import Unit
from parkbench.records import rules, services
from parkbench.records.models import Audience, JournalEntry
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, journals, sharing

pytestmark = pytest.mark.django_db
SECTIONS = ("basics", "contact")
SEEDS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 4


def held() -> dict[tuple[UUID, str], int]:
    """Which journals hold each part."""
    found: dict[tuple[UUID, str], int] = {}
    rows = JournalEntry.objects.filter(is_gone=False).values_list("uid", "section", "audience__bit")
    for uid, section, bit in rows:
        found[uid, section] = found.get((uid, section), 0) | 1 << bit
    return found


def check_sums() -> None:
    """Counts, fingerprints, numbers and masks follow from the rows."""
    for audience in Audience.objects.all():
        rows = list(JournalEntry.objects.filter(audience=audience))
        live = [row for row in rows if not row.is_gone]
        total = fingerprint.fingerprint_of((row.kind, row.uid, row.section, row.digest) for row in live)
        assert (audience.count, audience.fingerprint) == (len(live), fingerprint.to_hex(total))
        numbers = [row.seq for row in rows]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers, default=0) <= audience.head
        assert all(row.gone_at and not row.digest for row in rows if row.is_gone)
    now = held()
    for uid, basics, contact, is_public in Unit.objects.filter(home_id=1).values_list(
        "uid", "audience_mask", "contact_mask", "is_public"
    ):
        assert (basics, contact) == (now.get((uid, "basics"), 0), now.get((uid, "contact"), 0))
        assert is_public == (basics == rules.PUBLIC)


def may(chance: Random, bits: list[int]) -> int:
    """A mask: nobody, everybody, partners, or some of the groups."""
    some = rules.join(1 << bit for bit in bits if chance.random() < 0.5)
    return chance.choice((rules.NOBODY, rules.PUBLIC, rules.PARTNERS, some, some))


def step(chance: Random, uids: list[UUID], bits: list[int]) -> None:
    """Do anything that moves journals but narrowing a cell; what widens gets half-way only."""
    act, uid = chance.choice(("say", "say", "half", "half", "half", "delete", "edit")), chance.choice(uids)
    if act == "say":
        basics = may(chance, bits)
        masks = {"basics": chance.choice((None, basics)), "contact": chance.choice((None, rules.NOBODY))}
        later = chance.choice((None, None, timezone.now() + timedelta(days=1)))
        services.share_record(kind="unit", uid=uid, masks=masks, share_from=later, by=cast.OPERATOR)
    elif act == "half":
        sharing._resettle(kind_of("unit"), chance.sample(uids, len(uids) // 2))
    elif Unit.objects.get(uid=uid).deleted_at:
        services.restore(kind="unit", uids=[uid], by=cast.OPERATOR)
    elif act == "delete":
        services.delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    else:
        body = {"mailbox": f"n{chance.randrange(999)}@alpha.example"}
        services.publish(kind="unit", drafts=[Draft(uid=uid, sections={"contact": body})], by=cast.OPERATOR)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_cell_that_narrows_leaves_each_journal_as_settling_one_by_one_would(
    seed: int, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr("parkbench.lib.jobs.enqueue", lambda *_name, **_arguments: None)
    chance = Random(f"narrowing {seed}")
    sort = Audience.Sort.CIRCLE
    bits = [services.add_audience(sort=sort, name=f"G{n}", by=cast.OPERATOR).bit for n in range(3)]
    uids = [cast.unit(f"Unit {number}") for number in range(6)]
    moved = 0
    for _turn in range(30):
        for _each in range(chance.randrange(4)):
            step(chance, uids, bits)
        before = held()
        section = chance.choice(SECTIONS)
        policy = dict(sharing._policy("unit"))
        wanted = may(chance, bits)
        if section == "contact":
            wanted = rules.clamp(wanted, within=policy.get("basics", rules.NOBODY))
        services.set_policy(kind="unit", section=section, mask=wanted, by=cast.OPERATOR)
        said = journals.read_sharing(kind_of("unit"))
        expected = {}
        for (uid, name), mask in before.items():
            target = said.target(uid, name) if name == section or section == "basics" else mask
            expected[uid, name] = mask if rules.is_within(mask, target) else rules.clamp(target, within=mask)
        expected = {part: mask for part, mask in expected.items() if mask}
        assert held() == expected, f"seed {seed}"
        check_sums()
        moved += before != expected
    assert moved
