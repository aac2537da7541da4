"""Real nodes for tests: their own folder, processes and port, driven by the command line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

URL = "https://alpha.example"
COMMAND = (sys.executable, "-m", "parkbench.site.cli")


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a command: none of the settings that the tests themselves run under."""
    mine = {
        name: value for name, value in os.environ.items() if not name.startswith(("PARKBENCH_", "DJANGO_"))
    }
    return mine | more


def run(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `parkbench` to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=surroundings(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def init(home: Path, **wish: str) -> subprocess.CompletedProcess[str]:
    """Make node alpha, or what the wish says."""
    asked = {"organisation": "Alpha Institute", "url": URL, "admin": "ada@alpha.example"} | wish
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    return run("init", "--home", home, *options, "--json")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(port: int, path: str = "/healthz") -> tuple[int, str]:
    """Status and text of a page; 0 while nothing answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_until(what, seconds: float = 90.0):
    """Wait for something to come true; return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError(f"Not within {seconds} s.")


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A node that answers."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--home", str(home), "--port", str(port)],
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: fetch(port)[0] == 200 or process.poll() is not None)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
