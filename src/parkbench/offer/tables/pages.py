"""What stands on the page of a service or capability: head and parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.instruments.models import UserCategoryChoices
from parkbench.lib.urn import record_id
from parkbench.offer.models import AccessChoices
from parkbench.offer.queries.pages import OfferPage
from parkbench.offer.queries.panels import TONES
from parkbench.offer.tables.prices import PriceGroup, price_groups
from parkbench.records.models import OWN
from parkbench.records.queries import head_of_home
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action
from parkbench.ui.parts import Fact, PageHead

__all__ = ["Part", "PriceGroup", "page_head", "parts_of", "price_groups"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page; hidden where its section is not theirs to see."""

    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    is_hidden: bool = False


def page_head(*, page: OfferPage, viewer: Viewer) -> PageHead:
    """Return what stands above a record; who sees it and its history only for members."""
    row, name = page.row, page.kind.name
    is_own, is_inside = row.home_id == OWN, bool(page.reach)
    due = row.review_due_on if is_inside else None
    status = row.status if name == "service" else None
    head = PageHead(
        title=row.name,
        kind=str(capfirst(page.kind.label)),
        home=row.home.name,
        is_own=is_own,
        steward=page.steward,
        updated_at=page.updated_at,
        review_due=due,
        is_overdue=bool(due and due < timezone.localdate()),
        visible_to=_reach_in_words(page),
        sharing_url=reverse("records:sharing", args=[name, row.uid]) if is_inside else None,
        permalink=record_id(node=row.home.address, kind=name, uid=row.uid),
        history_url=reverse("records:history", args=[name, row.uid]) if is_inside else None,
        status=str(row.get_status_display()) if status else "",
        status_tone=TONES[status] if status else None,  # type: ignore[arg-type]
        intro=page.body("basics").get("description", ""),
        crumbs=_crumbs(page),
        actions=_actions(page),
    )
    return head_of_home(head, kind=page.kind, row=row, viewer=viewer)


def _reach_in_words(page: OfferPage) -> str:
    words = [reach.words for reach in page.reach]
    if not words or all(each == words[0] for each in words):
        return words[0] if words else ""
    return _("%(audience)s, some parts to fewer") % {"audience": words[0]}


def _crumbs(page: OfferPage) -> list[tuple[str, str]]:
    name = "services" if page.kind.name == "service" else "capabilities"
    crumbs = [(str(capfirst(page.kind.label_plural)), reverse(f"offer:{name}"))]
    if page.place is not None:
        crumbs.append((page.place.name, page.place.get_absolute_url()))
    return crumbs


def _actions(page: OfferPage) -> list[Action]:
    name, uid = page.kind.name, page.row.uid
    actions = []
    if page.may_edit:
        actions.append(Action(_("Edit"), reverse(f"offer:{name}-edit", args=[uid]), is_primary=True))
        if name == "service" and "prices" in page.seen:
            actions.append(Action(_("Edit prices"), reverse("offer:prices-edit", args=[uid])))
    if page.may_delete:
        confirm = _("Delete “%(name)s”? It can be restored for 30 days.") % {"name": page.row.name}
        url = reverse(f"offer:{name}-delete", args=[uid])
        actions.append(Action(_("Delete"), url, is_post=True, confirm=confirm))
    return actions


def parts_of(*, page: OfferPage) -> list[Part]:
    """Return the parts of the page in their order: how to ask comes first, as people look for it."""
    ask = _contact(page)
    if page.kind.name == "capability":
        return [ask]
    return [ask, _capacity(page), _about(page)]


def _contact(page: OfferPage) -> Part:
    body = page.body("contact")
    mail, person = body.get("mailbox", ""), body.get("person_name", "")
    facts = [
        Fact(_("Request form"), body.get("contact_url", ""), body.get("contact_url")),
        Fact(_("Function mailbox"), mail, f"mailto:{mail}" if mail else None),
    ]
    if person:
        email = body.get("person_email")
        facts.append(Fact(_("Contact person"), person, f"mailto:{email}" if email else None))
    return Part("contact", _("How to ask"), tuple(facts), "contact" not in page.seen)


def _capacity(page: OfferPage) -> Part:
    body = page.body("capacity")
    days = body.get("lead_time_days")
    lead = "" if days is None else ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    facts = (Fact(_("Lead time"), lead), Fact(_("Throughput"), body.get("throughput", "")))
    return Part("capacity", _("How long it takes"), facts, "capacity" not in page.seen)


def _about(page: OfferPage) -> Part:
    body = page.body("basics")
    place = page.place
    facts = [
        Fact(_("Unit"), place.name, place.get_absolute_url())
        if place is not None
        else Fact(_("Unit"), is_hidden=bool(body.get("unit_ref")))
    ]
    if page.platform is not None:
        facts.append(Fact(_("Platform"), page.platform.name, page.platform.get_absolute_url()))
    facts += [
        Fact(_("Access"), _labels(AccessChoices, body.get("access_modes"))),
        Fact(_("Who may use it"), _labels(UserCategoryChoices, body.get("user_categories"))),
        Fact(_("Sample types"), ", ".join(body.get("sample_types") or ())),
        Fact(_("Biosafety class"), str(body.get("biosafety_class", ""))),
    ]
    return Part("basics", _("For whom, and how"), tuple(facts))


def _labels(choices: Any, words: Sequence[str] | None) -> str:
    known = {str(value): str(label) for value, label in choices.choices}
    return ", ".join(known.get(word, word) for word in words or ())
