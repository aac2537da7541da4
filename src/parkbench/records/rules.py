"""Audiences as bits: which journals a section goes to, and what lies within what.

An audience mask is a whole number whose bit n stands for the audience with that bit. Bit 0 is the
public, bit 1 all partners, bits 2 to 61 are circles and single partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

PUBLIC = 1
PARTNERS = 2
NOBODY = 0
FIRST_FREE_BIT = 2
LAST_BIT = 61


def journals(mask: int) -> int:
    """Reduce a mask to the widest journals: public alone, else partners alone, else each that is chosen.

    Source: exchange.md 1, "a section goes to the widest journal it is in".
    """
    if mask & PUBLIC:
        return PUBLIC
    if mask & PARTNERS:
        return PARTNERS
    return mask


def is_within(mask: int, wide: int) -> bool:
    """Tell whether everybody in ``mask`` is also in ``wide``."""
    return clamp(mask, within=wide) == journals(mask)


def clamp(mask: int, *, within: int) -> int:
    """Return what is left of ``mask`` when nobody outside ``within`` may see it."""
    mask, within = journals(mask), journals(within)
    if within & PUBLIC:
        return mask
    if mask & PUBLIC:
        return within
    if within & PARTNERS:
        return mask
    if mask & PARTNERS:
        return within
    return mask & within


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, ascending."""
    number = 0
    while mask:
        if mask & 1:
            yield number
        mask >>= 1
        number += 1


def join(masks: Iterable[int]) -> int:
    """Return the mask of everybody in any of ``masks``."""
    joined = NOBODY
    for mask in masks:
        joined |= mask
    return joined


def policy_steps(before: Mapping[str, int], after: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the single changes, in order, that lead one kind's policy from ``before`` to ``after``.

    What narrows comes first and sections before their basics; what widens comes last and basics before
    their sections. So no section is ever wider than its basics, and nothing is seen for a moment by
    somebody who sees it neither before nor after.
    """
    now = dict(before)
    steps: list[tuple[str, int]] = []

    def step(section: str, mask: int) -> None:
        if journals(now.get(section, NOBODY)) != journals(mask):
            now[section] = journals(mask)
            steps.append((section, journals(mask)))

    basics = before.get("basics", NOBODY)
    parts = [section for section in after if section != "basics"]
    for section in parts:
        step(section, clamp(clamp(after[section], within=now.get(section, NOBODY)), within=basics))
    if "basics" in after:
        step("basics", clamp(after["basics"], within=basics))
        step("basics", after["basics"])
    for section in parts:
        step(section, after[section])
    return steps
