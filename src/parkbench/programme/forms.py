"""What people type about the organisation, platforms, units and sites."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.urn import parse_record_id
from parkbench.programme import queries
from parkbench.programme.queries import RecordPage
from parkbench.programme.services import ContactFields, Stewardship
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, scopes_of
from parkbench.ui.parts import Change

CONTACT = ("mailbox", "contact_url", "person")
STEWARDSHIP = ("steward", "review_due_on")


def _text(label: Any, length: int, *, is_required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=is_required, help_text=help_text)


def _long(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class RecordForm(forms.Form):
    """The form of one record: basics, contact, who is responsible; keeps the revisions its editor saw."""

    kind: ClassVar[str]

    def __init__(self, data: Any = None, *, viewer: Viewer, page: RecordPage | None = None) -> None:
        super().__init__(data, initial=_initial(page) if page else {})
        self.page = page
        self.conflict: list[Change] = []
        self.basics = [name for name in self.fields if name not in CONTACT]
        self._people = {str(one.uid): one for one in queries.stewards()}
        self._choose_platform(viewer)
        self._choose_contact()
        self._choose_steward(viewer)
        for name, revision in (page.revisions if page else {}).items():
            self.fields[f"revision_{name}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=revision, min_value=0
            )

    def _choose_platform(self, viewer: Viewer) -> None:
        if "platform" not in self.fields:
            return
        if not viewer.may(Action.EDIT_PROGRAMME):
            # Moving a unit moves who may edit it: not for its own head.
            self.basics.remove("platform")
            del self.fields["platform"]
            return
        found = queries.choices(kind="platform", viewer=viewer)
        self.fields["platform"].choices = [("", _("none")), *found]  # type: ignore[attr-defined]

    def _choose_contact(self) -> None:
        if "person" in self.fields:
            named = [(uid, one.name) for uid, one in self._people.items() if one.is_named_outward]
            self.fields["person"].choices = [("", _("nobody")), *named]  # type: ignore[attr-defined]

    def _choose_steward(self, viewer: Viewer) -> None:
        """Offer content responsible and review to who edits by role, not to a steward handing it on."""
        if self.page is None or not viewer.may(self.page.kind.edit, scopes_of(self.page.kind, self.page.row)):
            return
        self.fields["steward"] = forms.ChoiceField(
            label=_("Content responsible"),
            required=False,
            choices=[("", _("nobody yet")), *((uid, one.name) for uid, one in self._people.items())],
            help_text=_("May edit this, and is asked when the review is due."),
        )
        self.fields["review_due_on"] = forms.DateField(
            label=_("Review due"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    @property
    def groups(self) -> list[tuple[Any, list[BoundField]]]:
        """Return the fields in groups as the page draws them."""
        parts = (
            (_("Basics"), self.basics),
            (_("Contact"), CONTACT),
            (_("Responsibility"), STEWARDSHIP),
        )
        drawn = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in parts]
        return [(legend, fields) for legend, fields in drawn if fields]

    def given_fields(self) -> dict[str, Any]:
        """Return the basics as the services take them."""
        given = {name: self.cleaned_data[name] for name in self.basics}
        if "platform" in given:
            given["platform"] = UUID(given["platform"]) if given["platform"] else None
        return given

    def given_contact(self) -> ContactFields | None:
        """Return the contact, None for a kind without one."""
        if "mailbox" not in self.fields:
            return None
        return ContactFields(
            mailbox=self.cleaned_data["mailbox"],
            contact_url=self.cleaned_data["contact_url"],
            person=self._people.get(self.cleaned_data["person"]),
        )

    def given_stewardship(self) -> Stewardship | None:
        """Return who is responsible and when it is reviewed, None when the form did not ask."""
        if "steward" not in self.fields:
            return None
        steward: Person | None = self._people.get(self.cleaned_data["steward"])
        return Stewardship(steward, self.cleaned_data["review_due_on"])

    def given_revisions(self) -> dict[str, int]:
        """Return the revision of each section that the editor saw."""
        names = [name for name in self.fields if name.startswith("revision_")]
        return {name.removeprefix("revision_"): self.cleaned_data[name] for name in names}

    def given(self) -> dict[str, Any]:
        """Return everything an edit takes, by the names of `services.edit`."""
        return {
            "fields": self.given_fields(),
            "contact": self.given_contact(),
            "expected": self.given_revisions(),
            "stewardship": self.given_stewardship(),
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal: at its field where it names one, else at the top."""
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        if not problems:
            self.add_error(None, refusal.sentence)
        titles = {
            field.title: name
            for spec in kind_of(self.kind).sections
            for name, field in spec.schema.model_fields.items()
        }
        for problem in problems:
            name = titles.get(problem.field, "")
            sentence = f"{problem.expected[:1].upper()}{problem.expected[1:]}."
            self.add_error(name if name in self.fields else None, sentence)

    def show_conflict(self, page: RecordPage) -> None:
        """Show beside each other what somebody else saved meanwhile and what is typed here.

        The form then holds their revisions, so that saving once more overwrites them knowingly.
        """
        theirs = _initial(page)
        for name in (*self.basics, *CONTACT):
            old, new = theirs.get(name) or "", self.cleaned_data.get(name) or ""
            if name in self.fields and old != new:
                label = str(self.fields[name].label)
                self.conflict.append(Change(label, self._said(name, old), self._said(name, new)))
        data = {name: self.data[name] for name in self.data}
        for section, revision in page.revisions.items():
            data[f"revision_{section}"] = str(revision)
        self.data = data

    def _said(self, name: str, value: str) -> str:
        """Return a value as people read it: the name behind a choice."""
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value))


class WithContact(forms.Form):
    """The contact fields of a platform or unit."""

    mailbox = _text(_("Function mailbox"), 254, help_text=_("Such as facility@institute.org."))
    contact_url = _text(_("How to ask"), 200, help_text=_("Address of a form or page, with https://."))
    person = forms.ChoiceField(
        label=_("Contact person"),
        required=False,
        help_text=_("Only people who agreed to be named outside the organisation."),
    )


class OrganisationForm(RecordForm):
    """What the organisation says of itself."""

    kind = "organisation"
    name = _text(_("Name"), 200, is_required=True)
    short_name = _text(_("Short name"), 50)
    ror = _text(_("ROR"), 60, help_text=_("Such as https://ror.org/048a87296."))
    country = _text(_("Country"), 2, help_text=_("Two letters, such as SE."))
    url = _text(_("Website"), 200)
    description = _long(_("Mission"))


class PlatformForm(WithContact, RecordForm):
    """What a platform says of itself."""

    kind = "platform"
    name = _text(_("Name"), 200, is_required=True)
    short_name = _text(_("Short name"), 50)
    url = _text(_("Website"), 200)
    description = _long(_("Description"))


class UnitForm(WithContact, RecordForm):
    """What a unit says of itself."""

    kind = "unit"
    name = _text(_("Name"), 200, is_required=True)
    short_name = _text(_("Short name"), 50)
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    host_name = _text(_("Host organisation"), 200, help_text=_("Where it is not the organisation itself."))
    host_ror = _text(_("ROR of the host"), 60)
    url = _text(_("Website"), 200)
    description = _long(_("Description"))


class SiteForm(RecordForm):
    """Where things stand."""

    kind = "site"
    name = _text(_("Name"), 200, is_required=True)
    address = _text(_("Address"), 300)
    city = _text(_("City"), 100)
    country = _text(_("Country"), 2, help_text=_("Two letters, such as SE."))


FORMS: dict[str, type[RecordForm]] = {
    form.kind: form for form in (OrganisationForm, PlatformForm, UnitForm, SiteForm)
}


def _initial(page: RecordPage) -> dict[str, Any]:
    """Return what the form of a record begins with."""
    found: dict[str, Any] = {**page.body("basics"), **page.body("contact")}
    if ref := found.get("platform_ref"):
        found["platform"] = str(parse_record_id(ref).uid)
    found["person"] = found.get("person_uid", "")
    found["steward"] = str(page.row.steward.uid) if page.row.steward else ""
    found["review_due_on"] = page.row.review_due_on
    return found
