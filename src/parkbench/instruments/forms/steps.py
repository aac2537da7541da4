"""Small forms of one instrument: a step of its life, a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkbench.instruments.models import StatusChoices
from parkbench.instruments.rules import TRANSITIONS, Status
from parkbench.ui.fields import DayField


class StatusForm(forms.Form):
    """The next status, since when, and why; only what the life cycle allows can be chosen."""

    status = forms.ChoiceField(label=_("New status"), widget=forms.RadioSelect)
    on = DayField(label=_("Since"), required=False, max_length=40, help_text=_("In any spelling."))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays inside the organisation, with the status history."),
    )

    def __init__(self, data: Any = None, *, status: str | None) -> None:
        super().__init__(data, initial={"on": timezone.localdate().isoformat()})
        allowed = TRANSITIONS[Status(status)] if status else frozenset(Status)
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(value, label) for value, label in StatusChoices.choices if value in allowed]


class FileForm(forms.Form):
    """A file with its title."""

    upload = forms.FileField(
        label=_("File"),
        max_length=255,
        help_text=_("Up to 25 MB: PDF, Word, Excel, PowerPoint, OpenDocument, pictures, text, CSV."),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, help_text=_("Without one, the name of the file.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})
