"""Audiences as bits: which journals a section goes to, and what lies within what.

An audience mask is a whole number whose bit n stands for the audience with that bit. Bit 0 is the
public, bit 1 all partners, bits 2 to 61 are circles and single partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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


OFFERED = frozenset({"organisation", "platform", "unit", "site", "instrument", "service", "capability"})
"""The kinds that an organisation shows of itself: its programme, its instruments, its services."""

NAMED = frozenset({"maker", "technique", "model"})
"""The kinds of the catalogue: what an offered instrument refers to."""


@dataclass(frozen=True, slots=True)
class ReadyPolicy:
    """A policy to preview and take: section name > who sees it.

    ``offered`` holds for the kinds an organisation shows of itself, ``named`` for its own entries of the
    catalogue, ``others`` for every other kind, also those that come with a later release. A section that is
    not named goes to nobody, and none is wider than its basics.
    """

    name: str
    offered: Mapping[str, int] = field(default_factory=dict)
    named: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)

    def masks(self, kind: str, sections: Iterable[str]) -> dict[str, int]:
        """Return what this policy says of each of these sections of a kind."""
        said = self.offered if kind in OFFERED else self.named if kind in NAMED else self.others
        basics = said.get("basics", NOBODY)
        return {name: clamp(said.get(name, NOBODY), within=basics) for name in sections}


_TO_PARTNERS = {"capacity": PARTNERS, "contact": PARTNERS, "prices": PARTNERS}
READY = (
    ReadyPolicy("closed"),
    ReadyPolicy("catalogue", offered={"basics": PUBLIC, "capacity": PUBLIC}),
    ReadyPolicy(
        "trusted-partners",
        offered={"basics": PUBLIC, **_TO_PARTNERS},
        named={"basics": PUBLIC},
        others={"basics": PARTNERS, **_TO_PARTNERS},
    ),
)
"""The ready policies, the most closed first."""


def sees(mask: int, audience: int) -> bool:
    """Tell whether somebody in this one audience (a mask of one bit) sees what goes to ``mask``."""
    wider = PUBLIC if audience == PUBLIC else PUBLIC | PARTNERS
    return bool(mask & (audience | wider))


def gained(before: int, after: int) -> str:
    """Return the widest of those who see with ``after`` what they did not with ``before``.

    "public", "partners", "groups" (single groups and partners), or "" for nobody.
    """
    if sees(after, PUBLIC) and not sees(before, PUBLIC):
        return "public"
    if sees(after, PARTNERS) and not sees(before, PARTNERS):
        return "partners"
    is_new = any(
        sees(after, 1 << bit) and not sees(before, 1 << bit)
        for bit in bits(after | before)
        if bit >= FIRST_FREE_BIT
    )
    return "groups" if is_new else ""
