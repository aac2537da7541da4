"""On PostgreSQL a node is made, saved and put back by the same commands."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import nodes

pytestmark = pytest.mark.postgres


@pytest.fixture
def database() -> Iterator[str]:
    """The address of an empty database of one's own."""
    import psycopg

    server = os.environ["PARKBENCH_DATABASE_URL"]
    name = f"node_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def ask(database: str, sql: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(database) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_a_node_is_made_saved_and_put_back(database: str, tmp_path: Path) -> None:
    home, out = tmp_path / "alpha", tmp_path / "alpha.tar"
    asked = ("--organisation", "Alpha Institute", "--url", nodes.URL, "--admin", "ada@alpha.example")
    made = nodes.run("init", "--home", home, *asked, PARKBENCH_DATABASE_URL=database)
    assert made.returncode == 0, made.stderr
    assert not (home / "parkbench.sqlite3").exists()
    saved = nodes.run("backup", "--home", home, "--out", out, PARKBENCH_DATABASE_URL=database)
    assert saved.returncode == 0, saved.stderr
    ask(database, "UPDATE records_home SET name = 'Changed' WHERE id = 1")
    ask(database, "CREATE TABLE left_over (id int)")
    back = nodes.run("restore", "--home", home, out, "--yes", "--json", PARKBENCH_DATABASE_URL=database)
    assert back.returncode == 0, back.stderr
    assert ask(database, "SELECT name FROM records_home WHERE id = 1") == [("Alpha Institute",)]
    assert ask(database, "SELECT to_regclass('left_over') IS NULL") == [(True,)]
    (aside,) = json.loads(back.stdout)["aside"]
    assert Path(aside).stat().st_size > 10_000
    checked = nodes.run("check", "--home", home, PARKBENCH_DATABASE_URL=database)
    assert checked.returncode == 0, checked.stdout


def test_a_backup_of_the_other_database_is_refused(database: str, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.tar"
    assert nodes.run("backup", "--home", home, "--out", out).returncode == 0
    done = nodes.run("restore", "--home", tmp_path / "other", out, PARKBENCH_DATABASE_URL=database)
    assert done.returncode == 1
    assert "holds a sqlite database" in done.stderr


def test_a_database_that_does_not_answer_is_said(home: Path) -> None:
    nowhere = f"postgresql://ada:secret-word@127.0.0.1:{nodes.free_port()}/park"
    done = nodes.run("verify", "--home", home, PARKBENCH_DATABASE_URL=nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer as it should: ")
    assert "secret-word" not in done.stderr
