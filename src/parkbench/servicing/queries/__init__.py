"""Reads on service events: every one takes the viewer."""

from parkbench.servicing.queries.figures import DownNow, costs_by_year, down_now

__all__ = ["DownNow", "costs_by_year", "down_now"]
