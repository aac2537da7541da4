"""Nodes to measure on, and commands run in processes of their own, with their seconds and memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from figures import Cost

COMMAND = (sys.executable, "-m", "parkbench.site.cli")
HERE = Path(__file__).parent


class Broken(RuntimeError):
    """A command that is measured did not do what it should."""


@dataclass(frozen=True, kw_only=True)
class Ran(Cost):
    """What a process said and cost, with the MB it held at its peak.

    ``own_mb`` leaves out the pages of files that the system keeps mapped and can drop at any time.
    """

    report: Any
    peak_mb: float
    own_mb: float


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a process that works on a node."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PARKBENCH_", "DJANGO_"))
    }
    return {**plain, "PARKBENCH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "parkbench.site.settings"}


def run(home: Path, *arguments: object, allowed: tuple[int, ...] = (0,)) -> Ran:
    """Run `parkbench` to its end and read its JSON; raises Broken for another exit code."""
    return _measured([*COMMAND, *map(str, arguments), "--json"], home, allowed)


def script(home: Path, name: str, *arguments: object) -> Ran:
    """Run one of the scripts beside this file and read its JSON."""
    return _measured([sys.executable, str(HERE / name), *map(str, arguments)], home, (0,))


def _measured(command: list[str], home: Path, allowed: tuple[int, ...]) -> Ran:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=surroundings(home), stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        own = _Peak(process.pid)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        own.stop()
        out.seek(0)
        err.seek(0)
        if process.returncode not in allowed:
            raise Broken(
                f"{' '.join(command[1:])} ended with {process.returncode}: {err.read()[-3000:].decode()}"
            )
        return Ran(
            report=_read(out.read(), err),
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss / 1024,
            own_mb=own.kilobytes / 1024,
        )


def _read(text: bytes, err: IO[bytes]) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Broken(f"No JSON was reported: {text[:500]!r}; {err.read()[-3000:].decode()}") from error


class _Peak(threading.Thread):
    """Looks ten times a second at how much memory of its own a process holds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.path, self.kilobytes, self._end = Path(f"/proc/{pid}/status"), 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._end.wait(0.1):
            try:
                text = self.path.read_text()
            except OSError:
                return
            for line in text.splitlines():
                if line.startswith("RssAnon"):
                    self.kilobytes = max(self.kilobytes, int(line.split()[1]))

    def stop(self) -> None:
        self._end.set()
        self.join()


def make_node(home: Path) -> Path:
    """Make an empty node and return its folder."""
    wish = (
        "--organisation",
        "Bench Institute",
        "--url",
        "https://bench.example",
        "--admin",
        "ada@bench.example",
    )
    run(home, "init", *wish)
    return home


def database(home: Path) -> Path:
    """The database of a node."""
    return home / "parkbench.sqlite3"


def copied(home: Path, to: Path) -> Path:
    """Copy a node that nobody works on."""
    return Path(shutil.copytree(home, to))
