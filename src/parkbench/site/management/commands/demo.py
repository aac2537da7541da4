"""`parkbench demo`: a node with a fictional institute, to look around in."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.records.models import Home
from parkbench.records.queries import own_home
from parkbench.site import node
from parkbench.site.demo.doorway import new_secret
from parkbench.site.demo.institute import DIRECTOR, NAME
from parkbench.site.demo.making import make_sample_node


class Command(BaseCommand):
    """Makes the sample node where there is none, then serves it."""

    help = "Make a node of a fictional institute with sample data, and run it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--port", type=int, default=8001, help="where to listen (default: 8001)")
        parser.add_argument("--no-serve", action="store_true", help="make it, and do not run it")
        parser.add_argument("--json", action="store_true", help="report as JSON; only with --no-serve")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, report, run."""
        if options["json"] and not options["no_serve"]:
            raise Refused("--json reports what was made; add --no-serve.")
        report = _made(f"http://localhost:{options['port']}")
        if options["json"]:
            reports.as_json(report)
            return
        _tell(report)
        if options["no_serve"]:
            reports.say(f"Run it with: parkbench demo --home {node.home()}")
            return
        secret = new_secret()
        reports.say(
            f"\nOnce it runs, you are signed in as its director ({DIRECTOR}) with this link, once:\n"
            f"  http://127.0.0.1:{options['port']}/demo/{secret}/\n"
        )
        call_command("serve", port=options["port"])


def _made(url: str) -> dict[str, Any]:
    """Make the node unless it is there; raise Refused when the folder holds a node that is no sample."""
    if _is_sample_here():
        return {"home": str(node.home()), "organisation": NAME, "is_new": False}
    began = time.monotonic()
    reports.aside("Making a node with sample data; this takes some seconds.")
    made = make_sample_node(url=url)
    return {
        "home": str(node.home()),
        "organisation": NAME,
        "is_new": True,
        "instruments": made.instruments,
        "refused": made.refused,
        "seconds": round(time.monotonic() - began, 1),
    }


def _is_sample_here() -> bool:
    """Tell whether a finished sample node is here; one whose making was broken off is made anew."""
    if not node.is_here() or Home._meta.db_table not in connection.introspection.table_names():
        return False
    here = own_home()
    if here.address == node.NO_ADDRESS:
        return False
    if not here.is_sample:
        raise Refused(
            f"{node.home()} holds a real node, {here.name}. Sample data never goes there. "
            "Choose another folder with --home."
        )
    return True


def _tell(report: dict[str, Any]) -> None:
    if report["is_new"]:
        reports.say(
            f"Made {report['organisation']} in {report['home']}: {report['instruments']} instruments; "
            f"the imports left {report['refused']} rows out, to be looked at."
        )
    else:
        reports.say(f"{report['organisation']} is in {report['home']} already.")
