"""The forms of the pages: the file and its source; which column is which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from parkbench.intake.forms.columns import PREFIX, GivenFields
from parkbench.intake.forms.words import WordFields
from parkbench.intake.models import Batch
from parkbench.intake.registry import ColumnsMissingError, FieldSpec, Reducing, target_of, targets
from parkbench.intake.rules import Recipe, recipe_from_json

LARGEST = 200 * 1024 * 1024
"""Bytes of an uploaded file."""


class UploadForm(forms.Form):
    """The file, what it brings, and the source it is from."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("CSV, XLSX or ODS with a line of column names. At most 200 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods"}),
        error_messages={"empty": _("The file is empty. Choose one with rows in it.")},
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=100,
        required=False,
        help_text=_(
            "Where the rows come from. Choose the same name each time, so that a row is known again. "
            "Without one, the name of the file is taken."
        ),
    )
    target = forms.ChoiceField(label=_("It brings"))

    def __init__(self, *args: Any, sources: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.name, one.label) for one in targets()]
        what = self.fields["target"]
        what.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            what.initial, what.widget = choices[0][0], forms.HiddenInput()
        self.fields["source"].datalist = sources  # type: ignore[attr-defined]
        self._given: GivenFields | None = None
        if headings := self.data.getlist("heading") if self.is_bound else []:  # type: ignore[attr-defined]
            self._add_given(str(self.data.get("target")), headings)

    def _add_given(self, target: str, headings: Sequence[str]) -> None:
        """Ask which column is which; the names of the columns stand in the page alone."""
        known = next((one for one in targets() if one.name == target), None)
        if isinstance(known, Reducing):
            self._given = GivenFields(self, known.original, headings, {})
            self.fields["heading"] = forms.MultipleChoiceField(
                choices=[(one, one) for one in headings],
                required=False,
                widget=forms.MultipleHiddenInput,
            )

    def ask_columns(self, missing: ColumnsMissingError) -> None:
        """Say that columns are missing, and show those that were found to be completed."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data.setlist("heading", list(missing.given))  # type: ignore[attr-defined]
        for name, heading in missing.found.items():
            self.data[f"{PREFIX}{name}"] = heading  # type: ignore[index]
        self._add_given(self.cleaned_data["target"], missing.given)
        self.add_error("file", missing.sentence)
        again = _("Nothing of the file is kept yet: say below which column is which, and choose it again.")
        self.add_error("file", again)

    def columns(self) -> dict[str, str]:
        """Field > heading as a person said it of this file; empty when nobody was asked."""
        return {} if self._given is None else self._given.said()

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        return _of_size(self.cleaned_data["file"])

    def source_name(self) -> str:
        """The source as named, else the file's name without its ending."""
        return self.cleaned_data["source"].strip() or str(self.cleaned_data["file"].name).rpartition(".")[0]


def _of_size(found: Any) -> Any:
    """Return an uploaded file, or None; raise ValidationError for one that is too large."""
    if found and found.size > LARGEST:
        raise forms.ValidationError(_("The file is larger than 200 MB. Split it."))
    return found


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the mapping: a field, its column, what stands there, a value for all rows.

    There is no ``column`` where only a part of the file is kept: those of the file as given are chosen apart.
    """

    label: str
    is_required: bool
    column: BoundField | None
    constant: BoundField
    sample: str


class ColumnsForm(forms.Form):
    """Which column feeds which field; what holds for all rows; what identifies a row; how it is written."""

    key = forms.MultipleChoiceField(
        label=_("What identifies a row"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Such as an inventory number. Without any, rows are known by all that stands in them."),
    )
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        required=False,
        choices=[("", _("as the file shows")), (",", _("comma: 1 200,50")), (".", _("point: 1 200.50"))],
    )
    date_order = forms.ChoiceField(
        label=_("Order of dates"),
        required=False,
        choices=[
            ("", _("as the file shows")),
            ("DMY", _("day, month, year")),
            ("MDY", _("month, day, year")),
            ("YMD", _("year, month, day")),
        ],
    )
    section_field = forms.ChoiceField(
        label=_("Lines that head a section give"),
        required=False,
        help_text=_("For sheets that group their rows under lines such as the name of a unit."),
    )

    def __init__(
        self, *args: Any, batch: Batch, fleeting: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.batch, self.target = batch, target_of(batch.source.target)
        self.recipe = recipe_from_json(batch.recipe)
        self._is_part = isinstance(self.target, Reducing)
        self._marks = {word["mark"] for word in batch.facts.get("words", ()) if word["mark"]}
        recipe = self.recipe
        self._specs = [
            spec
            for spec in self.target.fields
            # Of a file that is kept in part, what is needed stands in the part that is kept.
            if not (spec.is_derived or spec.is_fixed or (self._is_part and spec.required))
            and not (spec.is_spare and spec.name not in recipe.columns)
        ]
        kwargs["initial"] = {
            "key": list(recipe.key),
            "decimal": recipe.decimal,
            "date_order": recipe.date_order,
            "section_field": recipe.section_field,
            "sheet": recipe.sheet or batch.facts.get("sheet", ""),
            **{f"column-{name}": heading for name, heading in recipe.columns.items()},
            **{f"constant-{name}": text for name, text in recipe.constants.items()},
            **{f"{PREFIX}{name}": heading for name, heading in recipe.original.items()},
        }
        super().__init__(*args, **kwargs)
        self._add_fields()
        self.given: GivenFields | None = None
        if isinstance(self.target, Reducing):
            headings = tuple(dict.fromkeys((*recipe.given, *filter(None, recipe.original.values()))))
            self.given = GivenFields(self, self.target.original, headings, recipe.original)
            self.fields["again"] = forms.FileField(
                label=_("The file again"),
                required=False,
                help_text=_("Needed only to read it by other columns: its bookings are not kept here."),
            )
        self.words = WordFields(self, self.target, batch.facts.get("words", []), fleeting or {})

    def _add_fields(self) -> None:
        headings = self.batch.facts.get("headings", [])
        choices = [("", "—"), *((heading, heading) for heading in headings)]
        self.fields["key"].choices = choices[1:]  # type: ignore[attr-defined]
        texts = [(spec.name, str(spec.label)) for spec in self._specs if spec.sort in ("record", "text")]
        self.fields["section_field"].choices = [("", _("nothing")), *texts]  # type: ignore[attr-defined]
        sheets = self.batch.facts.get("sheets", [])
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet of the file"),
                choices=[(name, name) for name in sheets],
                help_text=_("Another sheet has columns of its own: “Check the rows” shows them first."),
            )
        for spec in self._specs:
            named = {"label": spec.label}
            if not self._is_part:
                self.fields[f"column-{spec.name}"] = forms.ChoiceField(
                    choices=choices, required=False, **named
                )
            widget = forms.TextInput(attrs={"aria-label": _("%(field)s of all rows") % {"field": spec.label}})
            self.fields[f"constant-{spec.name}"] = forms.CharField(required=False, widget=widget, **named)

    def rows(self) -> Iterator[ColumnRow]:
        """Yield the lines of the mapping: fields with a column or a value first, each part in its order."""
        used = {*self.recipe.columns, *self.recipe.constants}
        for spec in sorted(self._specs, key=lambda one: not (one.required or one.name in used)):
            yield self._row(spec)

    def _row(self, spec: FieldSpec) -> ColumnRow:
        headings = self.batch.facts.get("headings", [])
        heading = "" if self._is_part else self.recipe.columns.get(spec.name)
        cells: list[str] = []
        if heading in headings:
            place = headings.index(heading)
            cells = [
                row[place] for row in self.batch.facts.get("sample", []) if place < len(row) and row[place]
            ]
            cells = list(dict.fromkeys(cell for cell in cells if cell not in self._marks))
        return ColumnRow(
            label=str(spec.label),
            is_required=spec.required,
            column=None if self._is_part else self[f"column-{spec.name}"],
            constant=self[f"constant-{spec.name}"],
            sample=" · ".join(cells[:3]),
        )

    def hints(self) -> list[BoundField]:
        """The fields below the mapping."""
        names = ("key", "decimal", "date_order", "section_field")
        return [] if self._is_part else [self[name] for name in names if name in self.fields]

    def choice_of_sheet(self) -> BoundField | None:
        """The field above everything else, since all the rest depends on it; None for a file of one sheet."""
        return self["sheet"] if "sheet" in self.fields and not self._is_part else None

    def columns(self) -> dict[str, str]:
        """Field > heading of the file as given, as a person left it."""
        return {} if self.given is None else self.given.said()

    def clean_again(self) -> Any:
        """Refuse what is too large before it is read."""
        return _of_size(self.cleaned_data["again"])

    def clean(self) -> dict[str, Any]:
        """Ask for the file again where other columns of it are to be read."""
        data: dict[str, Any] = self.cleaned_data
        is_other = self.given is not None and self.given.said() != self.given.before
        if is_other and not data.get("again") and not self.errors:
            self.add_error("again", _("Choose the file again, so that it is read by these columns."))
        return data

    def is_other_sheet(self) -> bool:
        """Whether another sheet was chosen, whose columns are to be guessed first."""
        return bool(self.cleaned_data.get("sheet", "") not in ("", self.batch.facts.get("sheet", "")))

    def recipe_said(self) -> Recipe:
        """The recipe as the person left it."""
        data = self.cleaned_data
        if self.is_other_sheet():
            return Recipe(sheet=data["sheet"], constants=self.recipe.constants)
        parts: dict[str, dict[str, str]] = {"column": {}, "constant": {}}
        for name, value in data.items():
            part, mark, field = name.partition("-")
            if mark and value and part in parts:
                parts[part][field] = value.strip()
        if self._is_part:
            return replace(
                self.recipe,
                constants=parts["constant"],
                meanings=self.words.said(self.recipe),
            )
        return replace(
            self.recipe,
            columns=parts["column"],
            constants=parts["constant"],
            meanings=self.words.said(self.recipe),
            key=tuple(data["key"]),
            is_key_known=True,
            decimal=data["decimal"],
            date_order=data["date_order"],
            section_field=data["section_field"],
            sheet=data.get("sheet", "") or self.recipe.sheet,
        )
