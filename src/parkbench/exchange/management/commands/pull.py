"""`parkbench pull`: read now what partners share, and say what came of it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.exchange.client import pull, summary
from parkbench.exchange.models import PullRun
from parkbench.exchange.queries.pulls import find_partner, readable_partners
from parkbench.exchange.tables import words
from parkbench.lib import reports


class Command(BaseCommand):
    """Exit code 0: all read; 1: something could not be read, and the report says what."""

    help = "Read now what partners share: all of them, or one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("partner", nargs="?", default="", help="a partner's name or address; else all")
        parser.add_argument("--json", action="store_true", help="report as JSON, journal by journal")

    def handle(self, *args: Any, **options: Any) -> None:
        """Pull, report; exit 1 when anything went wrong."""
        wanted = options["partner"]
        partners = [find_partner(text=wanted)] if wanted else readable_partners()
        runs = [(partner, pull(partner=partner.pk, reason="command")) for partner in partners]
        done = [run for _partner, run in runs if run is not None]
        if options["json"]:
            reports.as_json({"pulls": [summary(run) for run in done]})
        else:
            for partner, run in runs:
                _say(str(partner), run)
            if not partners:
                reports.say("There is no partner yet. Invite one with: parkbench partner invite NAME")
        if any(not run.is_ok for run in done) or len(done) < len(runs):
            sys.exit(1)


def _say(name: str, run: PullRun | None) -> None:
    if run is None:
        reports.say(f"{name}: a pull is running already. Wait for it to end, then ask again.")
        return
    reports.say(f"{name}: {run.problem or _standing(run)}")
    rows = [
        (
            journal["name"] or journal["sort"] or journal["audience"],
            *(journal[column] for column in ("items", "removed", "quarantined", "bytes", "seconds")),
            {True: "yes", False: "NO", None: "not reached"}[journal["fingerprint_ok"]],
        )
        for journal in run.journals
    ]
    if rows:
        reports.table(("Journal", "Items", "Removed", "Quarantined", "Bytes", "Seconds", "Equal"), rows)


def _standing(run: PullRun) -> str:
    """Return what to say after a pull without a problem; that they have ended it is no up to date."""
    run.partner.refresh_from_db()
    return words.next_step(run.partner) if run.partner.has_ended_there else "up to date"
