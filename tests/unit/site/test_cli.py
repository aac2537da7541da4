"""The command line says what it can do, and what was wrong, with exit codes that mean something."""

from pathlib import Path

import pytest

import nodes


def test_it_lists_our_commands_and_none_of_djangos(tmp_path: Path) -> None:
    done = nodes.run("--help", "--home", tmp_path)
    assert done.returncode == 0
    listed = {line.split()[0] for line in done.stdout.splitlines() if line[:1].islower()}
    assert {"init", "serve", "check", "backup", "restore", "verify", "export", "django"} <= listed
    assert not {"shell", "runserver", "dumpdata", "db_worker", "migrate"} & listed


def test_it_says_its_version() -> None:
    assert nodes.run("--version").stdout.startswith("parkbench 0.")


def test_it_offers_the_nearest_command() -> None:
    done = nodes.run("verfy")
    assert done.returncode == 2
    assert done.stderr == (
        "There is no command 'verfy'. Did you mean: parkbench verify? See them all with: parkbench --help\n"
    )


@pytest.mark.parametrize("place", ["before", "after", "joined"])
def test_home_stands_anywhere(tmp_path: Path, place: str) -> None:
    home = tmp_path / "none"
    arguments: dict[str, list[str | Path]] = {
        "before": ["--home", home, "verify"],
        "after": ["verify", "--home", home],
        "joined": [f"--home={home}", "verify"],
    }
    done = nodes.run(*arguments[place])
    assert done.returncode == 2
    assert done.stderr.startswith(f"There is no node in {home}. Make one with: parkbench init --home {home} ")


def test_home_needs_a_folder() -> None:
    done = nodes.run("verify", "--home")
    assert (done.returncode, done.stderr) == (
        2,
        "--home needs the folder of a node, such as --home /srv/parkbench.\n",
    )


def test_a_bad_setting_is_named() -> None:
    done = nodes.run("verify", PARKBENCH_HOME="somewhere")
    assert done.returncode == 2
    assert "PARKBENCH_HOME" in done.stderr
    assert "an absolute path" in done.stderr


def test_a_missing_option_is_wrong_use(tmp_path: Path) -> None:
    done = nodes.run("init", "--home", tmp_path / "a")
    assert done.returncode == 2
    assert "--organisation" in done.stderr


def test_djangos_commands_are_still_there(home: Path) -> None:
    done = nodes.run("django", "--home", home, "showmigrations", "site")
    assert (done.returncode, done.stdout) == (0, "site\n [X] 0001_initial\n")


def test_a_damaged_database_is_said_without_a_trace(home: Path) -> None:
    (home / "parkbench.sqlite3").write_bytes(b"no database" * 1000)
    done = nodes.run("verify", "--home", home)
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer as it should: ")
    assert "Traceback" not in done.stderr


def test_a_database_without_tables_says_how_to_make_them(home: Path) -> None:
    (home / "parkbench.sqlite3").write_bytes(b"")
    done = nodes.run("verify", "--home", home)
    assert done.returncode == 1
    assert "parkbench django migrate" in done.stderr


def test_who_reads_only_the_beginning_gets_no_complaint(home: Path) -> None:
    import subprocess

    with subprocess.Popen(
        [*nodes.COMMAND, "check", "--home", str(home)],
        env=nodes.surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
