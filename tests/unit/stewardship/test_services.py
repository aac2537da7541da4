"""Still right, periods, handing over: who may, what it writes, what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.accounts import services as accounts
from parkbench.accounts.registry import leaving_url
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Conflict, NotAllowed, NotFound, Refused
from parkbench.programme import services as programme
from parkbench.programme.models import Unit
from parkbench.records.models import RecordEvent
from parkbench.records.registry import kind_of
from parkbench.records.services import set_stewardship
from parkbench.stewardship.models import Handover, ReviewPeriod
from parkbench.stewardship.queries.periods import months_of
from parkbench.stewardship.rules import due_after
from parkbench.stewardship.services.handovers import hand_over, undo
from parkbench.stewardship.services.reviews import date_undated, set_periods, still_right

pytestmark = pytest.mark.django_db
PAST = date(2020, 1, 31)


def in_a_year() -> date:
    return due_after(timezone.localdate(), 12)


def steward(uid: UUID, person, due: date | None = PAST, kind: str = "instrument") -> None:
    set_stewardship(kind=kind, uid=uid, steward=person, review_due_on=due, by=cast.OPERATOR)


def due_of(uid: UUID) -> date | None:
    return Instrument.objects.get(uid=uid).review_due_on


def steward_of(uid: UUID) -> str:
    row = Instrument.objects.select_related("steward").get(uid=uid)
    return row.steward.name if row.steward else ""


def test_a_new_record_gets_its_review_date():
    unit = cast.unit()
    assert due_of(cast.instrument("Confocal", unit)) == in_a_year()
    assert Unit.objects.get(uid=unit).review_due_on == in_a_year()


def test_a_site_is_reviewed_every_other_year_and_a_maker_never():
    uid = programme.add_site(name="Campus", by=cast.OPERATOR)
    row = kind_of("site").model._default_manager.get(uid=uid)
    assert row.review_due_on == due_after(timezone.localdate(), 24)
    assert months_of(kind="maker") is None


def test_an_edited_record_without_a_date_gets_one_and_a_date_that_is_there_stays():
    uid = cast.instrument("Confocal", cast.unit())
    Instrument.objects.filter(uid=uid).update(review_due_on=None)
    instruments.edit(uid=uid, values={"room": "B1"}, by=cast.OPERATOR)
    assert due_of(uid) == in_a_year()
    steward(uid, None)
    instruments.edit(uid=uid, values={"room": "B2"}, by=cast.OPERATOR)
    assert due_of(uid) == PAST


def test_dating_new_records_costs_two_statements_whatever_their_number():
    unit_ref = cast.unit_ref(cast.unit())
    counts = []
    for number in (1, 50):
        values = {"unit_ref": unit_ref, "model_text": "LSM 980"}
        new = [(uuid4(), {**values, "name": f"More {number} {place}"}, {}) for place in range(number)]
        with CaptureQueriesContext(connection) as asked:
            instruments.write(new=new, by=cast.OPERATOR)
        counts.append(sum("review" in query["sql"] and "INSERT" not in query["sql"] for query in asked))
    assert counts[0] == counts[1] <= 2


def test_still_right_dates_the_next_review_and_says_who_and_when():
    ada = cast.person("Ada", Role.READER)
    uid = cast.instrument("Confocal", cast.unit())
    steward(uid, ada)
    assert still_right(picks=[("instrument", uid)], by=cast.viewer(ada)) == 1
    assert due_of(uid) == in_a_year()
    event = RecordEvent.objects.get(uid=uid)
    assert (event.what, event.by) == (RecordEvent.What.REVIEWED, ada)
    assert str(in_a_year().year) in event.detail


def test_still_right_takes_records_of_several_kinds_or_none_of_them():
    head = None
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    head = cast.seen_by("Hana", (Role.HEAD, str(light)))
    ours, theirs = cast.instrument("Confocal", light), cast.instrument("Orbitrap", mass)
    for uid in (ours, theirs):
        steward(uid, None)
    picks = [("instrument", ours), ("unit", light), ("instrument", ours)]
    assert still_right(picks=picks, by=head) == 2
    steward(ours, None)
    with pytest.raises(NotAllowed):
        still_right(picks=[("instrument", ours), ("instrument", theirs)], by=head)
    assert (due_of(ours), due_of(theirs)) == (PAST, PAST)


@pytest.mark.parametrize("picks", [[], [("instrument", uuid4())] * 1001])
def test_still_right_refuses_nothing_and_too_much(picks):
    picks = [(kind, uuid4()) for kind, _uid in picks]
    with pytest.raises(Refused, match="Tick"):
        still_right(picks=picks, by=cast.OPERATOR)


def test_still_right_knows_no_visitor_and_no_made_up_record():
    uid = cast.instrument("Confocal", cast.unit())
    with pytest.raises(NotFound):
        still_right(picks=[("instrument", uid)], by=cast.viewer(cast.person("Cleo")))
    with pytest.raises(NotFound):
        still_right(picks=[("instrument", uuid4())], by=cast.OPERATOR)
    with pytest.raises(NotFound):
        still_right(picks=[("spaceship", uid)], by=cast.OPERATOR)


def test_a_manager_sets_the_period_of_this_node():
    manager = cast.seen_by("Mona", Role.MANAGER)
    set_periods(months={"instrument": 6, "site": None}, by=manager)
    assert (months_of(kind="instrument"), months_of(kind="site")) == (6, None)
    uid = cast.instrument("Confocal", cast.unit())
    assert due_of(uid) == due_after(timezone.localdate(), 6)
    assert programme.add_site(name="Campus", by=cast.OPERATOR)
    assert kind_of("site").model._default_manager.get(name="Campus").review_due_on is None
    set_periods(months={"instrument": 12}, by=manager)
    assert not ReviewPeriod.objects.filter(kind="instrument").exists()


def test_a_period_has_1_to_120_months_and_only_managers_set_it():
    with pytest.raises(Refused, match="1 to 120"):
        set_periods(months={"instrument": 121}, by=cast.OPERATOR)
    with pytest.raises(NotFound):
        set_periods(months={"spaceship": 12}, by=cast.OPERATOR)
    with pytest.raises(NotAllowed):
        set_periods(months={"instrument": 6}, by=cast.seen_by("Ben", Role.READER))


def test_records_from_before_get_a_date_all_at_once():
    uid = cast.instrument("Confocal", cast.unit())
    Instrument.objects.filter(uid=uid).update(review_due_on=None)
    assert date_undated(by=cast.OPERATOR) == 1
    assert due_of(uid) == in_a_year()
    assert date_undated(by=cast.OPERATOR) == 0
    with pytest.raises(NotAllowed):
        date_undated(by=cast.seen_by("Ben", Role.READER))


@pytest.fixture
def leaving():
    """Somebody who answers for two instruments and a unit, and who follows."""
    ada, ben = cast.person("Ada", Role.READER), cast.person("Ben", Role.READER)
    unit = cast.unit()
    uids = [cast.instrument("Confocal", unit), cast.instrument("Spinning disc", unit)]
    for uid in uids:
        steward(uid, ada)
    steward(unit, ada, kind="unit")
    return ada, ben, unit, uids


def test_everything_goes_to_somebody_else_and_back(leaving):
    ada, ben, unit, uids = leaving
    by = cast.seen_by("Mona", Role.MANAGER)
    done = hand_over(giver=ada, taker=ben, by=by)
    assert [steward_of(uid) for uid in uids] == ["Ben", "Ben"]
    assert Unit.objects.get(uid=unit).steward == ben
    assert done.records.count() == 3
    assert RecordEvent.objects.filter(uid=uids[0], what=RecordEvent.What.HANDED_ON).count() == 1
    steward(uids[1], cast.person("Cleo", Role.READER))
    assert undo(pk=done.pk, by=by) == 2
    assert [steward_of(uid) for uid in uids] == ["Ada", "Cleo"]
    with pytest.raises(Refused, match="already"):
        undo(pk=done.pk, by=by)


def test_no_name_stands_in_the_words_of_a_handover(leaving):
    ada, ben, _unit, uids = leaving
    hand_over(giver=ada, taker=ben, by=cast.OPERATOR)
    assert [event.detail for event in RecordEvent.objects.filter(uid__in=uids)] == ["", ""]


def test_only_what_was_ticked_goes(leaving):
    ada, ben, _unit, uids = leaving
    hand_over(giver=ada, taker=ben, by=cast.OPERATOR, picks=[("instrument", uids[0])])
    assert [steward_of(uid) for uid in uids] == ["Ben", "Ada"]


def test_what_changed_hands_meanwhile_is_not_handed_over(leaving):
    ada, ben, _unit, uids = leaving
    steward(uids[0], ben)
    with pytest.raises(Conflict):
        hand_over(giver=ada, taker=ben, by=cast.OPERATOR, picks=[("instrument", uid) for uid in uids])
    assert steward_of(uids[1]) == "Ada"


def test_a_head_hands_over_within_the_own_unit_only(leaving):
    ada, ben, unit, uids = leaving
    other = cast.instrument("Orbitrap", cast.unit("Proteomics"))
    steward(other, ada)
    head = cast.seen_by("Hana", (Role.HEAD, str(unit)))
    hand_over(giver=ada, taker=ben, by=head)
    assert (steward_of(uids[0]), steward_of(other)) == ("Ben", "Ada")
    with pytest.raises(Conflict):
        hand_over(giver=ada, taker=ben, by=head, picks=[("instrument", other)])


def test_readers_and_editors_hand_nothing_over(leaving):
    ada, ben, unit, _uids = leaving
    for by in (cast.viewer(ada), cast.seen_by("Edda", (Role.EDITOR, str(unit)))):
        with pytest.raises(Refused, match="nothing to hand over"):
            hand_over(giver=ada, taker=ben, by=by)


def test_a_handover_needs_two_people_and_one_who_may_sign_in(leaving):
    ada, ben, _unit, _uids = leaving
    with pytest.raises(Refused, match="different"):
        hand_over(giver=ada, taker=ada, by=cast.OPERATOR)
    away(ben)
    ben.refresh_from_db()
    with pytest.raises(Refused, match="no longer sign in"):
        hand_over(giver=ada, taker=ben, by=cast.OPERATOR)
    assert not Handover.objects.exists()


def away(person) -> None:
    """Let somebody not sign in any more."""
    accounts.change_person(person=person, name=person.name, orcid="", is_active=False, is_named_outward=False)


def test_it_can_go_back_to_somebody_who_left(leaving):
    ada, ben, _unit, uids = leaving
    away(ada)
    by = cast.seen_by("Mona", Role.MANAGER)
    done = hand_over(giver=ada, taker=ben, by=by)
    assert undo(pk=done.pk, by=by) == 3
    assert steward_of(uids[0]) == "Ada"


def test_only_who_handed_over_undoes_it(leaving):
    ada, ben, _unit, _uids = leaving
    done = hand_over(giver=ada, taker=ben, by=cast.seen_by("Mona", Role.MANAGER))
    with pytest.raises(NotFound):
        undo(pk=done.pk, by=cast.seen_by("Dana", Role.MANAGER))


def test_what_nobody_answers_for_can_be_taken(leaving):
    ada, ben, _unit, uids = leaving
    away(ada)
    lone = cast.instrument("Lone", cast.unit("Histology"))
    hand_over(giver=None, taker=ben, by=cast.OPERATOR, picks=[("instrument", uids[0]), ("instrument", lone)])
    assert (steward_of(uids[0]), steward_of(lone)) == ("Ben", "Ben")


def test_whoever_leaves_leads_to_the_handover_while_they_answer_for_anything(leaving):
    ada, ben, _unit, _uids = leaving
    assert leaving_url(ada.uid) == f"/stewardship/handover/?person={ada.uid}"
    assert leaving_url(ben.uid) == ""


def test_a_review_that_is_far_away_may_be_confirmed_again():
    uid = cast.instrument("Confocal", cast.unit())
    steward(uid, None, timezone.localdate() + timedelta(days=2))
    still_right(picks=[("instrument", uid)], by=cast.OPERATOR)
    assert due_of(uid) == in_a_year()
