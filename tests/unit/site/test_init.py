"""Init makes a node once, and never another one in its place."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

import nodes


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_it_makes_a_node_that_only_its_owner_reads(made: Path) -> None:
    assert rights(made) == 0o700
    assert rights(made / "secret_key") == 0o600
    assert rights(made / "parkbench.sqlite3") == 0o600
    assert len((made / "secret_key").read_text()) > 60
    # Empty from the first: a log of withdrawals that is missing after a restore was lost.
    assert (made / "withdrawals.log").read_text() == ""
    assert rights(made / "withdrawals.log") == 0o600


def test_it_knows_its_organisation_and_shares_nothing(made: Path) -> None:
    assert ask(made, "SELECT address, name FROM records_home WHERE id = 1") == [
        (nodes.URL, "Alpha Institute")
    ]
    assert ask(made, "SELECT name, audience_mask FROM programme_organisation") == [("Alpha Institute", 0)]
    assert ask(made, "SELECT count(*) > 100 FROM catalogue_devicemodel WHERE home_id = 2") == [(1,)]
    assert ask(made, "SELECT count(*) FROM records_journalentry") == [(0,)]


def test_the_administrator_has_a_link_and_no_password(made: Path) -> None:
    ((email, password),) = ask(made, "SELECT email, password FROM accounts_person")
    assert email == "ada@alpha.example"
    assert str(password).startswith("!")
    assert ask(made, "SELECT role, scope FROM accounts_grant") == [("administrator", "")]


def test_twice_with_the_same_values_gives_a_new_link_until_somebody_signed_in(home: Path) -> None:
    again = json.loads(nodes.init(home).stdout)
    assert again["is_new"] is False
    assert again["link"].startswith(f"{nodes.URL}/link/")
    database = sqlite3.connect(home / "parkbench.sqlite3")
    database.execute("UPDATE accounts_person SET seen_at = '2026-01-01 00:00:00'")
    database.commit()
    database.close()
    assert json.loads(nodes.init(home).stdout)["link"] == ""


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"url": "https://beta.example"}, "The address of a node never changes"),
        ({"organisation": "Beta"}, "its organisation is Alpha Institute"),
        ({"admin": "ben@alpha.example"}, "ben@alpha.example does not administer it"),
    ],
)
def test_twice_with_other_values_is_refused(made: Path, wish: dict[str, str], said: str) -> None:
    done = nodes.init(made, **wish)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"url": "alpha.example"}, "--url: found “alpha.example”"),
        ({"admin": "ada"}, "--admin: found “ada”"),
        ({"country": "Sweden"}, "--country: found “Sweden”"),
        ({"ror": "1"}, "--ror: found “1”"),
        ({"organisation": " "}, "--organisation: found nothing"),
    ],
)
def test_values_that_cannot_be_used_make_nothing(tmp_path: Path, wish: dict[str, str], said: str) -> None:
    home = tmp_path / "alpha"
    done = nodes.init(home, **wish)
    assert done.returncode == 1
    assert said in done.stderr
    assert not home.exists()


def test_it_leaves_a_folder_with_other_things_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    tmp_path.chmod(0o755)
    done = nodes.init(tmp_path)
    assert done.returncode == 1
    assert "holds other things already (thesis.odt)" in done.stderr
    assert rights(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


ASKED = ("--organisation", "Alpha Institute", "--url", nodes.URL, "--admin", "ada@alpha.example")


def test_the_country_sets_currency_and_time_zone_and_says_so(home: Path) -> None:
    assert rights(home / "defaults.json") == 0o600
    show = ("from django.conf import settings as s", "print(s.DEFAULT_CURRENCY, s.TIME_ZONE)")
    used = nodes.run("django", "--home", home, "shell", "-v", "0", "-c", "; ".join(show))
    assert used.stdout.strip() == "NOK Europe/Oslo", used.stderr
    own = {"PARKBENCH_CURRENCY": "DKK", "PARKBENCH_TIME_ZONE": "Europe/Copenhagen"}
    told = nodes.run("init", "--home", home, *ASKED, **own).stdout
    assert "Amounts that name no currency are read in DKK" in told
    assert "in the zone Europe/Copenhagen" in told


def test_a_country_outside_the_table_is_said_to_be_unknown_and_changes_nothing(home: Path) -> None:
    told = nodes.run("init", "--home", home, *ASKED, "--country", "JP").stdout
    assert "No currency and time zone are known for the country JP." in told
    assert "are read in NOK" in told


def test_a_spoilt_file_of_defaults_stops_the_command(home: Path) -> None:
    (home / "defaults.json").write_text("SEK")
    done = nodes.run("check", "--home", home)
    assert done.returncode == 2
    assert "defaults.json cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
