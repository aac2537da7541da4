"""Reads on use: every one takes the viewer; what is not known is said, never counted as zero."""

from parkbench.figures.queries.sums import MonthSum, Use, instruments_expected, use_of, use_of_instrument
from parkbench.figures.rules import field_name, month_number, year_and_month

__all__ = [
    "MonthSum",
    "Use",
    "field_name",
    "instruments_expected",
    "month_number",
    "use_of",
    "use_of_instrument",
    "year_and_month",
]
