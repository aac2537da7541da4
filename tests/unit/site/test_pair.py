"""Two sample nodes: made and partnered by one command, what each holds of the other, run together."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import nodes
from parkbench.site.demo import acts
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.second import SECOND

SMALL = ("--instruments", "40")


def two_free_ports() -> int:
    """A port that was free a moment ago, like the one after it."""
    for _try in range(50):
        port = nodes.free_port()
        try:
            with hold(port + 1):
                return port
        except OSError:
            continue
    raise AssertionError("There are no two free ports in a row.")


@contextmanager
def hold(port: int) -> Iterator[None]:
    """Listen on a port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        yield


@dataclass(frozen=True)
class Pair:
    """Where the two nodes are."""

    home: Path
    port: int

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        asked = ("demo", "--home", self.home, "--port", str(self.port), *SMALL, *arguments)
        return nodes.run(*asked, PARKBENCH_DATABASE_URL="")

    def asked(self, number: int, question: str) -> list[tuple[Any, ...]]:
        """What the database of the first or the second node says."""
        home = self.home if number == 1 else self.home / "neighbour"
        with sqlite3.connect(f"file:{home / 'parkbench.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(question).fetchall()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two nodes made by the command; look, do not touch."""
    made = Pair(tmp_path_factory.mktemp("pair") / "demo", two_free_ports())
    done = made.run("--no-serve", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["organisation"], report["partner"]) == (FIRST.name, SECOND.name)
    assert (report["instruments"], report["partner_instruments"]) == (40, 16)
    return made


def test_both_are_samples_and_partners_by_the_terms_they_signed(pair: Pair) -> None:
    for number, other in ((1, SECOND), (2, FIRST)):
        assert pair.asked(number, "SELECT is_sample FROM records_home WHERE id = 1") == [(1,)]
        [(name, state, theirs, version, problem)] = pair.asked(
            number,
            "SELECT h.name, p.state, p.their_state, p.terms_version, p.problem "
            "FROM exchange_partner p JOIN records_home h ON h.id = p.home_id",
        )
        assert (name, state, theirs, version, problem) == (other.name, "active", "active", "1.0", "")


def test_each_holds_what_the_other_shares_and_nothing_that_waits_or_was_withdrawn(pair: Pair) -> None:
    for number, other in ((1, 2), (2, 1)):
        held = pair.asked(number, "SELECT uid FROM instruments_instrument WHERE home_id > 2")
        own = pair.asked(
            other, "SELECT uid FROM instruments_instrument WHERE home_id = 1 AND deleted_at IS NULL"
        )
        waiting = pair.asked(
            other,
            "SELECT uid FROM records_sharingexception WHERE kind = 'instrument' AND share_from IS NOT NULL",
        )
        withdrawn = pair.asked(
            other,
            "SELECT uid FROM records_sharingexception "
            "WHERE kind = 'instrument' AND section = 'basics' AND mask = 0",
        )
        assert len(withdrawn) == 1
        assert len(waiting) >= acts.FEW
        assert sorted(held) == sorted(set(own) - set(waiting) - set(withdrawn))


def test_withdrawals_are_confirmed_and_prices_gone(pair: Pair) -> None:
    for number, other in ((1, 2), (2, 1)):
        removed = pair.asked(number, "SELECT sum(removed_count) FROM exchange_receipt WHERE sort = 'removed'")
        assert removed[0][0] >= 4  # prices of a service; basics, capacity and contact of an instrument
        [(uid,)] = pair.asked(
            number, "SELECT uid FROM records_sharingexception WHERE section = 'prices' AND mask = 0"
        )
        question = f"SELECT section FROM records_section WHERE uid = '{uid}'"
        assert {row[0] for row in pair.asked(other, question)} == {"basics", "capacity", "contact"}


def test_the_group_is_told_and_opens_the_economics_of_a_few(pair: Pair) -> None:
    assert pair.asked(1, "SELECT purpose, is_told FROM exchange_circleterms") == [(acts.PURPOSE, 1)]
    [(name, count)] = pair.asked(2, "SELECT name, count FROM records_heldjournal WHERE sort = 'group'")
    assert name == acts.GROUP
    economics = pair.asked(2, "SELECT count(*) FROM records_membership WHERE section = 'economics'")
    assert economics == [(count,)]
    assert count >= 1


def test_each_keeps_a_note_of_its_own(pair: Pair) -> None:
    for number in (1, 2):
        [(text,)] = pair.asked(number, "SELECT text FROM records_localnote")
        assert text.startswith("Sample note")


def test_other_ports_are_refused_because_partners_know_the_first(pair: Pair) -> None:
    done = Pair(pair.home, two_free_ports()).run("--no-serve")
    assert done.returncode == 1
    assert f"was made for http://127.0.0.1:{pair.port}" in done.stderr


def test_what_was_broken_off_is_said_in_words(pair: Pair, tmp_path: Path) -> None:
    half = Pair(Path(shutil.copytree(pair.home, tmp_path / "half")), pair.port)
    (half.home / "neighbour" / "met").unlink()
    done = half.run("--no-serve")
    assert done.returncode == 1
    assert "was broken off" in done.stderr
    assert "Remove that folder" in done.stderr


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path) -> None:
    new = Pair(tmp_path / "new", two_free_ports())
    with hold(new.port + 1):
        done = new.run()
    assert done.returncode == 1
    assert f"listens on port {new.port + 1} already" in done.stderr
    assert not new.home.exists()


def test_one_database_for_two_nodes_is_refused(tmp_path: Path) -> None:
    asked = ("demo", "--home", tmp_path / "new", "--port", str(two_free_ports()))
    done = nodes.run(*asked, PARKBENCH_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "a database each" in done.stderr


def test_it_starts_both_with_a_door_each_and_stops_both(pair: Pair, tmp_path: Path) -> None:
    running = Pair(Path(shutil.copytree(pair.home, tmp_path / "demo")), pair.port)
    with (tmp_path / "said").open("w+") as said:
        process = subprocess.Popen(
            [*nodes.COMMAND, "demo", "--home", running.home, "--port", str(running.port)],
            env=nodes.surroundings(PARKBENCH_DATABASE_URL=""),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            ports = (running.port, running.port + 1)
            nodes.wait_until(lambda: all(nodes.fetch(port)[0] == 200 for port in ports))
            links = re.findall(r"http://127\.0\.0\.1:(\d+)(/demo/\S+)", (tmp_path / "said").read_text())
            assert [int(port) for port, _path in links] == list(ports)
            for port, path in links:
                assert nodes.fetch(int(port), path)[0] == 200
                assert nodes.fetch(int(port), path)[0] == 404  # once, and only there
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
            assert [nodes.fetch(port)[0] for port in ports] == [0, 0]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
