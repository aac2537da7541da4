"""What people enter on the pages of partners."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.exchange.models import CircleTerms, ExchangeState, Partner
from parkbench.exchange.services.partners import Terms
from parkbench.lib.errors import Invalid, Refused
from parkbench.ui.fields import DayField


class RefusedForm(forms.Form):
    """A form that can show what a service refused."""

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at the top, its problems one by one."""
        problems = refusal.problems if isinstance(refusal, Invalid) else ()
        words = [
            _("%(field)s: expected %(what)s.") % {"field": problem.field, "what": problem.expected}
            for problem in problems
        ]
        self.add_error(None, words or [refusal.sentence])


class InviteForm(RefusedForm):
    """Whom an invitation is for."""

    name = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text=gettext_lazy(
            "So that you recognise the invitation in the list. They tell their name themselves."
        ),
    )


class CodeForm(RefusedForm):
    """The code of an invitation, as it came in a mail."""

    code = forms.CharField(
        label=gettext_lazy("Code of the invitation"),
        max_length=1000,
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off", "autofocus": True}
        ),
        help_text=gettext_lazy(
            "One line that begins with parkbench1. Line breaks that the mail put in do not matter."
        ),
    )


class TermsForm(RefusedForm):
    """The written terms, and that the fingerprint was compared."""

    terms_version = forms.CharField(label=gettext_lazy("Version of the terms"), max_length=20)
    our_signatory = forms.CharField(label=gettext_lazy("Signed here by"), max_length=200)
    their_signatory = forms.CharField(label=gettext_lazy("Signed there by"), max_length=200)
    signed_on = DayField(
        label=gettext_lazy("Signed on"),
        max_length=40,
        help_text=gettext_lazy("Such as 2026-03-31 or 31.03.2026."),
    )
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=100)
    is_compared = forms.BooleanField(
        label=gettext_lazy("We read the fingerprints to each other, and they are the same."),
        error_messages={
            "required": gettext_lazy("Compare the fingerprints first: by telephone, not by mail.")
        },
    )

    @property
    def compared(self) -> str:
        """The fingerprint of theirs that the page showed to be compared."""
        return str(self.cleaned_data["fingerprint"])

    @property
    def terms(self) -> Terms:
        """The terms as they were entered."""
        given = self.cleaned_data
        return Terms(
            version=given["terms_version"],
            our_signatory=given["our_signatory"],
            their_signatory=given["their_signatory"],
            signed_on=date.fromisoformat(given["signed_on"]),
        )


class RevokeForm(RefusedForm):
    """Which key is revoked, and why."""

    kid = forms.CharField(label=gettext_lazy("Fingerprint of the key"), max_length=100)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Such as: the server was stolen. Kept in this node's log."),
    )


class RecoveryForm(RefusedForm):
    """The recovery key that is replaced."""

    current = forms.CharField(
        label=gettext_lazy("What stands on the present recovery sheet"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Only when there is one: what stands in braces. Partners accept a new one from it alone."
        ),
    )


class NodeForm(RefusedForm):
    """What this node says of itself, and whether a public-access law applies to its organisation."""

    mailbox = forms.EmailField(
        label=gettext_lazy("Function mailbox"),
        required=False,
        help_text=gettext_lazy("Where partners write to about the exchange. Nobody's own: people change."),
    )
    lease_days = forms.IntegerField(
        label=gettext_lazy("Lease in days"),
        min_value=1,
        max_value=365,
        help_text=gettext_lazy(
            "For so long partners keep our records without a word from this node; then they hide them, and "
            "remove them after as long again."
        ),
    )
    is_public_authority = forms.BooleanField(
        label=gettext_lazy("Our organisation is subject to a public-access law"),
        required=False,
        help_text=gettext_lazy("Partners are told, and warned before they share with us."),
    )
    disposal_basis = forms.CharField(
        label=gettext_lazy("Disposal basis"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "Needed where the law applies: the decision by which copies of partners' records may be removed, "
            "with its number and date. It is written beside every removal."
        ),
    )

    @classmethod
    def of(cls, data: Any, state: ExchangeState) -> NodeForm:
        """Return the form filled with what the node says now."""
        return cls(data, initial={name: getattr(state, name) for name in cls.base_fields})


class FreezeForm(RefusedForm):
    """Which record of a partner is under which request for access."""

    record = forms.CharField(
        label=gettext_lazy("Record"),
        max_length=1_000,
        help_text=gettext_lazy("Its permalink, the address of its page, or its id."),
    )
    case = forms.CharField(
        label=gettext_lazy("Case number"),
        max_length=100,
        help_text=gettext_lazy("Of the request, as your registry has it."),
    )


class TermsOfCircleForm(RefusedForm):
    """What a group is for."""

    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Such as: joint purchases of light microscopes."),
    )
    terms = forms.CharField(
        label=gettext_lazy("Written terms"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What the members agreed to, or where the agreement is kept."),
    )
    is_told = forms.BooleanField(
        label=gettext_lazy("Tell the members the name of the group, its purpose, and who is in it"),
        required=False,
    )

    @classmethod
    def of(cls, data: Any, kept: CircleTerms) -> TermsOfCircleForm:
        """Return the form filled with what is kept."""
        initial = {"purpose": kept.purpose, "terms": kept.terms, "is_told": kept.is_told}
        return cls(data, initial=initial)


class MembersForm(RefusedForm):
    """Who is in a group."""

    members = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Members"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, candidates: Sequence[Partner], members: Collection[int]) -> None:
        super().__init__(data, initial={"members": [str(pk) for pk in members]})
        field = self.fields["members"]
        field.choices = [(str(one.pk), one.home.name) for one in candidates]  # type: ignore[attr-defined]


def write_numbers(numbers: Collection[int]) -> str:
    """Write who was in a group when a change was shown, so that saving can tell when that moved on."""
    return " ".join(str(number) for number in sorted(numbers))


def read_numbers(text: str) -> frozenset[int]:
    """Read what `write_numbers` wrote; anything else is left out."""
    return frozenset(int(word) for word in re.findall(r"\b\d{1,9}\b", text, re.ASCII))
