"""How the instruments of a list are found: by name, inventory number, serial number or record id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from parkbench.accounts.rules import Action
from parkbench.figures.models import UseYear
from parkbench.instruments.models import Instrument
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, masked


@dataclass(slots=True)
class Named:
    """The own instruments that a text may mean: folded text > uids; and per uid its name and scopes."""

    by_text: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    order: dict[str, tuple[str, str]] = field(default_factory=dict)

    def found(self, text: str) -> set[str]:
        """Return the uids of the instruments that bear this name or number."""
        return self.by_text.get(" ".join(text.split()).casefold(), set())


def named_instruments(*, viewer: Viewer) -> Named:
    """Return all own instruments this viewer may see by what lists call them; one query.

    Serial and inventory numbers count only where the viewer may see them.
    """
    kind = kind_of("instrument")
    rows = (
        Instrument.objects.visible(viewer)
        .own()
        .annotate(
            serial_seen=masked(kind, "internal", viewer, "serial_number"),
            inventory_seen=masked(kind, "internal", viewer, "inventory_number"),
            unit_name=F("unit__name"),
        )
    )
    named = Named()
    columns = (
        "uid",
        "name",
        "serial_seen",
        "inventory_seen",
        "unit__uid",
        "unit__platform__uid",
        "unit_name",
    )
    for uid, name, serial, inventory, unit, platform, unit_name in rows.order_by().values_list(*columns):
        key = str(uid)
        named.names[key], named.order[key] = name, (unit_name or "", name)
        named.scopes[key] = frozenset(str(one) for one in (uid, unit, platform) if one)
        for text in (name, serial, inventory, key):
            if text:
                named.by_text.setdefault(" ".join(text.split()).casefold(), set()).add(key)
    return named


def may_import(*, instrument: str, viewer: Viewer) -> bool:
    """Tell whether this viewer may import the use of an own instrument."""
    if viewer.may(Action.IMPORT):
        return True
    row = Instrument.objects.own().live().filter(uid=UUID(instrument))
    for scopes in row.values_list("uid", "unit__uid", "unit__platform__uid"):
        return viewer.may(Action.IMPORT, frozenset(str(one) for one in scopes if one))
    return False


def years_named(*, keys: Sequence[str]) -> Mapping[str, list[UUID]]:
    """Return "instrument's uid|year" > uids of the own live years; one query."""
    pairs = {key: key.partition("|") for key in keys}
    rows = UseYear.objects.filter(
        home_id=OWN,
        deleted_at=None,
        instrument__uid__in={UUID(pair[0]) for pair in pairs.values()},
        year__in={int(pair[2]) for pair in pairs.values()},
    )
    found: dict[str, list[UUID]] = {}
    for uid, instrument, year in rows.values_list("uid", "instrument__uid", "year"):
        key = f"{instrument}|{year}"
        if key in pairs:
            found.setdefault(key, []).append(uid)
    return found


def years_of(*, uids: Sequence[UUID]) -> dict[UUID, tuple[str, int, str]]:
    """Return uid > (instrument's uid, year, its name) of own years; one query."""
    rows = UseYear.objects.filter(home_id=OWN, uid__in=uids, instrument__isnull=False)
    return {
        uid: (str(instrument), year, name)
        for uid, instrument, year, name in rows.values_list(
            "uid", "instrument__uid", "year", "instrument__name"
        )
    }
