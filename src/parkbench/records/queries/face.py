"""What everybody sees of own records: their pages, when these changed, what they say to programs.

Everything here is asked as the public, whoever looks: a page read by a member tells programs no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from parkbench.lib.urn import record_id
from parkbench.records import rules
from parkbench.records.queries.content import own_address
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class PublicPage:
    """The page of a public record: its address, and when what everybody sees of it last changed."""

    url: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Described:
    """A public record as it describes itself to programs (schema.org), and the address of its page."""

    url: str
    facts: Mapping[str, Any]


def thing(*, type: str, kind: str, row: Any, **facts: Any) -> dict[str, Any]:
    """Return a record as a thing of schema.org: type, record id, page, and what is said of it.

    ``row`` needs its home; empty facts are left out.
    """
    said = {
        "@type": type,
        "@id": record_id(node=row.home.address, kind=kind, uid=row.uid),
        "url": f"{row.home.address}{reverse(kind_of(kind).page, args=[row.uid])}",
        "name": str(row),
        **facts,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {}, ())}


def kind_of_page(name: str) -> Kind | None:
    """Return the kind whose records' own page bears this name (`programme:unit`); None for other pages."""
    return next((kind for kind in kinds() if kind.page == name and kind.described), None)


def described(*, kind: Kind, uid: UUID) -> Described | None:
    """Return what an own public record says to programs; None when it is not public or says nothing."""
    if kind.described is None:
        return None
    row = _public(kind).filter(uid=uid).select_related("home").first()
    if row is None:
        return None
    facts = kind.described(row, Viewer.public())
    return None if facts is None else Described(f"{row.home.address}{_path(kind, uid)}", facts)


def has_public() -> bool:
    """Tell whether this node shows anybody anything of its own."""
    return any(_public(kind).exists() for kind in _faces())


def public_count() -> int:
    """Return how many own records have a page for everybody; one query per kind."""
    return sum(_public(kind).count() for kind in _faces())


def public_pages(*, start: int, stop: int) -> Iterator[PublicPage]:
    """Yield the pages of own public records from number ``start`` (0 is the first) up to ``stop``.

    In the order of kinds and then of coming to be; in constant memory, two queries per kind.
    """
    address, before = own_address(), 0
    for kind in _faces():
        rows = _public(kind)
        count = rows.count()
        here = slice(max(0, start - before), max(0, stop - before))
        before += count
        if here.start >= count or here.stop == 0:
            continue
        columns = [column for spec in kind.sections for column in (spec.mask, spec.at)]
        for uid, *values in rows.order_by("pk").values_list("uid", *columns)[here].iterator(5000):
            times = zip(values[::2], values[1::2], strict=True)
            seen = [at for mask, at in times if at and mask & rules.PUBLIC]
            yield PublicPage(f"{address}{_path(kind, uid)}", max(seen, default=None))


def _faces() -> list[Kind]:
    """Return the kinds that have a page for everybody."""
    return [kind for kind in kinds() if kind.described and _path(kind, UUID(int=0))]


def _public(kind: Kind) -> QuerySet[Any]:
    rows: Any = kind.model._default_manager
    found: QuerySet[Any] = rows.visible(Viewer.public()).own()
    return found


def _path(kind: Kind, uid: UUID) -> str:
    try:
        return reverse(kind.page, args=[uid])
    except NoReverseMatch:
        return ""
