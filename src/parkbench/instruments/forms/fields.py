"""Form fields that forgive: years and numbers in any usual spelling, records by their name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from parkbench.lib.dates import parse_year
from parkbench.lib.numbers import parse_number
from parkbench.ui.fields import ReadField

Choice = tuple[str, str]
"""A record a field may name: (uid as text, what it is called)."""

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


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
