"""A backup holds the node, whole or not at all; restoring checks first and keeps the old aside."""

import io
import json
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest

import nodes
from parkbench.site.backups import manifest


def change(home: Path, sql: str) -> None:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    connection.execute(sql)
    connection.commit()
    connection.close()


def name_of(home: Path) -> str:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    try:
        return str(connection.execute("SELECT name FROM records_home WHERE id = 1").fetchone()[0])
    finally:
        connection.close()


QUOTE = ("a" * 64, b"a quote")


@pytest.fixture(scope="module")
def backed_up(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of alpha with one file in it; look, do not touch."""
    folder = tmp_path_factory.mktemp("backed_up")
    home, out = Path(shutil.copytree(made, folder / "alpha")), folder / "alpha.tar"
    (home / "files" / QUOTE[0]).write_bytes(QUOTE[1])
    done = nodes.run("backup", "--home", home, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["organisation"] == 1
    return out


@pytest.fixture
def backup(home: Path, backed_up: Path, tmp_path: Path) -> Path:
    """A backup of one's own node, with one file in it."""
    (home / "files" / QUOTE[0]).write_bytes(QUOTE[1])
    return Path(shutil.copy(backed_up, tmp_path / "alpha.tar"))


def rewrite(backup: Path, act) -> Path:
    """Write the backup anew, each member as `act(name, content)` returns it; None leaves it out."""
    out = backup.with_name("other.tar")
    with tarfile.open(backup) as old, tarfile.open(out, "w") as new:
        for info in old:
            file = old.extractfile(info)
            assert file
            content = act(info.name, file.read())
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return out


def test_the_keys_currency_and_time_zone_of_the_node_come_back_with_it(
    backup: Path, home: Path, tmp_path: Path
) -> None:
    made = {path.name: path.read_bytes() for path in (home / "keys").iterdir()}
    assert len(made) == 1
    other = tmp_path / "other"
    done = nodes.run("restore", "--home", other, backup)
    assert done.returncode == 0, done.stderr
    kept = [path for path in (other / "keys").iterdir() if path.name in made]
    assert {path.name: path.read_bytes() for path in kept} == made
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert json.loads((other / "defaults.json").read_text()) == {
        "currency": "NOK",
        "time_zone": "Europe/Oslo",
    }


def test_a_key_whose_thumbprint_begins_with_a_dash_is_kept_too() -> None:
    assert manifest.is_safe("keys/-pwO3f3MhHaskVvtbxaW3mM-3ZWuG9YsuPyOQrSvOoA.json")
    assert not manifest.is_safe("keys/../secret_key")
    assert not manifest.is_safe("keys/.hidden")


def test_it_comes_back_in_an_empty_folder(backup: Path, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    done = nodes.run("restore", "--home", other, backup)
    assert done.returncode == 0, done.stderr
    assert "Content that was corrected after this backup was made is as it was then" in done.stdout
    assert "no differences" in done.stdout
    assert name_of(other) == "Alpha Institute"
    assert (other / "secret_key").read_text() == (home / "secret_key").read_text()
    assert (other / "files" / ("a" * 64)).read_bytes() == b"a quote"
    assert other.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in other.glob("*") if path.is_file()} == {0o600}


def test_it_replaces_a_node_only_when_told_so_and_keeps_the_old(backup: Path, home: Path) -> None:
    change(home, "UPDATE records_home SET name = 'Changed' WHERE id = 1")
    refused = nodes.run("restore", "--home", home, backup)
    assert refused.returncode == 1
    assert "Add --yes to do so." in refused.stderr
    assert name_of(home) == "Changed"
    done = nodes.run("restore", "--home", home, backup, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert name_of(home) == "Alpha Institute"
    aside = next(Path(path) for path in json.loads(done.stdout)["aside"] if "sqlite3" in path)
    connection = sqlite3.connect(aside)
    assert connection.execute("SELECT name FROM records_home WHERE id = 1").fetchone() == ("Changed",)
    connection.close()


def test_it_holds_what_was_written_a_moment_before_and_nobody_stays_signed_in(
    home: Path, tmp_path: Path
) -> None:
    running = sqlite3.connect(home / "parkbench.sqlite3")
    running.execute("PRAGMA journal_mode = WAL")
    running.execute("INSERT INTO django_session VALUES ('key', 'data', '2099-01-01')")
    running.execute("UPDATE records_home SET name = 'Only in the log' WHERE id = 1")
    running.commit()
    out, other = tmp_path / "a.tar", tmp_path / "other"
    assert nodes.run("backup", "--home", home, "--out", out).returncode == 0
    running.close()
    assert nodes.run("restore", "--home", other, out).returncode == 0
    assert name_of(other) == "Only in the log"
    connection = sqlite3.connect(other / "parkbench.sqlite3")
    assert connection.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
    connection.close()


def flip(name: str, content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:] if name.startswith("files/") else content


def newer(name: str, content: bytes) -> bytes:
    return content.replace(b'"0002_first_rows"', b'"9999_later"') if name == "manifest.json" else content


def newest(name: str, content: bytes) -> bytes:
    return content.replace(b'"format": 1', b'"format": 2') if name == "manifest.json" else content


def outside(name: str, content: bytes) -> bytes:
    return content.replace(b'"files/', b'"files/../../') if name == "manifest.json" else content


def other_database(name: str, content: bytes) -> bytes:
    return content.replace(b'"sqlite"', b'"postgresql"') if name == "manifest.json" else content


TAMPERED = {
    "a changed byte": (flip, "was changed after it was made"),
    "a member less": (lambda name, content: None if name.startswith("files/") else content, "is missing"),
    "no manifest": (lambda name, content: None if name == "manifest.json" else content, "is no backup"),
    "an unreadable manifest": (
        lambda name, content: b"{" if name == "manifest.json" else content,
        "manifest cannot be read",
    ),
    "a newer version": (newer, "newer version of Parkbench"),
    "a newer format": (newest, "newer version of Parkbench"),
    "a name that leads out": (outside, "a name that cannot be used"),
    "another database": (other_database, "holds a postgresql database"),
}


@pytest.mark.parametrize("fault", TAMPERED)
def test_a_tampered_backup_touches_nothing(backup: Path, home: Path, fault: str) -> None:
    act, said = TAMPERED[fault]
    before = sorted(path.name for path in home.iterdir())
    change(home, "UPDATE records_home SET name = 'Changed' WHERE id = 1")
    done = nodes.run("restore", "--home", home, rewrite(backup, act), "--yes")
    assert done.returncode == 1
    assert said in done.stderr
    assert name_of(home) == "Changed"
    assert sorted(path.name for path in home.iterdir() if path.name != "serve.lock") == before


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_short_touches_nothing(backup: Path, tmp_path: Path, share: float) -> None:
    content = backup.read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(content[: int(len(content) * share)])
    done = nodes.run("restore", "--home", tmp_path / "other", cut)
    assert done.returncode == 1
    assert "no backup of Parkbench" in done.stderr
    assert not (tmp_path / "other" / "parkbench.sqlite3").exists()


def test_a_running_node_is_not_replaced(backup: Path, home: Path) -> None:
    with nodes.serving(home, nodes.free_port()):
        done = nodes.run("restore", "--home", home, backup, "--yes")
    assert (done.returncode, done.stderr) == (1, f"Parkbench is running in {home} already. Stop it first.\n")


def test_it_keeps_as_many_as_told(home: Path) -> None:
    folder = home / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"parkbench-2020010{day}-000000.tar").touch()
    (folder / "mine.tar").touch()
    assert nodes.run("backup", "--home", home, "--keep", "2").returncode == 0
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 3
    assert left[:2] == ["mine.tar", "parkbench-20200103-000000.tar"]


def test_a_folder_that_is_not_there_is_said(home: Path, tmp_path: Path) -> None:
    done = nodes.run("backup", "--home", home, "--out", tmp_path / "none" / "a.tar")
    assert done.returncode == 1
    assert "There is no folder" in done.stderr


def test_verify_after_a_restore_tells_of_what_was_tampered_with_before(home: Path, tmp_path: Path) -> None:
    change(home, "UPDATE programme_organisation SET name = 'Forged'")
    out, other = tmp_path / "a.tar", tmp_path / "other"
    assert nodes.run("backup", "--home", home, "--out", out).returncode == 0
    done = nodes.run("restore", "--home", other, out, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["list"][0]["found"] == "Forged"
    repaired = nodes.run("verify", "--home", other, "--repair", "--json")
    assert (repaired.returncode, json.loads(repaired.stdout)) == (
        0,
        {"differences": 0, "repaired": 1, "list": []},
    )
