"""The life of an import as a table, and what may become of a row."""

from __future__ import annotations

from enum import StrEnum


class BatchState(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    UNDOING = "undoing"
    UNDONE = "undone"
    STOPPED = "stopped"


class LineState(StrEnum):
    """What a row of the file comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    SKIPPED = "skipped"
    REFUSED = "refused"


_S = BatchState

MOVES: dict[BatchState, frozenset[BatchState]] = {
    _S.UPLOADED: frozenset({_S.CHECKING, _S.STOPPED}),
    _S.CHECKING: frozenset({_S.CHECKED, _S.STOPPED, _S.CHECKING}),
    _S.CHECKED: frozenset({_S.CHECKING, _S.ACCEPTING, _S.STOPPED}),
    _S.ACCEPTING: frozenset({_S.ACCEPTING, _S.ACCEPTED, _S.UNDOING}),
    _S.ACCEPTED: frozenset({_S.UNDOING}),
    _S.UNDOING: frozenset({_S.UNDOING, _S.UNDONE}),
    _S.UNDONE: frozenset(),
    _S.STOPPED: frozenset({_S.CHECKING}),
}

RUNNING = frozenset({_S.CHECKING, _S.ACCEPTING, _S.UNDOING})
"""States in which a worker is at it, or was when it was killed."""

_WORDS = {
    _S.CHECKING: "be checked again",
    _S.CHECKED: "be checked",
    _S.ACCEPTING: "be accepted",
    _S.ACCEPTED: "be accepted",
    _S.UNDOING: "be undone",
    _S.UNDONE: "be undone",
    _S.STOPPED: "be given up",
}

if set(MOVES) != set(BatchState):
    raise RuntimeError("Every state of an import needs its moves.")


def check_move(old: str, new: BatchState) -> str:
    """Return '' if an import may go from one state to the other, else the sentence that says why not."""
    if new in MOVES[BatchState(old)]:
        return ""
    return f"This import is {old} and cannot {_WORDS.get(new, 'change')} now."
