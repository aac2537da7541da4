"""What people type about a service event, on a phone beside the instrument as at a desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.instruments.models import VatChoices
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.money import Money, format_money, parse_money
from parkbench.lib.numbers import parse_number
from parkbench.servicing import wire
from parkbench.servicing.models import HappeningChoices
from parkbench.servicing.queries.event import EventRecord
from parkbench.servicing.rules import SECTION_OF, as_days, tenths
from parkbench.ui.parts import Change

HELD = {"days_down": "down_tenths"}
"""Fields of the form > the field of a section they write, where it is called otherwise."""


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


class EventForm(forms.Form):
    """One event; only the parts of the sections that its editor may see. Keeps the revisions they saw."""

    event_kind = forms.ChoiceField(
        label=gettext_lazy("What was it?"), choices=HappeningChoices.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=gettext_lazy("In a few words"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Such as “Laser 561 nm replaced”. Without it: the kind and the day."),
    )
    happened_on = _day(gettext_lazy("When"))
    still_down = forms.BooleanField(label=gettext_lazy("It is still down"), required=False)
    days_down = forms.CharField(
        label=gettext_lazy("Days down"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=gettext_lazy("In tenths if need be: 0.5. 0 if it never stopped; empty if nobody knows."),
    )
    ended_on = _day(gettext_lazy("Up again on"), required=False)
    cost = forms.CharField(
        label=gettext_lazy("Cost"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as 12 500 SEK."),
    )
    vat = forms.ChoiceField(
        label=gettext_lazy("VAT"),
        required=False,
        choices=[("", gettext_lazy("not said")), *VatChoices.choices],
    )
    supplier = forms.CharField(label=gettext_lazy("Supplier"), required=False, max_length=200)
    case_number = forms.CharField(
        label=gettext_lazy("Case number"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("The number of the order or of the supplier's service report."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays inside the organisation."),
    )

    def __init__(self, data: Any = None, *, seen: frozenset[str], page: EventRecord | None = None) -> None:
        super().__init__(data, initial=_initial(page))
        self.page = page
        self.conflict: list[Change] = []
        held = page.values if page else {}
        self.kept = Money(held["cost"], held["currency"]) if held.get("cost") is not None else None
        self.said = [name for name in self.fields if SECTION_OF[HELD.get(name, name)] in seen]
        for name in set(self.fields) - set(self.said):
            del self.fields[name]
        for section, revision in (page.revisions if page else {}).items():
            self.fields[f"revision_{section}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=revision, min_value=0
            )

    @property
    def groups(self) -> list[tuple[Any, list[BoundField]]]:
        """Return the fields in groups as the page draws them."""
        parts = (
            (
                _("What happened"),
                ("event_kind", "happened_on", "still_down", "days_down", "ended_on", "name"),
            ),
            (_("What it cost"), ("cost", "vat", "supplier")),
            (_("For us"), ("note", "case_number")),
        )
        drawn = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in parts]
        return [(legend, fields) for legend, fields in drawn if fields]

    def clean_days_down(self) -> int | None:
        """Read days, with a decimal comma or point, as tenths."""
        text = str(self.cleaned_data["days_down"]).strip()
        if not text:
            return None
        try:
            return tenths(parse_number(text))
        except (Invalid, ValueError) as error:
            raise forms.ValidationError(_("Expected a number of days, such as 2 or 0.5.")) from error

    def clean_cost(self) -> Money | None:
        """Read an amount; without a currency it is that of the amount before, else the node's."""
        text = str(self.cleaned_data["cost"]).strip()
        if not text:
            return None
        if self.kept and text.split() == str(self.kept).split():
            return self.kept  # as it was shown: KWD 1.234 alone may be read in two ways
        try:
            money = parse_money(
                text, default_currency=self.kept.currency if self.kept else settings.DEFAULT_CURRENCY
            )
        except Invalid as refusal:
            what = refusal.problems[0].expected
            raise forms.ValidationError(_("Expected %(what)s.") % {"what": what}) from refusal
        if money.amount_minor < 0:
            raise forms.ValidationError(_("Expected an amount that is not negative."))
        return money

    def values(self) -> dict[str, Any]:
        """Return the fields as the services take them; None empties one."""
        given = {HELD.get(name, name): self.cleaned_data[name] or None for name in self.said}
        given["down_tenths"] = self.cleaned_data["days_down"]
        for name in ("happened_on", "ended_on"):
            day = self.cleaned_data[name]
            given[name] = day.isoformat() if day else None
        if "cost" in given:
            money = given["cost"]
            given["cost"] = money.amount_minor if money else None
            given["currency"] = money.currency if money else None
        return given

    def revisions(self) -> dict[str, int]:
        """Return the revision of each section that the editor saw."""
        names = [name for name in self.fields if name.startswith("revision_")]
        return {name.removeprefix("revision_"): self.cleaned_data[name] for name in names}

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal: at its field where it names one, else at the top."""
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        if not problems:
            self.add_error(None, refusal.sentence)
        shown = {held: name for name, held in HELD.items()}
        titles = {
            field.title: shown.get(name, name)
            for schema in wire.SCHEMAS.values()
            for name, field in schema.model_fields.items()
        }
        for problem in problems:
            name = titles.get(problem.field, "")
            words = _("Expected %(what)s.") % {"what": problem.expected.removeprefix("expected ")}
            self.add_error(name if name in self.fields else None, words)

    def show_conflict(self, page: EventRecord) -> None:
        """Show beside each other what somebody else saved meanwhile and what is typed here.

        The form then holds their revisions, so that saving once more overwrites them knowingly.
        """
        theirs = _initial(page)
        for name in self.said:
            old, new = str(theirs.get(name) or ""), str(self[name].value() or "")
            if old != new:
                self.conflict.append(Change(str(self.fields[name].label), old, new))
        data = {name: self.data[name] for name in self.data}
        for section, revision in page.revisions.items():
            data[f"revision_{section}"] = str(revision)
        self.data = data


def _initial(page: EventRecord | None) -> dict[str, Any]:
    """Return what the form begins with: a failure today, or what the event holds."""
    if page is None:
        return {"happened_on": timezone.localdate().isoformat(), "event_kind": HappeningChoices.FAILURE.value}
    held: Mapping[str, Any] = page.values
    shown = dict(held)
    if held.get("down_tenths") is not None:
        shown["days_down"] = as_days(held["down_tenths"])
    if held.get("cost") is not None:
        shown["cost"] = format_money(held["cost"], held["currency"])
    return shown
