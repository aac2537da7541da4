"""`parkbench init`: make a node."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbench.lib import reports
from parkbench.lib.countries import DEFAULTS
from parkbench.site.founding import Founded, Wish, found


class Command(BaseCommand):
    """Makes a node in the folder that --home names."""

    help = "Make a node: its folder, its database, its organisation and its first administrator."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("--organisation", required=True, metavar="NAME", help="the organisation's name")
        parser.add_argument(
            "--url",
            required=True,
            help="the node's address, such as https://park.institute.org; it never changes",
        )
        parser.add_argument("--admin", required=True, metavar="E-MAIL", help="the first administrator")
        parser.add_argument(
            "--country", default="", metavar="XX", help="two letters, such as SE; sets currency and time zone"
        )
        parser.add_argument(
            "--ror", default="", help="the organisation's ROR, such as https://ror.org/048a87296"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the node and report."""
        wish = Wish(**{name: options[name] for name in ("organisation", "url", "admin", "country", "ror")})
        made = found(wish=wish)
        if options["json"]:
            reports.as_json(asdict(made))
            return
        _tell(made)
        if wish.country and wish.country.strip().upper() not in DEFAULTS:
            reports.say(f"No currency and time zone are known for the country {wish.country}.")
        reports.say(
            f"Amounts that name no currency are read in {made.currency}, times are shown in the zone "
            f"{made.time_zone}. PARKBENCH_CURRENCY and PARKBENCH_TIME_ZONE change that.\n"
        )
        _tell_how_to_enter(made)


def _tell(made: Founded) -> None:
    if made.is_new:
        reports.say(f"Made a node for {made.organisation} in {made.home}. It shares nothing yet.")
    else:
        reports.say(f"The node for {made.organisation} is in {made.home} already; nothing was changed.")


def _tell_how_to_enter(made: Founded) -> None:
    if made.link:
        reports.say(
            f"{made.administrator} sets a password with this link, once, within 7 days:\n  {made.link}"
        )
        reports.say(f"\nFirst start the node with: parkbench serve --home {made.home}")
    else:
        reports.say(f"{made.administrator} has signed in before, so there is no new link.")
