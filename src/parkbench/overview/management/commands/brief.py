"""`parkbench brief`: write the brief of two pages, about everything or one unit or platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from parkbench.lib import reports
from parkbench.lib.whole import written_whole
from parkbench.overview.queries.brief import brief
from parkbench.overview.queries.part import ALL, uid_named
from parkbench.overview.tables.printing import pdf_of
from parkbench.records.visibility import Viewer


class Command(BaseCommand):
    """Writes what the page *Print brief* sends, as the operator sees it."""

    help = "Write the brief, two pages as PDF, about the whole organisation or one unit or platform."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        about = parser.add_mutually_exclusive_group()
        about.add_argument("--unit", default="", metavar="NAME", help="about this unit alone")
        about.add_argument("--platform", default="", metavar="NAME", help="about this platform's units")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write the PDF")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file whole or not at all, and report."""
        viewer, out = Viewer.operator(), options["out"].expanduser().absolute()
        kind = "unit" if options["unit"] else "platform"
        name = options["unit"] or options["platform"]
        of = uid_named(viewer=viewer, kind=kind, name=name) if name else ALL
        pages = pdf_of(brief(viewer=viewer, of=of, now=timezone.now()))
        with written_whole(out) as stream:
            stream.write(pages)
        if options["json"]:
            reports.as_json({"about": name or None, "file": str(out), "bytes": len(pages)})
        else:
            reports.say(f"Wrote the brief to {out} ({len(pages):,} bytes).")
