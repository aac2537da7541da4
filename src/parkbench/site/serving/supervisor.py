"""The supervisor: starts the processes of a node, starts again what ends, stops all of them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

STOP_SECONDS = 8.0
"""How long the processes get to end by themselves; all is over within 10 seconds."""

LONG_LIFE = 60.0
LONGEST_WAIT = 30.0
MOST_FALSE_STARTS = 3
ROUND_SECONDS = 0.25


@dataclass
class Child:
    """One process under the supervisor, and how often it ended lately.

    ``surroundings`` are settings that it has instead of ours: those of another node.
    """

    role: str
    arguments: tuple[str, ...] = ()
    surroundings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float = 0.0

    def start(self) -> None:
        """Start it, in a session of its own so that Ctrl-C reaches the supervisor alone."""
        command = [sys.executable, "-m", "parkbench.site.serving.children", self.role]
        command += ["--parent", str(os.getpid()), *self.arguments]
        around = {**os.environ, **self.surroundings}
        self.process = subprocess.Popen(command, start_new_session=True, env=around)  # noqa: S603 - our own
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """Return its exit code once it has ended, else None."""
        return self.process.poll() if self.process else None

    def stop(self, deadline: float) -> None:
        """Wait for it to end after it was asked to, then end it with whatever it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait_before_start(self) -> float:
        """Count one failure more and return the seconds to wait: 1, 2, 4 ... 30; a long life is forgiven."""
        now = time.monotonic()
        self.failures = 1 if now - self.started > LONG_LIFE else self.failures + 1
        wait = min(2.0 ** (self.failures - 1), LONGEST_WAIT)
        self.process, self.start_at = None, now + wait
        return wait


class Supervisor:
    """Runs a node until it is told to stop."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        say: Callable[[str], None],
        on_ready: Callable[[], None],
        beside: Sequence[Child] = (),
    ) -> None:
        self.host, self.port, self.say, self.on_ready = host, port, say, on_ready
        where = ("--host", host, "--port", str(port))
        self.children = [Child("web", where), Child("worker"), Child("scheduler"), *beside]
        self.stopping = threading.Event()
        self.is_ready = False

    def run(self) -> int:
        """Start all, watch them, stop all; return 0, or 1 when the web process never came up."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            for child in self.children:
                child.start()
            while not self.stopping.wait(ROUND_SECONDS):
                if not self._look():
                    return 1
        finally:
            self._stop_all()
        return 0

    def _look(self) -> bool:
        """Look after every process once; return False when there is no use in going on."""
        for child in self.children:
            code = child.ended()
            if code is not None:
                if child.role == "web" and not self.is_ready and child.failures + 1 >= MOST_FALSE_STARTS:
                    self.say("The web process does not come up; the lines above say why.")
                    return False
                wait = child.wait_before_start()
                self.say(f"The {child.role} process ended (exit {code}). Starting it again in {wait:.0f} s.")
            elif child.process is None and time.monotonic() >= child.start_at:
                child.start()
        if not self.is_ready and answers(self.host, self.port):
            self.is_ready = True
            self.on_ready()
        return True

    def _stop_all(self) -> None:
        stop_all(self.children)


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to end, wait, and end those that did not, with whatever they started."""
    running = [child for child in children if child.process and child.process.poll() is None]
    for child in running:
        if child.process:
            child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in running:
        child.stop(deadline)


def loopback_of(host: str) -> str:
    """Return an address that this machine reaches itself by, written as in a URL."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"[{host}]" if ":" in host else host


def answers(host: str, port: int) -> bool:
    """Tell whether the web process answers at all; a refusal of the host name is an answer too."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{loopback_of(host)}:{port}/healthz", timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
