"""Reads on sources, imports and their plans."""

from parkbench.intake.queries.batches import (
    SourceLine,
    batch_of,
    batches_of,
    last_written,
    later_batches,
    source_named,
    sources_of,
    stalled,
    visible_batches,
)
from parkbench.intake.queries.plans import PlanPage, ShownLine, kept_of, plan_page, refused_of, refused_rows

__all__ = [
    "PlanPage",
    "ShownLine",
    "SourceLine",
    "batch_of",
    "batches_of",
    "kept_of",
    "last_written",
    "later_batches",
    "plan_page",
    "refused_of",
    "refused_rows",
    "source_named",
    "sources_of",
    "stalled",
    "visible_batches",
]
