"""`parkbench partner`: invite, accept, confirm, list, suspend, resume, end, without a browser."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.exchange import client
from parkbench.exchange.models import Partner
from parkbench.exchange.queries import partners as queries
from parkbench.exchange.queries.pulls import find_partner
from parkbench.exchange.services import invitations
from parkbench.exchange.services import partners as services
from parkbench.exchange.services.ourselves import ourselves
from parkbench.exchange.services.partners import Terms
from parkbench.exchange.tables import lists, pages, words
from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.records.visibility import Viewer

BY = Viewer.operator()
ACTS = {"suspend": services.suspend, "resume": services.resume, "end": services.end}


class Command(BaseCommand):
    """``parkbench partner``: exit code 0 done, 1 refused (sentence on standard error), 2 wrong usage."""

    help = "Invite partners, accept invitations, confirm, list, suspend, resume and end partnerships."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the actions."""
        actions = parser.add_subparsers(
            dest="act", required=True, metavar="ACTION", parser_class=ArgumentParser
        )
        invite = actions.add_parser("invite", help="make a code that another organisation accepts, once")
        invite.add_argument("name", metavar="NAME", help="whom it is for")
        accept = actions.add_parser("accept", help="answer an invitation")
        accept.add_argument("code", metavar="CODE", help="the code, or - to read it from the input")
        confirm = actions.add_parser("confirm", help="let a partner in, after fingerprints were compared")
        confirm.add_argument("partner", metavar="PARTNER", help="name or address")
        confirm.add_argument("--terms-version", required=True, metavar="TEXT")
        confirm.add_argument("--signatory", required=True, metavar="NAME", help="who signed here")
        confirm.add_argument("--their-signatory", required=True, metavar="NAME", help="who signed there")
        confirm.add_argument("--signed-on", type=_day, metavar="DAY", help="such as 2026-03-31")
        confirm.add_argument(
            "--fingerprint",
            required=True,
            metavar="TEXT",
            help="theirs, as it was read to you on the telephone",
        )
        every = [invite, accept, confirm, actions.add_parser("list", help="list the partners")]
        for name, what in (
            ("suspend", "give a partner nothing and hide its records, until it is resumed"),
            ("resume", "go on with a suspended partner"),
            ("end", "end a partnership; its records leave this node"),
        ):
            act = actions.add_parser(name, help=what)
            act.add_argument("partner", metavar="PARTNER", help="name or address")
            every.append(act)
        for action in every:
            action.add_argument("--json", action="store_true", dest="as_json", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one action; a refusal ends with exit code 1 and its sentence."""
        name = options["act"]
        try:
            act = self._act if name in ACTS else getattr(self, f"_{name}")
            done = act(options)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        if options["as_json"]:
            self.stdout.write(json.dumps(done, ensure_ascii=False, default=str))

    def _invite(self, options: dict[str, Any]) -> dict[str, Any]:
        invitation, code = invitations.invite(name=options["name"], by=BY)
        own = ourselves()
        until = words.exact(invitation.expires_at)
        if not options["as_json"]:
            self.stdout.write(pages.mail(own, code, until))
        return {"code": code, "expires_at": invitation.expires_at, "fingerprint": own.fingerprint}

    def _accept(self, options: dict[str, Any]) -> dict[str, Any]:
        code = sys.stdin.read() if options["code"] == "-" else options["code"]
        partner = invitations.accept(
            code=code, fetch=client.fetch_document, send=client.send_acceptance, by=BY
        )
        said = _("%(name)s has your answer. Now call them, compare, and confirm.")
        self._say(partner, options, said % {"name": partner.home.name})
        return _described(partner)

    def _confirm(self, options: dict[str, Any]) -> dict[str, Any]:
        partner = find_partner(text=options["partner"])
        given, shown = options["fingerprint"], queries.identity(partner).fingerprint
        if "".join(given.split()) != "".join(shown.split()):
            raise Refused(
                _("%(name)s shows the fingerprint %(shown)s, which is another. Do not go on.")
                % {"name": partner, "shown": shown}
            )
        terms = Terms(
            version=options["terms_version"],
            our_signatory=options["signatory"],
            their_signatory=options["their_signatory"],
            signed_on=options["signed_on"] or timezone.localdate(),
        )
        partner = services.confirm(partner_id=partner.pk, terms=terms, fingerprint=shown, by=BY)
        self._say(partner, options, words.next_step(partner))
        return _described(partner)

    def _act(self, options: dict[str, Any]) -> dict[str, Any]:
        partner = ACTS[options["act"]](partner_id=find_partner(text=options["partner"]).pk, by=BY)
        self._say(partner, options, words.next_step(partner))
        return _described(partner)

    def _list(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        lines = queries.partners(viewer=BY)
        if options["as_json"]:
            return [{**_described(line.partner), **_counts(line)} for line in lines]
        rows = [
            (
                line.partner.home.name,
                line.partner.home.address,
                lists.state_of(line.partner).text,
                words.held(line.held) or "-",
                line.offered_count,
                words.ago(line.partner.verified_at) or "-",
                queries.identity(line.partner).fingerprint,
            )
            for line in lines
        ]
        if rows:
            heads = ("Partner", "Node", "State", "Shares with us", "We share", "Confirmed", "Fingerprint")
            reports.table(heads, rows)
        else:
            reports.say("There is no partner yet. Invite one with: parkbench partner invite NAME")
        return []

    def _say(self, partner: Partner, options: dict[str, Any], sentence: str) -> None:
        if options["as_json"]:
            return
        self.stdout.write(sentence)
        self.stdout.write(_("Their fingerprint: %(told)s") % {"told": queries.identity(partner).fingerprint})
        self.stdout.write(_("Our fingerprint:   %(told)s") % {"told": ourselves().fingerprint})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“%(text)s” is no day such as 2026-03-31") % {"text": text}) from error


def _described(partner: Partner) -> dict[str, Any]:
    return {
        "partner": partner.home.name,
        "node": partner.home.address,
        "state": partner.state,
        "their_state": partner.their_state,
        "fingerprint": queries.identity(partner).fingerprint,
        "our_fingerprint": ourselves().fingerprint,
        "verified_at": partner.verified_at,
        "lease_until": partner.lease_until,
        "problem": partner.problem,
    }


def _counts(line: queries.PartnerLine) -> dict[str, Any]:
    return {
        "shares_with_us": {one.name: one.count for one in line.held},
        "we_share": line.offered_count,
        "set_aside": line.problem_count,
    }
