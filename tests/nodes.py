"""Real nodes for tests: their own folder, processes and port, driven by the command line."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
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
    """Run `parkbench` to its end, in a process of its own."""
    command, environment = [*COMMAND, *map(str, arguments)], surroundings(**settings)
    # Coverage starts itself in fresh interpreters only; two commands at once need two interpreters.
    if "COVERAGE_RCFILE" not in os.environ and _one_at_a_time.acquire(blocking=False):
        try:
            return _forked(command, environment)
        finally:
            _one_at_a_time.release()
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )


SECONDS = 120
"""The longest that a command may take."""
_one_at_a_time = threading.Lock()
_forerunners: list[subprocess.Popen[str]] = []


def _forked(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Let the forerunner fork itself into the command; its output goes through files."""
    runner = _forerunner()
    assert runner.stdin
    assert runner.stdout
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        wish = {"arguments": command[len(COMMAND) :], "surroundings": environment}
        runner.stdin.write(json.dumps({**wish, "out": out.name, "err": err.name}) + "\n")
        runner.stdin.flush()
        ready, _, _ = select.select([runner.stdout], [], [], SECONDS)
        answer = runner.stdout.readline() if ready else ""
        if not answer:
            _forerunners.clear()
            runner.kill()
            raise subprocess.TimeoutExpired(command, SECONDS)
        said, complained = (Path(one.name).read_text(encoding="utf-8") for one in (out, err))
    return subprocess.CompletedProcess(command, int(answer), said, complained)


def _forerunner() -> subprocess.Popen[str]:
    """The forerunner of this process, started when first needed; it ends when its input does."""
    if not _forerunners:
        script = Path(__file__).with_name("forerunner.py")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started = subprocess.Popen(
            [sys.executable, "-P", str(script)], env=surroundings(), text=True, **pipes
        )
        _forerunners.append(started)
        atexit.register(_end, started)
    return _forerunners[0]


def _end(runner: subprocess.Popen[str]) -> None:
    runner.kill()
    runner.communicate()


def init(home: Path, **wish: str) -> subprocess.CompletedProcess[str]:
    """Make node alpha, or what the wish says."""
    asked = {"organisation": "Alpha Institute", "url": URL, "admin": "ada@alpha.example"} | wish
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    return run("init", "--home", home, *options, "--json")


def once(folder: Path, **wish: str) -> Path:
    """Return node alpha, or what the wish says, made by whichever worker of a run comes first."""
    home = folder / "node"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            done = init(folder / "making", **wish)
            assert done.returncode == 0, done.stderr
            (folder / "making").rename(home)
    return home


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
