"""Live nodes for the federation tests: each with its own folder, database, port and processes.

A node is a copy of one that was made once for the whole run. Its web process serves; its hand (hand.py) runs
commands and acts beside it, as the command line and the worker would: so a test knows when a pull is over.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodes

HERE = Path(__file__).parent / "federation"
NOTHING: dict[str, Any] = {
    "row": False,
    "seen": False,
    "name": "",
    "price": "",
    "bodies": [],
    "members": [],
    "problems": [],
}
"""What `held` of acts.py says of a record of which nothing is held."""
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


def template(folder: Path) -> Path:
    """Return a node that nobody works on, made once for all workers of a run; see `settle` of acts.py."""
    return nodes.once(folder, url="http://template.localhost")


@dataclass
class Node:
    """A node that answers. Acts are functions of acts.py, which run with the node's surroundings."""

    name: str
    home: Path
    port: int = field(default_factory=nodes.free_port)
    settings: dict[str, str] = field(default_factory=dict)
    _web: subprocess.Popen[bytes] | None = None
    _hand: subprocess.Popen[str] | None = None
    _worker: subprocess.Popen[bytes] | None = None
    _cookie: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def organisation(self) -> str:
        return f"{self.name.title()} Institute"

    def surroundings(self) -> dict[str, str]:
        paths = os.pathsep.join([str(HERE / "clock"), str(HERE)])
        where = nodes.surroundings()
        if where.pop("PYTHONDONTWRITEBYTECODE", ""):  # compiled once for all of these processes, aside
            where["PYTHONPYCACHEPREFIX"] = str(self.home.parents[1] / "compiled")
        return dict(
            where,
            **self.settings,
            PARKBENCH_HOME=str(self.home),
            PYTHONPATH=paths,
            FEDERATION_CLOCK=str(self._clock),
            PARKBENCH_LOG_LEVEL="ERROR",
        )

    @property
    def _clock(self) -> Path:
        return self.home.with_name(f"{self.home.name}.clock")

    def clock(self, seconds: float) -> None:
        """Let this node's clock be wrong by so many seconds, in all its processes at once."""
        draft = self._clock.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.replace(self._clock)

    def start(self) -> None:
        """Start the hand and the web process; `answers` waits for the latter."""
        if not self._clock.exists():
            self.clock(0)
        where, pipe = self.surroundings(), subprocess.PIPE
        self._hand = subprocess.Popen(
            [sys.executable, str(HERE / "hand.py")], env=where, text=True, stdin=pipe, stdout=pipe
        )
        self._serve()

    def _serve(self) -> None:
        command = [sys.executable, "-m", "parkbench.site.serving.children", "web", "--parent"]
        command += [str(os.getpid()), "--port", str(self.port)]
        self._web = subprocess.Popen(command, env=self.surroundings(), stdin=subprocess.DEVNULL)

    def stop_serving(self) -> None:
        """Stop the web process: nobody answers at this node's address."""
        if self._web is not None:
            self._web.terminate()
            self._web.wait(10)
            self._web = None

    def serve_again(self) -> None:
        """Start the web process and wait until it answers."""
        self._serve()
        self.answers()

    def work(self) -> None:
        """Start the worker, which from now on runs what is queued; what waited is forgotten first."""
        self.script(
            "acts.DBTaskResult.objects.all().delete(); acts.Partner.objects.update(ping_wanted_at=None)"
        )
        command = [sys.executable, "-m", "parkbench.site.serving.children", "worker", "--parent"]
        self._worker = subprocess.Popen([*command, str(os.getpid())], env=self.surroundings())

    def rest(self) -> None:
        """Stop the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait(10)
            self._worker = None

    def stop(self) -> None:
        """Stop everything of this node."""
        self.rest()
        if self._hand is not None:
            self._hand.kill()
            self._hand.communicate()
            self._hand = None
        self.stop_serving()
        self._cookie = ""

    def answers(self) -> None:
        """Wait until the node's pages can be read."""
        nodes.wait_until(lambda: nodes.fetch(self.port)[0] == 200)

    def _ask(self, **wish: Any) -> Any:
        assert self._hand is not None, f"{self.name} was stopped"
        assert self._hand.stdin
        assert self._hand.stdout
        self._hand.stdin.write(json.dumps(wish) + "\n")
        self._hand.stdin.flush()
        said = json.loads(self._hand.stdout.readline() or '{"failed": "The hand ended."}')
        assert "failed" not in said, said["failed"]
        return said["done"]

    def do(self, act: str, **given: Any) -> Any:
        """Do or ask something on the node: a function of acts.py."""
        return self._ask(act=act, given=given)

    def script(self, text: str, **given: Any) -> Any:
        """Run a few lines on the node; they read ``given`` and leave what they say in ``said``."""
        return self._ask(script=text, given=given)

    def run(self, *words: str | Path, fails: bool = False) -> str:
        """Run a command of the command line; return what it says, on the error stream when it is to fail."""
        code, out, err = self._ask(arguments=[str(word) for word in words])
        assert code == (1 if fails else 0), (words, code, out, err)
        return str(err or out) if fails else str(out)

    def reports(self, *words: str | Path) -> Any:
        """Run a command that reports in JSON."""
        return json.loads(self.run(*words, "--json"))

    def pulls(self, other: Node, *, fails: bool = False) -> dict[str, Any]:
        """Read a partner's journals by the command line; return the report."""
        code, out, err = self._ask(arguments=["pull", other.url, "--json"])
        assert out, err
        [report] = json.loads(out)["pulls"]
        assert (code, report["ok"]) == ((1, False) if fails else (0, True)), report
        if not fails:
            assert all(journal["fingerprint_ok"] for journal in report["journals"]), report
        return dict(report)

    def get(self, path: str, *, stranger: bool = False) -> tuple[int, str]:
        """Status and text of a page, as the administrator sees it, or a stranger."""
        request = urllib.request.Request(self.url + path)
        if not stranger:
            self._cookie = self._cookie or self.do("sign_in")
            request.add_header("Cookie", f"parkbench_session={self._cookie}")
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def shows(self, uid: str, words: str = "") -> bool:
        """Tell whether the page of an instrument is here, and says these words."""
        status, text = self.get(f"/instruments/{uid}/")
        assert status in (200, 404), (status, text[-3000:])
        return status == 200 and words in text

    def lists(self, words: str) -> bool:
        """Tell whether the machine park, searched for these words, shows them."""
        status, text = self.get(f"/instruments/?home=all&q={urllib.parse.quote(words)}")
        assert status == 200, text
        return f">{words}<" in text

    def partner(self, other: Node) -> dict[str, Any]:
        """What this node knows of a partner."""
        return dict(self.do("partner", url=other.url))

    def page_of(self, other: Node) -> str:
        """The page of a partner, with its ledger."""
        status, text = self.get(f"/partners/{self.partner(other)['id']}/")
        assert status == 200
        return text


@contextmanager
def living(folder: Path, templates: Path, *names: str, **settings: str) -> Iterator[list[Node]]:
    """Nodes that answer; they begin at once, so that two processors are in use."""
    made = [Node(name, folder / name, settings=settings) for name in names]
    try:
        for node in made:
            shutil.copytree(template(templates), node.home)
            node.start()
        for node in made:
            node.do("settle", url=node.url, name=node.organisation)
        for node in made:
            node.answers()
        yield made
    finally:
        for node in made:
            node.stop()


def befriend(one: Node, other: Node) -> None:
    """Make two nodes partners, unless they are: invite, accept, compare, confirm, read."""
    states = [near.partner(far).get("state", "ended") for near, far in ((one, other), (other, one))]
    if states == ["active", "active"] and other.partner(one)["their_state"] == "active":
        return
    for near, far in ((one, other), (other, one)):
        if near.partner(far).get("state", "ended") != "ended":
            near.run("partner", "end", far.url)
        near.do("work", name="exchange.purge_partner")
    code = one.reports("partner", "invite", other.organisation)["code"]
    met = other.reports("partner", "accept", code)
    one.reports("partner", "confirm", other.url, *TERMS, "--fingerprint", met["our_fingerprint"])
    other.reports("partner", "confirm", one.url, *TERMS, "--fingerprint", met["fingerprint"])
    other.pulls(one)
    one.pulls(other)
    # What was queued meanwhile would read once more.
    for node in (one, other):
        node.do("work", name="exchange.pull")


def wait() -> None:
    """Let a second pass: signed instants are whole seconds."""
    time.sleep(1.1)
