"""The two tables that a comparison leaves: one line a row, one line a pair."""

from __future__ import annotations

from parkbench.comparison.matching.answers import Relation
from parkbench.comparison.sheets.compared import RELATIONS, Compared, pairs_of
from parkbench.lib.tabular import TableWriter

ROWS = (
    *("file", "row", "text", "maker", "model", "configuration", "status", "score", "why"),
    *("key", "family"),
)
PAIRS = ("file_a", "row_a", "file_b", "row_b", "relation", "score")


def write_rows(compared: Compared, table: TableWriter) -> int:
    """Write a line for each row of each park; return how many."""
    count = 0
    for park, rows in zip(compared.parks, compared.rows, strict=True):
        for record, answer in rows:
            table.row(
                (
                    park.file,
                    record.row,
                    record.mention.text or record.mention.model_text,
                    answer.maker,
                    answer.model,
                    "; ".join(answer.configuration),
                    answer.status,
                    _rounded(answer.score),
                    answer.why,
                    answer.key,
                    answer.family,
                )
            )
            count += 1
    return count


def write_pairs(compared: Compared, table: TableWriter | None) -> dict[Relation, int]:
    """Write a line for each pair, unless they are only counted; return the number of each relation."""
    counts = dict.fromkeys(RELATIONS, 0)
    for pair in pairs_of(compared):
        counts[pair.relation] += 1
        if table is not None:
            table.row((*pair[:-1], _rounded(pair.score)))
    return counts


def _rounded(score: float) -> float:
    return round(score, 4)
