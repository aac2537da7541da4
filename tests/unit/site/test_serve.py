"""Serve runs three processes, keeps them running, and leaves none behind."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import nodes


def family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def role_of(process: psutil.Process) -> str:
    line = process.cmdline()
    return line[3] if len(line) > 3 and line[1] == "-m" else ""


def test_it_answers_shows_its_files_and_stops_cleanly(home: Path) -> None:
    port = nodes.free_port()
    with nodes.serving(home, port) as process:
        assert nodes.fetch(port) == (200, "ok")
        assert nodes.fetch(port, "/static/ui/parkbench.css")[0] == 200
        below = family(process.pid)
        assert {role_of(each) for each in below} == {"web", "worker", "scheduler"}
        nodes.wait_until(lambda: check(home)["worker"] == check(home)["scheduler"] == "ok")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - started < 10
        assert process.stdout
        said = process.stdout.read()
        assert f"Alpha Institute runs at http://127.0.0.1:{port}/" in said
        assert said.endswith("Stopped.\n")
        assert "Warning" not in said
    assert not [each for each in below if each.is_running()]


def check(home: Path) -> dict[str, str]:
    report = json.loads(nodes.run("check", "--home", home, "--json").stdout)
    return {found["name"]: found["state"] for found in report["findings"]}


def test_no_orphan_is_left_when_it_is_killed(home: Path) -> None:
    port = nodes.free_port()
    with nodes.serving(home, port) as process:
        below = family(process.pid)
        assert len(below) == 4
        os.kill(process.pid, signal.SIGKILL)
        nodes.wait_until(lambda: not [each for each in below if each.is_running()], 10)
    with nodes.serving(home, port):
        assert nodes.fetch(port) == (200, "ok")


def test_no_orphan_is_left_when_the_web_process_alone_is_killed(home: Path) -> None:
    port = nodes.free_port()
    with nodes.serving(home, port) as process:
        web = next(each for each in process_children(process.pid) if role_of(each) == "web")
        (page,) = web.children()
        web.kill()
        nodes.wait_until(lambda: not page.is_running(), 10)
        nodes.wait_until(lambda: nodes.fetch(port) == (200, "ok"))


def process_children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children()


Running = tuple[Path, int]
"""The home of a node that runs, and the process that runs it."""


@pytest.fixture(scope="module")
def running(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One node that runs, for the tests that leave it running."""
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("running") / "alpha"))
    with nodes.serving(home, nodes.free_port()) as process:
        yield home, process.pid


def test_a_child_that_dies_is_started_again(running: Running) -> None:
    _home, pid = running
    worker = next(each for each in process_children(pid) if role_of(each) == "worker")
    worker.kill()
    nodes.wait_until(
        lambda: [
            each for each in process_children(pid) if each.pid != worker.pid and role_of(each) == "worker"
        ]
    )


def test_recurring_jobs_run(running: Running) -> None:
    def done() -> list[tuple[str]]:
        connection = sqlite3.connect(running[0] / "parkbench.sqlite3", timeout=20)
        try:
            sql = "SELECT args_kwargs FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'"
            return [row for row in connection.execute(sql) if "records.apply_due" in row[0]]
        finally:
            connection.close()

    nodes.wait_until(done)


def test_a_second_one_in_the_same_folder_is_refused(running: Running) -> None:
    home, _pid = running
    done = nodes.run("serve", "--home", home, "--port", str(nodes.free_port()))
    assert (done.returncode, done.stderr) == (1, f"Parkbench is running in {home} already. Stop it first.\n")


def test_a_port_in_use_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = nodes.run("serve", "--home", home, "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"Something else listens on port {port} already. Choose another one with --port.\n"


def test_a_folder_without_a_node_is_refused(tmp_path: Path) -> None:
    done = nodes.run("serve", "--home", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"There is no node in {tmp_path}.")


def test_a_database_of_a_newer_version_is_refused(home: Path) -> None:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    sql = "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_later', '2026-01-01')"
    connection.execute(sql)
    connection.commit()
    connection.close()
    done = nodes.run("serve", "--home", home, "--port", str(nodes.free_port()))
    assert done.returncode == 1
    assert "a newer version of Parkbench (records.9999_later)" in done.stderr


def test_it_refreshes_the_register_of_another_release(home: Path) -> None:
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    connection.execute("UPDATE site_mark SET text = 'older' WHERE name = 'register'")
    connection.execute("DELETE FROM catalogue_devicemodel")
    connection.commit()
    connection.close()
    port = nodes.free_port()
    with nodes.serving(home, port) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert process.stdout
        assert (
            "Loaded the register of makers, techniques and models of this release." in process.stdout.read()
        )
    connection = sqlite3.connect(home / "parkbench.sqlite3")
    assert connection.execute("SELECT count(*) > 100 FROM catalogue_devicemodel").fetchone() == (1,)
    connection.close()
