"""References of partners' rows: from ids on the wire to the rows that are here, or come later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from parkbench.lib.urn import record_id
from parkbench.records import bulk
from parkbench.records.models import REGISTER, Home
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.services.accepting.names import parsed_ref

Found = Mapping[tuple[str, str], int]
"""(kind referred to, id on the wire) > row."""


def find(home: Home, kind: Kind, columns: Iterable[Mapping[str, Any]]) -> Found:
    """Return the rows that these columns refer to, one query per kind referred to.

    A partner's row refers to rows of its own home and to the register, to nothing else: nobody can hang a
    record under one of ours.
    """
    refs: dict[str, set[str]] = defaultdict(set)
    for values in columns:
        for name, target in kind.references.items():
            ref = values.get(f"{name}_ref")
            if ref:
                refs[target].add(ref)
    found: dict[tuple[str, str], int] = {}
    for target, texts in refs.items():
        found.update({(target, text): pk for text, pk in _rows(home, target, texts).items()})
    return found


def _rows(home: Home, target: str, texts: set[str]) -> dict[str, int]:
    wanted: dict[tuple[str, UUID], str] = {}
    for text in texts:
        parsed = parsed_ref(text)
        if parsed.kind == target:
            wanted[parsed.node, parsed.uid] = text
    addresses = {home.pk: home.address, REGISTER: _register_address()}
    rows = kind_of(target).model._default_manager.filter(
        home_id__in=addresses, uid__in={uid for _node, uid in wanted}
    )
    found = {}
    for pk, home_id, uid in rows.values_list("pk", "home_id", "uid"):
        place = (addresses[home_id], uid)
        if place in wanted:
            found[wanted[place]] = pk
    return found


def _register_address() -> str:
    return Home.objects.values_list("address", flat=True).get(pk=REGISTER)


def keys(kind: Kind, columns: Mapping[str, Any], found: Found) -> dict[str, int | None]:
    """Return the foreign keys of a section's columns; None for what is not here."""
    return {
        f"{name}_id": found.get((target, columns[f"{name}_ref"])) if columns[f"{name}_ref"] else None
        for name, target in kind.references.items()
        if f"{name}_ref" in columns
    }


def link_late(home: Home, target: Kind, uids: Sequence[UUID]) -> dict[str, list[UUID]]:
    """This function will point the partner's rows that waited for these new ones at them.

    One look-up per reference to this kind, and two more statements where something waited. Returns kind >
    uids of the rows that it pointed. A row is never pointed at itself.
    """
    start = record_id(node=home.address, kind=target.name, uid=UUID(int=0))[:-36]
    refs = {f"{start}{uid}": uid for uid in uids}
    moved: dict[str, list[UUID]] = defaultdict(list)
    for kind in kinds():
        for name, referred in kind.references.items():
            if referred == target.name and refs:
                moved[kind.name] += _point(home, kind, name, refs)
    return {name: found for name, found in moved.items() if found}


def _point(home: Home, kind: Kind, name: str, refs: Mapping[str, UUID]) -> Sequence[UUID]:
    rows = kind.model._default_manager.filter(
        **{f"{name}__isnull": True, f"{name}_ref__in": list(refs)}, home_id=home.pk
    )
    waiting = [(uid, refs[ref]) for uid, ref in rows.values_list("uid", f"{name}_ref")]
    waiting = [(uid, target) for uid, target in waiting if uid != target]
    if not waiting:
        return []
    model = kind_of(kind.references[name]).model
    here = model._default_manager.filter(home_id=home.pk, uid__in={target for _uid, target in waiting})
    keys = dict(here.values_list("uid", "pk"))
    bulk.amend(
        kind.model,
        columns=(f"{name}_id",),
        rows=[(keys[target], uid, home.pk) for uid, target in waiting],
        key=("uid", "home_id"),
    )
    return [uid for uid, _target in waiting]
