"""First contact between two live nodes, each with its own process, port and folder, by the command line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import living
import nodes

TERMS = (
    "--terms-version",
    "1.0",
    "--signatory",
    "Ada",
    "--their-signatory",
    "Bea",
    "--signed-on",
    "2026-03-01",
)


@dataclass(frozen=True)
class Node:
    """A node that answers."""

    name: str
    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return nodes.run(*words, "--home", self.home)

    def partner(self, *words: str) -> Any:
        """Run `parkbench partner` and return what it reports."""
        done = self.run("partner", *words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def kept(self, column: str) -> Any:
        """What the node's database says of its one partner; quicker to ask than the command line."""
        with sqlite3.connect(f"file:{self.home / 'parkbench.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(f"SELECT {column} FROM exchange_partner").fetchone()[0]

    def refused(self, *words: str) -> str:
        done = self.run("partner", *words)
        assert done.returncode == 1, done.stdout
        return done.stderr


@pytest.fixture(scope="module")
def pair(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """Alpha and beta, both serving, each with the worker that reads when something is queued."""
    with living.living(tmp_path_factory.mktemp("strangers"), templates, "alpha", "beta") as made:
        for node in made:
            node.work()
        alpha, beta = (Node(node.name, node.home, node.port) for node in made)
        yield alpha, beta


def answered(url: str, body: bytes) -> tuple[int, str]:
    """Post to a node; status and text."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_two_nodes_meet_confirm_each_other_read_and_part(pair: tuple[Node, Node]) -> None:
    alpha, beta = pair
    code = alpha.partner("invite", "Beta")["code"]
    met = beta.partner("accept", code)
    assert (met["partner"], met["state"], met["node"]) == ("Alpha Institute", "pending", alpha.url)
    assert "does not take this invitation" in beta.refused("accept", code)
    [waiting] = alpha.partner("list")
    assert (waiting["partner"], waiting["state"], waiting["node"]) == ("Beta Institute", "pending", beta.url)
    # What each reads to the other by telephone.
    assert waiting["fingerprint"] == met["our_fingerprint"]
    assert waiting["our_fingerprint"] == met["fingerprint"]
    assert len(met["fingerprint"].split()) == 8

    first = alpha.partner("confirm", "Beta Institute", *TERMS, "--fingerprint", waiting["fingerprint"])
    assert (first["state"], first["their_state"]) == ("active", "")
    # Beta has not confirmed: it gives alpha nothing.
    nodes.wait_until(lambda: alpha.kept("problem"))
    assert alpha.kept("verified_at") is None

    beta.partner("confirm", alpha.url, *TERMS, "--fingerprint", met["fingerprint"])
    nodes.wait_until(lambda: beta.kept("their_state") == "active")
    alpha.run("pull")
    nodes.wait_until(lambda: alpha.kept("their_state") == "active")
    assert alpha.kept("verified_at")

    alpha.partner("end", "Beta Institute")
    beta.run("pull")
    nodes.wait_until(lambda: beta.kept("their_state") == "ended")


def test_answers_that_prove_nothing_are_refused_alike(pair: tuple[Node, Node]) -> None:
    alpha, _beta = pair
    url = f"{alpha.url}/exchange/v1/invitations"
    name, mac = "0" * 32, "A" * 43
    forged = json.dumps({"invitation": name, "document": "{}", "mac": mac}).encode()
    statuses = [answered(url, body) for body in (b"", b"{}", b"[" * 2000, forged)]
    assert {status for status, _text in statuses} == {403}
    assert len({text for _status, text in statuses}) == 1
    assert answered(url, b" " * 70_000)[0] == 413
    assert nodes.fetch(alpha.port, "/exchange/v1/invitations")[0] == 405
