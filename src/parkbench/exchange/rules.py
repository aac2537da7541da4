"""The life cycle of a partnership, and what each state allows; texts of others made fit to show."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a partnership stands; see exchange.md 3."""

    INVITED = "invited"
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


S = State
TRANSITIONS: dict[State, frozenset[State]] = {
    S.INVITED: frozenset({S.PENDING, S.ENDED}),
    S.PENDING: frozenset({S.ACTIVE, S.ENDED}),
    S.ACTIVE: frozenset({S.SUSPENDED, S.ENDED}),
    S.SUSPENDED: frozenset({S.ACTIVE, S.ENDED}),
    S.ENDED: frozenset({S.INVITED, S.PENDING}),
}
"""An ended partnership begins again with a new invitation only."""

READS = frozenset({S.ACTIVE})
"""The states in which a partner is given journals; in the others its listing names none."""

LISTED = frozenset({S.ACTIVE, S.SUSPENDED, S.ENDED})
"""The states in which a partner is given a listing at all: it must hear that it ended."""

if set(TRANSITIONS) != set(State) or not set().union(*TRANSITIONS.values()) <= set(State):
    raise AssertionError("Every state needs its row in TRANSITIONS, and only those.")


def check_step(old: State, new: State) -> str:
    """Return the sentence that says why this step cannot be made, or ''."""
    if new in TRANSITIONS[old]:
        return ""
    words = ", ".join(sorted(state.value for state in TRANSITIONS[old]))
    return f"A partnership that is {old.value} can become: {words}; not {new.value}."


ENDING = timedelta(days=7)
"""So long before a lease ends it is told; of a lease of less than four weeks, its last quarter."""


def is_lease_ending(*, verified_at: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Tell whether a lease that began when a partner was last heard of is about to end, or is over."""
    if verified_at is None or until is None:
        return False
    return now >= until - min(ENDING, (until - verified_at) / 4)


def fit(text: str, most: int = 200) -> str:
    """Return a text that another node sent as it may be shown: one line, no control or formatting characters.

    Marks that turn the direction of writing, hide, or join would let a name pass for another one.
    """
    shown = "".join(
        " " if unicodedata.category(letter) in ("Zl", "Zp", "Cc") else letter
        for letter in text[: most * 4]
        if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    line = " ".join(shown.split())
    return line if len(line) <= most else line[: most - 1] + "…"
