"""Verify finds each thing that does not follow from the rest, and nothing on a healthy node."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

import cast
from parkbench.lib.errors import NotAllowed
from parkbench.programme.models import Unit
from parkbench.records import rules
from parkbench.records.models import Audience, JournalEntry, Section
from parkbench.records.services import (
    Draft,
    apply_due,
    delete,
    publish,
    repair,
    restore,
    set_policy,
    share_record,
    verify,
)
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db


def found():
    return [(each.check, each.section) for each in verify()]


@contextmanager
def no_constraints():
    """Let SQL write what the database itself would refuse."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE records_journalentry DROP CONSTRAINT journal_entered_before")
            yield


@pytest.fixture
def shared():
    """A unit that everybody sees, with a contact for partners only."""
    uid = uuid4()
    sections = {
        "basics": {"name": "Imaging", "url": "https://i.example"},
        "contact": {"mailbox": "i@i.example"},
    }
    publish(kind="unit", drafts=[Draft(uid=uid, sections=sections, is_new=True)], by=cast.OPERATOR)
    share_record(
        kind="unit", uid=uid, masks={"basics": rules.PUBLIC, "contact": rules.PARTNERS}, by=cast.OPERATOR
    )
    return uid


def test_it_finds_nothing_on_a_healthy_node(shared, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    embargoed, gone, back = cast.unit("Proteomics"), cast.unit("Genomics"), cast.unit("Screening")
    share_record(
        kind="unit", uid=embargoed, masks={}, share_from=timezone.now() + timedelta(days=1), by=cast.OPERATOR
    )
    delete(kind="unit", uids=[gone, back], by=cast.OPERATOR)
    restore(kind="unit", uids=[back], by=cast.OPERATOR)
    publish(kind="unit", drafts=[Draft(uid=shared, sections={"contact": {}})], by=cast.OPERATOR)
    assert JournalEntry.objects.filter(is_gone=False).count() == 2
    assert found() == []


def test_a_date_that_has_come_is_no_difference_before_the_job_ran():
    uid = cast.unit()
    soon = timezone.now() + timedelta(milliseconds=1)
    share_record(kind="unit", uid=uid, masks={"basics": rules.PUBLIC}, share_from=soon, by=cast.OPERATOR)
    assert found() == []
    apply_due(now=soon + timedelta(seconds=1))
    assert found() == []
    assert Unit.objects.get(uid=uid).is_public


def entries(section="basics"):
    return JournalEntry.objects.filter(section=section)


FAULTS = {
    "an entry that left without a trace": (lambda: entries().delete(), ("journal entry", "basics")),
    "an entry marked gone": (lambda: entries().update(is_gone=True), ("journal entry", "basics")),
    "an entry with other bytes": (lambda: entries().update(digest="0" * 64), ("journal digest", "basics")),
    "an entry with no bytes": (lambda: entries().update(digest=""), ("journal digest", "basics")),
    "an entry for nobody": (lambda: entries().update(uid=uuid4()), ("journal entry", "basics")),
    "an entry of no kind": (lambda: entries().update(kind="ghost"), ("journal entry", "basics")),
    "a number above the head": (lambda: entries().update(seq=99), ("journal number", "basics")),
    "a count": (lambda: Audience.objects.filter(bit=0).update(count=7), ("journal count", "")),
    "a fingerprint": (
        lambda: Audience.objects.filter(bit=0).update(fingerprint="1" * 64),
        ("journal fingerprint", ""),
    ),
    "a mask": (lambda: Unit.objects.update(contact_mask=rules.PUBLIC), ("mask", "contact")),
    "a mask of the basics": (
        lambda: Unit.objects.update(audience_mask=2, is_public=False),
        ("public", "basics"),
    ),
    "a column": (lambda: Unit.objects.update(name="Optics"), ("row", "basics")),
    "a column of another section": (lambda: Unit.objects.update(mailbox=None), ("row", "contact")),
    "no current revision": (
        lambda: Section.objects.update(is_current=False),
        ("current revision", "contact"),
    ),
    "a gap": (lambda: Section.objects.update(revision=3), ("revision", "basics")),
    "other bytes in the history": (
        lambda: Section.objects.filter(section="basics").update(body='{"name":"Imaging"}'),
        ("digest", "basics"),
    ),
    "bytes that are no body": (
        lambda: Section.objects.filter(section="basics").update(body="{"),
        ("body", "basics"),
    ),
    "a section nobody knows": (
        lambda: Section.objects.filter(section="contact").update(section="secret"),
        ("history", "secret"),
    ),
    "history of nobody": (
        lambda: Section.objects.filter(section="contact").update(uid=uuid4()),
        ("history", "contact"),
    ),
    "a kind nobody knows": (
        lambda: Section.objects.filter(section="contact").update(kind="ghost"),
        ("history", "contact"),
    ),
    "no history": (lambda: Section.objects.filter(section="basics").delete(), ("history", "basics")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_finds(shared, fault):
    assert found() == []
    tamper, difference = FAULTS[fault]
    tamper()
    assert difference in found()


def test_it_finds_two_entries_with_one_number(shared):
    other = cast.unit("Proteomics")
    share_record(kind="unit", uid=other, masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    entries().update(seq=2, entered_seq=1)
    assert found() == [("journal number", "basics")]


def test_it_finds_an_entry_that_entered_after_its_number(shared):
    with no_constraints():
        entries().update(entered_seq=2)
    assert found() == [("journal number", "basics")]


def test_it_finds_what_stayed_shared_after_a_deletion(shared):
    Unit.objects.update(deleted_at=timezone.now())
    assert {("journal entry", "basics"), ("mask", "basics"), ("public", "basics")} <= set(found())


def test_it_finds_what_stayed_shared_after_the_policy_narrowed():
    set_policy(kind="unit", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    uid = cast.unit()
    from parkbench.records.models import PolicyCell

    PolicyCell.objects.update(mask=rules.NOBODY)
    each = next(iter(verify()))
    assert (each.check, each.uid, each.expected, each.found) == (
        "journal entry",
        uid,
        "nobody outside",
        "audience 0",
    )


def test_it_finds_two_current_revisions(shared):
    publish(
        kind="unit", drafts=[Draft(uid=shared, sections={"basics": {"name": "Optics"}})], by=cast.OPERATOR
    )
    Section.objects.update(is_current=True)
    assert ("current revision", "basics") in found()


def test_it_finds_a_reference_that_points_elsewhere(shared):
    uid = uuid4()
    draft = Draft(uid=uid, sections={"basics": {"name": "Biology"}}, is_new=True)
    publish(kind="platform", drafts=[draft], by=cast.OPERATOR)
    from parkbench.programme.models import Platform

    Unit.objects.update(platform=Platform.objects.get(uid=uid))
    each = next(iter(verify()))
    assert (each.check, each.expected.split(" = ")[0]) == ("row", "platform_id")


@pytest.mark.parametrize(
    "fault",
    [
        "an entry marked gone",
        "an entry with other bytes",
        "an entry for nobody",
        "a count",
        "a fingerprint",
        "a mask",
        "a mask of the basics",
        "a column",
        "a column of another section",
    ],
)
def test_repair_brings_back_in_line(shared, fault):
    FAULTS[fault][0]()
    for _round in range(2):  # what moved in a journal is counted anew in the second round
        repair(differences=list(verify()), by=cast.OPERATOR)
    assert found() == []


def test_repair_takes_back_what_stayed_shared_after_a_deletion(shared):
    Unit.objects.update(deleted_at=timezone.now())
    assert repair(differences=list(verify()), by=cast.OPERATOR) == 1
    assert found() == []
    assert not JournalEntry.objects.filter(is_gone=False).exists()


def test_repair_cannot_mend_history(shared):
    FAULTS["a gap"][0]()
    repair(differences=list(verify()), by=cast.OPERATOR)
    assert ("revision", "basics") in found()


def test_repair_is_for_operators(shared):
    with pytest.raises(NotAllowed):
        repair(differences=[], by=Viewer.public())


def test_the_number_of_queries_does_not_grow_with_the_records(django_assert_num_queries, shared):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        assert found() == []
    for number in range(20):
        cast.unit(f"Unit {number}")
    with django_assert_num_queries(len(few)):
        assert found() == []
