"""Lists, figures, files and pages of service events."""

from parkbench.servicing.tables.figures import figures_page, figures_rows
from parkbench.servicing.tables.files import csv_of, export, xlsx_into
from parkbench.servicing.tables.lists import list_page
from parkbench.servicing.tables.pages import Part, page_head, parts_of

__all__ = [
    "Part",
    "csv_of",
    "export",
    "figures_page",
    "figures_rows",
    "list_page",
    "page_head",
    "parts_of",
    "xlsx_into",
]
