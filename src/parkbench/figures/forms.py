"""What people type: one month of one instrument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

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
BY_CATEGORY_LABELS = {
    "used": _("Used (h)"),
    "training": _("Of these training (h)"),
    "sessions": _("Sessions"),
    "groups": _("Distinct groups"),
}
FEW = f"<{rules.FEWEST}"
"""How fewer groups than may be shown stand in the form; left so, the number stays as it is."""


class CountField(forms.IntegerField):
    """A whole number, empty when it is not known."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Write a whole number."),
        "min_value": _("A number is not negative."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1_000_000, required=False, **kwargs)


class GroupsField(CountField):
    """A number of groups; ``FEW`` is returned as it is."""

    def clean(self, value: Any) -> Any:
        """Return the number, None, or ``FEW``."""
        if str(value or "").replace(" ", "") == FEW:
            return FEW
        return super().clean(value)


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
    """The month, its hours without category, and by user category use, training, sessions and groups.

    Distinct groups are there only for who may see them.
    """

    month = forms.CharField(
        label=_("Month"),
        widget=forms.TextInput(attrs={"type": "month"}),
        help_text=_("Such as 2025-03."),
    )
    revision_hours = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, has_groups: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure, label in PLAIN_LABELS.items():
            self.fields[measure] = HoursField(label=label, required=False, max_length=10)
        self.measures = {
            name: label for name, label in BY_CATEGORY_LABELS.items() if has_groups or name != rules.GROUPS
        }
        if has_groups:
            hidden = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
            self.fields["revision_groups"] = hidden
        for category, of_whom in CATEGORY_LABELS.items():
            for measure, label in self.measures.items():
                name = f"{measure}-{category}"
                self.fields[name] = _field_of(measure, f"{label}: {of_whom}")
                self.fields[name].widget.attrs["aria-label"] = self.fields[name].label

    def plain(self) -> list[BoundField]:
        """Return the hours of the instrument, whoever used it."""
        return [self[name] for name in PLAIN_LABELS]

    def lines(self) -> list[tuple[Any, list[tuple[Any, BoundField]]]]:
        """Return the user categories with their fields, each with what it measures."""
        return [
            (label, [(heading, self[f"{measure}-{category}"]) for measure, heading in self.measures.items()])
            for category, label in CATEGORY_LABELS.items()
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
        # A measure that was not in the form at all says nothing; an empty field says "not known".
        told_of = [one for one in self.measures if any(key.startswith(f"{one}-") for key in self.data)]
        for measure in told_of:
            for category in CATEGORY_LABELS:
                name = rules.field_name(month, measure, category)
                values[name] = self.cleaned_data[f"{measure}-{category}"]
        kept = [name for name, value in values.items() if value == FEW]
        told = {name: value for name, value in values.items() if value != FEW}
        sections = ("hours", "groups") if rules.GROUPS in told_of else ("hours",)
        expected = {name: self.cleaned_data[f"revision_{name}"] or 0 for name in sections}
        return {"year": year, "month": month, "values": told, "kept": kept, "expected": expected}

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at the fields it names, else at the top."""
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        if not problems:
            self.add_error(None, refusal.sentence)
        for problem in problems:
            part = rules.PARTS.get(problem.field)
            name = "month" if part is None else part.measure
            if part is not None and part.category:
                name = f"{part.measure}-{part.category}"
            self.add_error(
                name if name in self.fields else None,
                f"{problem.expected[:1].upper()}{problem.expected[1:]}.",
            )


def initial_of(
    values: Mapping[str, Any], year: int, month: int, revisions: Mapping[str, int]
) -> dict[str, Any]:
    """Return what the form of a month begins with."""
    found: dict[str, Any] = {"month": f"{year}-{month:02}"}
    found |= {f"revision_{name}": revisions.get(name, 0) for name in ("hours", "groups")}
    for name in PLAIN_LABELS:
        found[name] = hours_typed(values.get(rules.field_name(month, name)))
    for measure in BY_CATEGORY_LABELS:
        for category in CATEGORY_LABELS:
            value = values.get(rules.field_name(month, measure, category))
            found[f"{measure}-{category}"] = _typed(measure, value)
    return found


def _field_of(measure: str, label: str) -> forms.Field:
    if measure in rules.MINUTES:
        return HoursField(label=label, required=False, max_length=10)
    return GroupsField(label=label) if measure == rules.GROUPS else CountField(label=label)


def _typed(measure: str, value: int | None) -> Any:
    if measure in rules.MINUTES:
        return hours_typed(value)
    is_few = measure == rules.GROUPS and value is not None and 0 < value < rules.FEWEST
    return FEW if is_few else value
