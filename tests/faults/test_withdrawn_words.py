"""What a partner takes back is in no byte of the database any more: rows, bodies, search index, log."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nodes

HERE = Path(__file__).parent


def told(home: Path, way: str) -> tuple[int, int]:
    """Let a partner share marked words and take them back; return how many words, and bodies kept.

    Between the two they are looked at on pages, in searches and in files; nothing of them goes to the log.
    """
    more = {
        "PARKBENCH_LOG_LEVEL": "DEBUG",
        "PARKBENCH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "parkbench.site.settings",
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "canaries.py"), way],
        env=nodes.surroundings(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "kanary" not in done.stderr
    words, kept, seen = map(int, done.stdout.split())
    assert seen > 20
    return words, kept


def found(home: Path, words: int) -> int:
    """Count the marked words that stand, whole or as search keeps them, in any file of the node."""
    content = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file()).lower()
    return sum(f"kanary{number:04}x".encode() in content for number in range(1, words + 1))


@pytest.mark.parametrize("way", ["withdraw", "purge"])
def test_no_byte_of_withdrawn_words_stays(home: Path, way: str, say: Callable[[str], None]) -> None:
    words, kept = told(home, way)
    assert words >= 200
    assert kept == 0
    assert found(home, words) == 0
    assert b"kanary" not in b"".join(path.read_bytes() for path in home.rglob("*.sqlite3*"))
    say(f"withdrawn words, {way}, SQLite: {words} words, 0 found in files of the node")


def test_words_that_are_still_shared_are_found_by_this_search(home: Path) -> None:
    words, _kept = told(home, "keep")
    assert found(home, words) == words


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("way", ["keep", "withdraw", "purge"])
def test_no_withdrawn_word_is_in_a_dump_of_postgresql(
    settings: Any, tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture, say: Callable[[str], None]
) -> None:
    from django.db import connection

    from faults.canaries import share_and

    settings.HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    caplog.set_level("DEBUG")
    words, kept, seen = share_and(way)
    assert (words >= 200, seen > 20) == (True, True)
    where = connection.get_connection_params()
    address = [f"--{name}={where[name]}" for name in ("host", "port")] + [f"--username={where['user']}"]
    bins = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    dumped = subprocess.run(
        [str(bins[-1]) if bins else "pg_dump", *address, "--data-only", where["dbname"]],
        env=os.environ | {"PGPASSWORD": where["password"]},
        capture_output=True,
        check=True,
    ).stdout
    found = sum(f"kanary{number:04}x".encode() in dumped for number in range(1, words + 1))
    assert found == (words if way == "keep" else 0)
    assert (kept > 0) == (way == "keep")
    assert "kanary" not in caplog.text
    assert b"kanary" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    say(f"withdrawn words, {way}, PostgreSQL: {words} words, {found} found in a dump")
