"""Writes on use: years from imports and by hand, and the sums of units that follow from them."""

from parkbench.figures.services.counting import count
from parkbench.figures.services.writing import (
    amend_and_write,
    content_of,
    delete,
    enter_month,
    held,
    restore,
    values_of,
    year_of,
)

__all__ = [
    "amend_and_write",
    "content_of",
    "count",
    "delete",
    "enter_month",
    "held",
    "restore",
    "values_of",
    "year_of",
]
