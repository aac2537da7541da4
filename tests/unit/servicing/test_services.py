"""Noting, editing, closing, deleting: what is written, who may, what is refused in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import cast
from cast import OPERATOR
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.lib.urn import record_id
from parkbench.records import services as records
from parkbench.records.models import Section
from parkbench.records.queries import own_address
from parkbench.records.services import set_stewardship
from parkbench.servicing import services
from parkbench.servicing.models import ServiceEvent

pytestmark = pytest.mark.django_db


def the(uid):
    return ServiceEvent.objects.get(uid=uid)


def test_noting_writes_each_section_with_its_history(park):
    uid = park.event(cost=1000, supplier="Zeiss", note="Called at 9")
    row = the(uid)
    assert (row.instrument.uid, row.cost, row.note) == (park.scope, 1000, "Called at 9")
    sections = Section.objects.filter(uid=uid).values_list("section", "revision")
    assert set(sections) == {("basics", 1), ("economics", 1), ("internal", 1)}


def test_a_cost_and_days_of_nothing_are_kept(park):
    row = the(park.event(cost=0, down_tenths=0))
    assert (row.cost, row.days_down) == (0, 0)


def test_a_made_summary_follows_the_kind_and_a_given_one_stays(park):
    made, given = park.event(), park.event(name="Laser")
    for uid in (made, given):
        services.edit(uid=uid, values={"event_kind": "move", "happened_on": "2025-04-05"}, by=OPERATOR)
    assert (the(made).name, the(given).name) == ("Move, 2025-04-05", "Laser")


@pytest.mark.parametrize(
    "values",
    [
        {"happened_on": None},
        {"event_kind": None},
        {"event_kind": "party"},
        {"still_down": True, "ended_on": "2025-03-05"},
        {"ended_on": "2025-03-01"},
        {"cost": 5, "currency": None},
    ],
)
def test_what_does_not_hold_together_is_refused(park, values):
    with pytest.raises(Invalid):
        park.event(**values)


def test_up_again_ends_it_today(park):
    uid = park.event(still_down=True)
    services.up_again(uid=uid, by=OPERATOR)
    row = the(uid)
    today = timezone.localdate()
    assert (row.still_down, row.ended_on) == (False, today)
    assert row.days_down == (today - row.happened_on).days * 10
    with pytest.raises(Refused, match="up again already"):
        services.up_again(uid=uid, by=OPERATOR)


def test_nothing_is_up_again_before_it_happened(park):
    tomorrow = timezone.localdate() + timedelta(days=1)
    uid = park.event(still_down=True, happened_on=tomorrow.isoformat())
    with pytest.raises(Refused, match="before it happened"):
        services.up_again(uid=uid, by=OPERATOR)


def test_an_end_given_by_editing_closes_it(park):
    uid = park.event(still_down=True)
    services.edit(uid=uid, values={"ended_on": "2025-03-06"}, by=OPERATOR)
    assert (the(uid).still_down, the(uid).days_down) == (False, 20)


def test_two_editors_do_not_overwrite_each_other(park):
    uid = park.event()
    services.edit(uid=uid, values={"name": "First"}, by=OPERATOR, expected={"basics": 1})
    with pytest.raises(Conflict):
        services.edit(uid=uid, values={"name": "Second"}, by=OPERATOR, expected={"basics": 1})
    assert the(uid).name == "First"


def test_heads_and_editors_note_only_within_their_unit(park):
    for role in (Role.HEAD, Role.EDITOR):
        somebody = cast.seen_by(f"One {role}".replace(" ", ""), (role, str(park.imaging)))
        mine = park.event(by=somebody)
        services.edit(uid=mine, values={"name": "Mine"}, by=somebody)
        for act in (
            lambda by=somebody: park.event("robot", by=by),
            lambda by=somebody: services.up_again(uid=park.event("robot", still_down=True), by=by),
            lambda by=somebody: services.edit(uid=park.event("robot"), values={"name": "x"}, by=by),
            lambda by=somebody: services.delete(uids=[park.event("robot")], by=by),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_nobody_writes_a_part_they_may_not_see(park):
    edda = cast.seen_by("Edda", (Role.EDITOR, str(park.imaging)))
    with pytest.raises(NotAllowed):
        park.event(by=edda, cost=100)
    uid = park.event()
    with pytest.raises(NotAllowed):
        services.edit(uid=uid, values={"supplier": "Zeiss"}, by=edda)


def test_readers_and_visitors_note_nothing(park):
    for somebody in (cast.seen_by("Ben", Role.READER), cast.Viewer.public()):
        with pytest.raises(NotAllowed):
            park.event(by=somebody)


def test_its_content_responsible_edits_it_but_does_not_move_it(park):
    uid = park.event()
    ada = cast.person("Ada", Role.READER)
    set_stewardship(kind="service-event", uid=uid, steward=ada, review_due_on=None, by=OPERATOR)
    services.edit(uid=uid, values={"name": "Better"}, by=cast.viewer(ada))
    ref = record_id(node=own_address(), kind="instrument", uid=park.robot)
    with pytest.raises(NotAllowed):
        services.edit(uid=uid, values={"instrument_ref": ref}, by=cast.viewer(ada))
    services.edit(uid=uid, values={"instrument_ref": ref}, by=OPERATOR)
    assert the(uid).instrument.uid == park.robot


def test_what_is_not_here_cannot_be_noted_or_edited(park):
    instruments.delete(uids=[park.scope], by=OPERATOR)
    with pytest.raises(NotFound):
        park.event()
    with pytest.raises(NotFound):
        services.edit(uid=park.scope, values={"name": "x"}, by=OPERATOR)


def test_a_deleted_event_comes_back_with_all_it_held(park):
    uid = park.event(cost=5)
    services.delete(uids=[uid], by=OPERATOR)
    assert not ServiceEvent.objects.visible(OPERATOR).exists()
    services.restore(uid=uid, by=OPERATOR)
    assert the(uid).cost == 5


def test_events_go_and_come_with_their_instrument_those_deleted_before_stay_so(park):
    before, after, other = park.event(), park.event(), park.event("robot")
    services.delete(uids=[before], by=OPERATOR)
    instruments.delete(uids=[park.scope], by=OPERATOR)
    assert list(ServiceEvent.objects.live().values_list("uid", flat=True)) == [other]
    with pytest.raises(Refused, match="instrument is deleted"):
        services.restore(uid=after, by=OPERATOR)
    instruments.restore(uids=[park.scope], by=OPERATOR)
    assert set(ServiceEvent.objects.live().values_list("uid", flat=True)) == {after, other}
    instruments.edit(uid=park.scope, values={"name": "Scope 2"}, by=OPERATOR)
    assert the(before).deleted_at is not None


def test_what_was_deleted_with_its_instrument_is_removed_for_good_with_it(park):
    uid = park.event()
    instruments.delete(uids=[park.scope], by=OPERATOR)
    records.purge(now=timezone.now() + timedelta(days=31))
    assert not ServiceEvent.objects.filter(uid=uid).exists()
    assert not Section.objects.filter(uid=uid).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"instrument": None},
        {"ended_on": "2025-03-01"},
        {"still_down": True, "days_down": 3},
        {"cost": 4, "currency": None},
    ],
)
def test_the_database_says_no_as_well(park, wrong):
    uid = park.event()
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceEvent.objects.filter(uid=uid).update(**wrong)
