"""What a node's own makers, techniques and models say to programs (schema.org)."""

from __future__ import annotations

from typing import Any

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries import model_page
from parkbench.records.queries import thing
from parkbench.records.visibility import Viewer


def maker(row: Maker, viewer: Viewer) -> dict[str, Any]:
    """Describe a maker (https://schema.org/Organization)."""
    elsewhere = [address for address in (row.ror, row.url) if address]
    return thing(
        type="Organization",
        kind="maker",
        row=row,
        alternateName=row.aliases,
        sameAs=elsewhere,
        identifier=row.ror,
    )


def technique(row: Technique, viewer: Viewer) -> dict[str, Any]:
    """Describe a technique (https://schema.org/DefinedTerm)."""
    return thing(type="DefinedTerm", kind="technique", row=row, alternateName=row.aliases, termCode=row.fbbi)


def model(row: DeviceModel, viewer: Viewer) -> dict[str, Any]:
    """Describe a make and model (https://schema.org/ProductModel)."""
    page = model_page(uid=row.uid, viewer=viewer)
    maker = {"@type": "Organization", "name": page.maker.name} if page.maker else None
    return thing(
        type="ProductModel",
        kind="model",
        row=row,
        alternateName=row.aliases,
        manufacturer=maker,
        category=[one.name for one in page.techniques],
        identifier=row.rrid,
    )
