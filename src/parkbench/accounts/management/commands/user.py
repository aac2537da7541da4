"""People from the command line: add, list, link, grant, revoke, deactivate."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from parkbench.accounts import queries, services
from parkbench.accounts.models import Person
from parkbench.accounts.registry import find_scope, node_address
from parkbench.accounts.rules import Role
from parkbench.lib.errors import NotFound, Refused


class Command(BaseCommand):
    """``parkbench user``: exit code 0 done, 1 refused (sentence on standard error), 2 wrong usage."""

    help = "Add people, list them, give them roles and one-time links."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the actions."""
        actions = parser.add_subparsers(
            dest="act", required=True, metavar="ACTION", parser_class=ArgumentParser
        )
        add = actions.add_parser("add", help="add somebody and print their one-time link")
        add.add_argument("email", metavar="EMAIL")
        add.add_argument("--name", required=True)
        _add_role(add, "--role", required=True)
        _add_json(actions.add_parser("list", help="list the people of this node"))
        link = actions.add_parser("link", help="print a new one-time link")
        link.add_argument("email", metavar="EMAIL")
        _add_json(link)
        for name, words in (("grant", "give a role"), ("revoke", "take a role back")):
            change = actions.add_parser(name, help=words)
            change.add_argument("email", metavar="EMAIL")
            _add_role(change, "role", metavar="ROLE")
        off = actions.add_parser("deactivate", help="let somebody sign in no more")
        off.add_argument("email", metavar="EMAIL")
        _add_json(off)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one action; a refusal ends with exit code 1 and its sentence."""
        try:
            done = getattr(self, f"_{options['act']}")(options)
        except Refused as refusal:
            raise CommandError(refusal.sentence, returncode=1) from refusal
        if options.get("as_json"):
            self.stdout.write(json.dumps(done, ensure_ascii=False))
        elif isinstance(done, list):
            self._table(done)
        else:
            self.stdout.write(done["text"])

    def _add(self, options: dict[str, Any]) -> dict[str, str]:
        person, secret = services.invite_person(
            email=options["email"],
            name=options["name"],
            role=Role(options["role"]),
            scope=_scope(options),
        )
        return _linked(person, secret)

    def _list(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "email": line.person.email,
                "name": line.person.name,
                "roles": [str(grant) for grant in line.grants],
                "may_sign_in": line.person.is_active,
            }
            for line in queries.people(is_managing=True)
        ]

    def _link(self, options: dict[str, Any]) -> dict[str, str]:
        person = _person(options)
        return _linked(person, services.make_link(person=person))

    def _grant(self, options: dict[str, Any]) -> dict[str, str]:
        person = _person(options)
        services.grant(person=person, role=Role(options["role"]), scope=_scope(options))
        return _said(person, _("%(name)s now holds the role %(role)s."), role=options["role"])

    def _revoke(self, options: dict[str, Any]) -> dict[str, str]:
        person = _person(options)
        held = queries.grant_held(person=person, role=Role(options["role"]), scope=_scope(options))
        services.revoke(grant=held)
        return _said(person, _("%(name)s no longer holds the role %(role)s."), role=options["role"])

    def _deactivate(self, options: dict[str, Any]) -> dict[str, str]:
        person = _person(options)
        services.change_person(
            person=person,
            name=person.name,
            orcid=person.orcid,
            is_active=False,
            is_named_outward=person.is_named_outward,
        )
        return _said(person, _("%(name)s may sign in no more."))

    def _table(self, lines: list[dict[str, Any]]) -> None:
        table = Table()
        for heading in (_("E-mail"), _("Name"), _("Roles"), _("May sign in")):
            table.add_column(heading, overflow="fold")
        for line in lines:
            may = _("yes") if line["may_sign_in"] else _("no")
            table.add_row(line["email"], line["name"], ", ".join(line["roles"]), may)
        console = Console()
        with console.capture() as drawn:
            console.print(table)
        self.stdout.write(drawn.get())


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", help="answer as JSON")


def _add_role(parser: ArgumentParser, name: str, **more: Any) -> None:
    parser.add_argument(name, choices=[str(role) for role in Role], **more)
    parser.add_argument("--scope", default="", metavar="UNIT", help="name or id of a unit or platform")
    _add_json(parser)


def _scope(options: dict[str, Any]) -> str:
    return find_scope(options["scope"]) if options["scope"] else ""


def _person(options: dict[str, Any]) -> Person:
    found = queries.person_by_email(email=options["email"])
    if found is None:
        sentence = _("Nobody here has the e-mail %(email)s. `parkbench user list` shows who is here.")
        raise NotFound(sentence % {"email": options["email"]})
    return found


def _linked(person: Person, secret: str) -> dict[str, str]:
    url = f"{node_address()}/link/{secret}/"
    sentence = _("One-time link for %(name)s, good for 7 days: %(url)s")
    return {"email": person.email, "link": url, "text": sentence % {"name": person.name, "url": url}}


def _said(person: Person, sentence: str, **more: str) -> dict[str, str]:
    return {"email": person.email, **more, "text": sentence % {"name": person.name, **more}}
