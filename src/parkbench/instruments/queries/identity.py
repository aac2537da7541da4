"""What identifies an instrument to the world, as PIDINST 1.0 asks for it, as far as a viewer sees it.

Source: RDA Working Group PIDINST, metadata schema 1.0 (https://github.com/rdawg-pidinst/schema).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from parkbench.catalogue.models import Technique
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.instrument import KIND, fetch, related_of, techniques_of
from parkbench.lib.urn import record_id
from parkbench.programme.queries import own_organisation
from parkbench.records.models import OWN, home_of
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, sections

UNAVAILABLE = ":unav"
"""Stands where the schema asks for a value that is not known: DataCite's standard value for "unavailable"."""

_DOI = re.compile(r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_HANDLE = re.compile(r"(?:hdl:|https?://hdl\.handle\.net/)?(\d+(?:\.[\w.-]+)?/\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owner:
    """The institution that answers for the instrument."""

    name: str
    ror: str
    contact: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One instrument in PIDINST's terms; ``identifier`` is (type, value), ``dates`` are (type, ISO date).

    What the viewer may not see is empty, as what is not known. ``whole`` and ``parts`` are instruments.
    """

    row: Instrument
    page: str
    identifier: tuple[str, str]
    owner: Owner
    maker: Any
    maker_name: str
    model: Any
    model_name: str
    techniques: Sequence[Technique]
    dates: Sequence[tuple[str, str]]
    whole: Instrument | None
    parts: Sequence[Instrument]


def identity_of(*, uid: UUID, viewer: Viewer) -> Identity:
    """Return what identifies an instrument, in six queries; raises NotFound unless the viewer sees it."""
    row = fetch(uid=uid, viewer=viewer)
    related = related_of(row, viewer)
    maker, model = related["maker"], related["model"]
    address = row.home.address
    parts = Instrument.objects.visible(viewer, home_of(row)).filter(parent_id=row.pk).select_related("home")
    dates = (("Commissioned", row.commissioned_on), ("DeCommissioned", row.decommissioned_on))
    return Identity(
        row=row,
        page=f"{address}{row.get_absolute_url()}",
        identifier=identifier_of(row.pid) or ("URL", record_id(node=address, kind=KIND, uid=row.uid)),
        owner=_owner(row, viewer),
        maker=maker,
        maker_name=maker.name if maker else row.maker_text or "",
        model=model,
        model_name=model.designation if model else row.model_text,
        techniques=techniques_of(row, viewer),
        dates=[(name, on.isoformat()) for name, on in dates if on],
        whole=related["parent"],
        parts=list(parts.order_by("name", "pk")[:100]),
    )


def identifier_of(text: str | None) -> tuple[str, str] | None:
    """Return (type, value) of a persistent id as people write it: DOI, Handle or URL; None for no such id."""
    given = (text or "").strip()
    if found := _DOI.fullmatch(given):
        return "DOI", found[1]
    if found := _HANDLE.fullmatch(given):
        return "Handle", found[1]
    return ("URL", given) if given.startswith(("https://", "http://")) else None


def _owner(row: Instrument, viewer: Viewer) -> Owner:
    """Name the organisation; the node's name, which stands on every page, where its page is not shown."""
    organisation = own_organisation(viewer=viewer) if row.home_id == OWN else None
    has_contact = "contact" in sections(kind_of(KIND), row, viewer)
    return Owner(
        name=organisation.name if organisation else row.home.name,
        ror=(organisation.ror or "") if organisation else "",
        contact=(row.mailbox or "") if has_contact else "",
    )
