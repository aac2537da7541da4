"""One entry: whose it is, what may be done with it, its body, and the shipped one beside the own one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries.effective import standing
from parkbench.catalogue.queries.names import label
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import queries as records
from parkbench.records.models import ALL, OWN, REGISTER
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """Whose entry it is and who sees it; ``visible_to`` is '' for those outside the organisation.

    ``other`` is the own entry that stands in for a shipped one, or the shipped one that an own stands in for.
    """

    home: str
    is_own: bool
    is_shipped: bool
    visible_to: str
    may_edit: bool
    may_override: bool
    other: Any


@dataclass(frozen=True, slots=True)
class Edited:
    """An entry as its form needs it: its body, the revision seen, the names of what it refers to."""

    row: Any
    body: Mapping[str, Any]
    revision: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Beside:
    """A shipped entry and the own one that stands in for it, field by field: (title, shipped, own)."""

    shipped: Any
    own: Any
    fields: Sequence[tuple[str, str, str]]
    may_edit: bool


def one(model: Any, uid: UUID, viewer: Viewer) -> Any:
    """Return the visible row with this uid, an own one first where a partner's has the same.

    Raises NotFound.
    """
    row = (
        model.objects.visible(viewer, ALL)
        .select_related("home", "steward")
        .filter(uid=uid)
        .order_by("home_id")
        .first()
    )
    if row is None:
        raise NotFound(_("There is nothing at this address, or it is not shared with you."))
    return row


def place_of(*, kind: Kind, row: Any, viewer: Viewer) -> Place:
    """Return whose entry a row is and who sees it; at most five queries."""
    is_own, is_shipped = row.home_id == OWN, row.home_id == REGISTER
    visible_to = _("everybody") if is_shipped else ""
    if is_own and viewer.is_member:
        visible_to = records.reach_of(kind=kind, row=row, viewer=viewer)[0].words
    return Place(
        home=row.home.name,
        is_own=is_own,
        is_shipped=is_shipped,
        visible_to=visible_to,
        may_edit=is_own and viewer.may(kind.edit),
        may_override=is_shipped and viewer.may(kind.edit),
        other=counterpart(kind=kind, row=row, viewer=viewer) if viewer.is_member else None,
    )


def counterpart(*, kind: Kind, row: Any, viewer: Viewer) -> Any:
    """Return the shipped entry beside an own one, or the own one beside a shipped; None without one."""
    if row.home_id not in (OWN, REGISTER):
        return None
    other = REGISTER if row.home_id == OWN else OWN
    rows: Any = kind.model._default_manager
    return rows.visible(viewer).filter(home_id=other, key=row.key).select_related("home").first()


def editable(*, kind: Kind, uid: UUID, viewer: Viewer) -> Any:
    """Return an own entry that the viewer may edit.

    Raises NotFound when the viewer may not know of it, NotAllowed without the right, Refused when it is
    shipped with Parkbench or a partner's.
    """
    viewer.check(kind.edit)
    row = one(kind.model, uid, viewer)
    if row.home_id == OWN:
        return row
    if row.home_id == REGISTER:
        raise Refused(
            _("This entry comes with Parkbench and changes with its releases. Put an own entry in its place.")
        )
    raise Refused(_("This entry belongs to a partner and can only be changed there."))


def overridable(*, kind: Kind, uid: UUID, viewer: Viewer) -> Any:
    """Return a shipped entry in whose place the viewer may put an own one.

    Raises NotFound, NotAllowed without the right, and Refused when it is not shipped or has an own one.
    """
    viewer.check(kind.edit)
    row = one(kind.model, uid, viewer)
    if row.home_id != REGISTER:
        raise Refused(_("Only an entry that comes with Parkbench can have an own one in its place."))
    if counterpart(kind=kind, row=row, viewer=viewer) is not None:
        raise Refused(_("Your own entry stands in for this one already. Edit that one."))
    return row


def edited(*, kind: str, uid: UUID, viewer: Viewer) -> Edited:
    """Return an own entry to be edited; raises what `editable` raises."""
    known = kind_of(kind)
    row = editable(kind=known, uid=uid, viewer=viewer)
    revision, body = records.heads(kind=known, row=row, viewer=viewer).get("basics", (0, {}))
    return Edited(row, body, revision, names_in(row, viewer))


def overridden(*, kind: str, uid: UUID, viewer: Viewer) -> Edited:
    """Return a shipped entry as the form of an own one in its place begins; raises as `overridable` does.

    Where a fact comes from is asked anew: the shipped source does not vouch for what is changed here.
    """
    row = overridable(kind=kind_of(kind), uid=uid, viewer=viewer)
    body = {name: value for name, value in body_of(row).items() if name not in ("source", "licence")}
    return Edited(row, body, 0, names_in(row, viewer))


def body_of(row: Any) -> dict[str, Any]:
    """Return a row's typed columns as its basics would say them, without what is empty.

    Shipped entries have no sections; this is what theirs would be.
    """
    schema = kind_of(kind_name(row)).section("basics").schema
    body: dict[str, Any] = {}
    for name in schema.model_fields:
        value = getattr(row, name)
        if name == "techniques":
            value = [key for key in value.split("|") if key]
        if value not in (None, "", []):
            body[name] = value
    return body


def names_in(row: Any, viewer: Viewer) -> dict[str, str]:
    """Return how the entries that a row refers to are written in its form."""
    names = {}
    if isinstance(row, DeviceModel):
        maker = standing(Maker, row.maker_id, viewer)
        after = standing(DeviceModel, row.successor_id, viewer)
        its = standing(Maker, after.maker_id, viewer) if after else None
        names["maker"] = maker.name if maker else ""
        names["successor"] = label(its.name if its else None, after.designation) if after else ""
    elif isinstance(row, Maker):
        after = standing(Maker, row.successor_id, viewer)
        names["successor"] = after.name if after else ""
    else:
        above = standing(Technique, row.parent_id, viewer)
        names["parent"] = above.name if above else ""
    return names


def kind_name(row: Any) -> str:
    """Return the name of the kind that a row is of."""
    return {Maker: "maker", Technique: "technique", DeviceModel: "model"}[type(row)]


def beside(*, kind: str, uid: UUID, viewer: Viewer) -> Beside:
    """Return a shipped entry and the own one in its place, side by side, from the uid of either.

    Raises NotFound when the viewer may not know of both.
    """
    known = kind_of(kind)
    row = one(known.model, uid, viewer)
    other = counterpart(kind=known, row=row, viewer=viewer)
    if other is None:
        raise NotFound(_("There is no own entry beside a shipped one here."))
    shipped, own = (row, other) if row.home_id == REGISTER else (other, row)
    mine, theirs = _spoken(own, viewer), _spoken(shipped, viewer)
    fields = [(title, theirs.get(title, ""), mine.get(title, "")) for title in {**theirs, **mine}]
    return Beside(shipped, own, fields, viewer.may(known.edit))


def _spoken(row: Any, viewer: Viewer) -> dict[str, str]:
    """Return title > value as people read it, of everything the entry says."""
    fields = kind_of(kind_name(row)).section("basics").schema.model_fields
    names = names_in(row, viewer)
    spoken = {}
    for name, held in body_of(row).items():
        value = names.get(name.removesuffix("_ref"), "") if name.endswith("_ref") else held
        text = ", ".join(value) if isinstance(value, list) else str(value)
        spoken[str(fields[name].title)] = text
    return spoken


def users_of(*, kind: Kind, row: Any) -> list[tuple[str, int]]:
    """Return (kind in words, number) of own live records of the catalogue that name this own entry."""
    found = []
    for other in kinds():
        for reference in (name for name, target in other.references.items() if target == kind.name):
            rows = other.model._default_manager.filter(home_id=OWN, deleted_at=None)
            if count := rows.filter(**{f"{reference}_id": row.pk}).count():
                found.append((str(other.label if count == 1 else other.label_plural), count))
    if isinstance(row, Technique):
        models = DeviceModel.objects.own().live().filter(techniques__contains=f"|{row.key}|").count()
        found += [(_("makes and models"), models)] if models else []
    return found
