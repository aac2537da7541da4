"""After a removal for good the file of SQLite is written anew: at once when small, else within a day."""

import logging
from typing import Any

import pytest
from django.db import OperationalError, connection

from parkbench.lib import db
from parkbench.records import registry

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(db.is_postgres(), reason="PostgreSQL frees space by its own VACUUM"),
]


def is_noted() -> bool:
    with connection.cursor() as cursor:
        return bool(cursor.execute("PRAGMA user_version").fetchone()[0])


def unused() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA freelist_count").fetchone()[0])


@pytest.fixture
def emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE wiped AS SELECT randomblob(100000) AS bytes")
        cursor.execute("DROP TABLE wiped")
    assert unused() > 0


@pytest.mark.usefixtures("emptied")
def test_a_small_database_is_written_anew_at_once() -> None:
    registry.scrub()
    assert (unused(), is_noted()) == (0, False)


@pytest.mark.usefixtures("emptied")
def test_a_large_one_is_noted_and_written_anew_by_the_daily_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "AT_ONCE", 0)
    db.wipe()
    assert unused() > 0
    assert is_noted()
    db.wipe_noted()
    assert (unused(), is_noted()) == (0, False)


def test_a_writer_in_the_way_leaves_it_to_the_daily_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked() -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr(db, "wipe_noted", locked)
    with caplog.at_level(logging.WARNING):
        db.wipe()
    assert is_noted()
    assert "within a day: database is locked" in caplog.text
    monkeypatch.undo()
    db.wipe_noted()
