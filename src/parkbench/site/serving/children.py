"""The processes under the supervisor: `python -m parkbench.site.serving.children web` and others."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

import django
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from parkbench.site import collector
from parkbench.site.serving.lineage import die_with

BLOCKING_THREADS = 8
KILL_SECONDS = 5


def main() -> None:
    """Become one of the processes."""
    parser = argparse.ArgumentParser(prog="parkbench.site.serving.children")
    parser.add_argument("role", choices=["web", "worker", "scheduler", "node"])
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    chosen = parser.parse_args()
    die_with(chosen.parent)
    if chosen.role == "web":
        _web(chosen.host, chosen.port)
    elif chosen.role == "worker":
        _worker()
    elif chosen.role == "node":
        _node(chosen.host, chosen.port)
    else:
        _scheduler()


def _web(host: str, port: int) -> None:
    """Serve pages; Django is loaded by the process that granian starts, in wsgi.py."""
    Granian(
        "parkbench.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=KILL_SECONDS,
    ).serve()


def _node(host: str, port: int) -> None:
    """Serve a whole other node, the one that PARKBENCH_HOME names, with its own supervisor."""
    from parkbench.site import cli  # noqa: PLC0415 - the other processes do without it

    sys.exit(cli.run(["serve", "--host", host, "--port", str(port)]))


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")
    django.setup()
    collector.spare()


def _worker() -> None:
    _set_up()
    from parkbench.site.serving import worker  # noqa: PLC0415 - Django must be set up first

    worker.run()


def _scheduler() -> None:
    _set_up()
    from parkbench.site.serving import scheduler  # noqa: PLC0415 - Django must be set up first

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler.run(stop)


if __name__ == "__main__":
    main()
