"""`parkbench export`: write all records of one sort to a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from parkbench.lib import reports
from parkbench.lib.whole import written_whole
from parkbench.records.registry import exporters
from parkbench.records.visibility import Viewer

FORMATS = ("csv", "xlsx", "jsonl")


class Command(BaseCommand):
    """Writes everything of one sort, as the operator sees it."""

    help = "Write all instruments, or another sort of record, as CSV, XLSX or JSON lines."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument(
            "what", choices=sorted(exporters()), metavar="KIND", help=", ".join(sorted(exporters()))
        )
        parser.add_argument("--format", choices=FORMATS, default="csv", help="csv (default), xlsx or jsonl")
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="where to write; without it, standard output"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON (needs --out)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, and report when the standard output is free for it."""
        what, form, out = options["what"], options["format"], options["out"]
        if out is None:
            _check_output_is_free(form, options["json"])
            _write(what, form, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        with written_whole(out.expanduser().absolute()) as stream:
            count = _write(what, form, stream)
        size = out.expanduser().stat().st_size
        if options["json"]:
            reports.as_json({"kind": what, "format": form, "file": str(out), "rows": count, "bytes": size})
        else:
            reports.say(f"Wrote {count} {what} to {out} ({size:,} bytes).")


def _check_output_is_free(form: str, wants_json: bool) -> None:
    if wants_json:
        raise CommandError(
            "--json reports on the standard output, which carries the export. Add --out FILE.", returncode=2
        )
    if form == "xlsx" and sys.stdout.isatty():
        raise CommandError("A workbook cannot be shown on a terminal. Add --out FILE.", returncode=2)


def _write(what: str, form: str, stream: BinaryIO) -> int:
    with Console(stderr=True).status(f"Writing {what} ..."):
        return exporters()[what](Viewer.operator(), form, stream)
