"""Making a node: its folder, its database, its organisation, its first administrator."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.management import call_command
from django.db import transaction

from parkbench.accounts.models import Grant, Person
from parkbench.accounts.queries import person_by_email
from parkbench.accounts.rules import Role
from parkbench.accounts.services import add_person, grant, make_link
from parkbench.exchange.services import renew_document
from parkbench.exchange.services.epoch import check_file
from parkbench.lib.errors import Invalid, Problem, Refused
from parkbench.lib.identifiers import check_country, check_mail, check_ror
from parkbench.lib.urn import node_url
from parkbench.programme.services import set_organisation
from parkbench.records.models import OWN, Home
from parkbench.records.queries import own_address, own_home
from parkbench.records.services import withdrawals
from parkbench.records.visibility import Viewer
from parkbench.site import node
from parkbench.site.register import refresh_register


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What `init` was asked for."""

    organisation: str
    url: str
    admin: str
    country: str = ""
    ror: str = ""


@dataclass(frozen=True, kw_only=True)
class Founded:
    """A node as `init` leaves it; ``link`` is empty when the administrator has signed in already."""

    home: str
    address: str
    organisation: str
    administrator: str
    link: str
    is_new: bool
    currency: str
    time_zone: str


def found(*, wish: Wish) -> Founded:
    """This function will make a node in the folder, or say that it is there already.

    Raises Invalid for values that cannot be used, Refused when another node is there.
    """
    wish = _checked(wish)
    with node.private_files():
        node.make_folder()
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            is_new = own_address() == node.NO_ADDRESS
            if is_new:
                _furnish(wish)
            else:
                _check_is_same(wish)
            renew_document()
            check_file()
            link = _link(wish)
    defaults = node.defaults_in_use()
    return Founded(
        home=str(node.home()),
        address=wish.url,
        organisation=wish.organisation,
        administrator=wish.admin,
        link=link,
        is_new=is_new,
        currency=defaults.currency,
        time_zone=defaults.time_zone,
    )


def _checked(wish: Wish) -> Wish:
    """Return the values in their one spelling, before anything is made."""
    problems: list[Problem] = []

    def read(option: str, value: str, check: object) -> str:
        try:
            return str(check(value)) if value else ""  # type: ignore[operator]
        except ValueError as error:
            problems.append(Problem(option, value, str(error).removeprefix("expected ")))
        except Invalid as error:
            problems.append(Problem(option, value, error.problems[0].expected))
        return value

    organisation = " ".join(wish.organisation.split())
    if not 0 < len(organisation) <= 200:
        problems.append(Problem("--organisation", organisation, "a name of 1 to 200 characters"))
    checked = Wish(
        organisation=organisation,
        url=read("--url", wish.url, node_url),
        admin=read("--admin", wish.admin, check_mail),
        country=read("--country", wish.country, check_country),
        ror=read("--ror", wish.ror, check_ror),
    )
    if not checked.url:
        problems.append(Problem("--url", "", "an http or https address such as https://park.institute.org"))
    if problems:
        raise Invalid(problems)
    return checked


def _furnish(wish: Wish) -> None:
    withdrawals.begin()
    node.keep_defaults(wish.country)
    Home.objects.filter(pk=OWN).update(address=wish.url, name=wish.organisation)
    facts = {"name": wish.organisation, "country": wish.country or None, "ror": wish.ror or None}
    set_organisation(by=Viewer.operator(), **facts)  # type: ignore[arg-type]
    refresh_register()
    grant(person=add_person(email=wish.admin, name=""), role=Role.ADMINISTRATOR)


def _check_is_same(wish: Wish) -> None:
    here = own_home()
    if here.address != wish.url:
        raise Refused(
            f"There is a node in {node.home()} already: {here.name} at {here.address}. The address of a node "
            "never changes, because partners know its records by it. Choose another folder with --home."
        )
    if here.name != wish.organisation:
        raise Refused(
            f"There is a node in {node.home()} already, and its organisation is {here.name}. "
            "Change the name on the page of the organisation, not with init."
        )
    if not _is_administrator(person_by_email(email=wish.admin)):
        raise Refused(
            f"There is a node in {node.home()} already, and {wish.admin} does not administer it. "
            "An administrator gives this role on the page People."
        )


def _is_administrator(person: Person | None) -> bool:
    if person is None or not person.is_active:
        return False
    return Grant.objects.filter(person=person, role=Role.ADMINISTRATOR.value).exists()


def _link(wish: Wish) -> str:
    """Return a one-time link for an administrator who never signed in, else ''."""
    person = person_by_email(email=wish.admin)
    if person is None or person.seen_at is not None or person.has_usable_password():
        return ""
    return f"{wish.url}/link/{make_link(person=person)}/"
