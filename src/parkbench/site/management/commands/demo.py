"""`parkbench demo`: two nodes of fictional institutes that are partners, to look around in."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.site import node
from parkbench.site.demo import acts
from parkbench.site.demo.doorway import new_secret
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.pair import HOST, Pair
from parkbench.site.demo.second import SECOND
from parkbench.site.serving.running import run_node

FEWEST, MOST = 40, 1_000


class Command(BaseCommand):
    """Makes the sample nodes where there are none, then serves them."""

    help = "Make the nodes of two fictional institutes with sample data, as partners, and run them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument(
            "--port", type=int, default=8001, help="where the first listens, the second one above (8001)"
        )
        parser.add_argument("--alone", action="store_true", help="the first node only, without a partner")
        parser.add_argument(
            "--instruments", type=int, default=FIRST.standing, metavar="N",
            help=f"how many the first has, the second two fifths of that (default: {FIRST.standing})",
        )  # fmt: skip
        parser.add_argument("--no-serve", action="store_true", help="make them, and do not run them")
        parser.add_argument("--json", action="store_true", help="report as JSON; only with --no-serve")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, report, run."""
        if options["json"] and not options["no_serve"]:
            raise Refused("--json reports what was made; add --no-serve.")
        if not FEWEST <= options["instruments"] <= MOST:
            raise Refused(f"--instruments takes a number from {FEWEST} to {MOST}.")
        code = _one(options) if options["alone"] else _two(options)
        if code:
            sys.exit(code)


def _two(options: dict[str, Any]) -> int:
    pair = Pair(node.home(), options["port"])
    pair.check()
    report = {"home": str(node.home()), "organisation": FIRST.name, "partner": SECOND.name, "is_new": False}
    if not pair.is_met:
        reports.aside("Making two nodes with sample data; this takes a minute at most on an idle machine.")
        report |= {"is_new": True, **pair.make(options["instruments"])}
    if _reported(report, options):
        return 0
    for signs in pair.signs():
        _point(signs)
    reports.say("\nStop both with Ctrl-C.\n")
    return _stopped(pair.run())


def _one(options: dict[str, Any]) -> int:
    began = time.monotonic()
    reports.aside("Looking for a node with sample data, or making one; that takes some seconds.")
    url = f"http://{HOST}:{options['port']}"
    made = acts.make(url=url, key=FIRST.key, size=options["instruments"])
    report = {"home": str(node.home()), "organisation": FIRST.name, **made}
    if made["is_new"]:
        report["seconds"] = round(time.monotonic() - began, 1)
    if _reported(report, options):
        return 0
    reports.say(
        f"\nOnce it runs, you are signed in as its director ({FIRST.director}) with this link, once:\n"
        f"  {url}{reverse('demo-sign-in', args=[new_secret()])}\n"
    )
    return _stopped(run_node(host=HOST, port=options["port"]))


def _reported(report: dict[str, Any], options: dict[str, Any]) -> bool:
    """Report what was made; tell whether that is all."""
    if options["json"]:
        reports.as_json(report)
        return True
    _tell(report)
    if options["no_serve"]:
        alone = " --alone" if options["alone"] else ""
        reports.say(f"Run it with: parkbench demo --home {node.home()} --port {options['port']}{alone}")
    return bool(options["no_serve"])


def _tell(report: dict[str, Any]) -> None:
    names = " and ".join(report[name] for name in ("organisation", "partner") if name in report)
    if not report["is_new"]:
        reports.say(f"{names}: in {report['home']} already.")
        return
    counts = " and ".join(
        f"{report[name]}" for name in ("instruments", "partner_instruments") if report.get(name)
    )
    said = f"Made {names} in {report['home']}"
    if counts:
        said += f": {counts} instruments"
    if report.get("refused"):
        said += f"; the imports left {report['refused']} rows out, to be looked at"
    reports.say(f"{said}.")


def _point(signs: dict[str, Any]) -> None:
    """Say where one comes in, and what to look at."""
    url = signs["url"]
    lines = [
        f"\n{signs['name']}",
        f"  Once it runs, this link signs you in as its director ({signs['who']}), once:",
        f"    {url}{signs['path']}",
        "  Then look at the partner, what it shares, the sharing ledger; “Preview as” shows our node as it "
        "holds it:",
        f"    {url}{signs['partner']}",
        "  at the machine park of both:",
        f"    {url}{signs['park']}",
    ]
    if signs["noted"]:
        lines += ["  at an instrument of the partner's with a note of our own:", f"    {url}{signs['noted']}"]
    if signs["group"]:
        lines += ["  at a group, its purpose and its member:", f"    {url}{signs['group']}"]
    lines += [
        f"  Withdraw the prices of “{signs['service']}”, and watch the partner's page go from “told” to "
        "“removed, confirmed”:",
        f"    {url}{signs['sharing']}",
    ]
    reports.say("\n".join(lines))


def _stopped(code: int) -> int:
    if not code:
        reports.say("Stopped.")
    return code
