"""What the form of an instrument offers to choose from, and which of its parts somebody may fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkbench.accounts.rules import Action
from parkbench.catalogue.queries import technique_choices
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.instrument import KIND, InstrumentPage, label, suggest_instruments
from parkbench.programme.queries import choices, stewards
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, scopes_of

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The choices of the form; ``units`` are those the viewer may edit, and the instrument's own.

    ``sections`` are those the viewer may fill in, ``parent`` the name of the instrument it is part of.
    """

    node: str
    viewer: Viewer
    sections: frozenset[str]
    units: Sequence[Choice]
    sites: Sequence[Choice]
    techniques: Sequence[Choice]
    contacts: Sequence[Choice]
    stewards: Sequence[Choice]
    may_set_steward: bool
    parent: str = ""
    steward: str = ""
    review_due_on: str = ""
    row: Instrument | None = None

    def name_of(self, name: str, uid: str) -> str:
        """Return what the unit, site or parent with this uid is called; '' when it is not offered."""
        if not uid:
            return ""
        if name == "parent":
            return self.parent
        return dict(self.units if name == "unit" else self.sites).get(uid, "")

    def find_parent(self, text: str) -> list[Choice]:
        """Return the own instruments a text may mean."""
        return suggest_instruments(text=text, viewer=self.viewer)

    def contacts_with(self, values: Mapping[str, Any]) -> list[Choice]:
        """Return who may be contact person, and who is."""
        uid = values.get("person_uid")
        if uid and uid not in dict(self.contacts):
            return [*self.contacts, (uid, values.get("person_name") or uid)]
        return list(self.contacts)


def offer_for_new(*, viewer: Viewer) -> Offer:
    """Return what the form of a new instrument offers: the sections the viewer sees in any unit of theirs."""
    seen = {spec.name for spec in kind_of(KIND).sections if viewer.may_somewhere(spec.see)}
    return _offer(viewer, frozenset(seen), may_set_steward=True)


def offer_for(*, page: InstrumentPage, viewer: Viewer) -> Offer:
    """Return what the form of this instrument offers."""
    row = page.row
    may_set_steward = viewer.may(Action.EDIT, scopes_of(page.kind, row))
    return _offer(viewer, page.seen, may_set_steward=may_set_steward, row=row)


def _offer(
    viewer: Viewer, sections: frozenset[str], *, may_set_steward: bool, row: Instrument | None = None
) -> Offer:
    units = choices(kind="unit", viewer=viewer, action=Action.EDIT)
    if row is not None and row.unit is not None and str(row.unit.uid) not in dict(units):
        units = [*units, (str(row.unit.uid), row.unit.name)]
    parent = row.parent if row else None
    people = stewards()
    return Offer(
        node=own_address(),
        viewer=viewer,
        sections=sections,
        units=units,
        sites=choices(kind="site", viewer=viewer),
        techniques=technique_choices(viewer),
        contacts=[(str(person.uid), person.name) for person in people if person.is_named_outward],
        stewards=[(str(person.uid), person.name) for person in people] if may_set_steward else (),
        may_set_steward=may_set_steward,
        parent=label(parent.name, parent.unit.name if parent.unit else None) if parent else "",
        steward=str(row.steward.uid) if row and row.steward else "",
        review_due_on=row.review_due_on.isoformat() if row and row.review_due_on else "",
        row=row,
    )
