"""References: from the ids on the wire to the rows that are here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from parkbench.lib.urn import parse_record_id
from parkbench.records.models import Home
from parkbench.records.registry import Kind, kind_of


def resolve(kind: Kind, bodies: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Return (target kind, id on the wire) > row id for every reference in the bodies that is here.

    One query per kind referred to, whatever the number of bodies.
    """
    refs: dict[str, set[str]] = defaultdict(set)
    for body in bodies:
        for name, target in kind.references.items():
            ref = body.get(f"{name}_ref")
            if ref:
                refs[target].add(ref)
    found: dict[tuple[str, str], int] = {}
    for target, texts in refs.items():
        found.update(_rows(target, texts))
    return found


def _rows(target: str, texts: set[str]) -> dict[tuple[str, str], int]:
    wanted: dict[tuple[str, UUID], str] = {}
    for text in texts:
        parsed = parse_record_id(text)
        wanted[parsed.node, parsed.uid] = text
    homes = dict(Home.objects.values_list("pk", "address"))
    rows = kind_of(target).model._default_manager.filter(uid__in=[uid for _node, uid in wanted])
    found = {}
    for pk, home_id, uid in rows.values_list("pk", "home_id", "uid"):
        place = (homes[home_id], uid)
        if place in wanted:
            found[target, wanted[place]] = pk
    return found
