"""`parkbench keys`: show, change, revoke and recover this node's keys."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from parkbench.exchange import services
from parkbench.exchange.queries import keys as queries
from parkbench.lib.errors import Refused
from parkbench.records.visibility import Viewer

BY = Viewer.operator()


class Command(BaseCommand):
    """``parkbench keys``: exit code 0 done, 1 refused (sentence on standard error), 2 wrong usage."""

    help = "Show this node's keys, change them, revoke one, print a recovery sheet, recover with it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the actions."""
        actions = parser.add_subparsers(
            dest="act", required=True, metavar="ACTION", parser_class=ArgumentParser
        )
        show = actions.add_parser("show", help="list the keys and what partners compare")
        rotate = actions.add_parser("rotate", help="make a new signing key; partners follow by themselves")
        revoke = actions.add_parser("revoke", help="say that a key counts no more")
        revoke.add_argument("kid", metavar="KID", help="its thumbprint, or the 8 groups as one argument")
        revoke.add_argument("--reason", default="", metavar="TEXT", help="kept in the log")
        sheet = actions.add_parser("recovery-sheet", help="make a recovery key and print it, once")
        sheet.add_argument("--current", default="", metavar="FILE", help="the sheet that it replaces")
        recover = actions.add_parser("recover", help="make a new signing key with the recovery sheet")
        recover.add_argument("file", metavar="FILE", help="the sheet as text; - reads the input")
        for action in (show, rotate, revoke, recover):
            action.add_argument("--json", action="store_true", dest="as_json", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one action; a refusal ends with exit code 1 and its sentence."""
        try:
            getattr(self, f"_{options['act'].replace('-', '_')}")(options)
        except Refused as refusal:
            raise CommandError(refusal.sentence, returncode=1) from refusal

    def _show(self, options: dict[str, Any], said: str = "") -> None:
        keys = queries.own_keys()
        if options["as_json"]:
            self.stdout.write(json.dumps([key.as_dict() for key in keys]))
            return
        if said:
            self.stdout.write(said)
        for key in keys:
            self.stdout.write(f"{key.words}\n  {key.kid}\n  {key.spoken}")

    def _rotate(self, options: dict[str, Any]) -> None:
        services.rotate_key(by=BY)
        self._show(options, _("There is a new signing key. Partners follow when they next look."))

    def _revoke(self, options: dict[str, Any]) -> None:
        services.revoke_key(kid=options["kid"], by=BY, reason=options["reason"])
        self._show(options, _("The key is revoked. Tell your partners, the more so if it was stolen."))

    def _recovery_sheet(self, options: dict[str, Any]) -> None:
        current = _read(options["current"]) if options["current"] else ""
        if not current and _recovery_keys():
            raise Refused(
                _(
                    "This node has a recovery key already. Partners accept another one only with the sheet "
                    "of that: name it with --current FILE."
                )
            )
        line = services.make_recovery_key(by=BY, current=current)
        [held] = _recovery_keys()
        self.stdout.write(_sheet(line, held.spoken))

    def _recover(self, options: dict[str, Any]) -> None:
        services.recover(sheet=_read(options["file"]), by=BY)
        self._show(options, _("There is a new signing key; all older ones are revoked."))


def _recovery_keys() -> list[queries.OwnKey]:
    return [key for key in queries.own_keys() if key.is_recovery and key.is_in_use]


def _read(name: str) -> str:
    """Return the text of a sheet; raises Refused when the file cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused(_("The file %(name)s cannot be read.") % {"name": name}) from error


def _sheet(line: str, spoken: str) -> str:
    words = _(
        "Recovery key of this node\n\n"
        "Print this page, keep it in a safe, and delete the file: whoever has it can speak for this node.\n"
        "It is shown this one time. This node keeps only its thumbprint:\n\n  %(spoken)s\n\n"
        "When the keys of this node were lost or stolen, type the next line into a file and run:\n"
        "  parkbench keys recover FILE\n\n%(line)s\n"
    )
    return words % {"line": line, "spoken": spoken}
