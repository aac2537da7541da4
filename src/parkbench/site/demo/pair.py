"""Two sample nodes: made at the same time, partnered by the real handshake, served together."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import reverse

from parkbench.exchange.models import Partner
from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.records.queries import own_home
from parkbench.site import node
from parkbench.site.demo import acts
from parkbench.site.demo.doorway import new_secret
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.institute import Institute
from parkbench.site.demo.making import is_sample_here
from parkbench.site.demo.other import Other
from parkbench.site.demo.second import SECOND
from parkbench.site.serving.running import run_node
from parkbench.site.serving.starting import alone, bring_up_to_date, check_port
from parkbench.site.serving.supervisor import Child, answers, stop_all

HOST = "127.0.0.1"
FOLDER = "neighbour"
"""Where the second node lies in the folder of the first."""
MET = "met"
"""The file in its folder that says that both are partners, and what is to be looked at, as JSON."""
COOKIE = "parkbench_neighbour"
START_SECONDS = 60.0
_BROKEN_OFF = (
    "The making of the two sample nodes in {home} was broken off. "
    "Remove that folder, then run the command again."
)


@dataclass(frozen=True)
class Pair:
    """Where two nodes are and where they listen: the first in this node's folder, the second within it."""

    home: Path
    port: int

    @property
    def other_home(self) -> Path:
        """The folder of the second node."""
        return self.home / FOLDER

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of both."""
        return self.port, self.port + 1

    @property
    def urls(self) -> tuple[str, str]:
        """Where a browser finds both."""
        return f"http://{HOST}:{self.port}", f"http://{HOST}:{self.port + 1}"

    @property
    def is_met(self) -> bool:
        """Whether both are made and partners."""
        return (self.other_home / MET).is_file()

    @property
    def surroundings(self) -> dict[str, str]:
        """The settings of the second node; cookies know hosts, not ports, so it needs one of its own."""
        return {"PARKBENCH_HOME": str(self.other_home), "PARKBENCH_SESSION_COOKIE": COOKIE}

    def check(self) -> None:
        """Raise Refused in words when the two cannot be made or run; nothing is written before."""
        if os.environ.get("PARKBENCH_DATABASE_URL") or os.environ.get("PARKBENCH_DATABASE_URL_FILE"):
            raise Refused(
                "Two sample nodes need a database each, and PARKBENCH_DATABASE_URL names one. "
                "Unset it, or add --alone to make the first node only."
            )
        for port in self.ports:
            if not 1 <= port <= 65_535:
                raise Refused(f"Two ports are needed, --port and the one after it; {port} is none.")
            check_port(HOST, port)
        if not is_sample_here():
            return
        if own_home().address not in (self.urls[0], self.urls[0].replace(HOST, "localhost")):
            raise Refused(
                f"The sample node in {self.home} was made for {own_home().address}, and partners know it by "
                "that address. Start it at that port with --port, or choose another folder with --home."
            )
        if not self.is_met and Partner.objects.exists():
            raise Refused(_BROKEN_OFF.format(home=self.home))

    def make(self, size: int) -> dict[str, Any]:
        """Make what is missing, let both meet, and report."""
        began = time.monotonic()
        other = Other(self.surroundings)
        try:
            # Node two is within the folder of node one: that one is to be there, and ours, before.
            with node.private_files():
                node.make_folder()
            other.begin("make", url=self.urls[1], key=SECOND.key, size=size)
            made = acts.make(url=self.urls[0], key=FIRST.key, size=size)
            theirs = other.result()
            if not made["is_new"]:
                with alone():
                    bring_up_to_date()
            reports.aside("Both are made. Now they become partners.")
            with self._answering():
                _meet(other)
            signs = [acts.look(), other.ask("look")]
        finally:
            other.close()
        (self.other_home / MET).write_text(json.dumps(signs), encoding="utf-8")
        return {
            **{name: value for name, value in made.items() if name != "is_new"},
            "partner_instruments": theirs.get("instruments", 0),
            "seconds": round(time.monotonic() - began, 1),
        }

    def signs(self) -> list[dict[str, Any]]:
        """Return what to look at in each node, with the path of a new link for its director."""
        kept = json.loads((self.other_home / MET).read_text(encoding="utf-8"))
        homes = (self.home, self.other_home)
        return [
            {"url": url, "path": reverse("demo-sign-in", args=[new_secret(home)]), **signs}
            for url, home, signs in zip(self.urls, homes, kept, strict=True)
        ]

    def run(self) -> int:
        """Serve both until Ctrl-C; return the exit code."""
        where = ("--host", HOST, "--port", str(self.ports[1]))
        beside = [Child("node", where, self.surroundings)]
        return run_node(host=HOST, port=self.port, beside=beside)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Have both answer while they meet: their pages alone, no jobs."""
        wheres = [("--host", HOST, "--port", str(port)) for port in self.ports]
        webs = [Child("web", wheres[0]), Child("web", wheres[1], self.surroundings)]
        try:
            for web in webs:
                web.start()
            deadline = time.monotonic() + START_SECONDS
            while not all(answers(HOST, port) for port in self.ports):
                if time.monotonic() > deadline or any(web.ended() is not None for web in webs):
                    raise Refused("The sample nodes do not come up; the lines above say why.")
                time.sleep(0.1)
            yield
        finally:
            stop_all(webs)


def _meet(other: Other) -> None:
    """Let both become partners, share, read, and take back: one as `acts` here, one by its own process."""
    invited = acts.invite(name=SECOND.name)
    accepted = other.ask("accept", code=invited["code"])
    acts.confirm(heard=accepted["our_fingerprint"], their_signatory=_director(SECOND))
    other.ask("confirm", heard=invited["fingerprint"], their_signatory=_director(FIRST))
    other.begin("share")
    acts.share()
    other.result()
    acts.gather()
    acts.pull()
    other.ask("pull")
    acts.withdraw()
    other.ask("withdraw")
    # Each of them reads, removes what was withdrawn, and sends a receipt for it.
    other.ask("pull")
    acts.pull()
    acts.note()
    other.ask("note")
    other.begin("settle")
    acts.settle()
    other.result()


def _director(institute: Institute) -> str:
    return next(one.name for one in institute.people if one.email == institute.director)
