"""A month by hand, and the sums of units that follow every change in the same transaction."""

from __future__ import annotations

import pytest

import cast
from parkbench.accounts.rules import Role
from parkbench.figures import services
from parkbench.figures.models import UnitMonth, UseYear
from parkbench.figures.rules import month_number
from parkbench.instruments import services as instruments
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound

pytestmark = pytest.mark.django_db
MARCH = month_number(2025, 3)


@pytest.fixture
def unit():
    return cast.unit()


@pytest.fixture
def scope(unit):
    return cast.instrument("Scope", unit)


def enter(instrument, by=cast.OPERATOR, month=3, expected=None, **values):
    named = {f"m{month:02}_{name}": value for name, value in values.items()}
    return services.enter_month(
        instrument=instrument, year=2025, month=month, values=named, by=by, expected=expected
    )


def sums(unit, month=MARCH):
    rows = UnitMonth.objects.filter(unit__uid=unit, month=month)
    return {row.category: row for row in rows}


def test_months_add_up_to_the_year_and_to_the_unit(unit, scope):
    other = cast.instrument("Other", unit)
    enter(scope, used_internal=600, used_industry=60, available=1200, down=30)
    enter(scope, month=4, used_internal=60)
    enter(other, used_internal=100)
    row = UseYear.objects.get(instrument__uid=scope)
    assert (row.used, row.available, row.down, row.booked, row.months_known) == (720, 1200, 30, None, 2)
    found = sums(unit)
    assert found["internal"].used == 700
    assert (found[""].used, found[""].used_known, found[""].available_known) == (760, 2, 1)
    assert (found[""].used_of_open, found[""].open_of_used) == (660, 1200)


def test_the_sums_follow_an_instrument_that_moves_or_goes(unit, scope):
    enter(scope, used_internal=600)
    elsewhere = cast.unit("Genomics")
    instruments.edit(uid=scope, values={"unit_ref": cast.unit_ref(elsewhere)}, by=cast.OPERATOR)
    assert not sums(unit)
    assert sums(elsewhere)[""].used == 600
    instruments.delete(uids=[scope], by=cast.OPERATOR)
    assert not sums(elsewhere)
    instruments.restore(uids=[scope], by=cast.OPERATOR)
    assert sums(elsewhere)[""].used == 600


def test_a_deleted_year_is_not_counted_and_comes_back(unit, scope):
    uid = enter(scope, used_internal=600)
    services.delete(uid=uid, by=cast.OPERATOR)
    assert not sums(unit)
    services.restore(uid=uid, by=cast.OPERATOR)
    assert sums(unit)[""].used == 600


def test_a_month_that_breaks_a_rule_is_refused_with_the_sentence(scope):
    with pytest.raises(Invalid) as caught:
        enter(scope, used_internal=601, available=600)
    assert caught.value.problems[0].field == "m03_used_internal"
    assert not UseYear.objects.exists()


def test_what_was_entered_before_counts_for_the_rules(scope):
    enter(scope, available=600)
    with pytest.raises(Invalid):
        enter(scope, used_internal=601)


def test_two_editors_do_not_overwrite_each_other(scope):
    enter(scope, used_internal=60)
    with pytest.raises(Conflict):
        enter(scope, used_internal=90, expected={"hours": 0})


def test_heads_enter_in_their_own_unit_only(unit, scope):
    hana = cast.seen_by("Hana", (Role.HEAD, str(unit)))
    hugo = cast.seen_by("Hugo", (Role.HEAD, str(cast.unit("Genomics"))))
    enter(scope, by=hana, used_internal=60)
    with pytest.raises(NotAllowed):
        enter(scope, by=hugo, used_internal=90)
    with pytest.raises(NotAllowed):
        enter(cast.instrument("Other", unit), by=hugo, used_internal=90)
    with pytest.raises(NotFound):
        enter(unit, by=hana, used_internal=90)
