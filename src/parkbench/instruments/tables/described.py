"""What an instrument says to programs: schema.org on its page, PIDINST 1.0 as JSON.

The landing page follows the PIDINST guide: Name, Owner, Manufacturer, Model, InstrumentType, Date and
RelatedIdentifier. MeasuredVariable is left out, as nothing here says it; serial and inventory numbers are
internal and never go out as AlternateIdentifier.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.identity import UNAVAILABLE, Identity, identity_of
from parkbench.records.queries import thing
from parkbench.records.visibility import Viewer

PRODUCT = "IndividualProduct"
OBO = "http://purl.obolibrary.org/obo/"
IDENTIFIERS = {"DOI": "https://doi.org/", "Handle": "https://hdl.handle.net/", "URL": ""}


def instrument(row: Instrument, viewer: Viewer) -> dict[str, Any]:
    """Describe an instrument as one identifiable thing (https://schema.org/IndividualProduct)."""
    known = identity_of(uid=row.uid, viewer=viewer)
    return thing(
        type=PRODUCT,
        kind="instrument",
        row=known.row,
        identifier=_property(*known.identifier),
        description=known.row.description,
        image=_image(known),
        manufacturer=_manufacturer(known),
        model=_model(known),
        category=[_category(technique) for technique in known.techniques],
        additionalProperty=[_property(name, on) for name, on in known.dates],
        isPartOf=thing(type=PRODUCT, kind="instrument", row=_homed(known)) if known.whole else None,
        hasPart=[thing(type=PRODUCT, kind="instrument", row=part) for part in known.parts],
        **{"@reverse": {"owns": _owner(known)}},
    )


def _homed(known: Identity) -> Instrument | None:
    """Return the whole with its home, which is that of its part."""
    if known.whole is not None:
        known.whole.home = known.row.home
    return known.whole


def _property(name: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": name, "value": value}


def _owner(known: Identity) -> dict[str, Any]:
    owner = known.owner
    point = {"@type": "ContactPoint", "email": owner.contact} if owner.contact else None
    said = {"@type": "Organization", "name": owner.name, "identifier": owner.ror, "contactPoint": point}
    return {name: value for name, value in said.items() if value}


def _image(known: Identity) -> str | None:
    picture = known.row.picture
    if not picture:
        return None
    path = reverse("instruments:file", args=[known.row.uid, "basics", picture["digest"]])
    return f"{known.row.home.address}{path}"


def _manufacturer(known: Identity) -> dict[str, Any] | None:
    if not known.maker_name:
        return None
    said = {"@type": "Organization", "name": known.maker_name}
    if known.maker:
        said |= {
            name: value
            for name, value in (("url", known.maker.url), ("identifier", known.maker.ror))
            if value
        }
    return said


def _model(known: Identity) -> dict[str, Any]:
    said: dict[str, Any] = {"@type": "ProductModel", "name": known.model_name}
    if known.model and known.model.rrid:
        said["identifier"] = known.model.rrid
    return said


def _category(technique: Any) -> dict[str, Any]:
    said = {"@type": "DefinedTerm", "name": technique.name}
    if technique.fbbi:
        said |= {"termCode": technique.fbbi, "url": f"{OBO}{technique.fbbi.replace(':', '_')}"}
    return said


def pidinst(known: Identity) -> dict[str, Any]:
    """Return the instrument as PIDINST 1.0 JSON, empty properties left out."""
    said: dict[str, Any] = {
        "identifier": _identifier("identifier", *known.identifier),
        "schemaVersion": "1.0",
        "landingPage": known.page,
        "name": known.row.name,
        "owners": [_pidinst_owner(known)],
        "manufacturers": [_pidinst_maker(known)],
        "model": _pidinst_model(known),
        "description": known.row.description,
        "instrumentTypes": [_pidinst_type(technique) for technique in known.techniques],
        "dates": [{"date": on, "dateType": name} for name, on in known.dates],
        "relatedIdentifiers": _related(known),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _identifier(name: str, sort: str, value: str) -> dict[str, str]:
    return {name: f"{IDENTIFIERS.get(sort, '')}{value}", f"{name}Type": sort}


def _pidinst_owner(known: Identity) -> dict[str, Any]:
    said: dict[str, Any] = {"ownerName": known.owner.name}
    if known.owner.contact:
        said["ownerContact"] = known.owner.contact
    if known.owner.ror:
        said["ownerIdentifier"] = _identifier("ownerIdentifier", "ROR", known.owner.ror)
    return said


def _pidinst_maker(known: Identity) -> dict[str, Any]:
    said: dict[str, Any] = {"manufacturerName": known.maker_name or UNAVAILABLE}
    if known.maker and (known.maker.ror or known.maker.url):
        sort, value = ("ROR", known.maker.ror) if known.maker.ror else ("URL", known.maker.url)
        said["manufacturerIdentifier"] = _identifier("manufacturerIdentifier", sort, value)
    return said


def _pidinst_model(known: Identity) -> dict[str, Any]:
    said: dict[str, Any] = {"modelName": known.model_name}
    if known.model and known.model.rrid:
        said["modelIdentifier"] = _identifier("modelIdentifier", "RRID", known.model.rrid)
    return said


def _pidinst_type(technique: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"instrumentTypeName": technique.name}
    if technique.fbbi:
        address = f"{OBO}{technique.fbbi.replace(':', '_')}"
        said["instrumentTypeIdentifier"] = _identifier("instrumentTypeIdentifier", "URL", address)
    return said


def _related(known: Identity) -> list[dict[str, str]]:
    whole = [(known.whole, "IsComponentOf")] if known.whole else []
    related = [*whole, *((part, "HasComponent") for part in known.parts)]
    return [
        {
            "relatedIdentifier": f"{known.row.home.address}{other.get_absolute_url()}",
            "relatedIdentifierType": "URL",
            "relationType": relation,
            "relatedIdentifierName": other.name,
        }
        for other, relation in related
    ]
