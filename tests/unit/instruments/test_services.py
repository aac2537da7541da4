"""Adding, editing, steps of the life cycle and links: what is required, who may, what is refused."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

import cast
from parkbench.accounts.rules import Role
from parkbench.catalogue.models import DeviceModel
from parkbench.catalogue.services import MakerFields, ModelFields, add_maker, add_model
from parkbench.instruments import services
from parkbench.instruments.models import Instrument
from parkbench.instruments.rules import TRANSITIONS, Status
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.records.models import RecordEvent, Section
from parkbench.records.services import set_stewardship

pytestmark = pytest.mark.django_db


def values(unit, **more):
    return {"name": "Confocal", "unit_ref": cast.unit_ref(unit), "model_text": "LSM 980", **more}


def row(uid):
    return Instrument.objects.get(uid=uid)


@pytest.mark.parametrize(
    ("missing", "title"), [("name", "Name"), ("unit_ref", "Unit"), ("model_text", "Make")]
)
def test_it_refuses_an_instrument_without_one_of_the_three(missing, title):
    given = {**values(cast.unit()), missing: ""}
    with pytest.raises(Invalid, match="one of the three") as refusal:
        services.add(values=given, by=cast.OPERATOR)
    assert refusal.value.problems[0].field.startswith(title)


def test_three_values_are_enough():
    uid = services.add(values=values(cast.unit()), by=cast.OPERATOR)
    assert row(uid).name == "Confocal"
    assert set(Section.objects.filter(uid=uid).values_list("section", flat=True)) == {"basics"}


def test_heads_and_editors_add_in_their_own_units_only():
    mine, other = cast.unit(), cast.unit("Proteomics")
    for name, role in (("Ada", Role.HEAD), ("Eve", Role.EDITOR)):
        by = cast.seen_by(name, (role, str(mine)))
        services.add(values=values(mine), by=by)
        with pytest.raises(NotAllowed):
            services.add(values=values(other), by=by)
    with pytest.raises(NotAllowed):
        services.add(values=values(mine), by=cast.seen_by("Ben", Role.READER))


def test_nobody_moves_an_instrument_into_a_unit_that_is_not_theirs():
    mine, other = cast.unit(), cast.unit("Proteomics")
    uid = cast.instrument("Confocal", mine)
    by = cast.seen_by("Ada", (Role.HEAD, str(mine)))
    with pytest.raises(NotAllowed):
        services.edit(uid=uid, values={"unit_ref": cast.unit_ref(other)}, by=by)
    with pytest.raises(Invalid, match="a unit that is here"):
        services.edit(uid=uid, values={"unit_ref": cast.unit_ref(uuid4())}, by=by)
    assert row(uid).unit.uid == mine


def test_nobody_writes_into_a_section_they_do_not_see():
    unit = cast.unit()
    uid = cast.instrument("Confocal", unit, purchase_price=100)
    editor = cast.seen_by("Eve", (Role.EDITOR, str(unit)))
    with pytest.raises(NotAllowed):
        services.edit(uid=uid, values={"purchase_price": 5}, by=editor)
    with pytest.raises(NotAllowed):
        services.add(values=values(unit, purchase_price=5, purchase_currency="SEK"), by=editor)
    services.edit(uid=uid, values={"notes": "seen and written"}, by=editor)
    assert (row(uid).purchase_price, row(uid).notes) == (100, "seen and written")


def test_whoever_answers_for_the_content_edits_that_record_only():
    unit = cast.unit()
    uid, other = cast.instrument("Confocal", unit), cast.instrument("Other", unit)
    ada = cast.person("Ada", Role.READER)
    set_stewardship(kind="instrument", uid=uid, steward=ada, review_due_on=None, by=cast.OPERATOR)
    by = cast.viewer(ada)
    services.edit(uid=uid, values={"description": "Mine."}, by=by)
    services.change_status(uid=uid, status=Status.IN_SERVICE, on=date(2024, 1, 1), by=by)
    assert (row(uid).description, row(uid).status) == ("Mine.", "in-service")
    with pytest.raises(NotAllowed):
        services.edit(uid=uid, values={"notes": "internal"}, by=by)
    with pytest.raises(NotAllowed):
        services.edit(uid=other, values={"description": "Not mine."}, by=by)


def test_an_edit_on_an_older_revision_changes_nothing():
    uid = cast.instrument("Confocal", cast.unit())
    services.edit(uid=uid, values={"name": "Theirs"}, by=cast.OPERATOR)
    with pytest.raises(Conflict):
        services.edit(uid=uid, values={"name": "Mine"}, expected={"basics": 1}, by=cast.OPERATOR)
    assert row(uid).name == "Theirs"
    changed = services.edit(uid=uid, values={"notes": "x"}, expected={"basics": 1}, by=cast.OPERATOR)
    assert changed == ("internal",)


def test_an_edit_that_changes_nothing_writes_nothing():
    uid = cast.instrument("Confocal", cast.unit())
    assert services.edit(uid=uid, values={"name": "Confocal"}, by=cast.OPERATOR) == ()
    assert services.edit(uid=uid, values={}, by=cast.OPERATOR) == ()
    assert Section.objects.filter(uid=uid).count() == 1


def test_it_names_the_value_that_is_wrong():
    uid = cast.instrument("Confocal", cast.unit())
    with pytest.raises(Invalid) as refusal:
        services.edit(uid=uid, values={"criticality": 9}, by=cast.OPERATOR)
    assert refusal.value.problems[0].field == "Criticality (1-5)"


@pytest.mark.parametrize("new", Status)
@pytest.mark.parametrize("old", Status)
def test_the_status_moves_as_the_table_says(old, new):
    uid = cast.instrument("Confocal", cast.unit(), status=old.value)
    if new in TRANSITIONS[old]:
        services.change_status(uid=uid, status=new, on=date(2024, 5, 1), reason="Why", by=cast.OPERATOR)
        assert row(uid).status == new.value
        assert row(uid).status_log[-1] == {"status": new.value, "on": "2024-05-01", "reason": "Why"}
        return
    with pytest.raises(Refused):
        services.change_status(uid=uid, status=new, on=date(2024, 5, 1), by=cast.OPERATOR)
    assert row(uid).status == old.value
    if old is not new:
        with pytest.raises(Invalid):
            services.edit(uid=uid, values={"status": new.value}, by=cast.OPERATOR)


def test_only_who_may_edit_moves_the_status_or_the_link():
    mine, other = cast.unit(), cast.unit("Proteomics")
    uid = cast.instrument("Confocal", mine, status="in-service")
    for by in (cast.seen_by("Ben", Role.READER), cast.seen_by("Ada", (Role.HEAD, str(other)))):
        with pytest.raises(NotAllowed):
            services.change_status(uid=uid, status=Status.LIMITED, on=None, by=by)
        with pytest.raises(NotAllowed):
            services.link_model(uid=uid, model=None, by=by)
        with pytest.raises(NotAllowed):
            services.delete(uids=[uid], by=by)
    services.change_status(
        uid=uid, status=Status.LIMITED, on=None, by=cast.seen_by("Eve", (Role.EDITOR, str(mine)))
    )
    assert row(uid).status == "limited"


def test_dates_follow_from_steps():
    uid = cast.instrument("Confocal", cast.unit(), status="commissioning")
    services.change_status(uid=uid, status=Status.IN_SERVICE, on=date(2020, 1, 2), by=cast.OPERATOR)
    services.change_status(uid=uid, status=Status.DECOMMISSIONED, on=date(2024, 1, 2), by=cast.OPERATOR)
    assert (row(uid).commissioned_on, row(uid).decommissioned_on) == (date(2020, 1, 2), date(2024, 1, 2))
    services.change_status(uid=uid, status=Status.OUT_OF_SERVICE, on=None, by=cast.OPERATOR)
    assert (row(uid).commissioned_on, row(uid).decommissioned_on) == (date(2020, 1, 2), None)
    assert [step["status"] for step in row(uid).status_log] == [
        "commissioning",
        "in-service",
        "decommissioned",
        "out-of-service",
    ]


def test_an_edit_of_the_status_is_noted_with_the_day():
    uid = cast.instrument("Confocal", cast.unit(), status="in-service")
    services.edit(uid=uid, values={"status": "limited"}, by=cast.OPERATOR)
    assert [step["status"] for step in row(uid).status_log] == ["in-service", "limited"]
    assert row(uid).status_on is not None


def test_an_instrument_cannot_be_part_of_itself():
    unit = cast.unit()
    whole, part = cast.instrument("Whole", unit), cast.instrument("Part", unit)
    services.edit(uid=part, values={"parent_ref": ref(whole)}, by=cast.OPERATOR)
    with pytest.raises(Refused, match="part of itself"):
        services.edit(uid=whole, values={"parent_ref": ref(part)}, by=cast.OPERATOR)
    with pytest.raises(Refused, match="part of this one"):
        services.delete(uids=[whole], by=cast.OPERATOR)
    services.delete(uids=[whole, part], by=cast.OPERATOR)
    services.restore(uids=[whole], by=cast.OPERATOR)
    assert row(whole).deleted_at is None


def ref(uid):
    return cast.unit_ref(uid).replace("/unit/", "/instrument/")


def test_a_contact_person_must_have_agreed():
    uid = cast.instrument("Confocal", cast.unit())
    ada = cast.person("Ada")
    with pytest.raises(Refused, match="has not agreed"):
        services.edit(uid=uid, values={"person_uid": str(ada.uid)}, by=cast.OPERATOR)
    ada.is_named_outward = True
    ada.save()
    services.edit(uid=uid, values={"person_uid": str(ada.uid), "person_name": "Forged"}, by=cast.OPERATOR)
    assert (row(uid).person_name, row(uid).person_email) == ("Ada", "ada@alpha.example")


@pytest.fixture
def lsm():
    add_maker(fields=MakerFields(name="Zeiss"), by=cast.OPERATOR)
    return [
        add_model(fields=ModelFields(designation=name, maker="Zeiss"), by=cast.OPERATOR)
        for name in ("LSM 980", "LSM 990")
    ]


def linked(uid):
    found = row(uid)
    return (found.linked_model and found.linked_model.designation), bool(found.model_key)


def test_a_written_model_is_linked_by_itself(lsm):
    uid = services.add_by_hand(values=values(cast.unit(), model_text="Zeiss LSM 980"), by=cast.OPERATOR)
    assert linked(uid) == ("LSM 980", True)
    services.edit_by_hand(
        uid=uid, values={"model_text": "lsm990", "maker_text": "ZEISS"}, expected={}, by=cast.OPERATOR
    )
    assert linked(uid) == ("LSM 990", True)
    services.edit_by_hand(uid=uid, values={"model_text": "Home-built"}, expected={}, by=cast.OPERATOR)
    assert linked(uid) == (None, False)


def test_a_link_made_by_hand_stays(lsm):
    uid = services.add_by_hand(values=values(cast.unit(), model_text="Big confocal"), by=cast.OPERATOR)
    assert linked(uid) == (None, False)
    model = DeviceModel.objects.get(designation="LSM 980")
    services.link_model(uid=uid, model=model, by=cast.OPERATOR)
    services.edit_by_hand(uid=uid, values={"model_text": "Zeiss LSM 990"}, expected={}, by=cast.OPERATOR)
    assert linked(uid) == ("LSM 980", True)
    services.link_model(uid=uid, model=None, by=cast.OPERATOR)
    assert linked(uid) == (None, False)
    assert RecordEvent.objects.filter(uid=uid, what="linked").count() == 2


def test_who_answers_for_the_content_is_saved_with_the_form():
    ada = cast.person("Ada", Role.READER)
    stewardship = services.Stewardship(steward=ada, review_due_on=date(2030, 1, 1))
    uid = services.add_by_hand(values=values(cast.unit()), stewardship=stewardship, by=cast.OPERATOR)
    assert (row(uid).steward, row(uid).review_due_on) == (ada, date(2030, 1, 1))


def test_many_are_edited_all_or_none():
    mine, other = cast.unit(), cast.unit("Proteomics")
    uids = [cast.instrument("A", mine), cast.instrument("B", other)]
    by = cast.seen_by("Ada", (Role.HEAD, str(mine)))
    with pytest.raises(NotAllowed):
        services.bulk_edit(uids=uids, values={"room": "B1"}, by=by)
    assert row(uids[0]).room is None
    assert services.bulk_edit(uids=uids, values={"room": "B1"}, by=cast.OPERATOR) == 2
    with pytest.raises(Refused, match=r"1,000"):
        services.bulk_edit(uids=[uuid4()] * 1001, values={"room": "B1"}, by=cast.OPERATOR)


def test_what_is_not_here_cannot_be_edited():
    with pytest.raises(NotFound):
        services.edit(uid=uuid4(), values={"name": "X"}, by=cast.OPERATOR)
