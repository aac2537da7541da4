"""The shipped register: three tables of facts, loaded as they stand in this release."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.lib.urn import record_id, register_uid
from parkbench.records import bulk
from parkbench.records.models import REGISTER, Home
from parkbench.records.registry import Kind, kind_of, tell
from parkbench.records.visibility import Viewer

LISTS = ("aliases", "techniques")
NUMBERS = ("typical_life_years",)
RENAMED = {"website": "url"}
FILES = {"maker": "makers.csv", "technique": "techniques.csv", "model": "models.csv"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: entries of this release per kind, how many were written, how many left."""

    makers: int
    techniques: int
    models: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True)
class _Part:
    total: int
    changed: int
    gone: int


def load_register(*, by: Viewer) -> Loaded:
    """This function will bring the shipped makers, techniques and models to what this release holds.

    Running it again writes nothing. Entries that left the release are marked deleted and stay, because
    instruments may be linked to them. Register rows have no sections and no journals: they are alike on all
    nodes and never exchanged. Raises NotAllowed unless the viewer operates the node, and pydantic's
    ValidationError when the release itself holds a wrong row.
    """
    by.check(Action.OPERATE)
    with transaction.atomic():
        address = Home.objects.get(pk=REGISTER).address
        parts = {name: _load(kind_of(name), address) for name in FILES}
    return Loaded(
        makers=parts["maker"].total,
        techniques=parts["technique"].total,
        models=parts["model"].total,
        changed=sum(part.changed for part in parts.values()),
        gone=sum(part.gone for part in parts.values()),
    )


def shipped_rows(kind: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one shipped table as they are written."""
    table = files("parkbench.catalogue").joinpath("register", FILES[kind])
    yield from csv.DictReader(StringIO(table.read_text(encoding="utf-8")))


def _load(kind: Kind, address: str) -> _Part:
    wanted = _shipped(kind.name, address)
    names = tuple(next(iter(wanted.values())))
    held = _held(kind, names)
    changed = {uid: columns for uid, columns in wanted.items() if held.get(uid) != columns}
    gone = [uid for uid, columns in held.items() if columns is not None and uid not in wanted]
    now = timezone.now()
    rows = [(*columns.values(), uid, REGISTER, 0, False, now, None) for uid, columns in changed.items()]
    fixed = ("uid", "home_id", "audience_mask", "is_public", "updated_at", "deleted_at")
    for start in range(0, len(rows), bulk.CHUNK):
        chunk = rows[start : start + bulk.CHUNK]
        bulk.upsert(kind.model, columns=(*names, *fixed), rows=chunk, key=("home_id", "uid"))
    if gone:
        kind.model._default_manager.filter(home_id=REGISTER, uid__in=gone).update(deleted_at=now)
    _refer(kind, wanted)
    if changed or gone:
        tell(kind.name, [*changed, *gone])
    return _Part(total=len(wanted), changed=len(changed), gone=len(gone))


@cache
def _shipped(name: str, address: str) -> Mapping[UUID, dict[str, Any]]:
    """Return uid > columns of one shipped table; read once, for a release does not change while it runs."""
    kind = kind_of(name)
    return {
        register_uid(name, row["key"]): kind.columns("basics", _body(kind, row, address))
        for row in shipped_rows(name)
    }


def _body(kind: Kind, row: Mapping[str, str], address: str) -> Mapping[str, Any]:
    """Return a table's row as a body that fits the schema of the kind."""
    body: dict[str, Any] = {}
    for column, text in row.items():
        name = RENAMED.get(column, column)
        if not text:
            continue
        if column in kind.references:
            target = kind.references[column]
            body[f"{column}_ref"] = record_id(node=address, kind=target, uid=register_uid(target, text))
        elif column in LISTS:
            body[name] = text.split("|")
        else:
            body[name] = int(text) if column in NUMBERS else text
    schema = kind.section("basics").schema
    return schema.model_validate(body).model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _held(kind: Kind, names: Sequence[str]) -> dict[UUID, dict[str, Any] | None]:
    """Return uid > columns as they were written; None for entries that are marked deleted."""
    rows = kind.model._default_manager.filter(home_id=REGISTER).values_list("uid", "deleted_at", *names)
    return {
        uid: None if deleted_at else dict(zip(names, map(_plain, values), strict=True))
        for uid, deleted_at, *values in rows
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _shipped_ids(kind: Kind) -> dict[UUID, int]:
    rows = kind.model._default_manager.filter(home_id=REGISTER, deleted_at=None)
    return dict(rows.values_list("uid", "pk"))


def _refer(kind: Kind, wanted: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Point the foreign keys to where the references say, now that all rows are there."""
    columns = [f"{name}_id" for name in kind.references]
    keys = {
        name: dict(
            kind_of(target)
            .model._default_manager.filter(home_id=REGISTER, deleted_at=None)
            .values_list("uid", "pk")
        )
        for name, target in kind.references.items()
    }
    rows = kind.model._default_manager.filter(home_id=REGISTER).values_list("uid", *columns)
    amended = []
    for uid, *present in rows:
        refs = [wanted.get(uid, {}).get(f"{name}_ref") for name in kind.references]
        pks = [
            keys[name].get(UUID(ref.rpartition("/")[2])) if ref else None
            for name, ref in zip(kind.references, refs, strict=True)
        ]
        if uid in wanted and pks != present:
            amended.append((*pks, REGISTER, uid))
    if columns:
        bulk.amend(kind.model, columns=columns, rows=amended, key=("home_id", "uid"))
