"""What the forms of services and capabilities offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.catalogue.queries import technique_choices
from parkbench.instruments.models import Instrument
from parkbench.offer.queries.pages import OfferPage
from parkbench.offer.queries.rows import services
from parkbench.programme.queries import choices, stewards
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer, scopes_of

Choice = tuple[str, str]
MOST_INSTRUMENTS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The choices of a form; uids are texts.

    ``places`` are the units or platforms the viewer may put it in; ``drawn_on`` the instruments of its unit
    or the services one may tick, ``others`` own instruments elsewhere that it names already; ``people`` by
    uid.
    """

    node: str
    viewer: Viewer
    places: Sequence[Choice]
    may_be_nowhere: bool
    drawn_on: Sequence[Choice]
    others: Sequence[Choice] = ()
    techniques: Sequence[Choice] = ()
    people: dict[str, Person] = field(default_factory=dict)
    may_set_steward: bool = True


def offered_for(*, kind: str, viewer: Viewer, page: OfferPage | None = None, unit: str = "") -> Offered:
    """Return what the form of a new record, or of this one, offers; a fixed number of queries."""
    places = choices(kind="unit" if kind == "service" else "platform", viewer=viewer, action=Action.EDIT)
    place = page.place if page else None
    if place is not None and str(place.uid) not in dict(places):
        places = [*places, (str(place.uid), place.name)]
    if not page and not unit and len(places) == 1:
        unit = places[0][0]
    unit = str(place.uid) if place is not None else unit
    drawn_on = _instruments_of(unit, viewer) if kind == "service" else _services(viewer)
    known = dict(drawn_on)
    others = [
        (str(row.uid), row.name) for row in (page.drawn_on if page else ()) if str(row.uid) not in known
    ]
    return Offered(
        node=own_address(),
        viewer=viewer,
        places=places,
        may_be_nowhere=kind == "capability" and (viewer.may(Action.EDIT) or bool(page and place is None)),
        drawn_on=drawn_on,
        others=others,
        techniques=technique_choices(viewer) if kind == "service" else (),
        people={str(one.uid): one for one in stewards()},
        may_set_steward=page is None or viewer.may(Action.EDIT, scopes_of(page.kind, page.row)),
    )


def _instruments_of(unit: str, viewer: Viewer) -> list[Choice]:
    try:
        uid = UUID(unit)
    except ValueError:
        return []
    rows = Instrument.objects.visible(viewer).own().filter(unit__uid=uid).order_by("name", "pk")
    return [(str(found), name) for found, name in rows.values_list("uid", "name")[:MOST_INSTRUMENTS]]


def _services(viewer: Viewer) -> list[Choice]:
    rows: Any = services(viewer=viewer).own().order_by("unit_seen", "name", "pk")  # type: ignore[attr-defined]
    return [
        (str(uid), f"{name} · {unit}" if unit else name)
        for uid, name, unit in rows.values_list("uid", "name", "unit_seen")
    ]


def instruments_named(*, text: str, viewer: Viewer) -> list[Choice]:
    """Return own instruments that a line of text names exactly: by name, or by "name · unit"; one query."""
    name, _bar, unit = text.partition(" · ")
    rows = Instrument.objects.visible(viewer).own().filter(name__iexact=name.strip())
    if unit.strip():
        rows = rows.filter(unit__name__iexact=unit.strip())
    return [(str(uid), found) for uid, found in rows.order_by("name", "pk").values_list("uid", "name")[:5]]
