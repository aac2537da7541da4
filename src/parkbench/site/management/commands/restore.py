"""`parkbench restore`: put a backup back."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.site import node
from parkbench.site.backups.manifest import Manifest
from parkbench.site.backups.restoring import Restored, read_manifest, restore
from parkbench.site.management.commands.verify import gather, report
from parkbench.site.serving.starting import alone

WARNING = (
    "Content that was corrected after this backup was made is as it was then. Partners read everything again "
    "from the start, and what is held of them is hidden until they were read."
)
NARROWED = "{count} withdrawals that were made after the backup are done again."
PAUSED = (
    "WARNING: the log of withdrawals is not in the folder, so what was withdrawn after the backup may be "
    "shared again. The exchange with partners is paused until an administrator has looked at the sharing "
    "policy and at the records that changed since, and goes on on the page Partners."
)


class Command(BaseCommand):
    """Puts a backup in the place of what is in the node's folder."""

    help = "Put a backup back, into an empty folder or in the place of a node; the old is kept aside."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("file", type=Path, metavar="FILE", help="a file that backup wrote")
        parser.add_argument(
            "--yes", action="store_true", help="replace the node that is in the folder, unasked"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, ask, put back, verify, report; exit 1 when what was put back does not agree with itself."""
        file = options["file"].expanduser().absolute()
        said = read_manifest(file)
        if node.is_here() and not options["yes"]:
            _ask(said)
        with node.private_files():
            node.open_folder()
            with alone():
                done = restore(file=file)
        differences, count = gather()
        if options["json"]:
            shown = [asdict(found) for found in differences]
            reports.as_json({**asdict(done), "differences": count, "list": shown, "warning": WARNING})
        else:
            _tell(done)
            report(differences, count)
        if count:
            sys.exit(1)


def _ask(said: Manifest) -> None:
    question = (
        f"There is a node in {node.home()}. Replace it by the backup of {said.organisation} "
        f"from {said.made_at}? The old one is kept aside."
    )
    if not sys.stdin.isatty():
        raise Refused(f"{question} Add --yes to do so.")
    reports.aside(f"{question} Type yes:")
    if sys.stdin.readline().strip().lower() != "yes":
        raise Refused("Nothing was touched.")


def _tell(done: Restored) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in done.counts.items() if count)
    reports.say(f"Restored {done.organisation} as of {done.made_at} into {done.home}: {counts}.")
    for path in done.aside:
        reports.say(f"Kept aside: {path}. Remove it when all is well.")
    reports.say("Everybody has to sign in again.")
    if done.narrowed:
        reports.say(NARROWED.format(count=done.narrowed))
    if done.is_paused:
        reports.say(f"\n{PAUSED}")
    reports.say(f"\n{WARNING}\n")
