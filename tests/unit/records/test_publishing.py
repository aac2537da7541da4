"""Publishing writes the section, the typed row and the journal in one go."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.lib.errors import Conflict, Invalid, NotFound, Refused
from parkbench.programme.models import Unit
from parkbench.records import queries, rules
from parkbench.records.models import Audience, JournalEntry, PolicyCell, Section
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, delete, publish, restore, set_policy, share_record
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db


def edit(uid, **basics):
    return publish(kind="unit", drafts=[Draft(uid=uid, sections={"basics": basics})], by=cast.OPERATOR)


def entries():
    rows = JournalEntry.objects.filter(is_gone=False)
    return {(row.audience.bit, row.uid, row.section) for row in rows.select_related("audience")}


def test_it_writes_section_row_and_no_journal_on_a_new_node():
    uid = cast.unit("Light microscopy", url="https://lm.example")
    row = Unit.objects.get(uid=uid)
    assert (row.name, row.url, row.audience_mask) == ("Light microscopy", "https://lm.example", 0)
    section = Section.objects.get(uid=uid)
    assert section.revision == 1
    assert section.body == '{"name":"Light microscopy","url":"https://lm.example"}'
    assert entries() == set()


def test_it_writes_nothing_when_nothing_changed():
    uid = cast.unit("Light microscopy")
    assert edit(uid, name="Light microscopy ").changed == ()
    assert Section.objects.filter(uid=uid).count() == 1


def test_it_empties_a_column_that_the_new_body_lacks():
    uid = cast.unit("Light microscopy", url="https://lm.example")
    edit(uid, name="Light microscopy")
    assert Unit.objects.get(uid=uid).url is None


def test_it_refuses_an_edit_made_on_an_older_revision():
    uid = cast.unit("Light microscopy")
    edit(uid, name="Imaging")
    with pytest.raises(Conflict, match="changed this while you were editing"):
        publish(
            kind="unit",
            drafts=[Draft(uid=uid, sections={"basics": {"name": "Optics"}}, expected={"basics": 1})],
            by=cast.OPERATOR,
        )
    assert Unit.objects.get(uid=uid).name == "Imaging"


def test_it_says_which_value_is_wrong():
    with pytest.raises(Invalid) as refusal:
        cast.unit("Light microscopy", url="lm.example")
    assert refusal.value.problems[0].field == "Website"
    assert "https://" in refusal.value.problems[0].expected


def test_it_refuses_an_unknown_reference():
    with pytest.raises(Refused, match="no platform"):
        cast.unit(platform_ref="https://node.invalid/id/platform/00000000-0000-4000-8000-000000000000")


def test_it_refuses_to_edit_what_is_deleted():
    uid = cast.unit()
    delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    with pytest.raises(NotFound):
        edit(uid, name="Optics")


def test_a_policy_widens_by_job_and_narrows_at_once(django_capture_on_commit_callbacks):
    uid = cast.unit()
    with django_capture_on_commit_callbacks(execute=True):
        set_policy(kind="unit", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    assert entries() == {(0, uid, "basics")}
    assert Unit.objects.get(uid=uid).is_public
    set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    assert entries() == {(1, uid, "basics")}
    public = Audience.objects.get(bit=0)
    assert (public.count, public.fingerprint) == (0, "0" * 64)
    row = Unit.objects.get(uid=uid)
    assert (row.is_public, row.audience_mask) == (False, rules.PARTNERS)


def narrowing_of(count, django_capture_on_commit_callbacks):
    """Return the statements that take the basics of so many units, and all that hangs on them, back."""
    for number in range(count):
        contact = {"contact": {"mailbox": f"m{number}@alpha.example"}}
        publish(
            kind="unit",
            drafts=[Draft(uid=cast.unit(f"{count}.{number}"), sections=contact)],
            by=cast.OPERATOR,
        )
    with django_capture_on_commit_callbacks(execute=True):
        for section in ("basics", "contact"):
            set_policy(kind="unit", section=section, mask=rules.PARTNERS, by=cast.OPERATOR)
    assert Audience.objects.get(bit=1).count == 2 * Unit.objects.count()
    with CaptureQueriesContext(connection) as captured:
        set_policy(kind="unit", section="basics", mask=rules.NOBODY, by=cast.OPERATOR)
    assert entries() == set()
    return [query["sql"] for query in captured]


def test_narrowing_writes_each_row_once_and_makes_no_more_statements_for_more_records(
    django_capture_on_commit_callbacks,
):
    few = narrowing_of(2, django_capture_on_commit_callbacks)
    many = narrowing_of(10, django_capture_on_commit_callbacks)
    assert len(few) == len(many)
    table = connection.ops.quote_name(Unit._meta.db_table)
    assert len([sql for sql in many if "UPDATE" in sql and f"{table} SET" in sql]) == 1


def test_a_section_cannot_be_wider_than_the_basics():
    with pytest.raises(Refused, match="cannot be visible to more"):
        set_policy(kind="unit", section="contact", mask=rules.PUBLIC, by=cast.OPERATOR)


def test_a_record_can_be_shared_beside_the_policy_and_taken_back():
    uid = cast.unit()
    share_record(kind="unit", uid=uid, masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    assert entries() == {(0, uid, "basics")}
    assert list(Unit.objects.visible(Viewer.public()).values_list("uid", flat=True)) == [uid]
    share_record(kind="unit", uid=uid, masks={"basics": 0}, by=cast.OPERATOR)
    assert entries() == set()
    assert not Unit.objects.visible(Viewer.public()).exists()


def test_deleting_withdraws_and_restoring_shares_again():
    uid = cast.unit()
    share_record(kind="unit", uid=uid, masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    assert entries() == set()
    assert not Unit.objects.visible(cast.OPERATOR).exists()
    restore(kind="unit", uids=[uid], by=cast.OPERATOR)
    entry = JournalEntry.objects.get()
    assert (entry.entered_seq, entry.seq, entry.is_gone) == (1, 3, False)
    assert PolicyCell.objects.filter(mask__gt=0).count() == 0


def test_history_shows_who_changed_what():
    uid = cast.unit("Light microscopy")
    edit(uid, name="Imaging")
    row = Unit.objects.get(uid=uid)
    newest = queries.history(kind=kind_of("unit"), row=row, viewer=cast.OPERATOR)[0]
    change = newest.changes[0]
    assert (newest.revision, change.label, change.old, change.new) == (
        2,
        "Name",
        "Light microscopy",
        "Imaging",
    )
    assert queries.history(kind=kind_of("unit"), row=row, viewer=Viewer.public()) == []
