"""The price list of a service: rows of a form; another row comes by a button, without JavaScript too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from parkbench.instruments.models import UserCategoryChoices
from parkbench.lib.money import format_money
from parkbench.offer.models import VatChoices
from parkbench.offer.services.prices import MOST_LINES
from parkbench.ui.fields import DayField, MoneyField

EMPTY_ROWS = 2


class PriceLineForm(forms.Form):
    """One price; an empty row is passed over, an emptied one taken out."""

    id = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    category = forms.ChoiceField(
        label=_("For"), required=False, choices=[("", _("everybody")), *UserCategoryChoices.choices]
    )
    label = forms.CharField(label=_("What for"), required=False, max_length=100)
    amount = MoneyField(label=_("Price"), required=False, max_length=60)
    unit = forms.CharField(label=_("Per"), required=False, max_length=40)
    vat = forms.ChoiceField(
        label=_("VAT"), required=False, choices=[("", _("not said")), *VatChoices.choices]
    )
    valid_from = DayField(label=_("Valid from"), required=False, max_length=60)
    valid_until = DayField(label=_("Valid until"), required=False, max_length=60)

    @property
    def is_empty(self) -> bool:
        """Whether nothing that makes a price stands in the row."""
        data = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return not any(data.get(name) for name in ("label", "amount", "unit")) and not (
            self.errors.get("amount")
        )

    def clean(self) -> dict[str, Any]:
        """Refuse half a price, and an end before the beginning."""
        given = super().clean() or {}
        if self.is_empty:
            return given
        if given.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Give the price, or empty the whole row."))
        if not given.get("unit"):
            self.add_error("unit", _("Say what one pays for: hour, sample, run …"))
        first, last = given.get("valid_from"), given.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("Expected a day that is not before “Valid from”."))
        return given

    def clean_id(self) -> str:
        """Let only ids through; anything else makes a new line."""
        try:
            return str(UUID(self.cleaned_data["id"]))
        except ValueError:
            return ""


class _Lines(BaseFormSet):  # type: ignore[type-arg]
    """Rows that may all be emptied: none counts as having been there before."""

    def initial_form_count(self) -> int:
        return 0


_PriceFormSet = formset_factory(
    PriceLineForm, formset=_Lines, max_num=MOST_LINES, validate_max=True, absolute_max=MOST_LINES + 50
)


class PriceList:
    """The whole list as a form: ``rows`` to draw, ``lines()`` it says, ``revision`` it began with."""

    def __init__(
        self, data: Any = None, *, lines: Sequence[Mapping[str, Any]] = (), revision: int = 0
    ) -> None:
        self.is_bound = data is not None
        initial = [] if self.is_bound else [_shown(line) for line in lines]
        self.formset = _PriceFormSet(data, prefix="prices", initial=initial)
        self.formset.extra = len(initial) + EMPTY_ROWS
        text = str(data.get("revision", "")) if data is not None else ""
        self.revision = int(text) if text.isdigit() and len(text) < 10 else revision
        self.problems: list[str] = []

    @property
    def rows(self) -> list[PriceLineForm]:
        """Return the rows to be drawn."""
        return list(self.formset)

    @property
    def has_errors(self) -> bool:
        """Whether anything was refused."""
        return bool(self.problems or (self.is_bound and self.formset.total_error_count()))

    def is_valid(self) -> bool:
        """Tell whether every row can be read."""
        return bool(self.formset.is_valid())

    def lines(self) -> list[dict[str, Any]]:
        """Return the rows that say something as they are kept."""
        return [_kept(form.cleaned_data) for form in self.formset if form.cleaned_data and not form.is_empty]

    def with_another_row(self, data: Any) -> PriceList:
        """Return the list as it was typed with more empty rows; nothing is refused yet."""
        more = data.copy()
        total = str(data.get("prices-TOTAL_FORMS", "0"))
        count = int(total) if total.isdigit() and len(total) < 5 else 0
        more["prices-TOTAL_FORMS"] = str(min(count + EMPTY_ROWS, MOST_LINES))
        again = PriceList(more)
        for form in again.formset:
            form._errors = {}  # what is half typed is not wrong yet
        again.formset._errors, again.formset._non_form_errors = [], []  # type: ignore[attr-defined]
        again.is_bound = False
        return again


def _kept(said: Mapping[str, Any]) -> dict[str, Any]:
    amount = said["amount"]
    line = {name: said.get(name) for name in ("id", "category", "label", "unit")}
    line |= {"amount": amount.amount_minor, "currency": amount.currency, "vat": said.get("vat")}
    line |= {"valid_from": said.get("valid_from"), "valid_until": said.get("valid_until")}
    return {name: value for name, value in line.items() if value not in (None, "")}


def _shown(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept line as the form shows it."""
    return {**line, "amount": format_money(line["amount"], line["currency"])}
