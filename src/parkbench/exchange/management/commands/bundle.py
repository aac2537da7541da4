"""`parkbench bundle`: exchange by file, for institutes that may not open a port."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.exchange.client import import_bundle, partner_of, summary
from parkbench.exchange.queries.pulls import find_partner
from parkbench.exchange.services.bundles import export_bundle, export_public
from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.lib.whole import written_whole


class Command(BaseCommand):
    """Exit code 0: done; 1: something in the bundle could not be used, and the report says what."""

    help = "Exchange by file: write what a partner may read, read what a partner wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="write everything that a partner may read into one file")
        export.add_argument("partner", help="its name or address")
        export.add_argument("--out", type=Path, required=True, help="the file to write")
        read = acts.add_parser("import", help="read the file that a partner wrote")
        read.add_argument("file", type=Path)
        read.add_argument("--partner", default="", help="whose it is, when the file does not say")
        read.add_argument("--json", action="store_true", help="report as JSON")
        public = acts.add_parser("public", help="write the public journal as files for any web server")
        public.add_argument("--out", type=Path, required=True, help="the folder to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        {"export": _export, "import": _import, "public": _public}[options["act"]](options)


def _export(options: dict[str, Any]) -> None:
    out: Path = options["out"].expanduser().absolute()
    partner = find_partner(text=options["partner"])
    with written_whole(out) as file:
        done = export_bundle(partner=partner, out=file)
    reports.say(
        f"Wrote {out}: {done.item_count} sections of {done.journal_count} journals for {partner}. "
        "Give it to them; it counts as a reading of today."
    )


def _import(options: dict[str, Any]) -> None:
    try:
        file = options["file"].expanduser().open("rb")
    except OSError as error:
        raise Refused(f"{options['file']} cannot be read: {error.strerror}.") from error
    with file:
        wanted = options["partner"]
        partner = find_partner(text=wanted) if wanted else partner_of(file)
        run = import_bundle(partner=partner, file=file)
    if options["json"]:
        reports.as_json(summary(run))
    else:
        items = sum(journal["items"] for journal in run.journals)
        removed = sum(journal["removed"] for journal in run.journals)
        reports.say(f"{partner}: {run.problem or f'{items} sections read, {removed} removed'}")
    if not run.is_ok:
        sys.exit(1)


def _public(options: dict[str, Any]) -> None:
    done = export_public(folder=options["out"].expanduser().absolute())
    reports.say(f"Wrote {done.item_count} sections on {done.page_count} pages into {options['out']}.")
