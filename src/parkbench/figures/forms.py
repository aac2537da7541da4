"""What people type: one month of one instrument."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from parkbench.figures import rules
from parkbench.figures.queries.panels import CATEGORY_LABELS
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.numbers import parse_number

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")
PLAIN_LABELS = {
    "available": _("Available (h)"),
    "booked": _("Booked (h)"),
    "maintenance": _("Maintenance (h)"),
    "down": _("Down (h)"),
}


class HoursField(forms.CharField):
    """Hours as people write them, 12.5 or 12,5 or 12:30, as whole minutes; empty is not known."""

    def clean(self, value: Any) -> int | None:
        """Return whole minutes, None for an empty field."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        if found := _CLOCK.fullmatch(text):
            return int(found[1]) * 60 + int(found[2])
        try:
            minutes = parse_number(text) * 60
        except Invalid as error:
            raise forms.ValidationError(_("Write hours such as 12.5 or 12:30.")) from error
        if minutes < 0:
            raise forms.ValidationError(_("Hours are not negative."))
        return int(minutes.to_integral_value())


def hours_typed(minutes: int | None) -> str:
    """Return minutes as the form shows them: 12 or 12:30."""
    if minutes is None:
        return ""
    return str(minutes // 60) if minutes % 60 == 0 else rules.clock_hours(minutes)


class MonthForm(forms.Form):
    """The month, its hours without category, and use by user category."""

    month = forms.CharField(
        label=_("Month"),
        widget=forms.TextInput(attrs={"type": "month"}),
        help_text=_("Such as 2025-03."),
    )
    revision_hours = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure, label in PLAIN_LABELS.items():
            self.fields[measure] = HoursField(label=label, required=False, max_length=10)
        for category, label in CATEGORY_LABELS.items():
            self.fields[f"used-{category}"] = HoursField(label=label, required=False, max_length=10)

    @property
    def groups(self) -> list[tuple[Any, list[BoundField]]]:
        """Return the fields in groups as the page draws them."""
        return [
            (_("Month"), [self["month"]]),
            (_("Hours used, by user category"), [self[f"used-{name}"] for name in CATEGORY_LABELS]),
            (_("Hours of the instrument"), [self[name] for name in PLAIN_LABELS]),
        ]

    def clean_month(self) -> tuple[int, int]:
        """Return (year, month)."""
        found = re.fullmatch(r"(\d{4})-(\d{1,2})", self.cleaned_data["month"].strip())
        if not found or not 1 <= int(found[2]) <= 12:
            raise forms.ValidationError(_("Write a month such as 2025-03."))
        return int(found[1]), int(found[2])

    def given(self) -> dict[str, Any]:
        """Return what `services.enter_month` takes."""
        year, month = self.cleaned_data["month"]
        values = {rules.field_name(month, name): self.cleaned_data[name] for name in PLAIN_LABELS}
        for category in CATEGORY_LABELS:
            values[rules.field_name(month, "used", category)] = self.cleaned_data[f"used-{category}"]
        expected = {"hours": self.cleaned_data["revision_hours"]}
        return {"year": year, "month": month, "values": values, "expected": expected}

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at the fields it names, else at the top."""
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        if not problems:
            self.add_error(None, refusal.sentence)
        for problem in problems:
            part = rules.PARTS.get(problem.field)
            name = "month" if part is None else part.measure
            if part is not None and part.category:
                name = f"used-{part.category}"
            self.add_error(
                name if name in self.fields else None,
                f"{problem.expected[:1].upper()}{problem.expected[1:]}.",
            )


def initial_of(values: dict[str, Any], year: int, month: int, revision: int) -> dict[str, Any]:
    """Return what the form of a month begins with."""
    found: dict[str, Any] = {"month": f"{year}-{month:02}", "revision_hours": revision}
    for name in PLAIN_LABELS:
        found[name] = hours_typed(values.get(rules.field_name(month, name)))
    for category in CATEGORY_LABELS:
        found[f"used-{category}"] = hours_typed(values.get(rules.field_name(month, "used", category)))
    return found
