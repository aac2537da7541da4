"""`parkbench verify`: is what is shared and shown what the records say?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.lib import reports
from parkbench.records.services import Difference, repair, verify
from parkbench.records.visibility import Viewer

MOST_SHOWN = 50
MOST_KEPT = 10_000


class Command(BaseCommand):
    """Compares journals with policy, rows with sections, history with itself."""

    help = "Compare journals with policy, rows with sections and history with itself."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument(
            "--repair", action="store_true", help="bring rows and journals back in line, then compare again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, repair when asked, report; exit 1 when anything differs at the end."""
        differences, count = gather()
        mended = 0
        if options["repair"] and differences:
            mended = repair(differences=differences, by=Viewer.operator())
            differences, count = gather()
        if options["json"]:
            shown = [asdict(found) for found in differences]
            reports.as_json({"differences": count, "repaired": mended, "list": shown})
        else:
            report(differences, count, mended)
        if count:
            sys.exit(1)


def gather() -> tuple[list[Difference], int]:
    """Return the first 10,000 differences and the number of all."""
    found = verify()
    kept = list(islice(found, MOST_KEPT))
    return kept, len(kept) + sum(1 for _ in found)


def report(differences: list[Difference], count: int, mended: int = 0) -> None:
    """Write what was found for people."""
    if mended:
        reports.say(f"Repaired {mended} records.")
    if not count:
        reports.say("Journals, rows and history agree: no differences.")
        return
    rows = (
        (found.check, found.kind, found.uid or "", found.section, found.expected, found.found)
        for found in differences[:MOST_SHOWN]
    )
    reports.table(("Check", "Kind", "Record", "Part", "Expected", "Found"), rows)
    more = f"; the first {MOST_SHOWN} are shown" if count > MOST_SHOWN else ""
    reports.say(f"\n{count} differences{more}.")
