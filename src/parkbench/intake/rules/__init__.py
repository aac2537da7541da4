"""Pure rules of importing: names, fields, cells, keys, the mapping, the three-way comparison."""

from parkbench.intake.rules.cells import Hint, Reader, column_hint, hours_of, settle_currencies, text_of
from parkbench.intake.rules.fields import FieldSpec, Sort, Values
from parkbench.intake.rules.keys import content_key, is_placeholder, row_key
from parkbench.intake.rules.merge import Merged, merge
from parkbench.intake.rules.names import HEADING_ROW, HEADING_WRONG, NEW, fold, name_to_make
from parkbench.intake.rules.recipe import Recipe, guess_columns, guess_key, recipe_from_json
from parkbench.intake.rules.states import RUNNING, BatchState, LineState, check_move
from parkbench.lib.tabular import fold_heading

__all__ = [
    "HEADING_ROW",
    "HEADING_WRONG",
    "NEW",
    "RUNNING",
    "BatchState",
    "FieldSpec",
    "Hint",
    "LineState",
    "Merged",
    "Reader",
    "Recipe",
    "Sort",
    "Values",
    "check_move",
    "column_hint",
    "content_key",
    "fold",
    "fold_heading",
    "guess_columns",
    "guess_key",
    "hours_of",
    "is_placeholder",
    "merge",
    "name_to_make",
    "recipe_from_json",
    "row_key",
    "settle_currencies",
    "text_of",
]
