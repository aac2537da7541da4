"""The forms of services and capabilities: basics, capacity, contact, who is responsible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from parkbench.instruments.models import UserCategoryChoices
from parkbench.lib.errors import Invalid, Refused
from parkbench.lib.urn import record_id
from parkbench.offer import wire
from parkbench.offer.forms.fields import WordsField
from parkbench.offer.models import AccessChoices, StatusChoices
from parkbench.offer.queries.choices import Offered, instruments_named
from parkbench.offer.queries.pages import OfferPage
from parkbench.offer.rules import TRANSITIONS, Status
from parkbench.offer.services import Stewardship
from parkbench.ui.fields import DayField
from parkbench.ui.parts import Change

STEWARDSHIP = ("steward", "review_due_on")
CONTACT = ("mailbox", "contact_url", "person")


def _text(label: Any, length: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, **{"required": False, **more})


def _boxes(label: Any, choices: Any = (), **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **more
    )


class OfferForm(forms.Form):
    """What the forms share; keeps the revisions its editor saw."""

    kind: ClassVar[str]
    place: ClassVar[str]
    drawn_on: ClassVar[str]
    parts: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]]

    def __init__(
        self, data: Any = None, *, offered: Offered, page: OfferPage | None = None, place: str = ""
    ) -> None:
        self.offered, self.page = offered, page
        self.conflict: list[Change] = []
        super().__init__(data, initial=self._initial(page, place))
        field = self.fields[self.place]
        nowhere = [("", _("none"))] if offered.may_be_nowhere else []
        field.choices = [*nowhere, *offered.places]  # type: ignore[attr-defined]
        self._choose_drawn_on()
        self._choose_people()
        for name, revision in (page.revisions if page else {}).items():
            self.fields[f"revision_{name}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=revision, min_value=0
            )

    mailbox = _text(
        _("Function mailbox"), 254, help_text=_("A mailbox of the unit, read by whoever is on duty.")
    )
    contact_url = _text(
        _("How to ask"), 200, help_text=_("Address of a request form or booking page, with https://.")
    )
    person = forms.ChoiceField(
        label=_("Contact person"),
        required=False,
        help_text=_("Only people who agreed to be named outside the organisation."),
    )

    def _initial(self, page: OfferPage | None, place: str) -> dict[str, Any]:
        if page is None:
            return {self.place: place or (self.offered.places[0][0] if len(self.offered.places) == 1 else "")}
        found = dict(page.values)
        found[self.place] = (found.get(f"{self.place}_ref") or "").rpartition("/")[2]
        found[self.drawn_on] = [ref.rpartition("/")[2] for ref in found.get(f"{self.drawn_on[:-1]}_refs", ())]
        found["person"] = found.get("person_uid", "")
        found["steward"] = str(page.row.steward.uid) if page.row.steward else ""
        found["review_due_on"] = page.row.review_due_on
        return found

    def _choose_drawn_on(self) -> None:
        choices = [*self.offered.drawn_on, *self.offered.others]
        if choices:
            self.fields[self.drawn_on].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields[self.drawn_on]

    def _choose_people(self) -> None:
        people = self.offered.people
        named = [(uid, one.name) for uid, one in people.items() if one.is_named_outward]
        if self.initial.get("person") and self.initial["person"] not in dict(named):
            named.append((self.initial["person"], self.initial.get("person_name") or "—"))
        self.fields["person"].choices = [("", _("nobody")), *named]  # type: ignore[attr-defined]
        if self.offered.may_set_steward:
            self.fields["steward"] = forms.ChoiceField(
                label=_("Content responsible"),
                required=False,
                choices=[("", _("nobody yet")), *((uid, one.name) for uid, one in people.items())],
                help_text=_("May edit this, and is asked when the review is due."),
            )
            self.fields["review_due_on"] = DayField(label=_("Review due"), required=False, max_length=60)

    @property
    def groups(self) -> list[tuple[Any, list[BoundField]]]:
        """Return the fields in groups as the page draws them."""
        parts = (*self.parts, (_("How to ask"), CONTACT), (_("Responsibility"), STEWARDSHIP))
        drawn = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in parts]
        return [(legend, fields) for legend, fields in drawn if fields]

    def values(self) -> dict[str, Any]:
        """Return what the form says as flat values; None where a field is empty."""
        given = self.cleaned_data
        said: dict[str, Any] = {}
        for _legend, names in (*self.parts, ("", CONTACT[:2])):
            for name in names:
                if name in self.fields and name not in (self.place, self.drawn_on, "others"):
                    said[name] = None if given[name] in ("", []) else given[name]
        place = given[self.place]
        kind = self.place
        said[f"{kind}_ref"] = self._ref(kind, place) if place else None
        said[f"{self.drawn_on[:-1]}_refs"] = self._refs() or None
        said["person_uid"] = given["person"] or None
        return said

    def _refs(self) -> list[str]:
        """Return what it draws on: what was ticked, and what stood there and could not be shown here."""
        kind = self.drawn_on[:-1]
        shown = {uid for uid, _label in (*self.offered.drawn_on, *self.offered.others)}
        before = list(self.page.values.get(f"{kind}_refs") or ()) if self.page else []
        ticked = [*self.cleaned_data.get(self.drawn_on, ()), *self.cleaned_data.get("others", ())]
        kept = [ref for ref in before if (uid := ref.rpartition("/")[2]) not in shown or uid in ticked]
        return list(dict.fromkeys([*kept, *(self._ref(kind, uid) for uid in ticked)]))

    def _ref(self, kind: str, uid: str) -> str:
        return record_id(node=self.offered.node, kind=kind, uid=UUID(uid))

    def stewardship(self) -> Stewardship | None:
        """Return who is responsible and when it is reviewed, None where nothing is said or changed."""
        if "steward" not in self.fields or not {"steward", "review_due_on"} & set(self.changed_data):
            return None
        due = self.cleaned_data["review_due_on"]
        return Stewardship(
            self.offered.people.get(self.cleaned_data["steward"]), date.fromisoformat(due) if due else None
        )

    def revisions(self) -> dict[str, int]:
        """Return the revision of each section that the editor saw."""
        names = [name for name in self.fields if name.startswith("revision_")]
        return {name.removeprefix("revision_"): self.cleaned_data[name] for name in names}

    def given(self) -> dict[str, Any]:
        """Return everything an edit takes, by the names of `services.edit`."""
        return {"values": self.values(), "expected": self.revisions(), "stewardship": self.stewardship()}

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal: at its field where it names one, else at the top."""
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        if not problems:
            self.add_error(None, refusal.sentence)
        for problem in problems:
            name = FIELD_OF[self.kind].get(problem.field, "")
            sentence = _now("Expected %(what)s.") % {"what": problem.expected.removeprefix("expected ")}
            if problem.expected.endswith("."):
                sentence = problem.expected
            self.add_error(name if name in self.fields else None, sentence)

    def show_conflict(self, page: OfferPage) -> None:
        """Show beside each other what somebody else saved meanwhile and what is typed here.

        The form then holds their revisions, so that saving once more overwrites them knowingly.
        """
        theirs = self._initial(page, "")
        for name in [name for name in self.fields if not name.startswith("revision_")]:
            old, new = self._said(name, theirs.get(name)), self._said(name, self.cleaned_data.get(name))
            if old != new:
                self.conflict.append(Change(str(self.fields[name].label), old, new))
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for section, revision in page.revisions.items():
            data[f"revision_{section}"] = str(revision)
        self.data = data

    def _said(self, name: str, value: Any) -> str:
        """Return a value as people read it: the names behind choices."""
        choices = {str(key): str(label) for key, label in getattr(self.fields[name], "choices", ())}
        texts = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value or "")]
        return ", ".join(sorted(choices.get(text, text) for text in texts if text))


class ServiceForm(OfferForm):
    """What a service says of itself."""

    kind = "service"
    place = "unit"
    drawn_on = "instruments"
    parts = (
        (_("What it is"), ("name", "unit", "status", "description")),
        (_("For whom, and how"), ("access_modes", "user_categories")),
        (_("How long it takes"), ("lead_time_days", "throughput")),
        (_("Samples"), ("sample_types", "biosafety_class")),
        (_("Instruments"), ("instruments", "others")),
        (_("Techniques"), ("techniques",)),
    )
    name = _text(_("Name"), 200, required=True)
    unit = forms.ChoiceField(label=_("Unit"))
    status = forms.ChoiceField(label=_("Status"), required=False)
    description = _text(
        _("Description"),
        5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What one gets, in words that somebody from another field understands."),
    )
    access_modes = _boxes(_("Access"), AccessChoices.choices)
    user_categories = _boxes(_("Who may use it"), UserCategoryChoices.choices)
    lead_time_days = forms.IntegerField(
        label=_("Lead time (days)"),
        required=False,
        min_value=0,
        max_value=3650,
        help_text=_("From the request to the result, as a rule."),
    )
    throughput = _text(_("Throughput"), 200, help_text=_("Such as 96 samples per week."))
    sample_types = WordsField(label=_("Sample types"), help_text=_("One per line."))
    biosafety_class = forms.TypedChoiceField(
        label=_("Biosafety class"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("not said")), *((str(each), str(each)) for each in (1, 2, 3, 4))],
        help_text=_("The highest class of samples that are taken."),
    )
    instruments = _boxes(_("Instruments of the unit"))
    others = WordsField(
        label=_("Other instruments"),
        help_text=_("One per line, by name; “name · unit” where several have one name."),
    )
    techniques = _boxes(_("Techniques"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = self.initial.get("status")
        allowed = {Status(now), *TRANSITIONS[Status(now)]} if now else set(Status)
        steps = [(value, label) for value, label in StatusChoices.choices if value in allowed]
        empty = [] if now else [("", _("not said"))]
        self.fields["status"].choices = [*empty, *steps]  # type: ignore[attr-defined]
        known = list(self.offered.techniques)
        keys = dict(known)
        known += [(key, key) for key in self.initial.get("techniques") or () if key not in keys]
        self.fields["techniques"].choices = known  # type: ignore[attr-defined]

    def clean_others(self) -> list[str]:
        """Return the uids of the instruments that the lines name."""
        found = []
        for text in self.cleaned_data["others"] or ():
            same = instruments_named(text=text, viewer=self.offered.viewer)
            if len(same) != 1:
                sentence = _("There is no instrument “%(name)s” here. Copy its name from its page.")
                if same:
                    sentence = _("“%(name)s” may mean several. Write “name · unit”.")
                raise forms.ValidationError(sentence % {"name": text})
            found.append(same[0][0])
        return found


class CapabilityForm(OfferForm):
    """What a capability says of itself."""

    kind = "capability"
    place = "platform"
    drawn_on = "services"
    parts = (
        (_("What it is"), ("name", "platform", "description")),
        (_("Services it draws on"), ("services",)),
    )
    name = _text(_("Name"), 200, required=True)
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    description = _text(
        _("Description"),
        5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the services do together that none of them does alone."),
    )
    services = _boxes(_("Services"))


FORMS: dict[str, type[OfferForm]] = {"service": ServiceForm, "capability": CapabilityForm}


def _fields_of(schemas: Mapping[str, Any]) -> dict[str, str]:
    special = {"unit_ref": "unit", "platform_ref": "platform", "instrument_refs": "instruments"}
    special |= {"service_refs": "services", **dict.fromkeys(("person_uid", "person_name"), "person")}
    return {
        (known.title or name): special.get(name, name)
        for schema in schemas.values()
        for name, known in schema.model_fields.items()
    }


FIELD_OF = {
    "service": _fields_of(wire.SERVICE_SCHEMAS),
    "capability": _fields_of(wire.CAPABILITY_SCHEMAS),
}
"""Kind > title of a field, as refusals name it > field of the form."""
