"""Audience masks: what lies within what, and in which order a policy changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.records import rules
from parkbench.records.rules import NOBODY, PARTNERS, PUBLIC

ONE, TWO = 4, 8
MASKS = st.integers(0, 63)
SECTIONS = st.sampled_from(["basics", "capacity", "contact"])
POLICY = st.dictionaries(SECTIONS, MASKS)


def everybody(mask: int) -> set[str]:
    """The people behind a mask, counted by hand: the public is all, partners are in groups or not."""
    outside = {"stranger"}
    partners = {"partner of none", *(f"partner in {bit}" for bit in range(2, 6))}
    if mask & PUBLIC:
        return outside | partners
    if mask & PARTNERS:
        return partners
    return {f"partner in {bit}" for bit in range(2, 6) if mask >> bit & 1}


@pytest.mark.parametrize(
    ("mask", "journals"),
    [
        (NOBODY, NOBODY),
        (PUBLIC | PARTNERS | ONE, PUBLIC),
        (PARTNERS | ONE | TWO, PARTNERS),
        (ONE | TWO, ONE | TWO),
    ],
)
def test_a_section_goes_to_the_widest_journal_it_is_in(mask: int, journals: int) -> None:
    assert rules.journals(mask) == journals


@given(MASKS)
def test_the_journals_reach_just_the_people_of_the_mask(mask: int) -> None:
    assert everybody(rules.journals(mask)) == everybody(mask)


@given(MASKS, MASKS)
def test_clamping_leaves_who_is_in_both(mask: int, wide: int) -> None:
    left = rules.clamp(mask, within=wide)
    assert everybody(left) == everybody(mask) & everybody(wide)
    assert rules.journals(left) == left


@given(MASKS, MASKS)
def test_within_means_that_all_of_them_are_in_the_other(mask: int, wide: int) -> None:
    assert rules.is_within(mask, wide) == (everybody(mask) <= everybody(wide))


@given(MASKS)
def test_bits_and_join_are_each_others_reverse(mask: int) -> None:
    assert rules.join(1 << bit for bit in rules.bits(mask)) == mask
    assert list(rules.bits(mask)) == sorted(rules.bits(mask))


def consistent(policy: dict[str, int]) -> dict[str, int]:
    """Keep every section within the basics, as the form and the service demand."""
    basics = policy.get("basics", NOBODY)
    return {name: rules.clamp(mask, within=basics) for name, mask in policy.items()} | {
        "basics": rules.journals(basics)
    }


@given(POLICY, POLICY)
def test_steps_lead_there_without_opening_anything_for_a_moment(
    before: dict[str, int], wish: dict[str, int]
) -> None:
    after = consistent({**before, **wish})
    now = dict(before)
    for section, mask in rules.policy_steps(before, after):
        assert rules.journals(mask) != rules.journals(now.get(section, NOBODY))
        # The service refuses a section that is wider than its basics at that moment.
        assert section == "basics" or rules.is_within(mask, now.get("basics", NOBODY))
        ends = everybody(before.get(section, NOBODY)) | everybody(after[section])
        assert everybody(mask) <= ends
        now[section] = mask
    assert {name: rules.journals(mask) for name, mask in now.items() if mask} == {
        name: rules.journals(mask) for name, mask in after.items() if mask
    }


def test_what_narrows_comes_before_what_widens() -> None:
    closing = rules.policy_steps({"basics": PUBLIC, "contact": PUBLIC}, {"basics": ONE, "contact": NOBODY})
    assert closing == [("contact", NOBODY), ("basics", ONE)]
    opening = rules.policy_steps({}, {"contact": PARTNERS, "basics": PUBLIC})
    assert opening == [("basics", PUBLIC), ("contact", PARTNERS)]
    moving = rules.policy_steps({"basics": ONE}, {"basics": TWO})
    assert moving == [("basics", NOBODY), ("basics", TWO)]
