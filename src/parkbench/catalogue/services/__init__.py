"""Writes on the catalogue: the shipped register, and a node's own makers, techniques and models."""

from parkbench.catalogue.services.bodies import (
    Known,
    MakerFields,
    ModelFields,
    TechniqueFields,
    key_of,
    known,
    taken_names,
)
from parkbench.catalogue.services.entries import (
    add_maker,
    add_model,
    add_technique,
    edit_maker,
    edit_model,
    edit_technique,
    make_missing_makers,
    override,
    remove,
    take_back,
)
from parkbench.catalogue.services.register import Loaded, load_register
from parkbench.catalogue.services.sheets import delete_unused_makers, values_of, write_models

__all__ = [
    "Known",
    "Loaded",
    "MakerFields",
    "ModelFields",
    "TechniqueFields",
    "add_maker",
    "add_model",
    "add_technique",
    "delete_unused_makers",
    "edit_maker",
    "edit_model",
    "edit_technique",
    "key_of",
    "known",
    "load_register",
    "make_missing_makers",
    "override",
    "remove",
    "take_back",
    "taken_names",
    "values_of",
    "write_models",
]
