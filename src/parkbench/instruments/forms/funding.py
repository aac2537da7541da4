"""The funding lines of an instrument: rows of a form, three of them empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from parkbench.lib.money import format_money
from parkbench.ui.fields import DayField, MoneyField

EMPTY_ROWS = 3
MOST_ROWS = 20


class FundingLineForm(forms.Form):
    """Who paid a part, and on what condition; an empty row is passed over."""

    funder = forms.CharField(label=_("Funder"), required=False, max_length=200)
    grant = forms.CharField(label=_("Grant"), required=False, max_length=100)
    amount = MoneyField(label=_("Amount"), required=False, max_length=60)
    condition = forms.CharField(label=_("Condition"), required=False, max_length=500)
    keep_until_on = DayField(label=_("To be kept until"), required=False, max_length=40)

    def clean_funder(self) -> str:
        """Refuse a row that says something of a funder it does not name."""
        funder = str(self.cleaned_data["funder"])
        if not funder and self.has_changed():
            raise forms.ValidationError(_("Name the funder, or empty the whole row."))
        return funder


class _Lines(BaseFormSet):  # type: ignore[type-arg]
    """Rows that may all be emptied: none counts as having been there before."""

    def initial_form_count(self) -> int:
        return 0


_FundingFormSet = formset_factory(
    FundingLineForm, formset=_Lines, extra=EMPTY_ROWS, max_num=MOST_ROWS, validate_max=True, absolute_max=60
)


def funding_lines(data: Any = None, *, lines: Sequence[Mapping[str, Any]] | None = None) -> Any:
    """Return the rows for these funding lines and three empty ones; posted rows when there is data."""
    # Posted rows stand for themselves: compared with what was there, an emptied row would count as changed.
    initial = [] if data is not None else [_shown(line) for line in lines or ()]
    formset = _FundingFormSet(data, prefix="funding", initial=initial)
    formset.extra = min(len(initial) + EMPTY_ROWS, MOST_ROWS)
    return formset


def read_lines(formset: Any) -> list[dict[str, Any]]:
    """Return the rows that say something as they are kept."""
    return [_kept(form.cleaned_data) for form in formset if form.has_changed() and form.cleaned_data]


def typed_lines(formset: Any) -> list[dict[str, Any]]:
    """Return the rows as they were typed, to be shown again."""
    names = FundingLineForm.base_fields
    rows = [{name: form[name].value() or "" for name in names} for form in formset]
    return [row for row in rows if any(row.values())]


def _kept(said: Mapping[str, Any]) -> dict[str, Any]:
    amount = said.get("amount")
    line = {
        "funder": said["funder"],
        "grant": said.get("grant"),
        "amount": amount.amount_minor if amount else None,
        "currency": amount.currency if amount else None,
        "condition": said.get("condition"),
        "keep_until_on": said.get("keep_until_on"),
    }
    return {name: value for name, value in line.items() if value not in (None, "")}


def _shown(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept line as the form shows it; a typed one as it is."""
    if isinstance(line.get("amount"), int):
        return {**line, "amount": format_money(line["amount"], line["currency"])}
    return dict(line)
