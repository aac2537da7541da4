"""The life of a service, its words, and when price lines hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any


class Status(StrEnum):
    """Where a service is in its life."""

    PLANNED = "planned"
    OFFERED = "offered"
    PAUSED = "paused"
    ENDED = "ended"


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.PLANNED: frozenset({S.OFFERED, S.ENDED}),
    S.OFFERED: frozenset({S.PAUSED, S.ENDED}),
    S.PAUSED: frozenset({S.OFFERED, S.ENDED}),
    S.ENDED: frozenset({S.PLANNED, S.OFFERED}),
}

if set(TRANSITIONS) != set(Status) or not set().union(*TRANSITIONS.values()) <= set(Status):
    raise AssertionError("Every status needs its row in TRANSITIONS, and only those.")

ACCESS_MODES = ("collaboration", "service", "self-use", "remote")
USER_CATEGORIES = ("internal", "academic", "healthcare", "public-sector", "industry", "education")
WORD_LISTS = ("access_modes", "user_categories", "sample_types", "techniques")
"""Fields that hold a list of words."""

Line = Mapping[str, Any]
"""A price line as the section keeps it; dates are ISO text, an absent date is open."""

FIRST, LAST = "0000-00-00", "9999-99-99"


def check_step(old: Status | None, new: Status) -> str:
    """Return the sentence that says why this step cannot be made, or ''. The first status may be any."""
    if old is None or old is new or new in TRANSITIONS[old]:
        return ""
    words = ", ".join(sorted(TRANSITIONS[old]))
    return f"From “{old}” a service can become: {words}; not “{new}”."


def what_for(line: Line) -> tuple[str, str, str]:
    """Return what a price is for: category, label and unit, without difference of case and spaces."""
    return str(line.get("category") or ""), _folded(line.get("label")), _folded(line.get("unit"))


def _folded(text: Any) -> str:
    return " ".join(str(text or "").split()).casefold()


def identity(line: Line) -> tuple[str, str, str, str]:
    """Return what makes a price line this one and no other: what it is for, and its first day."""
    return (*what_for(line), str(line.get("valid_from") or ""))


def is_valid_on(line: Line, day: str) -> bool:
    """Tell whether a price line holds on an ISO day; first and last day count."""
    return (line.get("valid_from") or FIRST) <= day <= (line.get("valid_until") or LAST)


def is_past(line: Line, day: str) -> bool:
    """Tell whether a price line held before an ISO day and does not hold any more."""
    return (line.get("valid_until") or LAST) < day


def overlap(lines: Iterable[Line]) -> tuple[Line, Line] | None:
    """Return the first two lines for the same thing that hold on one day, the earlier first; or None."""
    groups: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[what_for(line)].append(line)
    for group in groups.values():
        ordered = sorted(group, key=lambda line: line.get("valid_from") or FIRST)
        for earlier, later in pairwise(ordered):
            if (earlier.get("valid_until") or LAST) >= (later.get("valid_from") or FIRST):
                return earlier, later
    return None


def overlap_in_words(earlier: Line, later: Line) -> str:
    """Return the sentence that says which two prices hold at the same time, and what to do."""
    return (
        f"Two prices for {spoken_line(earlier)} hold at the same time: {span(earlier)} and {span(later)}. "
        "Let the earlier one end before the later one begins."
    )


def spoken_line(line: Line) -> str:
    """Return what a price is for in words: academic, imaging, per hour."""
    category = str(line.get("category") or "everybody").replace("-", " ")
    parts = [category, line.get("label"), f"per {line['unit']}" if line.get("unit") else None]
    return ", ".join(str(part) for part in parts if part)


def span(line: Line) -> str:
    """Return when a price holds in words."""
    start, end = line.get("valid_from"), line.get("valid_until")
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else "always"


def joined(words: Sequence[str]) -> str:
    """Write a list of keys as '|a|b|', so that one LIKE finds an entry."""
    return f"|{'|'.join(words)}|"


def split(text: str | None) -> tuple[str, ...]:
    """Read what `joined` wrote."""
    return tuple(word for word in (text or "").split("|") if word)


SERVICE_SECTION_OF: dict[str, str] = {
    **dict.fromkeys(
        (
            *("name", "unit_ref", "description", "status", "access_modes", "user_categories"),
            *("sample_types", "biosafety_class", "techniques", "instrument_refs"),
        ),
        "basics",
    ),
    **dict.fromkeys(("lead_time_days", "throughput"), "capacity"),
    **dict.fromkeys(
        ("mailbox", "contact_url", "person_uid", "person_name", "person_email", "person_orcid"), "contact"
    ),
    "prices": "prices",
}
"""Field of a service > section."""

CAPABILITY_SECTION_OF: dict[str, str] = {
    **dict.fromkeys(("name", "description", "platform_ref", "service_refs"), "basics"),
    **{name: section for name, section in SERVICE_SECTION_OF.items() if section == "contact"},
}
"""Field of a capability > section."""
