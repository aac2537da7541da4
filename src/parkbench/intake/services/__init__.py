"""Writes of importing: begin, map, check, accept, undo, purge."""

from parkbench.intake.services.accepting import accept
from parkbench.intake.services.batches import (
    begin,
    check,
    check_may_import,
    choose_rows,
    dry_run,
    examine,
    read_again,
    set_recipe,
    source_for,
    start_accept,
    start_check,
)
from parkbench.intake.services.files import pieces_of, purge
from parkbench.intake.services.gathering import reduced
from parkbench.intake.services.reading import named_heading
from parkbench.intake.services.running import run
from parkbench.intake.services.undoing import start_undo, undo

__all__ = [
    "accept",
    "begin",
    "check",
    "check_may_import",
    "choose_rows",
    "dry_run",
    "examine",
    "named_heading",
    "pieces_of",
    "purge",
    "read_again",
    "reduced",
    "run",
    "set_recipe",
    "source_for",
    "start_accept",
    "start_check",
    "start_undo",
    "undo",
]
