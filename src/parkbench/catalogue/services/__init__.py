"""Writes on the catalogue: the shipped register, and a node's own makers and models."""

from parkbench.catalogue.services.entries import (
    MakerFields,
    ModelFields,
    add_maker,
    add_model,
    edit_maker,
    edit_model,
    make_missing_makers,
)
from parkbench.catalogue.services.register import Loaded, load_register

__all__ = [
    "Loaded",
    "MakerFields",
    "ModelFields",
    "add_maker",
    "add_model",
    "edit_maker",
    "edit_model",
    "load_register",
    "make_missing_makers",
]
