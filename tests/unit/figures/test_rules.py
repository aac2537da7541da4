"""Sums of use: names, adding up, the rules of the house."""

from __future__ import annotations

from parkbench.figures import rules
from parkbench.instruments.models import UserCategoryChoices


def test_the_categories_are_those_of_instruments_and_unknown():
    assert (*UserCategoryChoices.values, "unknown") == rules.CATEGORIES


def test_every_sum_of_a_year_has_a_name_of_its_own():
    assert len(rules.PARTS) == 12 * (4 + 4 * 7)
    assert rules.PARTS["m03_used_public_sector"] == (3, "used", "public-sector")


def test_what_nobody_told_is_not_known_and_not_zero():
    months = rules.by_month({"m01_used_internal": 60, "m02_used_internal": 0})
    assert rules.total(months, "used") == 60
    assert rules.total(months, "down") is None
    assert rules.known_months(months, "used") == 2
    assert rules.of_month(months, "used", 3) is None


def sentences(**values: int) -> list[str]:
    return [one.sentence for one in rules.violations(values, 2025)]


def test_use_lies_within_what_was_available():
    assert not sentences(m01_used_internal=600, m01_available=600)
    assert sentences(m01_used_internal=601, m01_available=600) == [
        "at most the 10 h the instrument was available"
    ]
    assert sentences(m01_booked=700, m01_available=600)


def test_training_lies_within_use():
    assert not sentences(m01_used_internal=60, m01_training_internal=60)
    assert sentences(m01_used_internal=60, m01_training_internal=61)


def test_maintenance_and_downtime_lie_outside_use():
    month = 31 * 24 * 60
    assert not sentences(m01_used_internal=month - 60, m01_down=60)
    assert sentences(m01_used_internal=month, m01_down=60)


def test_nothing_is_available_longer_than_a_month():
    assert not sentences(m02_available=28 * 24 * 60)
    assert sentences(m02_available=28 * 24 * 60 + 1)


def test_months_are_numbers_that_can_be_subtracted():
    assert rules.month_number(2026, 1) - rules.month_number(2025, 12) == 1
    assert rules.year_and_month(rules.month_number(2025, 3)) == (2025, 3)
