"""The list of people."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.accounts.queries import PersonLine
from parkbench.ui.lists import Action, Cell, ColumnHead, ListPage, ListRow, Pager


def people_page(*, lines: Sequence[PersonLine], text: str, is_managing: bool) -> ListPage:
    """Describe the list of people, by name; e-mail, roles and sign-in only for those who manage them."""
    columns = [ColumnHead("name", _("Name"), "link"), ColumnHead("orcid", _("ORCID"))]
    if is_managing:
        columns += [
            ColumnHead("email", _("E-mail")),
            ColumnHead("roles", _("Roles")),
            ColumnHead("state", _("May sign in"), "status"),
        ]
    add = Action(_("Add a person"), reverse("accounts:person-add"), is_primary=True)
    return ListPage(
        title=_("People"),
        intro="" if is_managing else _("Everybody who works with this Parkbench."),
        columns=columns,
        rows=[_row(line, is_managing) for line in lines],
        pager=Pager(total=len(lines)),
        url=reverse("accounts:people"),
        query=text,
        query_hint=_("Search in names and e-mails") if is_managing else _("Search in names"),
        clear_url=reverse("accounts:people"),
        actions=[add] if is_managing else [],
    )


def _row(line: PersonLine, is_managing: bool) -> ListRow:
    person = line.person
    orcid = f"https://orcid.org/{person.orcid}" if person.orcid else None
    cells = [Cell(person.name), Cell(person.orcid, url=orcid)]
    if not is_managing:
        return ListRow(str(person.uid), cells)
    state = Cell(_("yes"), tone="good") if person.is_active else Cell(_("no"), tone="quiet")
    cells += [Cell(person.email), Cell(", ".join(str(grant) for grant in line.grants)), state]
    return ListRow(str(person.uid), cells, url=reverse("accounts:person", args=[person.uid]))
