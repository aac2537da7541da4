"""A node's own makers and models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries import LinkTargets, edited_maker, edited_model, link_targets, technique_names
from parkbench.catalogue.rules import canonical_key, fold, link, slug, without_legal_form
from parkbench.lib.errors import Conflict, Invalid, Problem, Refused
from parkbench.lib.urn import record_id
from parkbench.records import bulk
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerFields:
    """What people say of a maker; ``successor`` is the name of the maker that took it over."""

    name: str
    aliases: Sequence[str] = ()
    ror: str | None = None
    country: str | None = None
    url: str | None = None
    successor: str | None = None
    succeeded_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFields:
    """What people say of a make and model; ``maker`` is the maker's name, techniques are keys.

    ``successor`` is the model that follows it, as maker and designation in one text.
    """

    maker: str
    designation: str
    family: str | None = None
    aliases: Sequence[str] = ()
    techniques: Sequence[str] = ()
    rrid: str | None = None
    psi_ms: str | None = None
    ena: str | None = None
    end_of_sale_on: date | None = None
    end_of_service_on: date | None = None
    typical_life_years: int | None = None
    export_control: str | None = None
    successor: str | None = None


def add_maker(*, fields: MakerFields, by: Viewer) -> UUID:
    """This function will add an own maker and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit, Refused when the maker is here already.
    """
    by.check(Action.EDIT_CATALOGUE)
    with transaction.atomic():
        body = _maker_body(fields, link_targets(by), own_key=None)
        return _added("maker", body, by)


def edit_maker(*, uid: UUID, fields: MakerFields, expected: int, by: Viewer) -> None:
    """This function will change an own maker; its key stays, because models are named after it.

    ``expected`` is the revision the editor has seen. Raises what add_maker does, NotFound, and Conflict when
    somebody changed it meanwhile.
    """
    edited = edited_maker(uid=uid, viewer=by)
    with transaction.atomic():
        body = _maker_body(fields, link_targets(by), own_key=edited.maker.key)
        kept = {name: edited.body[name] for name in ("source", "licence") if name in edited.body}
        _changed("maker", uid, {**body, **kept}, expected, by)


def add_model(*, fields: ModelFields, by: Viewer) -> UUID:
    """This function will add an own make and model and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit or a maker that is not in the catalogue, Refused
    when the catalogue has the model already, under this name or another.
    """
    by.check(Action.EDIT_CATALOGUE)
    with transaction.atomic():
        body = _model_body(fields, link_targets(by), by, own_key=None)
        return _added("model", body, by)


def edit_model(*, uid: UUID, fields: ModelFields, expected: int, by: Viewer) -> None:
    """This function will change an own make and model; its key follows maker and designation.

    ``expected`` is the revision the editor has seen. Raises what add_model does, NotFound, and Conflict when
    somebody changed it meanwhile.
    """
    edited = edited_model(uid=uid, viewer=by)
    with transaction.atomic():
        body = _model_body(fields, link_targets(by), by, own_key=edited.model.key)
        kept = {name: edited.body[name] for name in ("source", "licence") if name in edited.body}
        _changed("model", uid, {**body, **kept}, expected, by)


def make_missing_makers(*, names: Iterable[str], by: Viewer, batch: UUID | None = None) -> dict[str, str]:
    """This function will find makers by any of their names and make own ones of those that are not here.

    Returns each given name with its maker's key; names that fold alike share one. Running it again makes
    nothing. Raises Invalid for a name without letters or over 200 characters or one that several makers bear,
    NotAllowed when something is missing and the viewer may not change the catalogue, Conflict when somebody
    added one at the same moment.
    """
    with transaction.atomic():
        targets = link_targets(by)
        keys: dict[str, str] = {}
        fresh: dict[str, str] = {}
        for name in names:
            keys[name] = _key_of(name, targets)
            if keys[name] not in targets.makers:
                fresh.setdefault(keys[name], " ".join(name.split()))
        if fresh:
            by.check(Action.EDIT_CATALOGUE)
        drafts = [
            Draft(uid=uuid4(), sections={"basics": {"name": name, "key": key}}, is_new=True)
            for key, name in fresh.items()
        ]
        for start in range(0, len(drafts), bulk.CHUNK):
            _publish("maker", drafts[start : start + bulk.CHUNK], by, batch)
    return keys


def _key_of(name: str, targets: LinkTargets) -> str:
    """Return the key of the maker that bears this name, or the key a new one would get."""
    key = targets.maker_key(name)
    if key is not None:
        return key
    if not slug(name) or len(name) > 200:
        raise Invalid(Problem(_("Maker"), name, _("a name of 1 to 200 characters with at least one letter")))
    if {fold(name), fold(without_legal_form(name))} & targets.index.makers.keys():
        raise Invalid(Problem(_("Maker"), name, _("the full name of one maker; several bear this one")))
    return slug(without_legal_form(name))


def _maker_body(fields: MakerFields, targets: LinkTargets, *, own_key: str | None) -> dict[str, Any]:
    """Return the body; ``own_key`` is the key of the maker being edited, None for a new one."""
    for name in (fields.name, *fields.aliases):
        _check_free_maker(name, targets, own_key)
    key = own_key or slug(without_legal_form(fields.name))
    if own_key is None and key in targets.makers:
        raise Refused(_("“%(name)s” is in the catalogue already. Use that entry.") % {"name": fields.name})
    body: dict[str, Any] = {**asdict(fields), "key": key, "aliases": list(fields.aliases)}
    successor = body.pop("successor")
    if successor:
        maker = _maker(successor, targets, _("Taken over by"))
        _check_not_after(key, maker.key, targets)
        body["successor_ref"] = _ref("maker", maker)
    return body


def _check_free_maker(name: str, targets: LinkTargets, own_key: str | None) -> None:
    """Refuse a name that another maker bears, with or without its legal form."""
    folded = {fold(name), fold(without_legal_form(name))} & targets.index.makers.keys()
    for bearer in (targets.index.makers[one] for one in sorted(folded)):
        if bearer is None or bearer != own_key:
            raise Refused(
                _("“%(name)s” is in the catalogue already, as %(maker)s. Use that entry.")
                % {"name": name, "maker": _maker_name(bearer, targets)}
            )


def _check_not_after(key: str, successor: str, targets: LinkTargets) -> None:
    """Refuse a successor that was itself taken over, in the end, by this maker."""
    if key == successor or targets.index.lines.get(successor) == key:
        raise Invalid(
            Problem(_("Taken over by"), successor, _("a maker that was not taken over by this one"))
        )


def _model_body(
    fields: ModelFields, targets: LinkTargets, by: Viewer, *, own_key: str | None
) -> dict[str, Any]:
    """Return the body; ``own_key`` is the key of the model being edited, None for a new one."""
    maker = _maker(fields.maker, targets, _("Maker"))
    if not slug(fields.designation):
        raise Invalid(Problem(_("Designation"), fields.designation, _("a name with at least one letter")))
    key = canonical_key(maker.key, fields.designation)
    if key != own_key and key in targets.models:
        raise Refused(
            _("%(maker)s %(designation)s is in the catalogue already. Use that entry.")
            % {"maker": maker.name, "designation": fields.designation}
        )
    for name in (fields.designation, *fields.aliases):
        _check_free(maker, name, targets, own_key)
    body: dict[str, Any] = {
        **asdict(fields),
        "key": key,
        "aliases": list(fields.aliases),
        "techniques": _techniques(fields.techniques, by),
        "maker_ref": _ref("maker", maker),
    }
    del body["maker"]
    successor = body.pop("successor")
    if successor:
        body["successor_ref"] = _model_ref(successor, own_key, targets, by)
    return body


def _check_free(maker: Maker, name: str, targets: LinkTargets, own_key: str | None) -> None:
    """Refuse a name that another model of the maker bears."""
    place = (maker.key, fold(name))
    bearer = targets.index.by_maker.get(place)
    if place in targets.index.by_maker and (bearer is None or bearer != own_key):
        raise Refused(
            _("%(maker)s “%(name)s” is in the catalogue already, as %(key)s. Use that entry.")
            % {"maker": maker.name, "name": name, "key": bearer or _("several models")}
        )


def _techniques(keys: Sequence[str], by: Viewer) -> list[str]:
    known = technique_names(by) if keys else {}
    for key in keys:
        if key not in known:
            raise Invalid(Problem(_("Techniques"), key, _("techniques of the catalogue")))
    return list(keys)


def _maker(text: str, targets: LinkTargets, label: str) -> Maker:
    key = targets.maker_key(text) or (text if text in targets.makers else None)
    if key is None:
        raise Invalid(Problem(label, text, _("a maker of the catalogue; add the maker first if it is new")))
    maker: Maker = Maker.objects.select_related("home").get(pk=targets.makers[key])
    return maker


def _maker_name(key: str | None, targets: LinkTargets) -> str:
    if key is None:
        return _("several makers")
    return str(Maker.objects.get(pk=targets.makers[key]))


def _model_ref(text: str, own_key: str | None, targets: LinkTargets, by: Viewer) -> str:
    """Return the record id of the model that "maker designation" names; refuse the model itself."""
    key = link("", text, targets.index)
    if key is None:
        expected = _("maker and designation of a model of the catalogue, such as Zeiss LSM 980")
        raise Invalid(Problem(_("Followed by"), text, expected))
    model = DeviceModel.objects.select_related("home").get(pk=targets.models[key])
    if key == own_key or _leads_to(model, own_key):
        raise Invalid(Problem(_("Followed by"), text, _("a model that does not come before this one")))
    return _ref("model", model)


def _leads_to(model: DeviceModel, key: str | None) -> bool:
    """Tell whether the successors of a model end up at the one with this key."""
    seen: set[int] = set()
    following: DeviceModel | None = model
    while key is not None and following is not None and following.pk not in seen:
        if following.key == key:
            return True
        seen.add(following.pk)
        following = following.successor
    return False


def _ref(kind: str, row: Maker | DeviceModel) -> str:
    return record_id(node=row.home.address, kind=kind, uid=row.uid)


def _added(kind: str, body: Mapping[str, Any], by: Viewer) -> UUID:
    uid = uuid4()
    _publish(kind, [Draft(uid=uid, sections={"basics": body}, is_new=True)], by)
    return uid


def _changed(kind: str, uid: UUID, body: Mapping[str, Any], expected: int, by: Viewer) -> None:
    _publish(kind, [Draft(uid=uid, sections={"basics": body}, expected={"basics": expected})], by)


def _publish(kind: str, drafts: Sequence[Draft], by: Viewer, batch: UUID | None = None) -> None:
    try:
        with transaction.atomic():
            publish(kind=kind, drafts=drafts, by=by, batch=batch)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody added the same entry at the same moment. Nothing was saved; look it up and use it.")
        ) from error
