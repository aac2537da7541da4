"""Form fields that forgive: days, money and years in any usual spelling, records by their name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from parkbench.lib.dates import parse_date, parse_year
from parkbench.lib.errors import Invalid
from parkbench.lib.money import Money, parse_money
from parkbench.lib.numbers import parse_number

Choice = tuple[str, str]
"""A record a field may name: (uid as text, what it is called)."""

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def expected(refusal: Invalid) -> forms.ValidationError:
    """Return what a parser refused as the sentence that stands at the field."""
    return forms.ValidationError(_("Expected %(what)s.") % {"what": refusal.problems[0].expected})


class ReadField(forms.CharField):
    """A text that is read into a value; empty is None."""

    def read(self, text: str) -> Any:
        """Return the value; raise Invalid saying what was expected."""
        raise NotImplementedError

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


class YearField(ReadField):
    """A year, alone or in a date."""

    def read(self, text: str) -> int:
        return parse_year(text)


class WholeField(ReadField):
    """A whole number between two bounds; what stands behind it, such as "years", is passed over."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def read(self, text: str) -> int:
        number = parse_number(re.sub(r"\s*[^\W\d_]+\.?$", "", text))
        if number != int(number) or not self.least <= number <= self.most:
            raise forms.ValidationError(
                _("Expected a whole number from %(least)d to %(most)d.")
                % {"least": self.least, "most": self.most}
            )
        return int(number)


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


class RecordField(ReadField):
    """Names a record: by its name, the beginning of it, its id or its address; its value is the uid.

    ``find(text)`` returns the candidates; ``kept`` is the record named before, under the name it is shown by.
    """

    def __init__(
        self, *, find: Callable[[str], Sequence[Choice]], kept: Choice | None, unknown: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.find, self.kept, self.unknown = find, kept, unknown

    def read(self, text: str) -> str:
        if self.kept and folded(text) == folded(self.kept[1]):
            return self.kept[0]
        found = self.find(text)
        same = [uid for uid, name in found if folded(name) == folded(text)] or [uid for uid, _name in found]
        if len(same) == 1:
            return same[0]
        if not same:
            raise forms.ValidationError(self.unknown % {"name": text})
        raise forms.ValidationError(
            _("“%(name)s” may mean several. Choose one of those offered.") % {"name": text}
        )


def folded(text: str) -> str:
    """Return a name as it is compared: without difference of case and spacing."""
    return " ".join(text.split()).casefold()


def among(choices: Sequence[Choice]) -> Callable[[str], list[Choice]]:
    """Return how a text is found among a few records: by id, by name, by how the name begins."""

    def find(text: str) -> list[Choice]:
        if named := _UID.search(text.lower()):
            return [choice for choice in choices if choice[0] == named.group()]
        wanted = folded(text)
        same = [choice for choice in choices if folded(choice[1]) == wanted]
        return same or [choice for choice in choices if folded(choice[1]).startswith(wanted)]

    return find
