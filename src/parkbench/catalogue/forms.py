"""Forms of own makers and models: they forgive spelling and show refusals at their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from parkbench.catalogue.services import MakerFields, ModelFields, TechniqueFields
from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Invalid, Refused
from parkbench.ui.parts import Change


class ForgivingDate(forms.CharField):
    """A day in any usual spelling."""

    def clean(self, value: Any) -> Any:
        """Return the day or None; raises ValidationError with what was expected."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_date(text, field=str(self.label))
        except Invalid as error:
            raise forms.ValidationError(
                _("Expected %(what)s.") % {"what": error.problems[0].expected}
            ) from error


class Lines(forms.CharField):
    """Several texts, one per line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        """Return the texts, without empty lines."""
        text = super().clean(value)
        return tuple(line for part in text.splitlines() if (line := " ".join(part.split())))


class EntryForm(forms.Form):
    """What both forms share: the revision the editor has seen, and refusals at their fields."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    layout: Sequence[tuple[Any, Sequence[str]]] = ()

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the fields under their legends."""
        return [(str(legend), [self[name] for name in names]) for legend, names in self.layout]

    @property
    def seen_revision(self) -> int:
        """Return the revision the editor has seen; 0 for a new entry."""
        return self.cleaned_data.get("revision") or 0

    def refuse(self, error: Refused) -> None:
        """Show a refusal: each problem at the field that bears its label, the rest at the top."""
        if not isinstance(error, Invalid):
            self.add_error(None, error.sentence)
            return
        names = {str(field.label): name for name, field in self.fields.items()}
        for problem in error.problems:
            sentence = _("Expected %(what)s.") % {"what": problem.expected.removeprefix("expected ")}
            self.add_error(names.get(problem.field), sentence)

    def differences(self) -> list[Change]:
        """Return what is kept now beside what was typed, field by field, where the two differ."""
        changes = []
        for name, field in self.fields.items():
            theirs = _shown(self.get_initial_for_field(field, name))
            mine = _shown(self.cleaned_data.get(name))
            if name != "revision" and theirs != mine:
                changes.append(Change(str(field.label), old=theirs, new=mine))
        return changes

    def move_on(self) -> None:
        """Let the next save replace what somebody else saved meanwhile, now that it was shown."""
        seen = self.get_initial_for_field(self.fields["revision"], "revision")
        data = cast(QueryDict, self.data).copy()
        data["revision"] = str(seen)
        self.data = data


class SourcedForm(EntryForm):
    """An entry that says where its facts come from."""

    source = forms.CharField(
        label=lazy("Source"),
        required=False,
        max_length=300,
        help_text=lazy("Where these facts come from, such as a data sheet of the maker."),
    )
    licence = forms.CharField(label=lazy("Licence"), required=False, max_length=100)


SOURCES = (lazy("Source"), ("source", "licence"))


class MakerForm(SourcedForm):
    """An own maker."""

    name = forms.CharField(label=lazy("Name"), max_length=200)
    aliases = Lines(
        label=lazy("Other names"),
        required=False,
        help_text=lazy(
            "One per line: legal names, old names, usual misspellings. Imports find the maker by them."
        ),
    )
    country = forms.CharField(
        label=lazy("Country"), required=False, max_length=2, help_text=lazy("Two letters, such as SE.")
    )
    url = forms.CharField(label=lazy("Website"), required=False, max_length=200)
    ror = forms.CharField(label=lazy("ROR"), required=False, max_length=60)
    successor = forms.CharField(label=lazy("Taken over by"), required=False, max_length=200)
    succeeded_on = forms.CharField(
        label=lazy("Taken over on"), required=False, max_length=10, help_text=lazy("A year or a date.")
    )
    layout = (
        (lazy("Identity"), ("name", "aliases", "country", "url", "ror")),
        (lazy("Succession"), ("successor", "succeeded_on")),
        SOURCES,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].suggest_url = reverse("catalogue:suggest-makers")  # type: ignore[attr-defined]

    def values(self) -> MakerFields:
        """Return what was typed, for the service."""
        return MakerFields(**_given(self.cleaned_data))


class TechniqueForm(SourcedForm):
    """An own technique."""

    name = forms.CharField(label=lazy("Name"), max_length=200)
    aliases = Lines(
        label=lazy("Other names"),
        required=False,
        help_text=lazy("One per line: abbreviations, usual spellings. Search finds it by them."),
    )
    parent = forms.CharField(
        label=lazy("Kind of"),
        required=False,
        max_length=200,
        help_text=lazy("The technique above it, such as Light microscopy; empty for one of its own."),
    )
    fbbi = forms.CharField(
        label=lazy("FBbi accession"), required=False, max_length=20, help_text=lazy("Such as FBbi:00000251.")
    )
    layout = ((lazy("Identity"), ("name", "aliases", "parent", "fbbi")), SOURCES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].suggest_url = reverse("catalogue:suggest-techniques")  # type: ignore[attr-defined]

    def values(self) -> TechniqueFields:
        """Return what was typed, for the service."""
        return TechniqueFields(**_given(self.cleaned_data))


class ModelForm(SourcedForm):
    """An own make and model."""

    maker = forms.CharField(
        label=lazy("Maker"), max_length=200, help_text=lazy("A maker of the catalogue; begin to type.")
    )
    designation = forms.CharField(
        label=lazy("Designation"), max_length=200, help_text=lazy("Without the maker, such as LSM 980.")
    )
    family = forms.CharField(label=lazy("Family"), required=False, max_length=100)
    aliases = Lines(
        label=lazy("Other names"),
        required=False,
        help_text=lazy("One per line. Imports find the model by them."),
    )
    techniques = forms.MultipleChoiceField(
        label=lazy("Techniques"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=lazy("Hold Ctrl to choose several."),
    )
    rrid = forms.CharField(label=lazy("RRID"), required=False, max_length=60)
    psi_ms = forms.CharField(label=lazy("PSI-MS accession"), required=False, max_length=12)
    ena = forms.CharField(label=lazy("Name at ENA"), required=False, max_length=100)
    end_of_sale_on = ForgivingDate(label=lazy("End of sale"), required=False)
    end_of_service_on = ForgivingDate(label=lazy("End of service"), required=False)
    typical_life_years = forms.IntegerField(
        label=lazy("Typical life in years"), required=False, min_value=1, max_value=60
    )
    export_control = forms.CharField(label=lazy("Export control class"), required=False, max_length=50)
    successor = forms.CharField(
        label=lazy("Followed by"),
        required=False,
        max_length=400,
        help_text=lazy("Maker and model, such as Zeiss LSM 990."),
    )
    layout = (
        (lazy("Identity"), ("maker", "designation", "family", "aliases", "techniques")),
        (lazy("Accessions"), ("rrid", "psi_ms", "ena")),
        (
            lazy("Life"),
            ("end_of_sale_on", "end_of_service_on", "typical_life_years", "export_control", "successor"),
        ),
        SOURCES,
    )

    def __init__(self, *args: Any, techniques: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["techniques"].choices = techniques  # type: ignore[attr-defined]
        self.fields["maker"].suggest_url = reverse("catalogue:suggest-makers")  # type: ignore[attr-defined]
        self.fields["successor"].suggest_url = reverse("catalogue:suggest-models")  # type: ignore[attr-defined]

    def values(self) -> ModelFields:
        """Return what was typed, for the service."""
        return ModelFields(**_given(self.cleaned_data))


def initial_of(body: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Return a body as its form shows it; ``names`` are the texts of what the body refers to."""
    shown = {**body, **names}
    shown["aliases"] = "\n".join(body.get("aliases", ()))
    return shown


def _given(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in cleaned.items() if name != "revision"}


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return "" if value is None else ", ".join(str(value).splitlines())
