"""References of partners' rows: from ids on the wire to the rows that are here, or come later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from parkbench.lib.urn import parse_record_id, record_id
from parkbench.records import bulk
from parkbench.records.models import REGISTER, Home
from parkbench.records.registry import Kind, kind_of, kinds

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
        parsed = parse_record_id(text)
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


def link_late(home: Home, target: Kind, rows: Mapping[UUID, int]) -> dict[str, list[UUID]]:
    """This function will point the partner's rows that waited for these new ones at them.

    One look-up and at most one write per reference to this kind. Returns kind > uids of the rows that it
    pointed. A row is never pointed at itself.
    """
    refs = {record_id(node=home.address, kind=target.name, uid=uid): pk for uid, pk in rows.items()}
    moved: dict[str, list[UUID]] = defaultdict(list)
    for kind in kinds():
        for name, referred in kind.references.items():
            if referred == target.name:
                moved[kind.name] += _point(home, kind, name, refs)
    return {name: uids for name, uids in moved.items() if uids}


def _point(home: Home, kind: Kind, name: str, refs: Mapping[str, int]) -> Sequence[UUID]:
    waiting = kind.model._default_manager.filter(
        **{f"{name}__isnull": True, f"{name}_ref__in": refs}, home_id=home.pk
    )
    found = [
        (refs[ref], pk, uid)
        for pk, uid, ref in waiting.values_list("pk", "uid", f"{name}_ref")
        if refs[ref] != pk or kind.model is not kind_of(kind.references[name]).model
    ]
    bulk.amend(
        kind.model, columns=(f"{name}_id",), rows=[(target, pk) for target, pk, _uid in found], key=("id",)
    )
    return [uid for _target, _pk, uid in found]
