"""Writes on the programme: add, edit, delete, restore; make what an import names; forget a person."""

from parkbench.programme.services.forgetting import forget_person
from parkbench.programme.services.lifecycle import delete, restore
from parkbench.programme.services.missing import make_missing
from parkbench.programme.services.writing import (
    ContactFields,
    OrganisationFields,
    PlatformFields,
    SiteFields,
    Stewardship,
    UnitFields,
    add,
    add_platform,
    add_site,
    add_unit,
    edit,
    edit_platform,
    edit_site,
    edit_unit,
    set_organisation,
)

__all__ = [
    "ContactFields",
    "OrganisationFields",
    "PlatformFields",
    "SiteFields",
    "Stewardship",
    "UnitFields",
    "add",
    "add_platform",
    "add_site",
    "add_unit",
    "delete",
    "edit",
    "edit_platform",
    "edit_site",
    "edit_unit",
    "forget_person",
    "make_missing",
    "restore",
    "set_organisation",
]
