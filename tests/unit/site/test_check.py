"""Check says how the node is, and fails when something must be done."""

import json
import sqlite3
from pathlib import Path

import nodes


def check(home: Path, **settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = nodes.run("check", "--home", home, "--json", **settings)
    findings = json.loads(done.stdout)["findings"]
    return done.returncode, {found["name"]: (found["state"], found["words"]) for found in findings}


def test_a_node_that_does_not_run_is_well_but_warned(home: Path) -> None:
    code, found = check(home)
    assert code == 0
    assert {name for name, (state, _words) in found.items() if state != "ok"} == {
        "worker",
        "scheduler",
        "backups",
    }


def test_a_folder_that_others_read_fails(home: Path) -> None:
    home.chmod(0o755)
    (home / "secret_key").chmod(0o644)
    code, found = check(home)
    assert code == 1
    assert found["folder"] == ("fail", f"{home} can be read by other users. Run: chmod 700 {home}")
    assert found["key"][0] == "fail"


def test_missing_tables_fail(home: Path) -> None:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    connection.execute("DELETE FROM django_migrations WHERE app = 'site'")
    connection.commit()
    connection.close()
    code, found = check(home)
    assert (code, found["tables"][0]) == (1, "fail")


def test_a_misspelt_setting_is_told(home: Path) -> None:
    assert check(home, PARKBENCH_TIMEZONE="Europe/Oslo")[1]["settings"] == (
        "warn",
        "PARKBENCH_TIMEZONE: no such setting; misspelt?",
    )


def test_a_backup_that_was_made_is_known(home: Path) -> None:
    assert nodes.run("backup", "--home", home).returncode == 0
    assert check(home)[1]["backups"] == ("ok", "The last backup was made just now.")


def test_a_table_is_shown_to_people(home: Path) -> None:
    done = nodes.run("check", "--home", home)
    assert "ok     database   SQLite answers, and its file is whole." in done.stdout
