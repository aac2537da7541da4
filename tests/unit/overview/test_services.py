"""Being here is noted once in a while, in one statement, and for nobody but people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts.rules import Role
from parkbench.overview.models import Visit
from parkbench.overview.queries import visit_of
from parkbench.overview.services import note_visit
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def minutes(count):
    return NOON + timedelta(minutes=count)


def come(viewer, at):
    """Look at the overview at this time; return when the visit before ended, as the page is told."""
    last_seen_at, previous_at = visit_of(viewer=viewer, now=at)
    with CaptureQueriesContext(connection) as asked:
        note_visit(by=viewer, last_seen_at=last_seen_at, now=at)
    assert len(asked) <= 1
    return previous_at


def test_a_visit_is_told_when_the_one_before_ended():
    ada = cast.seen_by("Ada", Role.MANAGER)
    assert come(ada, NOON) is None
    assert come(ada, minutes(30)) is None
    assert come(ada, minutes(80)) is None  # 50 minutes after the last: the same visit
    assert come(ada, minutes(200)) == minutes(80)
    assert come(ada, minutes(230)) == minutes(80)
    visit = Visit.objects.get()
    assert (visit.previous_at, visit.last_seen_at) == (minutes(80), minutes(230))


def test_within_five_minutes_nothing_is_written():
    ada = cast.seen_by("Ada", Role.MANAGER)
    come(ada, NOON)
    assert not note_visit(by=ada, last_seen_at=NOON, now=minutes(4))
    assert Visit.objects.get().last_seen_at == NOON


def test_two_first_pages_at_once_are_one_visit():
    ada = cast.seen_by("Ada", Role.MANAGER)
    assert note_visit(by=ada, last_seen_at=None, now=NOON)
    assert note_visit(by=ada, last_seen_at=None, now=minutes(1))
    assert Visit.objects.get().last_seen_at == NOON


def test_the_public_and_borrowed_eyes_leave_no_trace():
    for viewer in (Viewer.public(), Viewer.as_audiences(3), Viewer.operator()):
        assert not note_visit(by=viewer, last_seen_at=None)
        assert visit_of(viewer=viewer, now=NOON) == (None, None)
    assert not Visit.objects.exists()


def test_the_words_of_a_visit_say_whose_it_is():
    ada = cast.seen_by("Ada", Role.MANAGER)
    come(ada, NOON)
    assert str(Visit.objects.get()) == f"visit of {ada.person_id}"
