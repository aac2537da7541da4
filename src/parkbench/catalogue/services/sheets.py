"""Makes and models as a sheet brings them: many at a time, also in the place of shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from parkbench.accounts.rules import Action
from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries import body_of
from parkbench.catalogue.queries.effective import of_maker
from parkbench.catalogue.rules import fold
from parkbench.catalogue.services.bodies import Known, ModelFields, known, model_body
from parkbench.catalogue.services.entries import publish_entries
from parkbench.records.models import OWN, REGISTER
from parkbench.records.services import Draft, delete
from parkbench.records.visibility import Viewer

Values = dict[str, Any]
FIELDS = (
    "designation",
    "family",
    "aliases",
    "techniques",
    "rrid",
    "end_of_sale_on",
    "end_of_service_on",
    "typical_life_years",
    "source",
    "licence",
)
"""The fields of a model that a sheet may bring, beside its maker."""


def write_models(
    *,
    new: Sequence[tuple[UUID, Values]],
    changed: Sequence[tuple[UUID, Values]],
    by: Viewer,
    batch: UUID | None = None,
) -> None:
    """This function will write at most 1,000 own models; a new one may stand in for a shipped one.

    ``new`` holds all values, ``changed`` those to set (None empties); what a sheet does not say of a shipped
    model stays as shipped. Raises NotAllowed, Invalid, Refused when the catalogue has one of them already.
    """
    by.check(Action.EDIT_CATALOGUE)
    with transaction.atomic():
        catalogue = known(by)
        rows = {row.uid: row for row in _own([uid for uid, _values in changed])}
        shipped = _shipped({values["model_key"] for _uid, values in new if values.get("model_key")})
        drafts = [
            Draft(uid, {"basics": _new_body(values, catalogue, shipped, by)}, is_new=True)
            for uid, values in new
        ]
        overridden = _shipped({row.key for row in rows.values()})
        drafts += [
            Draft(
                uid, {"basics": _changed_body(rows[uid], values, catalogue, by, rows[uid].key in overridden)}
            )
            for uid, values in changed
        ]
        if drafts:
            publish_entries("model", drafts, by, batch)


def values_of(uids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the values of own models as a sheet says them, in one query."""
    found = {}
    for row in _own(uids):
        body = body_of(row)
        values: Values = {name: body[name] for name in FIELDS if name in body}
        for name in ("end_of_sale_on", "end_of_service_on"):
            if name in values:
                values[name] = values[name].isoformat()
        values["maker"] = row.shown_maker
        found[row.uid] = {**values, "model_key": row.key}
    return found


def delete_unused_makers(*, uids: Sequence[UUID], by: Viewer, batch: UUID) -> list[UUID]:
    """This function will delete those of these own makers that no model and no maker names; returns them."""
    rows = Maker.objects.own().live().filter(uid__in=uids)
    rows = rows.exclude(key__in=DeviceModel.objects.live().exclude(maker=None).values("maker__key"))
    free = list(rows.exclude(pk__in=Maker.objects.live().exclude(successor=None).values("successor_id")))
    if free:
        delete(kind="maker", uids=[row.uid for row in free], by=by, batch=batch)
    return [row.uid for row in free]


def _own(uids: Sequence[UUID]) -> list[Any]:
    rows = DeviceModel.objects.filter(home_id=OWN, deleted_at=None, uid__in=uids)
    named = rows.annotate(shown_maker=of_maker(Viewer.operator(), "name"))
    return list(named.select_related("maker"))


def _shipped(keys: Collection[str]) -> dict[str, DeviceModel]:
    rows = DeviceModel.objects.filter(home_id=REGISTER, deleted_at=None, key__in=keys)
    return {row.key: row for row in rows.select_related("maker", "successor")}


def _new_body(
    values: Values, catalogue: Known, shipped: Mapping[str, DeviceModel], by: Viewer
) -> dict[str, Any]:
    row = shipped.get(values.get("model_key") or "")
    if row is None:
        body = model_body(_fields(values), catalogue, by, own_key=None)
    else:
        kept = {name: value for name, value in body_of(row).items() if name not in ("source", "licence")}
        said = _fields({**kept, **values, "maker": values["maker"]})
        own = model_body(said, catalogue, by, own_key=row.key, keeps_key=True)
        body = {**kept, **{name: value for name, value in own.items() if value not in (None, "", [])}}
    maker = body["key"].partition("/")[0]
    for name in (body["designation"], *body.get("aliases", ())):
        catalogue.added[maker, fold(name)] = body["key"]
    return body


def _changed_body(
    row: Any, values: Values, catalogue: Known, by: Viewer, is_override: bool
) -> dict[str, Any]:
    kept = body_of(row)
    # By its key: the own entry of a maker may bear another name than the shipped one it stands in for.
    maker = values.get("maker") or (row.maker.key if row.maker else "")
    said = _fields({**kept, **values, "maker": maker})
    body = model_body(said, catalogue, by, own_key=row.key, keeps_key=is_override)
    rest = ("successor_ref", "psi_ms", "ena", "export_control")
    return {**body, **{name: kept[name] for name in rest if name in kept}}


def _fields(values: Values) -> ModelFields:
    given = {name: values[name] for name in FIELDS if values.get(name) is not None}
    return ModelFields(maker=values.get("maker") or "", **given)
