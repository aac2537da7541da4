"""What the pages of records consist of."""

from parkbench.records.tables.past import (
    ROWS,
    batch_url,
    deleted_page,
    in_words,
    lines,
    merged,
    page_of,
    pager,
    references_in,
)
from parkbench.records.tables.sharing import (
    effect_lines,
    effect_totals,
    eyes,
    ready_cards,
    sharing_lines,
)

__all__ = [
    "ROWS",
    "batch_url",
    "deleted_page",
    "effect_lines",
    "effect_totals",
    "eyes",
    "in_words",
    "lines",
    "merged",
    "page_of",
    "pager",
    "ready_cards",
    "references_in",
    "sharing_lines",
]
