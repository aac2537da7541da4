"""The form of an instrument: grouped, forgiving, holding only the sections its editor may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.instruments import wire
from parkbench.instruments.forms.fields import RecordField, WholeField, YearField, among
from parkbench.instruments.forms.funding import funding_lines, read_lines
from parkbench.instruments.models import (
    AcquisitionChoices,
    StatusChoices,
    UserCategoryChoices,
    VatChoices,
)
from parkbench.instruments.queries.instrument import title_of
from parkbench.instruments.queries.offer import Offer
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.money import Money, format_money
from parkbench.lib.urn import record_id
from parkbench.ui.fields import DayField, MoneyField

REFERENCES = {"unit": "unit_ref", "site": "site_ref", "parent": "parent_ref"}
PERSON = ("person_uid", "person_name", "person_email", "person_orcid")
SECTION = {
    **wire.SECTION_OF,
    **dict.fromkeys(REFERENCES, "basics"),
    "person": "contact",
}
"""Field of the form > the section it writes."""

GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("what", gettext_lazy("What it is"), ("name", "unit", "model_text", "maker_text")),
    (
        "where",
        gettext_lazy("Place, life and description"),
        (
            "status",
            "status_on",
            "site",
            "parent",
            "commissioned_on",
            "decommissioned_on",
            "pid",
            "description",
        ),
    ),
    ("techniques", gettext_lazy("Techniques"), ("techniques",)),
    (
        "capacity",
        gettext_lazy("Capacity and access"),
        ("user_categories", "configuration", "end_of_support_on", "expected_life_years"),
    ),
    (
        "economics",
        gettext_lazy("Economics"),
        (
            *("acquisition", "legal_owner", "purchase_price", "purchase_vat", "purchase_year"),
            *("replacement_price", "replacement_year", "replacement_source", "running_cost"),
            *("depreciation_years", "depreciation_start_on", "insurance", "insured_until_on"),
        ),
    ),
    ("contact", gettext_lazy("Contact"), ("mailbox", "contact_url", "person")),
    (
        "internal",
        gettext_lazy("Internal: never leaves the organisation"),
        ("inventory_number", "serial_number", "room", "criticality", "notes"),
    ),
    ("content", gettext_lazy("Who answers for the content"), ("steward", "review_due_on")),
)
ONLY_NEW = ("status", "status_on")
LONG = ("description", "configuration", "notes")
HELP = {
    "name": gettext_lazy("What people call it, such as “Confocal 3”."),
    "model_text": gettext_lazy(
        "As it stands on the machine, such as “Zeiss LSM 980”; it is linked by itself."
    ),
    "purchase_price": gettext_lazy("In any spelling: 1,2 MSEK; 450 kEUR; 1.234,50."),
    "commissioned_on": gettext_lazy("In any spelling: 2019-03-31; 31.3.2019; March 2019."),
    "pid": gettext_lazy("A DOI or handle of this very instrument."),
    "person": gettext_lazy("Only people who agreed to be named outside the organisation."),
    "mailbox": gettext_lazy("A mailbox of the facility, read by whoever is on duty."),
    "criticality": gettext_lazy("From 1 (can wait) to 5 (work stops)."),
    "parent": gettext_lazy("The instrument it is a part of."),
}
LABELS = {
    "model_text": gettext_lazy("Make and model as written"),
    "person": gettext_lazy("Contact person"),
    "depreciation_years": gettext_lazy("Depreciation (years)"),
    "expected_life_years": gettext_lazy("Expected life (years)"),
    "replacement_year": gettext_lazy("Replacement price of the year"),
    "replacement_source": gettext_lazy("Source of the replacement price"),
    "purchase_vat": gettext_lazy("VAT of the purchase price"),
}
CHOICES: dict[str, Any] = {
    "status": StatusChoices.choices,
    "acquisition": AcquisitionChoices.choices,
    "purchase_vat": VatChoices.choices,
}


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together; ``filled`` counts those that hold something."""

    key: str
    legend: str
    fields: Sequence[Any]
    filled: int
    is_open: bool


class InstrumentForm(forms.Form):
    """Everything that may be said of an instrument, as far as its editor may see it.

    ``values`` are the flat values it begins with, ``said`` texts that somebody typed and that stand in their
    place, ``revisions`` those of the sections the values come from.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        offer: Offer,
        values: Mapping[str, Any] | None = None,
        revisions: Mapping[str, int] | None = None,
        said: Mapping[str, Any] | None = None,
        is_new: bool = False,
    ) -> None:
        self.offer, self.before, self.is_new = offer, dict(values or {}), is_new
        initial = {**shown(self.before, offer), **(said or {})}
        super().__init__(data, initial=initial)
        for _key, _legend, names in GROUPS:
            for name in names:
                if self._has(name):
                    self.fields[name] = self._labelled(name, make_field(name, offer, self.before))
        for section, revision in (revisions or {}).items():
            hidden = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=revision)
            self.fields[f"revision_{section}"] = hidden
        if offer.may_set_steward:
            for name in ("steward", "review_due_on"):
                self.fields[f"seen_{name}"] = forms.CharField(
                    widget=forms.HiddenInput, required=False, initial=getattr(offer, name)
                )
        lines = (said or {}).get("funding", self.before.get("funding"))
        self.funding = funding_lines(data, lines=lines) if "economics" in offer.sections else None

    def _has(self, name: str) -> bool:
        if name in ONLY_NEW:
            return self.is_new
        if name in ("steward", "review_due_on"):
            return self.offer.may_set_steward
        return SECTION[name] in self.offer.sections

    def _labelled(self, name: str, field: forms.Field) -> forms.Field:
        if name in LABELS:
            field.label = LABELS[name]
        elif field.label is None:
            field.label = title_of(name)
        field.help_text = field.help_text or HELP.get(name, "")
        return field

    @property
    def groups(self) -> list[Group]:
        """Return the groups of the form that have any field, the required one open."""
        found = []
        for key, legend, names in GROUPS:
            fields = [self[name] for name in names if name in self.fields]
            if not fields:
                continue
            filled = sum(_count(field.value()) for field in fields)
            is_open = key == "what" or any(field.errors for field in fields)
            found.append(Group(key, str(legend), fields, filled, is_open))
        return found

    def is_valid(self) -> bool:
        """Tell whether the form and every funding line can be read."""
        is_fine = super().is_valid()
        return (self.funding is None or self.funding.is_valid()) and is_fine

    def values(self) -> dict[str, Any]:
        """Return what the form says as flat values; None where a field is empty."""
        said: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name in SECTION and name in self.fields:
                said.update(self._wired(name, value))
        if self.funding is not None:
            said["funding"] = read_lines(self.funding) or None
        return said

    def _wired(self, name: str, value: Any) -> dict[str, Any]:
        if name in REFERENCES:
            ref = record_id(node=self.offer.node, kind=_kind(name), uid=UUID(value)) if value else None
            return {REFERENCES[name]: ref}
        if name in wire.CURRENCIES:
            amount, currency = (value.amount_minor, value.currency) if value else (None, None)
            return {name: amount, wire.CURRENCIES[name]: currency}
        if name == "person":
            if value and value == self.before.get("person_uid"):
                return {each: self.before.get(each) for each in PERSON}
            return {**dict.fromkeys(PERSON), "person_uid": value or None}
        return {name: value or None}

    def changed_values(self) -> dict[str, Any]:
        """Return those values that differ from what the form began with."""
        return {name: value for name, value in self.values().items() if _differs(name, value, self.before)}

    def has_new_stewardship(self) -> bool:
        """Tell whether content responsible or review date differ from what the form began with."""
        given = self.cleaned_data
        return self.offer.may_set_steward and any(
            (given.get(name) or "") != (given.get(f"seen_{name}") or "")
            for name in ("steward", "review_due_on")
        )

    def seen_revisions(self, now: Mapping[str, int]) -> dict[str, int]:
        """Return the revisions the editor had before them, from the hidden fields."""
        found = {}
        for section, revision in now.items():
            text = str(self.data.get(f"revision_{section}", ""))
            found[section] = int(text) if text.isdigit() and len(text) < 10 else revision
        return found

    def take(self, refusal: Refused) -> None:
        """Show what a service refused: at the field it names, else above the form."""
        if not isinstance(refusal, Invalid):
            self.add_error(None, refusal.sentence)
            return
        for problem in refusal.problems:
            name = FIELD_OF.get(problem.field, "")
            sentence = _("Expected %(what)s.") % {"what": problem.expected.removeprefix("expected ")}
            self.add_error(
                name if name in self.fields else None, sentence if name in self.fields else str(problem)
            )


def _count(value: Any) -> int:
    """Return how many things a field says: a list of boxes says one per box."""
    return len(value) if isinstance(value, list | tuple) else int(value not in (None, ""))


def _differs(name: str, value: Any, before: Mapping[str, Any]) -> bool:
    if name in wire.WORD_LISTS:  # boxes have no order of their own
        return set(value or ()) != set(before.get(name) or ())
    return bool((None if value in ("", [], ()) else value) != before.get(name))


def _kind(name: str) -> str:
    return "instrument" if name == "parent" else name


def shown(values: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
    """Return flat values as the form shows them: names for records, amounts with their currency."""
    texts: dict[str, Any] = {name: value for name, value in values.items() if name in SECTION}
    for name, ref in REFERENCES.items():
        uid = (values.get(ref) or "").rpartition("/")[2]
        texts[name] = offer.name_of(name, uid)
    for name, currency in wire.CURRENCIES.items():
        if values.get(name) is not None:
            texts[name] = format_money(values[name], values[currency])
    texts["person"] = values.get("person_uid")
    texts["steward"], texts["review_due_on"] = offer.steward, offer.review_due_on
    return texts


def make_field(name: str, offer: Offer, values: Mapping[str, Any]) -> forms.Field:
    """Return the field of that name."""
    if name in REFERENCES:
        return _record_field(name, offer, values)
    if name in wire.WORD_LISTS:
        return _boxes(name, offer, values)
    if name in (*CHOICES, "person", "steward"):
        return forms.ChoiceField(required=False, choices=[("", "—"), *_choices(name, offer, values)])
    return _read_field(name, values) or _text_field(name)


def _choices(name: str, offer: Offer, values: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    if name == "person":
        return offer.contacts_with(values)
    found: Sequence[tuple[str, Any]] = offer.stewards if name == "steward" else CHOICES[name]
    return found


def _read_field(name: str, values: Mapping[str, Any]) -> forms.Field | None:
    """Return the field of an amount, day, number or year; None for a plain text."""
    if name in wire.CURRENCIES:
        amount = values.get(name)
        kept = None if amount is None else Money(amount, values[wire.CURRENCIES[name]])
        return MoneyField(required=False, kept=kept, max_length=60)
    if name.endswith("_on"):
        return DayField(required=False, max_length=40)
    if name in BOUNDS:
        return WholeField(required=False, least=BOUNDS[name][0], most=BOUNDS[name][1], max_length=20)
    return YearField(required=False, max_length=40) if name.endswith("_year") else None


def _text_field(name: str) -> forms.CharField:
    bounds = wire.SCHEMAS[SECTION[name]].model_fields[name].metadata
    longest = next((each.max_length for each in bounds if hasattr(each, "max_length")), 5000)
    widget = forms.Textarea(attrs={"rows": 4}) if name in LONG else None
    field = forms.CharField(required=name in ("name", "model_text"), max_length=longest, widget=widget)
    if name in ("maker_text", "model_text"):
        field.suggest_url = reverse_lazy("instruments:suggest", args=[name])  # type: ignore[attr-defined]
    return field


def _record_field(name: str, offer: Offer, values: Mapping[str, Any]) -> RecordField:
    uid = (values.get(REFERENCES[name]) or "").rpartition("/")[2]
    kept = (uid, offer.name_of(name, uid)) if uid else None
    find = offer.find_parent if name == "parent" else among(offer.units if name == "unit" else offer.sites)
    unknown = {
        "unit": _(
            "There is no unit “%(name)s” that you may edit. Choose one of those offered, or add it first."
        ),
        "site": _("There is no site “%(name)s” here. Choose one of those offered, or add it first."),
        "parent": _("There is no instrument “%(name)s” here. Choose one of those offered."),
    }[name]
    field = RecordField(find=find, kept=kept, unknown=unknown, required=name == "unit", max_length=600)
    if name == "parent":
        field.suggest_url = reverse_lazy("instruments:suggest", args=[name])  # type: ignore[attr-defined]
    else:
        field.datalist = [one for _uid, one in (offer.units if name == "unit" else offer.sites)]  # type: ignore[attr-defined]
    return field


def _boxes(name: str, offer: Offer, values: Mapping[str, Any]) -> forms.MultipleChoiceField:
    """Boxes to tick; what the instrument holds and nobody offers any more stays a choice."""
    known: list[tuple[str, Any]] = list(
        offer.techniques if name == "techniques" else UserCategoryChoices.choices
    )
    offered = {key for key, _label in known}
    known += [(key, key) for key in values.get(name) or () if key not in offered]
    return forms.MultipleChoiceField(required=False, choices=known, widget=forms.CheckboxSelectMultiple)


BOUNDS = {"depreciation_years": (1, 100), "expected_life_years": (1, 100), "criticality": (1, 5)}
FIELD_OF = {
    (known.title or name): {
        **{ref: field for field, ref in REFERENCES.items()},
        **{currency: price for price, currency in wire.CURRENCIES.items()},
        **dict.fromkeys(PERSON, "person"),
    }.get(name, name)
    for schema in wire.SCHEMAS.values()
    for name, known in schema.model_fields.items()
}
"""Title of a field, as refusals name it > field of the form."""
