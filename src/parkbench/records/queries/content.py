"""Reads on the content of records: the row, its current bodies, names behind references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.envelope.items import read_body
from parkbench.lib.errors import Invalid, NotFound
from parkbench.lib.urn import parse_record_id
from parkbench.records.models import (
    ALL,
    OWN,
    Home,
    Section,
)
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer, sections


def page_name(*, kind: str, uid: UUID, viewer: Viewer) -> str:
    """Return the name of a record's page; raise NotFound when it is not the viewer's to see."""
    known = next((each for each in kinds() if each.name == kind), None)
    rows: Any = known.model._default_manager if known else None
    if known is None or not rows.visible(viewer, ALL).filter(uid=uid).exists():
        raise NotFound(_("There is nothing with this id here, or it is not shared with you."))
    return known.page


def own_home() -> Home:
    """Return this node's home."""
    return Home.objects.get(pk=OWN)


def own_address() -> str:
    """Return the address of this node, the first part of every record id."""
    return own_home().address


def found(*, kind: str, uid: UUID, viewer: Viewer) -> tuple[Kind, Any]:
    """Return the kind and the row, own before partners'; raise NotFound unless the viewer may know of it."""
    known = kind_named(kind)
    paths = [path.rpartition("__")[0] for path in known.scope_paths if "__" in path]
    rows = known.model._default_manager.get_queryset().visible(viewer, ALL)  # type: ignore[attr-defined]
    row = rows.filter(uid=uid).select_related("home", "steward", *paths).order_by("home_id").first()
    if row is None:
        raise NotFound(
            _("There is no such record here, or it is not shared with you. Search for what you need.")
        )
    return known, row


def kind_named(name: str) -> Kind:
    """Return the kind of that name; raise NotFound for one that an address made up."""
    try:
        return kind_of(name)
    except KeyError:
        raise NotFound(_("There is no such kind of record here.")) from None


def heads(*, kind: Kind, row: Any, viewer: Viewer) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return (revision, body) of every section this viewer sees and that was ever written, one query."""
    seen = sections(kind, row, viewer)
    rows = Section.objects.filter(home_id=row.home_id, uid=row.uid, is_current=True, section__in=seen)
    return {
        name: (revision, read_body(body.encode()) if body else {})
        for name, revision, body in rows.values_list("section", "revision", "body")
    }


def bodies_of(*, kind: Kind, row: Any, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Return the current body of every section this viewer sees, one query."""
    return {section: body for section, (_revision, body) in heads(kind=kind, row=row, viewer=viewer).items()}


def updated_at(*, kind: Kind, row: Any, viewer: Viewer) -> datetime | None:
    """Return when anything this viewer may see was last changed."""
    seen = sections(kind, row, viewer)
    times = [getattr(row, spec.at) for spec in kind.sections if spec.name in seen]
    return max((at for at in times if at), default=None)


def written(*, kind: Kind, row: Any, viewer: Viewer) -> frozenset[str]:
    """Return the names of the sections that hold anything, or that the viewer may not know this of."""
    rows = Section.objects.filter(home_id=row.home_id, uid=row.uid, is_current=True).exclude(digest="")
    hidden = {spec.name for spec in kind.sections} - sections(kind, row, viewer)
    return frozenset(rows.values_list("section", flat=True)) | hidden


def names_of(*, refs: Iterable[str], viewer: Viewer) -> dict[str, str]:
    """Return record id > name of those that are here and visible; one query per kind referred to."""
    wanted: dict[str, dict[UUID, set[str]]] = defaultdict(lambda: defaultdict(set))
    for ref in refs:
        try:
            parsed = parse_record_id(ref)
        except Invalid:
            continue
        wanted[parsed.kind][parsed.uid].add(ref)
    named: dict[str, str] = {}
    for kind in kinds():
        if not (uids := wanted.get(kind.name)):
            continue
        rows = kind.model._default_manager.get_queryset().visible(viewer, ALL)  # type: ignore[attr-defined]
        for address, uid, name in rows.filter(uid__in=uids).values_list("home__address", "uid", kind.title):
            named.update({ref: str(name) for ref in uids[uid] if ref.startswith(f"{address}/id/")})
    return named


def referred_to(*, kind: str, uids: Iterable[UUID]) -> set[UUID]:
    """Return those of these own records that any live own record refers to; one query per reference."""
    wanted = list(uids)
    found: set[UUID] = set()
    for known in kinds():
        for name, target in known.references.items():
            if target == kind:
                rows = known.model._default_manager.filter(home_id=OWN, deleted_at=None)
                rows = rows.filter(**{f"{name}__uid__in": wanted, f"{name}__home_id": OWN})
                found.update(rows.values_list(f"{name}__uid", flat=True))
    return found


def section_bodies(*, kind: str, batch: UUID) -> Sequence[Section]:
    """Return the sections one import wrote, in order."""
    return list(Section.objects.filter(kind=kind, batch=batch, home_id=OWN).order_by("id"))


def record_counts() -> dict[str, int]:
    """Return kind > number of own records; one query per kind."""
    return {
        kind.name: kind.model._default_manager.filter(home_id=OWN, deleted_at=None).count()
        for kind in kinds()
    }
