"""The head of the page of one year."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.figures.queries.years import YearPage
from parkbench.lib.urn import record_id
from parkbench.programme.queries import reach_in_words
from parkbench.records.models import OWN
from parkbench.records.queries import head_of_home
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action
from parkbench.ui.parts import PageHead


def page_head(page: YearPage, *, viewer: Viewer) -> PageHead:
    """Return what stands above a year of use; who sees it and its history only for members."""
    row, instrument, is_inside = page.row, page.instrument, bool(page.reach)
    title = _("%(instrument)s, use in %(year)s") % {"instrument": instrument.name, "year": row.year}
    actions = []
    if page.may_edit:
        url = f"{reverse('figures:month', args=[instrument.uid])}?month={row.year}-01"
        actions.append(Action(_("Enter a month"), url, is_primary=True))
    if page.may_delete:
        confirm = _("Delete the use of this year? It can be restored for 30 days.")
        url = reverse("figures:delete", args=[row.uid])
        actions.append(Action(_("Delete"), url, is_post=True, confirm=confirm))
    head = PageHead(
        title=title,
        kind=_("Year of use"),
        home=row.home.name,
        is_own=row.home_id == OWN,
        steward=page.steward,
        updated_at=page.updated_at,
        visible_to=reach_in_words(page.reach),
        sharing_url=reverse("records:sharing", args=["use", row.uid]) if is_inside else None,
        history_url=reverse("records:history", args=["use", row.uid]) if is_inside else None,
        permalink=record_id(node=row.home.address, kind="use", uid=row.uid),
        crumbs=[
            (_("Use and downtime"), reverse("figures:list")),
            (instrument.name, instrument.get_absolute_url()),
        ],
        actions=actions,
    )
    return head_of_home(head, kind=kind_of("use"), row=row, viewer=viewer)
