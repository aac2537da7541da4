"""Which column of a file as given is which, where only a part of the file is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.forms import BoundField

from parkbench.intake.registry import FieldSpec

PREFIX = "given-"


class GivenFields:
    """Adds one choice among the file's own columns per field to a form, and reads them."""

    def __init__(
        self,
        form: forms.Form,
        specs: Sequence[FieldSpec],
        headings: Sequence[str],
        chosen: Mapping[str, str],
    ) -> None:
        self.form, self._specs = form, specs
        self.before = {spec.name: chosen.get(spec.name, "") for spec in specs}
        choices = [("", "—"), *((heading, heading) for heading in headings)]
        for spec in specs:
            form.fields[f"{PREFIX}{spec.name}"] = forms.ChoiceField(
                label=spec.label, choices=choices, required=False, initial=self.before[spec.name]
            )

    def rows(self) -> list[BoundField]:
        """Return the choices in the order of the fields."""
        return [self.form[f"{PREFIX}{spec.name}"] for spec in self._specs]

    def said(self) -> dict[str, str]:
        """Return field > heading as chosen, '' for a field that no column feeds."""
        return {name: self.form.cleaned_data.get(f"{PREFIX}{name}", "") for name in self.before}
