"""What people choose on the pages of stewardship: periods, takers, mail, calendars, ticked records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.models import Person
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.registry import kinds
from parkbench.stewardship.models import Feed
from parkbench.stewardship.queries.handovers import NOBODY
from parkbench.stewardship.queries.periods import Period
from parkbench.stewardship.rules import LONGEST_PERIOD

Pick = tuple[str, UUID]


def picks(texts: Sequence[str]) -> list[Pick]:
    """Return the ticked records, each "<kind>:<uid>".

    Raises Refused when none is ticked, NotFound for what is no record.
    """
    found = []
    known = {kind.name for kind in kinds()}
    for text in texts:
        kind, _mark, uid = text.partition(":")
        try:
            found.append((kind, UUID(uid)))
        except ValueError:
            raise NotFound(_("There is no such record here.")) from None
        if kind not in known:
            raise NotFound(_("There is no such record here."))
    if not found:
        raise Refused(_("Tick at least one record first."))
    return list(dict.fromkeys(found))


class PeriodsForm(forms.Form):
    """Months per kind; empty: not reviewed."""

    def __init__(self, data: Any = None, *, periods: Sequence[Period]) -> None:
        super().__init__(data)
        self.periods = periods
        for period in periods:
            shipped = (
                _("Shipped: %(months)s months.") % {"months": period.shipped}
                if period.shipped
                else _("Shipped: not reviewed.")
            )
            self.fields[period.kind.name] = forms.IntegerField(
                label=capfirst(str(period.kind.label_plural)),
                initial=period.months,
                required=False,
                min_value=1,
                max_value=LONGEST_PERIOD,
                help_text=shipped,
            )

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the fieldset as `ui/form.html` draws it."""
        return [(_("Months until the next review"), [self[period.kind.name] for period in self.periods])]

    def months(self) -> dict[str, int | None]:
        """Return the months of every kind, None for one that is not reviewed."""
        return {period.kind.name: self.cleaned_data[period.kind.name] for period in self.periods}


class GiverForm(forms.Form):
    """Whose records are handed over."""

    person = forms.ChoiceField(label=gettext_lazy("Content responsible now"))

    def __init__(self, data: Any = None, *, people: Sequence[Person]) -> None:
        super().__init__(data)
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            (NOBODY, _("nobody, or somebody who may not sign in")),
            *((str(person.uid), _said(person)) for person in people),
        ]


def _said(person: Person) -> str:
    if person.is_active:
        return person.name
    return _("%(name)s (may not sign in)") % {"name": person.name}


class TakerForm(forms.Form):
    """Who answers for the records from now on."""

    taker = forms.ChoiceField(label=gettext_lazy("Hand over to"))

    def __init__(self, data: Any = None, *, people: Sequence[Person], giver: Person | None) -> None:
        super().__init__(data)
        self.people = {str(person.uid): person for person in people if person != giver}
        self.fields["taker"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((uid, person.name) for uid, person in self.people.items()),
        ]

    def taken_by(self) -> Person:
        """Return the person chosen."""
        return self.people[self.cleaned_data["taker"]]


class MailForm(forms.Form):
    """Whether one wants the weekly mail."""

    wants_digest = forms.BooleanField(
        label=gettext_lazy("Send me one mail a week when something is due"), required=False
    )


class FeedForm(forms.Form):
    """What a calendar is about: oneself, the organisation, or one unit or platform."""

    about = forms.ChoiceField(label=gettext_lazy("Calendar of"))

    def __init__(self, data: Any = None, *, places: Sequence[tuple[UUID, str]]) -> None:
        super().__init__(data)
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            (Feed.Sort.MINE.value, capfirst(Feed.Sort.MINE.label)),
            (Feed.Sort.ORGANISATION.value, capfirst(Feed.Sort.ORGANISATION.label)),
            *((str(uid), name) for uid, name in places),
        ]

    def given(self) -> tuple[str, UUID | None]:
        """Return the sort of the calendar and the unit or platform it is about."""
        about = self.cleaned_data["about"]
        if about in Feed.Sort.values:
            return about, None
        return Feed.Sort.PLACE.value, UUID(about)
