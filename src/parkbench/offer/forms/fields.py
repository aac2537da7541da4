"""Form fields that forgive: days and money in any usual spelling, words one per line."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Invalid
from parkbench.lib.money import Money, parse_money


class ReadField(forms.CharField):
    """A text that is read into a value; empty is None."""

    def read(self, text: str) -> Any:
        """Return the value; raise Invalid saying what was expected."""
        raise NotImplementedError

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 60, **kwargs})
        self.validators = []  # they look at texts, and this field's value is none

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if "\x00" in text or len(text) > (self.max_length or 0):
            raise forms.ValidationError(_("Expected a shorter text, without control characters."))
        try:
            return self.read(text)
        except Invalid as refusal:
            expected = refusal.problems[0].expected
            raise forms.ValidationError(_("Expected %(what)s.") % {"what": expected}) from refusal


class DayField(ReadField):
    """A day in any spelling, as ISO text."""

    def read(self, text: str) -> str:
        return parse_date(text).isoformat()


class MoneyField(ReadField):
    """An amount with its currency; without one it is the node's."""

    def read(self, text: str) -> Money:
        money = parse_money(text, default_currency=settings.DEFAULT_CURRENCY)
        if money.amount_minor < 0:
            raise forms.ValidationError(_("Expected an amount that is not negative."))
        return money


class WordsField(ReadField):
    """Words, one per line or parted by a semicolon, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 4000, "widget": forms.Textarea(attrs={"rows": 3}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def read(self, text: str) -> list[str]:
        return list(dict.fromkeys(part.strip() for part in re.split(r"[;\r\n]", text) if part.strip()))
