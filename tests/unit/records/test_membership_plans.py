"""What a page costs does not grow with the journal: memberships are found by record, statistics or not."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parkbench.records.models import HeldJournal
from parkbench.records.services.accepting import keeping

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "look",
    [
        lambda uids: keeping.members_of(HeldJournal(home_id=2, audience=uuid4()), uids),
        lambda uids: keeping.without_members(2, {(uid, "basics") for uid in uids}),
    ],
    ids=["in a journal", "in any journal"],
)
def test_memberships_are_found_by_record(look) -> None:
    with CaptureQueriesContext(connection) as captured:
        look([uuid4() for _number in range(500)])
    (query,) = captured.captured_queries
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "SET enable_seqscan = off; EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {query['sql']}")
        plan = str(cursor.fetchall())
    assert "uid" in plan
    assert "membership_by_walk" not in plan
