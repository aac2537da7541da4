"""`parkbench serve`: run the node."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.lib import reports
from parkbench.site.serving.running import run_node


class Command(BaseCommand):
    """Runs the web process, the worker and the scheduler until it is stopped."""

    help = "Run the node: pages, queued jobs and recurring jobs, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--port", type=int, default=8000, help="where to listen (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="on which address (default: 127.0.0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, bring up to date, run."""
        code = run_node(host=options["host"], port=options["port"])
        if code:
            sys.exit(code)
        reports.say("Stopped.")
