"""What a change of the policy would do is what it does: counted before, against an oracle that does it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.programme.models import Unit
from parkbench.records import queries, rules, services
from parkbench.records.models import Audience, Section
from parkbench.records.registry import kind_of, kinds

pytestmark = pytest.mark.django_db

LATE = datetime(2126, 1, 1, tzinfo=UTC)
MODELS: dict[str, Any] = {"instrument": Instrument, "unit": Unit}


def masks() -> dict[tuple[str, UUID, str], int]:
    """What everybody sees of every live record, from the rows themselves."""
    found = {}
    for name, model in MODELS.items():
        for row in model.objects.filter(deleted_at=None):
            for spec in kind_of(name).sections:
                found[name, row.uid, spec.name] = getattr(row, spec.mask)
    return found


def outcome(before: dict, after: dict) -> tuple[Counter, Counter]:
    """Count by kind, section and the widest of those who gain or lose sight of it."""
    opens: Counter = Counter()
    closes: Counter = Counter()
    for part, mask in before.items():
        kind, _uid, section = part
        if gained := rules.gained(mask, after[part]):
            opens[kind, section, gained] += 1
        if lost := rules.gained(after[part], mask):
            closes[kind, section, lost] += 1
    return opens, closes


def told(cells: dict) -> tuple[Counter, Counter]:
    opens: Counter = Counter()
    closes: Counter = Counter()
    for effect in queries.policy_effects(cells=cells):
        section = next(spec.name for spec in effect.kind.sections if spec.label == effect.label)
        for who, count in effect.opens.items():
            opens[effect.kind.name, section, who] += count
        for who, count in effect.closes.items():
            closes[effect.kind.name, section, who] += count
    return opens, closes


def take(cells: dict) -> None:
    services.set_policies(cells=cells, by=cast.OPERATOR)
    for name in MODELS:
        services.widen(kind=name)


@pytest.fixture
def park() -> list[UUID]:
    """Records that follow the policy, that say otherwise in every way, that wait, that are deleted."""
    circle = services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    one = 1 << circle.bit
    unit = cast.unit()
    uids = [
        cast.instrument(f"Mik {number}", unit, mailbox="m@alpha.example" if number % 2 else None)
        for number in range(9)
    ]

    def share(uid: UUID, **said: Any) -> None:
        late = said.pop("share_from", None)
        services.share_record(kind="instrument", uid=uid, masks=said, share_from=late, by=cast.OPERATOR)

    share(uids[0], basics=rules.PUBLIC)
    share(uids[1], basics=rules.PUBLIC, contact=rules.PUBLIC)
    share(uids[2], basics=one)
    share(uids[3], basics=rules.PARTNERS, contact=one)
    share(uids[4], basics=rules.NOBODY)
    share(uids[5], basics=rules.PUBLIC, share_from=LATE)
    services.delete(kind="instrument", uids=[uids[8]], by=cast.OPERATOR)
    return uids


def random_policy(chance: random.Random, circle: int) -> dict[tuple[str, str], int]:
    cells = {}
    for name in MODELS:
        basics = chance.choice([rules.NOBODY, rules.PUBLIC, rules.PARTNERS, circle])
        for spec in kind_of(name).sections:
            if spec.see is not Action.SEE_INTERNAL:
                wish = chance.choice([rules.NOBODY, rules.PUBLIC, rules.PARTNERS, circle])
                cells[name, spec.name] = basics if spec.name == "basics" else rules.clamp(wish, within=basics)
    return cells


@pytest.mark.parametrize("seed", range(8))
def test_the_counts_are_what_the_change_does(park: list[UUID], seed: int) -> None:
    chance = random.Random(seed)
    circle = 1 << Audience.objects.get(sort=Audience.Sort.CIRCLE).bit
    for _turn in range(4):
        cells = random_policy(chance, circle)
        before, counted = masks(), told(cells)
        take(cells)
        assert counted == outcome(before, masks())


def test_a_part_whose_cell_stays_is_told_of_when_its_basics_close_over_it(park: list[UUID]) -> None:
    take({("instrument", "basics"): rules.PUBLIC})
    services.share_record(kind="instrument", uid=park[7], masks={"contact": rules.PARTNERS}, by=cast.OPERATOR)
    effects = queries.policy_effects(cells={("instrument", "basics"): rules.NOBODY})
    contact = next(effect for effect in effects if effect.label == "Contact")
    assert (contact.before, contact.after, contact.closes) == (0, 0, {"partners": 1})


def test_records_that_say_otherwise_or_wait_are_told_apart(park: list[UUID]) -> None:
    (basics,) = queries.policy_effects(cells={("instrument", "basics"): rules.PUBLIC})
    assert (basics.follow, basics.exceptions, basics.waiting) == (2, 5, 1)
    assert basics.opens == {"public": 2}
    assert basics.is_opening
    assert not basics.is_closing


def test_counting_takes_one_query_for_each_section_however_many_records(park: list[UUID]) -> None:
    cells = dict.fromkeys([("instrument", "basics"), ("unit", "basics")], rules.PUBLIC)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queries.policy_effects(cells=cells)
    unit = cast.unit("Another")
    for number in range(5):
        cast.instrument(f"More {number}", unit)
    with CaptureQueriesContext(connection) as more:
        queries.policy_effects(cells=cells)
    shareable = [
        spec for name in MODELS for spec in kind_of(name).sections if spec.see is not Action.SEE_INTERNAL
    ]
    assert len(few) == len(more) == 1 + len(shareable)


def test_nothing_is_told_of_a_policy_that_stays(park: list[UUID]) -> None:
    assert queries.policy_effects(cells={("unit", "basics"): rules.NOBODY}) == []
    assert queries.policy_effects(cells={}) == []


@pytest.mark.parametrize("ready", rules.READY, ids=lambda ready: ready.name)
def test_ready_policies_stay_within_the_basics_and_keep_the_books_closed(ready: rules.ReadyPolicy) -> None:
    cells = queries.ready_cells(ready)
    for (kind, section), mask in cells.items():
        assert rules.is_within(mask, cells[kind, "basics"]), (kind, section)
        if section == "economics":
            assert mask == rules.NOBODY
    assert not any(section == "internal" for _kind, section in cells)
    services.set_policies(cells=cells, by=cast.OPERATOR)
    found = {one.policy.name: one.is_in_force for one in queries.ready_policies(policy=queries.policy())}
    assert found == {one.name: one is ready for one in rules.READY}


def test_kinds_that_come_later_fall_in_by_the_names_of_their_sections() -> None:
    closed, catalogue, trusted = rules.READY
    sections = ["basics", "capacity", "prices", "economics", "something"]
    assert set(catalogue.masks("later", sections).values()) == {rules.NOBODY}
    assert catalogue.masks("service", sections)["basics"] == rules.PUBLIC
    assert trusted.masks("service", sections) == {
        "basics": rules.PUBLIC,
        "capacity": rules.PARTNERS,
        "prices": rules.PARTNERS,
        "economics": rules.NOBODY,
        "something": rules.NOBODY,
    }
    assert trusted.masks("later", ["basics", "prices"]) == dict.fromkeys(["basics", "prices"], rules.PARTNERS)
    assert set(closed.masks("instrument", sections).values()) == {rules.NOBODY}
    assert {kind.name for kind in kinds()} >= rules.OFFERED - {"service", "capability"} | rules.NAMED


def test_an_emptied_section_is_not_counted(park: list[UUID]) -> None:
    assert Section.objects.filter(section="contact", is_current=True).exclude(digest="").exists()
    for number in (1, 3, 5, 7):
        services.publish(
            kind="instrument",
            drafts=[services.Draft(uid=park[number], sections={"contact": {}})],
            by=cast.OPERATOR,
        )
    cells = {("instrument", "basics"): rules.PARTNERS, ("instrument", "contact"): rules.PARTNERS}
    contact = [effect for effect in queries.policy_effects(cells=cells) if effect.label == "Contact"]
    assert [(one.follow, one.opens, one.closes) for one in contact] == [(0, {}, {})]
