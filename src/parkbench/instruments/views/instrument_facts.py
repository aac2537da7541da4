"""What the page of an instrument shows of it: head, facts section by section, steps of its life, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.instruments import rules
from parkbench.instruments.models import (
    AcquisitionChoices,
    Instrument,
    StatusChoices,
    UserCategoryChoices,
    VatChoices,
)
from parkbench.instruments.queries.instrument import DOCUMENTS, InstrumentPage, Origin, title_of
from parkbench.instruments.queries.panels import TONES
from parkbench.lib.money import format_money
from parkbench.lib.urn import record_id
from parkbench.records.models import OURS, OWN, home_of
from parkbench.records.queries import head_of_home
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.lists import Action
from parkbench.ui.parts import Fact, PageHead

CHOICES: dict[str, Any] = {
    "status": StatusChoices,
    "acquisition": AcquisitionChoices,
    "purchase_vat": VatChoices,
}


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as the page lists it; ``url`` is '' where the bytes are at a partner's."""

    digest: str
    title: str
    type: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: a section, or what is shown of it; hidden where the section is not shared."""

    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    files: tuple[FileLine, ...] = ()
    origin: Origin | None = None
    is_hidden: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever said here."""
        return not (
            self.texts or self.files or self.more or any(fact.value or fact.is_hidden for fact in self.facts)
        )


def head_of(page: InstrumentPage, *, viewer: Viewer) -> PageHead:
    """Return what stands above the instrument."""
    row = page.row
    is_member = viewer.is_member
    is_own = row.home_id == OWN
    address = {"kind": "instrument", "uid": row.uid}
    due = row.review_due_on if is_member else None
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
        sharing_url=reverse("records:sharing", kwargs=address) if is_member and is_own else None,
        permalink=record_id(node=row.home.address, kind="instrument", uid=row.uid),
        history_url=reverse("records:history", kwargs=address) if is_member else None,
        status=str(StatusChoices(row.status).label) if row.status else "",
        status_tone=TONES[row.status] if row.status else None,  # type: ignore[arg-type]
        crumbs=_crumbs(page),
        actions=_actions(page, viewer),
    )
    return head_of_home(head, kind=page.kind, row=row, viewer=viewer)


def _reach_in_words(page: InstrumentPage) -> str:
    """Say who sees it outside: as its basics, and whether some part that can leave goes to fewer."""
    shareable = [reach for reach in page.reach if reach.is_shareable]
    if not shareable:
        return ""
    words = shareable[0].words
    if all(reach.words == words for reach in shareable):
        return words
    return _("%(audience)s, some parts to fewer") % {"audience": words}


def _crumbs(page: InstrumentPage) -> list[tuple[str, str]]:
    found = [(_("Machine park"), reverse("instruments:park"))]
    for name in ("platform", "unit"):
        if (one := page.related[name]) is not None:
            found.append((one.name, one.get_absolute_url()))
    return found


def _actions(page: InstrumentPage, viewer: Viewer) -> list[Action]:
    uid = page.row.uid
    found = []
    if page.may_edit:
        found.append(Action(_("Edit"), reverse("instruments:edit", args=[uid]), is_primary=True))
        found.append(Action(_("Change status"), reverse("instruments:status", args=[uid])))
    found += slots.actions("instrument", row=page.row, viewer=viewer)
    if page.may_delete:
        found.append(Action(_("Delete"), reverse("instruments:delete", args=[uid])))
    return found


def identity(page: InstrumentPage) -> Part:
    """Return what it is and where it belongs."""
    row, values = page.row, page.values
    model = page.related["model"]
    maker = page.related["maker"]
    linked = f"{maker.name} {model.designation}" if model and maker else str(model or "")
    today = timezone.localdate()
    year = values.get("purchase_year")
    age = rules.age_in_years(commissioned_on=row.commissioned_on, purchase_year=year, on=today)
    facts = [
        Fact(_("Make and model as written"), _as_written(row)),
        Fact(
            _("Make and model"),
            linked,
            model and model.get_absolute_url(),
            bool(row.linked_model) and not model,
        ),
        _related(page, "unit", _("Unit")),
        _related(page, "platform", _("Platform")),
        _related(page, "site", _("Site")),
        _related(page, "parent", _("Part of")),
        _fact(values, "status", tone=TONES.get(row.status or "")),
        _fact(values, "status_on"),
        Fact(_("Age"), "" if age is None else ngettext("%(n)d year", "%(n)d years", age) % {"n": age}),
        _fact(values, "commissioned_on"),
        _fact(values, "decommissioned_on"),
        _fact(values, "pid", url=_pid_url(row.pid)),
    ]
    # Most stand alone and are in use: a dash there would only be in the way.
    rare = (facts[5], facts[10])
    facts = [fact for fact in facts if fact.value or fact.is_hidden or fact not in rare]
    if not page.is_told:
        facts = [fact for fact in facts if fact.value]
    texts = ((_("Description"), row.description),) if row.description else ()
    return Part("basics", _("About"), tuple(facts), texts, origin=page.origins.get("basics"))


def _as_written(row: Instrument) -> str:
    maker = row.maker_text or ""
    is_named = row.model_text.casefold().startswith(maker.casefold())
    return row.model_text if is_named else f"{maker} {row.model_text}"


def _pid_url(pid: str | None) -> str | None:
    if not pid:
        return None
    if pid.startswith("10."):
        return f"https://doi.org/{pid}"
    return pid if pid.startswith(("https://", "http://")) else None


def _related(page: InstrumentPage, name: str, label: str) -> Fact:
    """Return what the instrument refers to; "not shared" where it is there and not theirs to see."""
    one = page.related[name]
    if one is not None:
        return Fact(label, one.name, one.get_absolute_url())
    there = getattr(page.row, name) if name != "platform" else getattr(page.row.unit, "platform", None)
    is_hidden = there is not None and there.deleted_at is None
    if there is None and home_of(page.row) != OURS:
        is_hidden = bool(getattr(page.row, f"{name}_ref", None))  # a partner names what they do not share
    return Fact(label, is_hidden=is_hidden and (name != "platform" or page.related["unit"] is not None))


def _fact(values: Mapping[str, Any], name: str, **more: Any) -> Fact:
    label = title_of(name)
    return Fact(label, spoken(name, values.get(name)), **more)


def spoken(name: str, value: Any) -> str:
    """Return a value as people read it; '' for none."""
    if value is None:
        return ""
    if name in CHOICES:
        return str(CHOICES[name](value).label)
    if name.endswith("_on"):
        return date_format(date.fromisoformat(value), "j F Y")
    if name.endswith("_years"):
        return ngettext("%(n)d year", "%(n)d years", value) % {"n": value}
    return str(value)


def capacity(page: InstrumentPage) -> Part:
    """Return who may use it, what it consists of and for how long."""
    values = page.values
    users = [str(UserCategoryChoices(one).label) for one in values.get("user_categories") or ()]
    end = values.get("end_of_support_on")
    is_past = end is not None and date.fromisoformat(end) < timezone.localdate()
    facts = (
        Fact(_("Who may use it"), ", ".join(users)),
        _fact(values, "end_of_support_on", note=_("has passed") if is_past else ""),
        _fact(values, "expected_life_years"),
    )
    texts = ((_("Configuration"), values["configuration"]),) if values.get("configuration") else ()
    return Part(
        "capacity",
        _("Capacity and access"),
        facts,
        texts,
        files_of(page, "capacity"),
        page.origins.get("capacity"),
    )


def economics(page: InstrumentPage) -> Part:
    """Return what it cost, costs and would cost again, its book value today, and who paid."""
    values = page.values
    facts = (
        _price(values, "replacement_price", note=_from(values)),
        _price(values, "purchase_price", note=spoken("purchase_vat", values.get("purchase_vat"))),
        _fact(values, "purchase_year"),
        _fact(values, "acquisition"),
        Fact(_("Book value today"), book_value_today(values)),
        _fact(values, "depreciation_years"),
        _fact(values, "depreciation_start_on"),
        _price(values, "running_cost"),
        _fact(values, "legal_owner"),
        _fact(values, "insurance"),
        _fact(values, "insured_until_on"),
    )
    lines = [_line(line) for line in values.get("funding") or ()]
    more = {"funding": lines} if lines else {}
    files = files_of(page, "economics")
    return Part("economics", _("Economics"), facts, (), files, page.origins.get("economics"), more=more)


def _price(values: Mapping[str, Any], name: str, note: str = "") -> Fact:
    label = title_of(name)
    currency = values.get(name.rpartition("_")[0] + "_currency", "")
    amount = values.get(name)
    return Fact(
        label,
        "" if amount is None else format_money(amount, currency),
        note=note if amount is not None else "",
    )


def _from(values: Mapping[str, Any]) -> str:
    told = (str(values.get("replacement_year") or ""), values.get("replacement_source") or "")
    return ", ".join(filter(None, told))


def book_value_today(values: Mapping[str, Any]) -> str:
    """Return the linear book value on this day, '' when price, years or start are not known."""
    price, years, start = (
        values.get(name) for name in ("purchase_price", "depreciation_years", "depreciation_start_on")
    )
    if price is None or not years or not start:
        return ""
    on = timezone.localdate()
    value = rules.book_value(price=price, years=years, start_on=date.fromisoformat(start), on=on)
    return format_money(value, values["purchase_currency"])


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    amount = line.get("amount")
    return {
        **line,
        "amount": "" if amount is None else format_money(amount, line["currency"]),
        "keep_until_on": spoken("keep_until_on", line.get("keep_until_on")),
    }


def contact(page: InstrumentPage) -> Part:
    """Return how to ask."""
    values = page.values
    mailbox, mail, orcid = (values.get(name) for name in ("mailbox", "person_email", "person_orcid"))
    facts = (
        Fact(_("Function mailbox"), mailbox or "", f"mailto:{mailbox}" if mailbox else None),
        Fact(_("How to ask"), values.get("contact_url") or "", values.get("contact_url")),
        Fact(
            _("Contact person"),
            values.get("person_name") or "",
            f"mailto:{mail}" if mail else None,
            note=mail or "",
        ),
        Fact(_("ORCID"), orcid or "", f"https://orcid.org/{orcid}" if orcid else None),
    )
    return Part("contact", _("Contact"), facts if orcid else facts[:3], origin=page.origins.get("contact"))


def internal(page: InstrumentPage) -> Part:
    """Return what never leaves the organisation: numbers, room, criticality, the steps of its life."""
    values = page.values
    critical = values.get("criticality")
    facts = (
        _fact(values, "inventory_number"),
        _fact(values, "serial_number"),
        _fact(values, "room"),
        Fact(_("Criticality"), _("%(n)d of 5") % {"n": critical} if critical else ""),
    )
    texts = ((_("Notes"), values["notes"]),) if values.get("notes") else ()
    steps = [
        {
            "label": spoken("status", step["status"]),
            "tone": TONES[step["status"]],
            "on": spoken("status_on", step.get("on")),
            "reason": step.get("reason"),
        }
        for step in reversed(values.get("status_log") or ())
    ]
    files = files_of(page, "internal")
    more = {"steps": steps} if steps else {}
    return Part("internal", _("Internal"), facts, texts, files, page.origins.get("internal"), more=more)


def files_of(page: InstrumentPage, section: str) -> tuple[FileLine, ...]:
    """Return the documents a section lists."""
    return tuple(_file(page, section, told) for told in page.values.get(DOCUMENTS[section]) or ())


def picture_of(page: InstrumentPage) -> FileLine | None:
    """Return the picture, when there is one."""
    told = page.values.get("picture")
    return _file(page, "basics", told) if told else None


def _file(page: InstrumentPage, section: str, told: Mapping[str, Any]) -> FileLine:
    is_here = page.row.home_id == OWN
    url = reverse("instruments:file", args=[page.row.uid, section, told["digest"]]) if is_here else ""
    return FileLine(**told, url=url)


PARTS: dict[str, Callable[[InstrumentPage], Part]] = {
    "capacity": capacity,
    "economics": economics,
    "contact": contact,
    "internal": internal,
}


def parts_of(page: InstrumentPage) -> list[Part]:
    """Return the parts after the identity that this viewer may see.

    What is not theirs is "not shared" to partners and to members; visitors never learn of it.
    """
    found = []
    for section, made in PARTS.items():
        if section in page.seen:
            part = made(page)
            if page.may_edit or not part.is_empty:
                found.append(part)
        elif section != "internal" and page.is_told:
            found.append(Part(section, str(page.kind.section(section).label), is_hidden=True))
    return found
