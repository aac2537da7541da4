"""What is narrowed is written down outside the database, and an old backup cannot undo it."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from django.utils import timezone

import cast
from parkbench.lib.errors import Refused
from parkbench.programme.models import Unit
from parkbench.records import rules
from parkbench.records.models import Audience, JournalEntry, PolicyCell, SharingException
from parkbench.records.services import (
    Draft,
    add_audience,
    apply_due,
    delete,
    publish,
    set_policy,
    share_record,
    widen,
    withdrawals,
)

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The node's folder."""
    settings.HOME = tmp_path
    return tmp_path


def lines():
    return list(withdrawals.lines_since(since=LONG_AGO))


def share(mask=rules.PUBLIC, section="basics"):
    set_policy(kind="unit", section=section, mask=mask, by=cast.OPERATOR)
    widen(kind="unit")


def shared():
    rows = JournalEntry.objects.filter(is_gone=False).values_list("audience__bit", "section")
    return set(rows)


def token(bit):
    return str(Audience.objects.get(bit=bit).token)


def test_a_narrowed_cell_is_noted_before_it_is_told():
    share()
    assert lines() == []
    share(rules.PARTNERS)
    share(rules.NOBODY)
    assert [(line["what"], line["section"], line["to"]) for line in lines()] == [
        ("cell", "basics", [token(1)]),
        ("cell", "basics", []),
    ]


@pytest.mark.parametrize("act", ["share", "embargo", "delete", "empty"])
def test_each_way_to_withdraw_one_record_is_noted(act):
    share()
    share(section="contact")
    uid = cast.unit("Imaging")
    contact = Draft(uid=uid, sections={"contact": {"mailbox": "lm@alpha.example"}})
    publish(kind="unit", drafts=[contact], by=cast.OPERATOR)
    assert lines() == []
    masks = {"basics": rules.NOBODY, "contact": rules.NOBODY}
    if act == "share":
        share_record(kind="unit", uid=uid, masks=masks, by=cast.OPERATOR)
    elif act == "embargo":
        later = timezone.now() + timedelta(days=9)
        share_record(kind="unit", uid=uid, masks={}, share_from=later, by=cast.OPERATOR)
    elif act == "delete":
        delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    else:
        publish(kind="unit", drafts=[Draft(uid=uid, sections={"contact": {}})], by=cast.OPERATOR)
    gone = {(line["uid"], line["section"]) for line in lines() if line["what"] == "part" and not line["to"]}
    expected = {"contact"} if act == "empty" else {"basics", "contact"}
    assert gone == {(str(uid), section) for section in expected}


def test_it_holds_no_content(folder):
    share()
    uid = cast.unit("Zyxomma")
    delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    text = (folder / "withdrawals.log").read_text()
    assert "Zyxomma" not in text
    assert set(json.loads(text)) == {"at", "what", "kind", "uid", "section", "to"}
    assert (folder / "withdrawals.log").stat().st_mode & 0o077 == 0


def test_widening_and_corrections_are_not_noted():
    share(rules.PARTNERS)
    uid = cast.unit("Imaging")
    share(rules.PUBLIC)
    publish(kind="unit", drafts=[Draft(uid=uid, sections={"basics": {"name": "Optics"}})], by=cast.OPERATOR)
    assert lines() == []


def test_nothing_is_withdrawn_when_it_cannot_be_noted(folder, monkeypatch):
    share()
    uid = cast.unit("Imaging")

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left on device"):
        share_record(kind="unit", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    assert shared() == {(0, "basics")}
    with pytest.raises(Refused):
        set_policy(kind="unit", section="basics", mask=rules.NOBODY, by=cast.OPERATOR)
    assert PolicyCell.objects.get(kind="unit", section="basics").mask == rules.PUBLIC


def as_yesterday(uid):
    """Put the database back to where the unit was shared with everybody, as a backup would."""
    SharingException.objects.filter(uid=uid).delete()
    PolicyCell.objects.update_or_create(kind="unit", section="basics", defaults={"mask": rules.PUBLIC})
    widen(kind="unit")
    assert shared() == {(0, "basics")}


def test_replaying_closes_a_cell_again():
    share()
    uid = cast.unit("Imaging")
    share(rules.NOBODY)
    as_yesterday(uid)
    assert withdrawals.replay(since=LONG_AGO) == []
    widen(kind="unit")
    assert shared() == set()


def test_replaying_closes_a_record_again_and_no_other():
    share()
    uid, other = cast.unit("Imaging"), cast.unit("Sequencing")
    share_record(kind="unit", uid=uid, masks={"basics": rules.PARTNERS}, by=cast.OPERATOR)
    SharingException.objects.filter(uid=uid).delete()
    widen(kind="unit")
    withdrawals.replay(since=LONG_AGO)
    widen(kind="unit")
    rows = JournalEntry.objects.filter(is_gone=False).values_list("uid", "audience__bit")
    assert set(rows) == {(uid, 1), (other, 0)}


def test_replaying_never_widens_and_leaves_out_what_was_before():
    share()
    cast.unit("Imaging")
    share(rules.PARTNERS)
    share(rules.NOBODY)
    withdrawals.replay(since=LONG_AGO)
    assert PolicyCell.objects.get(kind="unit", section="basics").mask == rules.NOBODY
    PolicyCell.objects.filter(kind="unit").update(mask=rules.PUBLIC)
    withdrawals.replay(since=timezone.now() + timedelta(minutes=1))
    assert PolicyCell.objects.get(kind="unit", section="basics").mask == rules.PUBLIC


def test_a_group_that_the_backup_does_not_know_is_nobody():
    group = add_audience(sort=Audience.Sort.CIRCLE, name="Nordic", by=cast.OPERATOR)
    share()
    uid = cast.unit("Imaging")
    share(1 << group.bit)
    JournalEntry.objects.filter(audience=group).delete()
    group.delete()
    as_yesterday(uid)
    withdrawals.replay(since=LONG_AGO)
    assert PolicyCell.objects.get(kind="unit", section="basics").mask == rules.NOBODY


def test_a_line_that_was_cut_short_is_passed_over_and_readers_are_handed_on(folder):
    withdrawals.note_reader(audience=Audience.objects.get(bit=1).token, partner="https://beta.example")
    with (folder / "withdrawals.log").open("a") as file:
        file.write('{"at":"2026-11-28T12:00:00+00:00","what":"cell","ki')
    others = withdrawals.replay(since=LONG_AGO)
    assert [(line["what"], line["partner"]) for line in others] == [("reader", "https://beta.example")]


@pytest.mark.parametrize("act", ["share", "later", "delete"])
def test_what_waited_for_its_date_stays_withdrawn_after_a_restore(act):
    share()
    uid, soon = cast.unit("Imaging"), timezone.now() + timedelta(hours=1)
    share_record(kind="unit", uid=uid, masks={}, share_from=soon, by=cast.OPERATOR)
    yesterday = SharingException.objects.get(uid=uid)
    begun = timezone.now()
    if act == "share":
        share_record(kind="unit", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    elif act == "later":
        later = soon + timedelta(days=90)
        share_record(kind="unit", uid=uid, masks={}, share_from=later, by=cast.OPERATOR)
    else:
        delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    SharingException.objects.filter(uid=uid).delete()
    yesterday.save(force_insert=True)
    Unit.objects.filter(uid=uid).update(deleted_at=None)
    withdrawals.replay(since=begun)
    apply_due(now=soon + timedelta(minutes=1))
    SharingException.objects.filter(uid=uid, section="").delete()  # the date has come
    widen(kind="unit")
    assert shared() == set()


def test_what_waited_for_its_turn_in_a_widening_stays_withdrawn_after_a_restore(monkeypatch):
    uid, other = cast.unit("Imaging"), cast.unit("Sequencing")
    monkeypatch.setattr("parkbench.lib.jobs.enqueue", lambda *_name, **_arguments: None)
    set_policy(kind="unit", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    share_record(kind="unit", uid=uid, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    SharingException.objects.filter(uid=uid).delete()
    withdrawals.replay(since=LONG_AGO)
    widen(kind="unit")
    assert set(JournalEntry.objects.filter(is_gone=False).values_list("uid", flat=True)) == {other}
