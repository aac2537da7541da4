"""Making what an import names: found by name, made once, refused in words."""

from __future__ import annotations

from uuid import uuid4

import pytest

import cast
from parkbench.accounts.rules import Role
from parkbench.lib.errors import Invalid, NotAllowed
from parkbench.programme import services
from parkbench.programme.models import Platform, Site, Unit
from parkbench.records.models import Section

pytestmark = pytest.mark.django_db


def test_it_finds_a_unit_whatever_its_case_and_spaces():
    uid = cast.unit("Light Microscopy Å")
    names = ["light  microscopy å", "LIGHT MICROSCOPY A\u030a"]
    assert services.make_missing(kind="unit", names=names, by=cast.OPERATOR) == dict.fromkeys(names, uid)
    assert Unit.objects.count() == 1


def test_it_finds_a_unit_by_its_short_name():
    uid = cast.unit("Light microscopy", short_name="LM")
    assert services.make_missing(kind="unit", names=["lm"], by=cast.OPERATOR) == {"lm": uid}


def test_a_short_name_that_two_units_bear_finds_neither():
    cast.unit("Light microscopy", short_name="LM")
    cast.unit("Lipid metabolism", short_name="lm")
    made = services.make_missing(kind="unit", names=["LM"], by=cast.OPERATOR)
    assert Unit.objects.get(uid=made["LM"]).name == "LM"


def test_a_name_goes_before_a_short_name():
    uid = cast.unit("LM")
    cast.unit("Light microscopy", short_name="LM")
    assert services.make_missing(kind="unit", names=["LM"], by=cast.OPERATOR) == {"LM": uid}


@pytest.mark.parametrize(("kind", "model"), [("unit", Unit), ("platform", Platform), ("site", Site)])
def test_it_makes_what_is_not_here_once_and_under_the_import(kind, model):
    batch = uuid4()
    names = ["Flow  cytometry", "flow cytometry", "Proteomics"]
    made = services.make_missing(kind=kind, names=names, by=cast.OPERATOR, batch=batch)
    assert made["Flow  cytometry"] == made["flow cytometry"] != made["Proteomics"]
    assert set(model.objects.values_list("name", flat=True)) == {"Flow cytometry", "Proteomics"}
    assert Section.objects.filter(batch=batch, kind=kind).count() == 2
    assert services.make_missing(kind=kind, names=names, by=cast.OPERATOR) == made
    assert model.objects.count() == 2


def test_it_does_not_find_what_was_deleted():
    uid = services.add_unit(name="Proteomics", by=cast.OPERATOR)
    services.delete(kind="unit", uid=uid, by=cast.OPERATOR)
    assert services.make_missing(kind="unit", names=["Proteomics"], by=cast.OPERATOR)["Proteomics"] != uid


def test_a_head_finds_units_but_makes_none():
    uid = cast.unit("Light microscopy")
    ada = cast.seen_by("Ada", (Role.HEAD, str(uid)))
    assert services.make_missing(kind="unit", names=["Light microscopy"], by=ada)["Light microscopy"] == uid
    names = ["Light microscopy", *(f"New {number}" for number in range(7))]
    with pytest.raises(NotAllowed, match=r"There is no unit named “New 0”.*and 2 more here"):
        services.make_missing(kind="unit", names=names, by=ada)
    assert Unit.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_it_refuses_what_is_no_name(name):
    with pytest.raises(Invalid):
        services.make_missing(kind="unit", names=["Good", name], by=cast.OPERATOR)
    assert Unit.objects.count() == 0


def test_it_refuses_kinds_that_are_not_made_by_name():
    with pytest.raises(ValueError, match="not made by name"):
        services.make_missing(kind="organisation", names=["Alpha"], by=cast.OPERATOR)


def test_it_takes_the_same_number_of_queries_at_10_and_1000_names(django_assert_num_queries):
    def queries_for(count: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        names = [f"{count} unit {number}" for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            services.make_missing(kind="unit", names=names, by=cast.OPERATOR)
        return len(captured)

    assert queries_for(1000) <= queries_for(10)
