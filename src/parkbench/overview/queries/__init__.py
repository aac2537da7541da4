"""Reads of the first page and of the brief: a fixed number of queries, whatever the size of the park."""

from parkbench.instruments.queries.conditions import STATUSES_STANDING
from parkbench.overview.queries.changes import imports_since, since_last_visit, visit_of
from parkbench.overview.queries.front import Shown, shown, start
from parkbench.overview.queries.overview import Overview, overview
from parkbench.overview.queries.park import ENDS, ParkFigures, UnitLine, park_figures, worth
from parkbench.overview.queries.part import Part, Parts, part_of, parts

__all__ = [
    "ENDS",
    "STATUSES_STANDING",
    "Overview",
    "ParkFigures",
    "Part",
    "Parts",
    "Shown",
    "UnitLine",
    "imports_since",
    "overview",
    "park_figures",
    "part_of",
    "parts",
    "shown",
    "since_last_visit",
    "start",
    "visit_of",
    "worth",
]
