"""What a page costs does not grow with the journal: SQLite finds memberships by record without statistics."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parkbench.records.models import HeldJournal
from parkbench.records.services.accepting import keeping

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL gathers statistics by itself"),
]


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
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = str(cursor.fetchall())
    assert "uid" in plan
    assert "membership_by_walk" not in plan
