"""`parkbench check`: is the node well?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.lib import reports
from parkbench.site.health import State, examine


class Command(BaseCommand):
    """Looks at everything a node needs; Django's own checks, whose command this replaces, are among it."""

    help = "Look at everything the node needs: folder, database, processes, backups, room."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look and report; exit 1 when anything fails."""
        findings = list(examine())
        has_failed = any(found.state is State.FAIL for found in findings)
        if options["json"]:
            reports.as_json({"is_well": not has_failed, "findings": [asdict(found) for found in findings]})
        else:
            rows = ((found.state.value, found.name, found.words) for found in findings)
            reports.table(("State", "What", "In words"), rows)
        if has_failed:
            sys.exit(1)
