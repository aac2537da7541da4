"""Form fields that forgive, for every room: days and money in any usual spelling."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Invalid
from parkbench.lib.money import Money, parse_money


def expected(refusal: Invalid) -> forms.ValidationError:
    """Return what a parser refused as the sentence that stands at the field."""
    return forms.ValidationError(_("Expected %(what)s.") % {"what": refusal.problems[0].expected})


class ReadField(forms.CharField, ABC):
    """A text that is read into a value; empty is None."""

    @abstractmethod
    def read(self, text: str) -> Any:
        """Return the value; raise Invalid saying what was expected."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
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
            raise expected(refusal) from refusal


class DayField(ReadField):
    """A day in any spelling, as ISO text."""

    def read(self, text: str) -> str:
        return parse_date(text).isoformat()


class MoneyField(ReadField):
    """An amount with its currency; without one it is that of the amount before, else the node's."""

    def __init__(self, *, kept: Money | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kept = kept

    def read(self, text: str) -> Money:
        if self.kept and " ".join(text.split()) == " ".join(str(self.kept).split()):
            return self.kept  # as it was shown: KWD 1.234 alone may be read in two ways
        money = parse_money(
            text, default_currency=self.kept.currency if self.kept else settings.DEFAULT_CURRENCY
        )
        if money.amount_minor < 0:
            raise forms.ValidationError(_("Expected an amount that is not negative."))
        return money
