"""What organisations, platforms, units and sites say to programs: schema.org Organization and Place."""

from __future__ import annotations

from typing import Any

from parkbench.programme import queries
from parkbench.programme.models import Organisation, Platform, Site, Unit
from parkbench.records.queries import thing
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, sections

ORGANIZATION = "Organization"
MOST_PARTS = 500
"""Parts of an organisation that its page names to programs."""


def organisation(row: Organisation, viewer: Viewer) -> dict[str, Any]:
    """Describe the organisation and what of it this viewer sees (https://schema.org/Organization)."""
    parts = queries.parts_of(kind="organisation", row=row, viewer=viewer)
    below = [("platform", part) for part in parts["platforms"]] + [("unit", part) for part in parts["units"]]
    return thing(
        type=ORGANIZATION,
        kind="organisation",
        row=row,
        alternateName=row.short_name,
        description=row.description,
        identifier=row.ror,
        sameAs=_elsewhere(row.ror, row.url),
        address={"@type": "PostalAddress", "addressCountry": row.country} if row.country else None,
        subOrganization=[thing(type=ORGANIZATION, kind=kind, row=part) for kind, part in below[:MOST_PARTS]],
    )


def platform(row: Platform, viewer: Viewer) -> dict[str, Any]:
    """Describe a platform, what it belongs to and its units, as this viewer sees them."""
    parts = queries.parts_of(kind="platform", row=row, viewer=viewer)
    below = [thing(type=ORGANIZATION, kind="unit", row=part) for part in parts["units"]]
    return _part("platform", row, viewer, parent=_whole(viewer), subOrganization=below)


def unit(row: Unit, viewer: Viewer) -> dict[str, Any]:
    """Describe a unit and the platform, else the organisation, that it belongs to."""
    above = Platform.objects.visible(viewer).filter(pk=row.platform_id).select_related("home").first()
    parent = thing(type=ORGANIZATION, kind="platform", row=above) if above else _whole(viewer)
    return _part("unit", row, viewer, parent=parent)


def site(row: Site, viewer: Viewer) -> dict[str, Any]:
    """Describe a site (https://schema.org/Place)."""
    address = {"streetAddress": row.address, "addressLocality": row.city, "addressCountry": row.country}
    given = {name: value for name, value in address.items() if value}
    return thing(
        type="Place", kind="site", row=row, address={"@type": "PostalAddress", **given} if given else None
    )


def _part(kind: str, row: Any, viewer: Viewer, *, parent: dict[str, Any], **more: Any) -> dict[str, Any]:
    return thing(
        type=ORGANIZATION,
        kind=kind,
        row=row,
        alternateName=row.short_name,
        description=row.description,
        sameAs=_elsewhere(row.url),
        parentOrganization=parent,
        contactPoint=_contact(kind, row, viewer),
        **more,
    )


def _whole(viewer: Viewer) -> dict[str, Any]:
    """Return the organisation of this node, as far as the viewer may know of it."""
    row = Organisation.objects.visible(viewer).own().select_related("home").first()
    return thing(type=ORGANIZATION, kind="organisation", row=row, identifier=row.ror) if row else {}


def _contact(kind: str, row: Any, viewer: Viewer) -> dict[str, Any] | None:
    """Return the function mailbox and address to ask; nobody's name goes to programs."""
    if "contact" not in sections(kind_of(kind), row, viewer) or not (row.mailbox or row.contact_url):
        return None
    point = {"@type": "ContactPoint", "email": row.mailbox, "url": row.contact_url}
    return {name: value for name, value in point.items() if value}


def _elsewhere(*addresses: str | None) -> list[str]:
    return [address for address in addresses if address]
