"""`parkbench serve`: run the node."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.records.queries import own_home
from parkbench.site import node
from parkbench.site.serving.starting import alone, bring_up_to_date, check_is_founded, check_port
from parkbench.site.serving.supervisor import Supervisor, loopback_of


class Command(BaseCommand):
    """Runs the web process, the worker and the scheduler until it is stopped."""

    help = "Run the node: pages, queued jobs and recurring jobs, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--port", type=int, default=8000, help="where to listen (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="on which address (default: 127.0.0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, bring up to date, run."""
        host, port = options["host"], options["port"]
        if not 1 <= port <= 65_535:
            raise Refused(f"A port is a number from 1 to 65535, not {port}.")
        with node.private_files(), alone():
            check_port(host, port)
            for sentence in bring_up_to_date():
                reports.say(sentence)
            check_is_founded()
            here = own_home()
            connections.close_all()

            def ready() -> None:
                reports.say(
                    f"{here.name} runs at http://{loopback_of(host)}:{port}/ (its address: {here.address}). "
                    "Stop it with Ctrl-C."
                )

            code = Supervisor(host=host, port=port, say=reports.aside, on_ready=ready).run()
        if code:
            sys.exit(code)
        reports.say("Stopped.")
