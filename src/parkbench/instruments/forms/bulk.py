"""The form that changes the same fields of many instruments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action
from parkbench.instruments import wire
from parkbench.instruments.models import StatusChoices, UserCategoryChoices
from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Refused
from parkbench.programme.queries import choices
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer

CHANGEABLE = (
    "unit_ref",
    "site_ref",
    "status",
    "end_of_support_on",
    "expected_life_years",
    "user_categories",
    "criticality",
    "legal_owner",
    "room",
)


class BulkForm(forms.Form):
    """Only the ticked fields change; a ticked field left empty is emptied."""

    field = forms.MultipleChoiceField(
        label=gettext_lazy("Fields to change"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only ticked fields change. A ticked field left empty below is emptied."),
        error_messages={"required": gettext_lazy("Tick at least one field to change.")},
    )
    unit_ref = forms.ChoiceField(required=False)
    site_ref = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=[("", "—"), *StatusChoices.choices])
    end_of_support_on = forms.CharField(required=False, max_length=40)
    expected_life_years = forms.IntegerField(required=False, min_value=1, max_value=100)
    user_categories = forms.MultipleChoiceField(
        required=False, choices=UserCategoryChoices.choices, widget=forms.CheckboxSelectMultiple
    )
    criticality = forms.IntegerField(required=False, min_value=1, max_value=5)
    legal_owner = forms.CharField(required=False, max_length=200)
    room = forms.CharField(required=False, max_length=100)

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        super().__init__(data)
        kind = kind_of("instrument")
        named = []
        for name in CHANGEABLE:
            section = wire.SECTION_OF[name]
            if not viewer.may_somewhere(kind.section(section).see):
                del self.fields[name]
                continue
            title = wire.SCHEMAS[section].model_fields[name].title or name
            self.fields[name].label = _(title)
            named.append((name, _(title)))
        self._choose("field", named)
        node = own_address()
        for name, kind_name, action in (
            ("unit_ref", "unit", Action.EDIT),
            ("site_ref", "site", Action.SEE),
        ):
            found = choices(kind=kind_name, viewer=viewer, action=action)
            refs = [(f"{node}/id/{kind_name}/{uid}", label) for uid, label in found]
            self._choose(name, [("", "—"), *refs])

    def _choose(self, name: str, options: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = options

    def clean_end_of_support_on(self) -> str:
        """Read the day in any usual spelling."""
        text = str(self.cleaned_data["end_of_support_on"]).strip()
        if not text:
            return ""
        try:
            return parse_date(text, field=_("End of support")).isoformat()
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def values(self) -> dict[str, Any]:
        """Return field > value for the ticked fields; None empties."""
        return {name: self.cleaned_data[name] or None for name in self.cleaned_data["field"]}
