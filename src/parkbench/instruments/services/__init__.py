"""Writes on instruments: add, edit, move through the life cycle, link, attach, delete."""

from parkbench.instruments.services.by_hand import Stewardship, add_by_hand, edit_by_hand
from parkbench.instruments.services.files import attach, detach, path_of
from parkbench.instruments.services.theirs import link_theirs
from parkbench.instruments.services.writing import (
    Values,
    add,
    amend,
    bulk_edit,
    change_status,
    delete,
    edit,
    link_model,
    own_row,
    restore,
    unit_scopes,
    values_of,
    write,
)

__all__ = [
    "Stewardship",
    "Values",
    "add",
    "add_by_hand",
    "amend",
    "attach",
    "bulk_edit",
    "change_status",
    "delete",
    "detach",
    "edit",
    "edit_by_hand",
    "link_model",
    "link_theirs",
    "own_row",
    "path_of",
    "restore",
    "unit_scopes",
    "values_of",
    "write",
]
