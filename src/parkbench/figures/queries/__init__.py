"""Reads on use: every one takes the viewer; what is not known is said, never counted as zero."""

from parkbench.figures.queries.sums import MonthSum, Use, instruments_expected, use_of, use_of_instrument

__all__ = ["MonthSum", "Use", "instruments_expected", "use_of", "use_of_instrument"]
