"""What stands on the page of one record: its head and the facts of each section."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.lib.urn import record_id
from parkbench.programme.queries import RecordPage, reach_in_words
from parkbench.records.models import OWN, REGISTER
from parkbench.records.queries import head_of_home
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action
from parkbench.ui.parts import Fact, PageHead

SHOWN_ELSEWHERE = ("name", "description", "platform_ref", "person_uid")
PREFIXES = {"mailbox": "mailto:", "person_email": "mailto:", "person_orcid": "https://orcid.org/"}
LINKS = ("url", "ror", "host_ror", "contact_url")


def page_head(*, page: RecordPage, viewer: Viewer) -> PageHead:
    """Return what stands above a record; who sees it and its history only for members."""
    row, name = page.row, page.kind.name
    is_own = row.home_id == OWN
    is_inside = bool(page.reach)
    is_due = is_inside and row.review_due_on is not None
    head = PageHead(
        title=row.name,
        kind=str(page.kind.label).capitalize(),
        home=row.home.name if name != "organisation" else "",
        is_own=is_own,
        steward=page.steward,
        updated_at=page.updated_at,
        review_due=row.review_due_on if is_due else None,
        is_overdue=is_due and row.review_due_on < timezone.localdate(),
        visible_to=reach_in_words(page.reach),
        sharing_url=reverse("records:sharing", args=[name, row.uid]) if is_inside else None,
        permalink=record_id(node=row.home.address, kind=name, uid=row.uid),
        history_url=reverse("records:history", args=[name, row.uid]) if is_inside else None,
        intro=page.body("basics").get("description", ""),
        crumbs=_crumbs(page),
        actions=_actions(page),
    )
    return head_of_home(head, kind=page.kind, row=row, viewer=viewer)


def _crumbs(page: RecordPage) -> list[tuple[str, str]]:
    name = page.kind.name
    if name == "organisation":
        return []
    crumbs = [(str(page.kind.label_plural).capitalize(), reverse(f"programme:{name}s"))]
    if page.platform is not None:
        crumbs.append((page.platform.name, page.platform.get_absolute_url()))
    return crumbs


def _actions(page: RecordPage) -> list[Action]:
    name, uid = page.kind.name, page.row.uid
    actions = []
    if page.may_edit:
        actions.append(Action(_("Edit"), reverse(f"programme:{name}-edit", args=[uid]), is_primary=True))
    if page.may_delete:
        confirm = _("Delete “%(name)s”? It can be restored for 30 days.") % {"name": page.row.name}
        url = reverse(f"programme:{name}-delete", args=[uid])
        actions.append(Action(_("Delete"), url, is_post=True, confirm=confirm))
    return actions


def slot_id(*, page: RecordPage) -> str:
    """Return what panels of other rooms are told of the record: its uid; of a partner's, the whole id."""
    row = page.row
    if row.home_id <= REGISTER:
        return str(row.uid)
    return record_id(node=row.home.address, kind=page.kind.name, uid=row.uid)


def is_contact_hidden(*, page: RecordPage) -> bool:
    """Tell whether a partner does not share whom to ask; of own records nobody is told what they hide."""
    has_contact = any(spec.name == "contact" for spec in page.kind.sections)
    return page.row.home_id > REGISTER and has_contact and "contact" not in page.seen


def section_facts(*, page: RecordPage, section: str) -> list[Fact]:
    """Return the facts of a section this viewer may see; a unit's hidden platform says "not shared"."""
    if section not in page.seen:
        return []
    body = page.body(section)
    schema = page.kind.section(section).schema
    facts = [
        Fact(_(field.title or name), str(body.get(name, "")), _link(name, body.get(name)))
        for name, field in schema.model_fields.items()
        if name not in SHOWN_ELSEWHERE
    ]
    if "platform_ref" in schema.model_fields:
        facts.insert(0, _platform(page, body))
    return facts


def _platform(page: RecordPage, body: dict[str, Any]) -> Fact:
    if page.platform is None:
        return Fact(_("Platform"), is_hidden=bool(body.get("platform_ref")))
    return Fact(_("Platform"), page.platform.name, page.platform.get_absolute_url())


def _link(name: str, value: Any) -> str | None:
    if not value:
        return None
    return str(value) if name in LINKS else PREFIXES[name] + str(value) if name in PREFIXES else None
