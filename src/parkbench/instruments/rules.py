"""The life cycle of an instrument, its book value and its age."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """Where an instrument is in its life."""

    PLANNED = "planned"
    ORDERED = "ordered"
    COMMISSIONING = "commissioning"
    IN_SERVICE = "in-service"
    LIMITED = "limited"
    OUT_OF_SERVICE = "out-of-service"
    DECOMMISSIONED = "decommissioned"


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.PLANNED: frozenset({S.ORDERED, S.COMMISSIONING}),
    S.ORDERED: frozenset({S.PLANNED, S.COMMISSIONING, S.IN_SERVICE}),
    S.COMMISSIONING: frozenset({S.IN_SERVICE, S.LIMITED, S.OUT_OF_SERVICE}),
    S.IN_SERVICE: frozenset({S.LIMITED, S.OUT_OF_SERVICE, S.DECOMMISSIONED}),
    S.LIMITED: frozenset({S.IN_SERVICE, S.OUT_OF_SERVICE, S.DECOMMISSIONED}),
    S.OUT_OF_SERVICE: frozenset({S.COMMISSIONING, S.IN_SERVICE, S.LIMITED, S.DECOMMISSIONED}),
    S.DECOMMISSIONED: frozenset({S.OUT_OF_SERVICE}),
}

STANDING = frozenset({S.COMMISSIONING, S.IN_SERVICE, S.LIMITED, S.OUT_OF_SERVICE})
"""The states in which an instrument stands somewhere and counts as part of the park."""

if set(TRANSITIONS) != set(Status) or not set().union(*TRANSITIONS.values()) <= set(Status):
    raise AssertionError("Every status needs its row in TRANSITIONS, and only those.")


def check_step(old: Status | None, new: Status) -> str:
    """Return the sentence that says why this step cannot be made, or ''. The first status may be any."""
    if old is None or old is new or new in TRANSITIONS[old]:
        return ""
    words = ", ".join(sorted(spoken(status) for status in TRANSITIONS[old]))
    return f"From “{spoken(old)}” an instrument can become: {words}; not “{spoken(new)}”."


def spoken(status: Status) -> str:
    """Return the status as people write it."""
    return status.value.replace("-", " ")


def book_value(*, price: int, years: int, start_on: date, on: date) -> int:
    """Return the linear book value on a day, in minor units: full on the first day, 0 after ``years``.

    Days are counted, so that two dates a year apart differ by one yearly share. Raises ValueError unless
    years >= 1.
    """
    if years < 1:
        raise ValueError("Depreciation runs over at least one year.")
    if on <= start_on:
        return price
    total = (_years_after(start_on, years) - start_on).days
    left = max(total - (on - start_on).days, 0)
    return (price * left + total // 2) // total


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def age_in_years(*, commissioned_on: date | None, purchase_year: int | None, on: date) -> int | None:
    """Return the full years since commissioning, else since the year of purchase; None when not known."""
    if commissioned_on is not None:
        had_birthday = (on.month, on.day) >= (commissioned_on.month, commissioned_on.day)
        return max(on.year - commissioned_on.year - (not had_birthday), 0)
    if purchase_year is not None:
        return max(on.year - purchase_year, 0)
    return None


SECTION_OF: dict[str, str] = {
    **dict.fromkeys(
        (
            *(
                "name",
                "unit_ref",
                "maker_text",
                "model_text",
                "model_key",
                "site_ref",
                "parent_ref",
                "status",
            ),
            *(
                "status_on",
                "techniques",
                "commissioned_on",
                "decommissioned_on",
                "pid",
                "description",
                "picture",
            ),
        ),
        "basics",
    ),
    **dict.fromkeys(
        (
            *("configuration", "user_categories", "end_of_support_on", "expected_life_years"),
            "capacity_documents",
        ),
        "capacity",
    ),
    **dict.fromkeys(
        (
            *("legal_owner", "acquisition", "purchase_price", "purchase_currency", "purchase_vat"),
            *("purchase_year", "funding", "replacement_price", "replacement_currency", "replacement_year"),
            *("replacement_source", "depreciation_years", "depreciation_start_on", "insurance"),
            *("insured_until_on", "running_cost", "running_currency", "economics_documents"),
        ),
        "economics",
    ),
    **dict.fromkeys(
        ("mailbox", "contact_url", "person_uid", "person_name", "person_email", "person_orcid"), "contact"
    ),
    **dict.fromkeys(
        (
            *("serial_number", "inventory_number", "room", "criticality", "status_log", "notes"),
            "internal_documents",
        ),
        "internal",
    ),
}
"""Field > section; field names are unique over all sections, and a test holds the schemas to this table."""

CURRENCIES = {
    "purchase_price": "purchase_currency",
    "replacement_price": "replacement_currency",
    "running_cost": "running_currency",
}
"""Money fields and the field beside each that holds its currency."""

WORD_LISTS = ("techniques", "user_categories")
"""Fields that hold a list of keys."""


def joined(words: list[str] | tuple[str, ...]) -> str:
    """Write a list of keys as '|a|b|', so that one LIKE finds an entry."""
    return f"|{'|'.join(words)}|"


def split(text: str | None) -> tuple[str, ...]:
    """Read what `joined` wrote."""
    return tuple(word for word in (text or "").split("|") if word)
