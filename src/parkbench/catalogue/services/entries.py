"""A node's own makers, techniques and models, also in the place of shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.catalogue.models import CatalogueEntry
from parkbench.catalogue.queries import (
    LinkTargets,
    counterpart,
    editable,
    link_targets,
    overridable,
    users_of,
)
from parkbench.catalogue.rules import fold, slug, without_legal_form
from parkbench.catalogue.services.bodies import (
    MakerFields,
    ModelFields,
    TechniqueFields,
    known,
    maker_body,
    model_body,
    technique_body,
)
from parkbench.lib.errors import Conflict, Invalid, Problem, Refused
from parkbench.records import bulk
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, delete, publish
from parkbench.records.visibility import Viewer

Fields = MakerFields | TechniqueFields | ModelFields


def add_maker(*, fields: MakerFields, by: Viewer) -> UUID:
    """This function will add an own maker and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit, Refused when the maker is here already.
    """
    return _add("maker", fields, by)


def add_technique(*, fields: TechniqueFields, by: Viewer) -> UUID:
    """This function will add an own technique and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit or a parent that is not in the catalogue, Refused
    when the technique is here already.
    """
    return _add("technique", fields, by)


def add_model(*, fields: ModelFields, by: Viewer) -> UUID:
    """This function will add an own make and model and return its uid.

    Raises NotAllowed, Invalid for a value that does not fit or a maker that is not in the catalogue, Refused
    when the catalogue has the model already, under this name or another.
    """
    return _add("model", fields, by)


def edit_maker(*, uid: UUID, fields: MakerFields, expected: int, by: Viewer) -> None:
    """This function will change an own maker; its key stays, because models are named after it.

    ``expected`` is the revision the editor has seen. Raises what add_maker does, NotFound, and Conflict when
    somebody changed it meanwhile.
    """
    _edit("maker", uid, fields, expected, by)


def edit_technique(*, uid: UUID, fields: TechniqueFields, expected: int, by: Viewer) -> None:
    """This function will change an own technique; its key stays, because models name it.

    Raises what edit_maker does.
    """
    _edit("technique", uid, fields, expected, by)


def edit_model(*, uid: UUID, fields: ModelFields, expected: int, by: Viewer) -> None:
    """This function will change an own make and model; its key follows maker and designation.

    The key of one that stands in for a shipped one stays. Raises what add_model does, NotFound, and Conflict
    when somebody changed it meanwhile.
    """
    _edit("model", uid, fields, expected, by)


def override(*, kind: str, uid: UUID, fields: Fields, by: Viewer) -> UUID:
    """This function will put an own entry in the place of a shipped one and return its uid.

    The shipped one stays as it is and can be taken back. Raises NotFound, NotAllowed, Refused when it is not
    shipped or has an own one already, and what adding raises.
    """
    row = overridable(kind=kind_of(kind), uid=uid, viewer=by)
    with transaction.atomic():
        return _added(kind, _body(kind, fields, by, own_key=row.key, keeps_key=True), by)


def take_back(*, kind: str, uid: UUID, by: Viewer) -> UUID:
    """This function will take the shipped entry back in the place of an own one; returns its uid.

    The own one can be restored for 30 days. Raises NotFound, NotAllowed, Refused when none is shipped.
    """
    row = editable(kind=kind_of(kind), uid=uid, viewer=by)
    shipped: CatalogueEntry | None = counterpart(kind=kind_of(kind), row=row, viewer=by)
    if shipped is None:
        raise Refused(_("No shipped entry stands behind this one. Delete it instead, if it is wrong."))
    delete(kind=kind, uids=[uid], by=by)
    return shipped.uid


def remove(*, kind: str, uid: UUID, by: Viewer) -> None:
    """This function will delete an own entry; it can be restored for 30 days.

    Raises NotFound, NotAllowed, Refused while other own entries name it, or when it stands in for a shipped
    one: that one is taken back instead.
    """
    known_kind = kind_of(kind)
    row = editable(kind=known_kind, uid=uid, viewer=by)
    if counterpart(kind=known_kind, row=row, viewer=by) is not None:
        raise Refused(_("This stands in for an entry that comes with Parkbench. Take that one back instead."))
    users = users_of(kind=known_kind, row=row)
    if users:
        words = ", ".join(f"{count} {label}" for label, count in users)
        raise Refused(_("It is named by %(users)s. Change those first.") % {"users": words})
    delete(kind=kind, uids=[uid], by=by)


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
            publish_entries("maker", drafts[start : start + bulk.CHUNK], by, batch)
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


def _body(
    kind: str, fields: Any, by: Viewer, *, own_key: str | None, keeps_key: bool = False
) -> dict[str, Any]:
    """Check what was said against the catalogue and return it as a body."""
    if kind == "maker":
        return maker_body(fields, known(by), own_key=own_key)
    if kind == "technique":
        return technique_body(fields, known(by), own_key=own_key)
    return model_body(fields, known(by), by, own_key=own_key, keeps_key=keeps_key)


def _add(kind: str, fields: Fields, by: Viewer) -> UUID:
    by.check(Action.EDIT_CATALOGUE)
    with transaction.atomic():
        return _added(kind, _body(kind, fields, by, own_key=None), by)


def _edit(kind: str, uid: UUID, fields: Fields, expected: int, by: Viewer) -> None:
    known_kind = kind_of(kind)
    row = editable(kind=known_kind, uid=uid, viewer=by)
    is_override = counterpart(kind=known_kind, row=row, viewer=by) is not None
    with transaction.atomic():
        body = _body(kind, fields, by, own_key=row.key, keeps_key=is_override)
        publish_entries(kind, [Draft(uid=uid, sections={"basics": body}, expected={"basics": expected})], by)


def _added(kind: str, body: Mapping[str, Any], by: Viewer) -> UUID:
    uid = uuid4()
    publish_entries(kind, [Draft(uid=uid, sections={"basics": body}, is_new=True)], by)
    return uid


def publish_entries(kind: str, drafts: Sequence[Draft], by: Viewer, batch: UUID | None = None) -> None:
    """This function will publish entries; raises Conflict when somebody took a key at the same moment."""
    try:
        with transaction.atomic():
            publish(kind=kind, drafts=drafts, by=by, batch=batch)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody added the same entry at the same moment. Nothing was saved; look it up and use it.")
        ) from error
