"""What people type on the pages of accounts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.models import Person, RoleChoices
from parkbench.accounts.registry import scopes
from parkbench.accounts.services import LONGEST_PASSWORD


def _password(label: object, autocomplete: str, help_text: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        help_text=help_text,  # type: ignore[arg-type]
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


LONG_ENOUGH = _("At least 12 characters. Several words that do not belong together are easiest to keep.")


class SignInForm(forms.Form):
    """E-mail and password; whatever is wrong with them is said in the same words."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = _password(_("Password"), "current-password")
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class NewPasswordForm(forms.Form):
    """A password, twice."""

    password = _password(_("New password"), "new-password", LONG_ENOUGH)
    again = _password(_("New password once more"), "new-password")

    def clean_again(self) -> str:
        """Refuse two passwords that differ."""
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and self.cleaned_data["password"] != again:
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."))
        return again


class ChangePasswordForm(NewPasswordForm):
    """The current password and the new one, twice."""

    current = _password(_("Current password"), "current-password")
    field_order = ["current", "password", "again"]


class MeForm(forms.Form):
    """What a person may say of themselves."""

    name = forms.CharField(label=_("Name"), max_length=200)
    orcid = forms.CharField(
        label=_("ORCID"), required=False, max_length=40, help_text=_("Such as 0000-0002-1825-0097.")
    )
    is_named_outward = forms.BooleanField(
        label=_("I agree to be named outside the organisation"),
        required=False,
        help_text=_(
            "Then you may be contact person where partners or visitors see it. Without it, or when you "
            "take it back, they see a function mailbox only."
        ),
    )


class PersonForm(MeForm):
    """What an administrator may change of a person."""

    is_named_outward = forms.BooleanField(
        label=_("Agreed to be named outside the organisation"), required=False
    )
    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Without it the person is signed out everywhere."),
    )

    @classmethod
    def of(cls, person: Person) -> PersonForm:
        """Return the form filled with what is known of the person."""
        return cls(initial=facts_of(person))


class GrantForm(forms.Form):
    """A role and, where the role needs it, what it holds for."""

    role = forms.ChoiceField(label=_("Role"), choices=RoleChoices.choices, initial=RoleChoices.READER)
    scope = forms.ChoiceField(
        label=_("Holds for"),
        required=False,
        help_text=_("Head, editor and “may see economics” need a unit or platform; the others none."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        found = [(choice.uid, choice.label) for choice in scopes()]
        self.fields["scope"].choices = [("", _("the whole node")), *found]  # type: ignore[attr-defined]


class AddPersonForm(GrantForm):
    """Somebody new, with a first role."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.CharField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    orcid = forms.CharField(label=_("ORCID"), required=False, max_length=40)
    field_order = ["name", "email", "orcid", "role", "scope"]


def facts_of(person: Person) -> dict[str, object]:
    """Return what the forms of a person begin with."""
    return {
        "name": person.name,
        "orcid": person.orcid,
        "is_named_outward": person.is_named_outward,
        "is_active": person.is_active,
    }
