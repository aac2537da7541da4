"""`parkbench backup`: write one file that holds the node."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parkbench.lib import reports
from parkbench.site import node
from parkbench.site.backups.making import make


class Command(BaseCommand):
    """Writes the database, the files and the key into one file, while the node runs."""

    help = "Write one file that holds the node: database, files and key. The node may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="where to write (default: DIR/backups/...)"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="keep the newest N backups in that folder only"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and report."""
        out, keep = options["out"], options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number of at least 1.", returncode=2)
        with node.private_files():
            made = make(out=out.expanduser().absolute() if out else None, keep=keep)
        if options["json"]:
            reports.as_json(asdict(made))
            return
        counts = ", ".join(f"{count} {name}" for name, count in made.counts.items() if count)
        reports.say(f"Wrote {made.file} ({made.bytes:,} bytes): {counts}.")
        for name in made.removed:
            reports.say(f"Removed {name}.")
        reports.say("It holds confidential records and the node's key: keep it as safe as the node itself.")
